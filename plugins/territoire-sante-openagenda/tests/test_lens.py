# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante.errors import FormatError
from territoire_sante.formats import Document
from territoire_sante.model import Attachment, ContactPoint, ContactPointKind, Visibility
from territoire_sante.serialization import view_to_plain
from territoire_sante.testing.strategies import entities
from territoire_sante_openagenda import OpenAgendaLens, Places

LENS = OpenAgendaLens(Places(known={"Salle des fêtes": 11, "48001": 12}, default=13, online=True))

#: As the service gives it, with much that is none of our business.
THEIRS = {
    "uid": 50976230,
    "slug": "visite",
    "updatedAt": "2026-11-02T10:00:00.000Z",
    "extIds": [{"key": "albi", "value": "9f15"}],
    "title": {"fr": "Visite de l'hôtel de ville", "en": "A visit to the town hall"},
    "description": {"fr": "Tous les jours"},
    "longDescription": {"fr": "**Ouvert** à tous\n\nEntrée libre"},
    "registration": [
        {"type": "email", "value": "mairie@example.org"},
        {"type": "link", "value": "https://example.org/visite"},
    ],
    "timings": [
        {"begin": "2026-11-14T10:00:00.000+0100", "end": "2026-11-14T12:00:00.000+0100"},
        {"begin": "2026-11-21T10:00:00.000+0100", "end": "2026-11-21T12:00:00.000+0100"},
    ],
    "timezone": "Europe/Paris",
    "attendanceMode": 1,
    "location": {"uid": 99, "name": "Hôtel de ville"},
    "image": {"filename": "a.jpg", "base": "https://cdn.example.org/", "variants": []},
    "status": 1,
    "state": 2,
    "thematique": [61],
    "accessibility": {"mi": True},
}


def _document(event):
    return Document(json.dumps(event, ensure_ascii=False, indent=1).encode(), "application/json")


def _plain(view):
    return view_to_plain(view, LENS.fields)


def test_their_event_is_read():
    """What the service gives is read as an announcement, in the zone of the event."""
    view = LENS.get(_document(THEIRS))

    paris = ZoneInfo("Europe/Paris")
    assert view.uid == "openagenda:50976230"
    assert view.title == "Visite de l'hôtel de ville"
    assert view.body_short == "Tous les jours"
    assert view.url == "https://example.org/visite"
    assert view.place == "Hôtel de ville"
    assert view.event_start == dt.datetime(2026, 11, 14, 10, tzinfo=paris)
    assert view.event_end == dt.datetime(2026, 11, 21, 12, tzinfo=paris)
    assert view.attachments == (Attachment(url="https://cdn.example.org/a.jpg"),)


def test_writing_what_was_read_changes_no_byte():
    """put(get(d), d) is d, in whichever way it is laid out."""
    document = _document(THEIRS)
    assert LENS.put(LENS.get(document), document) == document


def test_a_changed_title_leaves_the_rest():
    """Only the member of a changed field changes; other languages and fields stay."""
    document = _document(THEIRS)
    changed = LENS.put(attrs.evolve(LENS.get(document), title="Visite guidée"), document)

    after = json.loads(changed.data)
    assert after["title"] == {"fr": "Visite guidée", "en": "A visit to the town hall"}
    assert {key for key in THEIRS if after.get(key) != THEIRS[key]} == {"title"}
    assert set(after) == set(THEIRS)


def test_another_link_leaves_the_other_ways_to_register():
    """The first link is ours to change; an e-mail address beside it stays."""
    document = _document(THEIRS)
    changed = LENS.put(attrs.evolve(LENS.get(document), url="https://example.org/b"), document)

    ways = json.loads(changed.data)["registration"]
    assert {"type": "email", "value": "mairie@example.org"} in ways
    assert [one["value"] for one in ways if one["type"] == "link"] == ["https://example.org/b"]


_WITHOUT_CONTACT = entities("announcement").map(lambda one: attrs.evolve(one, contact=None))


@given(view=_WITHOUT_CONTACT)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_announcement_comes_back_from_a_new_event(view):
    """get(put(v)) is v in all fields of the lens, to the zone of each time."""
    wanted = attrs.evolve(view, uid=view.uid or view.id.partition(":")[2])
    document = LENS.put(view)

    assert _plain(LENS.get(document)) == _plain(wanted)
    assert LENS.put(LENS.get(document), document) == document


@given(view=_WITHOUT_CONTACT)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_announcement_comes_back_from_their_event(view):
    """get(put(v, d)) is v, and what is none of ours in d is as it was."""
    wanted = attrs.evolve(view, uid=view.uid or view.id.partition(":")[2])
    after = LENS.put(view, _document(THEIRS))

    assert _plain(LENS.get(after)) == _plain(wanted)
    event = json.loads(after.data)
    for name in ("uid", "slug", "status", "state", "thematique", "accessibility"):
        assert event[name] == THEIRS[name]
    assert event["title"]["en"] == THEIRS["title"]["en"]


@given(
    fields=st.sets(st.sampled_from(sorted(LENS.fields - {"uid"})), max_size=3),
    view=_WITHOUT_CONTACT,
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_some_changed_fields_come_back(fields, view):
    """Any few fields may change; the others tell what they told."""
    document = _document(THEIRS)
    wanted = attrs.evolve(LENS.get(document), **{name: getattr(view, name) for name in fields})
    assert _plain(LENS.get(LENS.put(wanted, document))) == _plain(wanted)


def test_what_was_kept_counts_only_while_the_event_says_it():
    """A moderator's edit is read, whatever is kept beside it."""
    document = LENS.put(attrs.evolve(LENS.get(_document(THEIRS)), audience=("48001", "48002")))
    event = json.loads(document.data)
    assert "_territoire_sante" in event
    event["title"]["fr"] = "Corrigé"

    assert LENS.get(_document(event)).title == "Corrigé"


def test_a_contact_that_is_not_public_stays_here(notice):
    """A contact is not carried at all, not even in what is kept."""
    secret = ContactPoint(
        kind=ContactPointKind.PHONE, value="04 66 00 00 00", visibility=Visibility.TEAM
    )
    document = LENS.put(notice(contact=secret, audience=("48001", "48002")))
    assert b"66 00" not in document.data


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"junk", "not JSON"), (b"[]", "JSON object"), (b"{}", "without id"), (b"\xff", "JSON")],
    ids=["junk", "list", "no id", "bytes"],
)
def test_what_is_no_event_is_refused(data, words):
    """Anything else than an event is refused in words."""
    with pytest.raises(FormatError, match=words):
        LENS.get(Document(data, "application/json"))


def test_half_a_pair_is_refused(notice):
    """A text that is no Unicode text is refused before it is sent."""
    with pytest.raises(FormatError, match="U\\+D83D"):
        LENS.put(notice(title="a\ud83d"))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
_MEMBERS = sorted({*THEIRS, "locationUid", "onlineAccessLink", "_territoire_sante"})


@given(changes=st.dictionaries(st.sampled_from(_MEMBERS), _JSON, max_size=4))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_service_gives_is_read_or_refused(changes):
    """Members of any form are read past or refused in words; writing keeps those of others."""
    document = _document({**THEIRS, **changes})
    try:
        view = LENS.get(document)
    except FormatError:
        return
    assert LENS.put(view, document) == document
    after = LENS.put(attrs.evolve(view, title="Autre"), document)
    assert LENS.get(after).title == "Autre"
    assert json.loads(after.data).get("thematique") == {**THEIRS, **changes}.get("thematique")


def test_half_a_pair_from_the_service_is_set_aside(server, agenda, publish, lens):
    """An event with a text that is no Unicode text is refused by itself; the others are read."""
    publish("one")
    publish("two", uid="urn:two")
    server.moderate(next(iter(server.events)), title={"fr": "a\ud83d"})
    answers = {one.ref.href: one.document for one in agenda.read(["one", "two"])}
    with pytest.raises(FormatError, match=r"U\+D83D"):
        lens.get(answers["one"])
    assert lens.get(answers["two"]).uid == "urn:two"


def test_the_name_of_an_event_tells_its_uid(notice):
    """Should the service drop our second id, the first one still tells which announcement it is."""
    uid = notice().uid
    event = {**THEIRS, "extIds": [{"key": LENS.ext_key, "value": uid.removeprefix("urn:uuid:")}]}
    assert LENS.get(_document(event)).uid == uid
