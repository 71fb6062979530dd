# SPDX-License-Identifier: Apache-2.0
"""Puts that are gathered: read as if they were written, and written as if nothing had waited."""

from __future__ import annotations

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import attrs
import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from territoire_sante.errors import EntityNotFoundError, InvalidValueError
from territoire_sante.model import Appointment, Entity, Event, Role
from territoire_sante.store import Gathering, Store

START = dt.datetime(2026, 3, 29, 8, tzinfo=dt.UTC)
PEOPLE = [f"person:{number}" for number in range(3)]


def post(number: int, person: str) -> Appointment:
    """Return an appointment."""
    id_ = f"appointment:{number}"
    return Appointment(id=id_, person_id=person, actor_id="actor:1", role=Role.OTHER)


def event(number: int, title: str) -> Event:
    """Return an event."""
    return Event(id=f"event:{number}", summary=title, start=START)


def opened() -> Store:
    """Return a store whose clock counts the minutes."""
    minutes = itertools.count()
    return Store.open("memory:", clock=lambda: START + dt.timedelta(minutes=next(minutes)))


def seen(reader: object) -> list[object]:
    """Return what a reader says of everything there may be."""
    told: list[object] = []
    for number in range(4):
        told += [reader.find(Event, f"event:{number}")]  # type: ignore[attr-defined]  # any reader
        told += [reader.find(Appointment, f"appointment:{number}")]  # type: ignore[attr-defined]  # any reader
    for name in (*PEOPLE, "actor:1", "event:1"):
        told += [*reader.referring(Appointment, name), "|"]  # type: ignore[attr-defined]  # any reader
        told += [*reader.referring(Entity, name), "|"]  # type: ignore[attr-defined]  # any reader
    return told


entities = st.builds(post, st.integers(0, 3), st.sampled_from(PEOPLE)) | st.builds(
    event, st.integers(0, 3), st.sampled_from(["Soirée", "Visite", "see person:1"])
)


@settings(max_examples=40, deadline=None)
@given(
    before=st.lists(entities, max_size=5),
    puts=st.lists(st.lists(entities, max_size=3), max_size=6),
    look=st.booleans(),
)
def test_what_waits_is_seen_and_written(
    before: list[Entity], puts: list[list[Entity]], *, look: bool
) -> None:
    """Whatever is put, each look sees it, and in the end the store is that of single puts."""
    with opened() as one, opened() as other:
        one.put(*before)
        other.put(*before)
        with one.transaction() as single, other.transaction() as transaction:
            gathering = Gathering(transaction)
            for some in puts:
                single.put(*some)
                gathering.put(*some)
                assert seen(gathering) == seen(single)
                if look:
                    assert [*gathering.all(Event)] == [*single.all(Event)]
            gathering.write()
        assert seen(other) == seen(one)
        for store in (one, other):
            changes = [*store.changes()]
            assert len({change.revision for change in changes}) == len(changes)
        assert [hit.entity.id for hit in other.search("soiree")] == (
            [hit.entity.id for hit in one.search("soiree")]
        )


def test_reads_of_revisions_and_history_see_what_waits(store: Store) -> None:
    """A look at the past first writes what waits."""
    with store.transaction() as transaction:
        gathering = Gathering(transaction)
        gathering.put(event(1, "Soirée"))
        assert gathering.revision(Event, "event:1") == 1
        gathering.put(event(1, "Visite"))
        assert [version.revision for version in gathering.history(Event, "event:1")] == [1, 2]
        assert gathering.get(Event, "event:1").summary == "Visite"
        with pytest.raises(EntityNotFoundError):
            gathering.get(Event, "event:2")


def test_what_cannot_be_stored_is_refused_at_once(store: Store) -> None:
    """An entity that could not be read again never waits; those before it are written."""
    broken = Event(id="event:2", summary=3)  # type: ignore[arg-type]  # that is the point
    with store.transaction() as transaction:
        gathering = Gathering(transaction)
        gathering.put(event(1, "Soirée"))
        with pytest.raises(InvalidValueError):
            gathering.put(broken)
        gathering.write()

    assert [one.id for one in store.all(Event)] == ["event:1"]


def test_expected_or_not():
    """What was looked up ahead is what would have been found one by one."""
    with opened() as store:
        store.put(event(1, "Visite"))
        with store.transaction() as transaction:
            gathering = Gathering(transaction)
            gathering.put(event(2, "waits"))
            gathering.expect(Event, ["event:1", "event:2", "event:3"])

            assert gathering.find(Event, "event:1") == event(1, "Visite")
            assert gathering.find(Event, "event:2") == event(2, "waits")
            assert gathering.find(Event, "event:3") is None


@pytest.mark.parametrize(
    ("start", "same"),
    [
        (START, True),
        (START.astimezone(ZoneInfo("Europe/Paris")), True),
        (dt.date(2026, 3, 29), True),
        (START.astimezone(dt.timezone(dt.timedelta(hours=2), "odd")), False),
    ],
)
def test_read_as_it_was_put(start, same):
    """A time whose zone cannot be kept as it is is not read as it was put, although it is equal."""
    with opened() as store, store.transaction() as transaction:
        gathering = Gathering(transaction)
        one = attrs.evolve(event(1, "Visite"), start=start)
        gathering.put(one)

        assert gathering.find(Event, "event:1") == one
        assert gathering.reads_same(one, frozenset({"summary", "start"})) is same
        assert gathering.reads_same(one, frozenset({"summary"}))
