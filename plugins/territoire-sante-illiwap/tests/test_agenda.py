# SPDX-License-Identifier: Apache-2.0
"""The agenda of a station, with the traps of its answer."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import pytest

from territoire_sante.errors import FormatError, ProtocolError, RetryableError, UnsupportedError
from territoire_sante.formats import Document
from territoire_sante.plugins import Ref, Stored, Unreadable
from territoire_sante_illiwap import AGENDA, IlliwapAgendaConfig
from territoire_sante_illiwap._agenda import opened

NOON = dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC)
MARCH = {
    "title": "Marche &amp; santé",
    "start": "2026-11-14T09:00:00+01:00",
    "end": "2026-11-14T12:00:00+01:00",
    "extendedProps": {
        "description": "<p>Départ<br>à la mairie</p>",
        "categorieLibelle": "Sport",
        "medias": [{"url_vignette": "/a.jpg"}],
    },
}


@pytest.fixture
def agenda(station):
    """Give a function that opens the agenda anew, at some time, and calls a function with it."""

    def opening(work, now=NOON, **options):
        config = IlliwapAgendaConfig(station="48000", origin=station.origin, **options)
        with opened(config, clock=lambda: now) as transport:
            return work(transport)

    return opening


def answers(transport):
    """Return everything that is listed, as it is read."""
    return list(transport.read([ref.href for ref in transport.list()]))


def events(transport):
    """Return the events that can be read."""
    return [AGENDA.get(one.document) for one in answers(transport) if isinstance(one, Stored)]


def test_an_event_is_read(station, agenda):
    """Title, text, times in Paris and category come over; the address is left empty."""
    station.add_event(MARCH)

    (event,) = agenda(events)

    paris = ZoneInfo("Europe/Paris")
    assert (event.summary, event.description) == ("Marche & santé", "Départ\nà la mairie")
    assert (event.start, event.end) == (
        dt.datetime(2026, 11, 14, 9, tzinfo=paris),
        dt.datetime(2026, 11, 14, 12, tzinfo=paris),
    )
    assert event.start.tzinfo is paris
    assert event.categories == ("Sport",)
    assert event.url == ""
    assert event.uid.startswith("illiwap:48000:sha256-")


def test_both_ends_of_the_window_are_asked_for(station, agenda):
    """Without both, the server answers 400; the window is made of days in Paris."""
    late = dt.datetime(2026, 11, 10, 23, 30, tzinfo=dt.UTC)
    agenda(answers, now=late, past_days=1, days=2)

    (request,) = station.requests
    assert request.path == "/fr/public/48000/agenda/list"
    assert request.query == (("start", "2026-11-10"), ("end", "2026-11-13"))
    assert request.status == 200


def test_homonyms_stay_apart_and_keep_their_names(station, agenda):
    """Same title, same start or not: each is an event of its own, whatever the order."""
    one = {**MARCH, "extendedProps": {"description": "A"}}
    two = {**MARCH, "extendedProps": {"description": "B"}}
    other_day = {**MARCH, "start": "2026-11-21T09:00:00+01:00", "end": None}
    for item in (two, other_day, one):
        station.add_event(item)
    first = {ref.href: ref.etag for ref in agenda(lambda a: list(a.list()))}
    station.clear_events()
    for item in (one, two, other_day):
        station.add_event(item)

    assert len(first) == 3
    assert first == {ref.href: ref.etag for ref in agenda(lambda a: list(a.list()))}


def test_a_number_names_an_event_if_there_is_one(station, agenda):
    """Then an edited title is an edit of the same event."""
    station.add_event({**MARCH, "id": 12})
    before = agenda(answers)
    station.clear_events()
    station.add_event({**MARCH, "id": 12, "title": "Reportée"})
    after = agenda(answers)

    assert [one.ref.href for one in before] == [one.ref.href for one in after] == ["12"]
    assert before[0].ref.etag != after[0].ref.etag


@pytest.mark.parametrize(
    "item",
    [
        {"title": "Un jour"},
        {"title": "Un jour", "start": None},
        {"title": "Un jour", "start": "bientôt"},
        {"title": "Un jour", "start": "2026-99-99T00:00:00+01:00"},
        {"start": 3},
        "texte",
        None,
        ["a"],
    ],
    ids=str,
)
def test_an_item_without_a_start_harms_no_other(station, agenda, item):
    """It is unreadable, with a reason; the events beside it are read."""
    station.add_event(item)
    station.add_event(MARCH)

    found = agenda(answers)

    assert sorted(type(one).__name__ for one in found) == ["Stored", "Unreadable"]
    (bad,) = (one for one in found if isinstance(one, Unreadable))
    assert "without start" in bad.reason or "no object" in bad.reason


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-11-14", "2026-11-15", (dt.date(2026, 11, 14), dt.date(2026, 11, 15))),
        ("2026-11-14", "2026-11-14T12:00:00+01:00", (dt.date(2026, 11, 14), None)),
        (
            "2026-11-14T09:00:00Z",
            "bientôt",
            (dt.datetime(2026, 11, 14, 9, tzinfo=dt.UTC), None),
        ),
        (
            "2026-11-14T09:00:00",
            None,
            (dt.datetime(2026, 11, 14, 9), None),  # noqa: DTZ001 - as it is written
        ),
        (
            "2026-11-14T09:00:00-04:00",
            None,
            (dt.datetime(2026, 11, 14, 9, tzinfo=dt.timezone(dt.timedelta(hours=-4))), None),
        ),
    ],
)
def test_times_are_taken_as_they_are_written(station, agenda, start, end, expected):
    """Days stay days, other offsets stay, and an end of another kind is left out."""
    station.add_event({**MARCH, "start": start, "end": end})

    (event,) = agenda(events)

    assert (event.start, event.end) == expected
    assert getattr(event.start, "tzinfo", None) == getattr(expected[0], "tzinfo", None)


def test_missing_members_are_empty(station, agenda):
    """An event of a title and a start only is read; odd members count as missing."""
    station.add_event({"title": "Marche", "start": "2026-11-14", "extendedProps": []})
    station.add_event({"title": None, "start": "2026-11-15", "extendedProps": {"description": 3}})

    assert [(one.summary, one.description, one.categories) for one in agenda(events)] == [
        ("Marche", "", ()),
        ("", "", ()),
    ]


def test_the_window_moves_on_and_the_past_stays(station, agenda):
    """What is over is kept as it was read; what was called off inside of the window is gone."""
    station.add_event(MARCH)
    station.add_event({**MARCH, "title": "Loto", "start": "2026-12-24T09:00:00+01:00", "end": None})
    known = agenda(answers)
    station.clear_events()

    def later(transport):
        junk = Stored(Ref("junk", '"1"'), Document(b"junk", "application/json"))
        unfollowed = attrs.evolve(known[0], ref=Ref("z"))
        transport.recognise([*known, junk, unfollowed])
        return [one.summary for one in events(transport)]

    assert agenda(later) == []
    assert agenda(later, now=NOON + dt.timedelta(days=30)) == ["Marche & santé"]


def test_changes_follow_each_other(station, agenda):
    """Nothing new is 304 and nothing; a new event gives all of it anew, as does an odd cursor."""
    station.add_event(MARCH)
    first = agenda(lambda one: one.changes(None))
    quiet = agenda(lambda one: one.changes(first.cursor))
    next_day = agenda(lambda one: one.changes(first.cursor), now=NOON + dt.timedelta(days=1))
    station.add_event({**MARCH, "title": "Loto"})
    after = agenda(lambda one: one.changes(first.cursor))

    assert (len(first.changed), first.reset) == (1, False)
    assert (quiet.changed, quiet.cursor) == ((), first.cursor)
    assert (next_day.changed, next_day.reset) == ((), False)
    assert (len(after.changed), after.reset) == (2, True)
    assert agenda(lambda one: one.changes("junk")).reset
    assert [one.status for one in station.requests] == [200, 304, 200, 200, 200]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 400, "body": "{}", "content_type": "application/json"}, ProtocolError),
        ({"status": 500}, RetryableError),
        ({"body": "<!DOCTYPE html><h1>Maintenance</h1>"}, ProtocolError),
        ({"body": "{}", "content_type": "application/json"}, ProtocolError),
        ({"body": "[" * 100_000, "content_type": "application/json"}, ProtocolError),
        ({"body": "", "content_type": "application/json"}, ProtocolError),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_failed_reading_concludes_nothing_and_is_not_kept(station, agenda, fault, expected):
    """Each failure raises, and the same session reads well as soon as the station answers."""
    station.add_event(MARCH)
    station.fail(**fault)

    def faulty(transport):
        with pytest.raises(expected):
            list(transport.list())
        return events(transport)

    assert len(agenda(faulty)) == 1


def test_nothing_is_written(station, agenda):
    """Putting back what was read gives the same document; a change is refused."""
    station.add_event(MARCH)
    (item,) = agenda(answers)
    event = AGENDA.get(item.document)

    assert AGENDA.put(event, item.document) is item.document
    with pytest.raises(UnsupportedError):
        AGENDA.put(attrs.evolve(event, summary="Autre"), item.document)


@pytest.mark.parametrize("data", [b"junk", b"[]", b"{}", b"[" * 100_000])
def test_junk_is_no_event(data):
    """A document that is none is a FormatError."""
    with pytest.raises(FormatError):
        AGENDA.get(Document(data, "application/json"))


def test_the_list_tells_addresses_that_titles_cannot(station):
    """At the stand-in as at the real one, homonyms have numbered names in the list only."""
    station.add_event(MARCH)
    station.add_event(MARCH)
    for number in range(10):
        station.add_event({**MARCH, "title": f"Loto {number}"})
    listing = station._listing({}).content.decode()

    assert 'evenements/marche-amp-sante"' in listing
    assert 'evenements/marche-amp-sante-1"' in listing
    assert station._listing({"page": "2"}).body.count("<a ") == 2
