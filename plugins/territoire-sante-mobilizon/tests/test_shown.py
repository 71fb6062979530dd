# SPDX-License-Identifier: Apache-2.0
"""What visitors see: the whole text or nothing, and confirmed as such."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante.errors import FormatError, ItemRefusedError
from territoire_sante.formats import Document
from territoire_sante.model import Announcement
from territoire_sante.plugins import Ref, Shown, Stored, open_transport
from territoire_sante.testing.mobilizon import MobilizonServer
from territoire_sante_mobilizon import MOBILIZON, MobilizonLens

LENS = MobilizonLens()
VIEW = Announcement(
    id="announcement:urn:example:1",
    uid="urn:example:1",
    title="Dépistage",
    body="Samedi\n\nEntrée  libre &\tgratuite",
    event_start=dt.datetime(2026, 11, 14, 9, tzinfo=ZoneInfo("Europe/Paris")),
    place="Salle des fêtes",
    url="https://example.org/depistage",
)
DOCUMENT = LENS.put(VIEW)

WORDS = st.sampled_from(
    [
        *("x", "é", "œ", "🩺", "e\u0301", "«\u00a0»", "👨‍👩‍👧", "Dépistage", "cœur", "9\u202fh"),
        *("l’été", "…", "–", "&", "&amp;", "<b>", "</p>", "<", "5 > 4", "\n", "\n\n", "\t", "  "),
    ]
)
TEXTS = st.lists(WORDS, max_size=40).map(" ".join)
TITLES = st.lists(WORDS.filter(lambda word: "<" not in word), min_size=1, max_size=30).map(
    lambda words: f"Marche {' '.join(words)}".strip()
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(title=TITLES | TEXTS, body=TEXTS, place=TEXTS)
def test_a_visitor_sees_the_whole_text_or_nothing_was_sent(server, events, title, body, place):
    """Whatever the texts, the event shows all of them, word by word, or there is none."""
    try:
        view = attrs.evolve(VIEW, title=title, body=body, place=place)
        ref = events.create("law", LENS.put(view))
    except (ItemRefusedError, FormatError):
        assert server.shown() == ()
        return
    (seen,) = server.shown()
    assert seen.title == title
    assert seen.text.split() == body.split()
    assert seen.place == place
    events.delete(ref)


def _confirmed(events, ref, document=DOCUMENT):
    (answer,) = events.confirm([Stored(ref, document)])
    assert answer.href == ref.href
    return answer


def test_what_visitors_see_is_visible(server, events):
    """An event is confirmed by what a visitor without an account reads, with its address."""
    ref = events.create("a", DOCUMENT)

    answer = _confirmed(events, ref)

    assert (answer.shown, answer.detail) == (Shown.VISIBLE, f"{server.origin}/events/{ref.href}")


def test_html_that_is_written_anew_shows_the_same_text(settings, account):
    """Where the instance cleans descriptions, blanks may differ; for readers nothing does."""
    with (
        MobilizonServer(**account, cleans=True) as server,
        open_transport(MOBILIZON, settings(server)) as events,
    ):
        answer = _confirmed(events, events.create("a", DOCUMENT))

    assert answer.shown is Shown.VISIBLE


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": "Marche"}, "Autre titre"),
        ({"description": "<p>Dimanche</p>"}, "Autre texte"),
        ({"physicalAddress": None}, "Autre lieu"),
        ({"onlineAddress": None}, "Autre lien"),
        ({"beginsOn": "2026-11-15T08:00:00Z"}, "Autres dates"),
        ({"status": "CANCELLED"}, "annulé"),
    ],
)
def test_what_a_person_changed_differs(server, events, changes, words):
    """Each thing that a person changes on the site is named."""
    ref = events.create("a", DOCUMENT)
    server.edit(ref.href, **changes)

    answer = _confirmed(events, ref)

    assert answer.shown is Shown.DIFFERS
    assert words in answer.detail


@pytest.mark.parametrize("how", ["removed", "draft"])
def test_what_visitors_do_not_find_is_gone(server, events, how):
    """A deleted event is gone for visitors, and so is one that became a draft again."""
    ref = events.create("a", DOCUMENT)
    if how == "draft":
        server.edit(ref.href, draft=True)
    else:
        server.remove(ref.href)

    assert _confirmed(events, ref).shown is Shown.GONE


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 200, "html": True}])
def test_a_failed_reading_proves_nothing(server, events, fault):
    """A failure or a web page is unknown, never gone."""
    ref = events.create("a", DOCUMENT)
    server.fail(**fault, times=4, on="Events")

    assert _confirmed(events, ref).shown is Shown.UNKNOWN


def test_an_unreadable_document_is_unknown(events):
    """Nothing can be said of what was never sent."""
    ref = events.create("a", DOCUMENT)

    answer = _confirmed(events, Ref(ref.href), Document(b"junk", "application/json"))

    assert answer.shown is Shown.UNKNOWN
