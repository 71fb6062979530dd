# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from territoire_sante.model import Attachment
from territoire_sante.plugins import Ref, Shown, Stored


@pytest.fixture
def looked(server, agenda, lens, notice):
    """Give a function that publishes, lets something happen to the event, and looks."""

    def look(happens, **changes):
        document = lens.put(notice(**changes))
        ref = agenda.create("one", document)
        (uid,) = server.events
        happens(uid)
        (answer,) = agenda.confirm([Stored(ref, document)])
        assert answer.href == "one"
        return answer

    return look


def test_a_published_event_is_visible(looked):
    """What is published as it was sent is visible."""
    answer = looked(lambda _uid: None, url="https://example.org/d", audience=("48001", "48002"))
    assert (answer.shown, answer.detail) == (Shown.VISIBLE, "")


@pytest.mark.parametrize("state", [0, 1])
def test_what_waits_for_moderators_is_not_called_visible(server, looked, state):
    """Waiting is unknown: nobody has seen it yet, and somebody may."""
    answer = looked(lambda uid: server.moderate(uid, state=state))
    assert answer.shown is Shown.UNKNOWN
    assert "en attente de modération" in answer.detail


def test_what_moderators_refuse_is_gone(server, looked):
    """A refused event is not shown, and why is said."""
    answer = looked(lambda uid: server.moderate(uid, state=-1))
    assert answer.shown is Shown.GONE
    assert "refusée" in answer.detail


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"title": {"fr": "Dépistage"}}, "titre"),
        ({"description": {"fr": "Avec rendez-vous"}}, "texte court"),
        ({"longDescription": {"fr": "Avec rendez-vous"}}, "texte"),
        ({"timings": []}, "dates"),
        ({"location": {"uid": 12, "name": "Mairie"}}, "lieu"),
        ({"registration": [{"type": "link", "value": "https://example.org/x"}]}, "lien"),
        ({"status": 6}, "annulée"),
    ],
    ids=["title", "description", "text", "times", "place", "link", "cancelled"],
)
def test_what_moderators_change_differs(server, looked, changes, word):
    """Each thing that readers see otherwise than it was sent is named in French."""
    answer = looked(lambda uid: server.moderate(uid, **changes))
    assert answer.shown is Shown.DIFFERS
    assert word in answer.detail


def test_other_blanks_are_no_difference(server, looked, notice):
    """White space that the service lays out anew is not what readers read."""
    answer = looked(lambda uid: server.moderate(uid, title={"fr": f"{notice().title} "}))
    assert answer.shown is Shown.VISIBLE


def test_a_picture_left_out_differs(server, looked):
    """A picture that is not shown, as after one sent as bare text, is noticed."""
    url = server.host("a.jpg", b"\xff\xd8\xff-made-up")
    answer = looked(
        lambda uid: server.moderate(uid, image=None), attachments=(Attachment(url=url),)
    )
    assert answer.shown is Shown.DIFFERS
    assert "image" in answer.detail


def test_a_picture_of_the_service_is_the_same(server, looked):
    """The address that the service gives the picture is no difference."""
    url = server.host("a.jpg", b"\xff\xd8\xff-made-up")
    answer = looked(lambda _uid: None, attachments=(Attachment(url=url),))
    assert answer.shown is Shown.VISIBLE


def test_an_own_field_left_out_differs(agenda_with, lens, notice):
    """An option that the agenda does not have is ignored in silence; the look finds it."""
    with agenda_with(additional={"thematique": 999}) as agenda:
        document = lens.put(notice())
        ref = agenda.create("one", document)
        (answer,) = agenda.confirm([Stored(ref, document)])
    assert (answer.shown, "thematique" in answer.detail) == (Shown.DIFFERS, True)


def test_what_is_removed_is_gone(server, looked):
    """A removed event is gone."""
    assert looked(server.remove).shown is Shown.GONE


def test_what_never_was_is_gone(agenda, lens, notice):
    """An item that is not there is gone; the others are looked at all the same."""
    ref = agenda.create("one", lens.put(notice()))
    document = lens.put(notice())
    answers = agenda.confirm([Stored(Ref("never"), document), Stored(ref, document)])
    assert [one.shown for one in answers] == [Shown.GONE, Shown.VISIBLE]
