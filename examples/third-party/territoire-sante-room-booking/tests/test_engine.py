# SPDX-License-Identifier: Apache-2.0
"""The service under the sync engine, in both directions, with edits on both sides."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import pytest
from territoire_sante_room_booking import CONNECTOR

from territoire_sante import Catalog, Direction, Link, Store, sync
from territoire_sante.model import Event, Visibility

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def store():
    """Give an empty store."""
    with Store.open("memory:") as opened:
        yield opened


@pytest.fixture
def run(store, service, options):
    """Give a function that syncs; it returns what was done, and how it ended."""
    catalog = Catalog()
    catalog.register(CONNECTOR)
    link = Link(
        name="salles",
        connector="room-booking",
        view="event",
        direction=Direction.BOTH,
        audience=Visibility.PARTNERS,
        config=options(service),
    )

    def once():
        report = sync.apply(store, sync.plan(store, link, catalog=catalog), catalog=catalog)
        return sorted((entry.action.value, entry.outcome.value) for entry in report.entries)

    return once


@pytest.fixture
def meeting():
    """Give a function that returns an event of ours."""

    def make(name, **more):
        return Event(
            id=f"event:{name}",
            visibility=Visibility.PARTNERS,
            **{
                "summary": name,
                "location": "Salle du conseil",
                "start": dt.datetime(2027, 6, 13, 18, tzinfo=PARIS),
                "end": dt.datetime(2027, 6, 13, 20, tzinfo=PARIS),
                **more,
            },
        )

    return make


def test_both_sides_come_to_say_the_same(store, run, service, booking, meeting):
    """Bookings come here, events go there, each once; then only the changes are asked for."""
    theirs = service.book.add(booking())
    store.put(meeting("forum"))
    assert run() == [("create_local", "done"), ("create_remote", "done")]
    before = len(service.requests)
    assert run() == []
    asked = [dict(one.query) for one in service.requests[before:]]
    assert all("updated_since" in query for query in asked if query)

    service.book.remove(theirs.id, "*")
    assert run() == [("delete_local", "done")]
    store.delete(Event, "event:forum")
    assert run() == [("delete_remote", "done")]
    assert service.book.page("", 10) == []


def test_edits_of_both_sides_are_merged(store, run, service, meeting):
    """Another title here and another room there end in one booking and one event with both."""
    store.put(meeting("forum"))
    run()
    (kept,) = service.book.page("", 10)
    service.book.change(kept.id, {**kept.body, "room": "Halle", "seats": 80}, "*")
    store.put(attrs.evolve(store.get(Event, "event:forum"), summary="Forum santé"))
    assert run() == [("merge", "done")]
    (after,) = service.book.page("", 10)
    told = (after.body["title"], after.body["room"], after.body["seats"])
    assert told == ("Forum santé", "Halle", 80)
    assert store.get(Event, "event:forum").location == "Halle"
    assert run() == []


def test_a_room_that_is_taken_holds_up_nobody(store, run, service, meeting):
    """One refused booking is told; the others arrive, and so does it once the room is free."""
    for name in ("a", "b"):
        store.put(meeting(name))
    later = dt.datetime(2027, 6, 14, 18, tzinfo=PARIS)
    store.put(meeting("c", start=later, end=None))
    assert sorted(outcome for _, outcome in run()) == ["done", "done", "refused"]
    first = next(one for one in service.book.page("", 10) if one.body["title"] != "c")
    left = {"a", "b"} - {first.body["title"]}
    store.put(attrs.evolve(store.get(Event, f"event:{left.pop()}"), location="Halle"))
    run()
    assert len(service.book.page("", 10)) == 3


def test_a_lost_cursor_costs_a_listing_and_nothing_else(store, run, service, booking):
    """When the database was made anew with other numbers, what is there is compared again."""
    kept = service.book.add(booking())
    run()
    service.book._db.execute("UPDATE booking SET seq = 0")
    assert run() == []
    service.book.change(kept.id, booking("Bilan"), "*")
    run()
    assert [event.summary for event in store.all(Event)] == ["Bilan"]


def test_a_lost_answer_does_not_double_a_booking(store, run, service, meeting):
    """A booking that was made and never acknowledged is found by its UID in the next run."""
    store.put(meeting("forum"))
    service.lose_answers()
    assert run() == [("create_remote", "unknown")]
    run()
    assert run() == []
    assert [one.body["title"] for one in service.book.page("", 10)] == ["forum"]
    assert [event.id for event in store.all(Event)] == ["event:forum"]
