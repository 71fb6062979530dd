# SPDX-License-Identifier: Apache-2.0
"""A clock that was wrong, is set back, or jumps in the night of the change loses nothing."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import zoneinfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante.errors import LinkBusyError
from territoire_sante.formats import Document
from territoire_sante.model import Event
from territoire_sante.sync import ConflictPolicy, apply, conflicts

DAY = dt.timedelta(days=1)
PARIS = zoneinfo.ZoneInfo("Europe/Paris")


def summaries(world):
    """Return what each side holds."""
    return {event.summary for event in world.store.all(Event)}, {*world.there()}


@pytest.mark.parametrize("back", [DAY, 400 * DAY])
def test_what_was_edited_after_the_clock_went_back_is_synced(world, back):
    """Edits, new items and deletions of both sides arrive, and the run after that is quiet."""
    for name in "abcd":
        world.put(name, summary=name.upper())
    world.sync()
    world.now -= back
    world.put("a", location="Mairie")
    world.edit("B", location="École")
    world.put("e", summary="E")
    world.store.delete(Event, "event:c")
    world.server.remove(world.href("D"))
    world.sync()

    assert summaries(world) == ({"A", "B", "E"}, {"A", "B", "E"})
    assert world.there()["A"]["location"] == "Mairie"
    assert world.get("b").location == "École"
    assert world.sync().is_quiet
    assert conflicts.list(world.store, states=()) == ()


def test_a_conflict_of_the_time_to_come_can_be_decided_and_restored(world):
    """What was noted with a later time is decided, applied, and brought back as always."""
    world.put("a", summary="A", location="X")
    world.sync()
    world.put("a", location="Ici")
    world.edit("A", location="Là-bas")
    world.sync()
    world.now -= DAY
    (entry,) = conflicts.list(world.store)
    conflicts.resolve(world.store, entry.id, "local")
    world.sync()

    assert world.there()["A"]["location"] == "Ici"
    assert world.sync().is_quiet

    conflicts.restore(world.store, entry.id)
    world.sync()

    assert world.there()["A"]["location"] == "Là-bas"


def test_what_was_deleted_in_the_time_to_come_can_be_undeleted(world):
    """A deletion that bears a later time is kept, and undone."""
    world.put("a", summary="A")
    world.put("b", summary="B")
    world.sync()
    world.server.remove(world.href("A"))
    world.sync()
    world.now -= 2 * DAY
    world.sync()
    (tombstone,) = conflicts.deleted(world.store)
    conflicts.undelete(world.store, tombstone.id)
    world.sync()

    assert summaries(world) == ({"A", "B"}, {"A", "B"})


def test_what_was_set_aside_comes_back_when_it_changes(world):
    """An item in quarantine since a later time is read as soon as it is mended."""
    world.put("a", summary="A")
    world.sync()
    world.server.put("/x", Document(b"no json", "application/json"))
    world.sync()
    world.now -= 3 * DAY
    world.server.put("/x", Document(b'{"uid": "x", "summary": "X"}', "application/json"))
    world.sync()

    assert summaries(world) == ({"A", "X"}, {"A", "X"})


def test_the_hold_of_a_run_of_the_time_to_come_ends_with_its_process(world):
    """A run that died before the clock was set back holds nobody up on its own machine."""
    world.sync()
    world.put("a", summary="A")
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        pass
    _hold(world, pid=dead.pid)
    world.sync()

    assert {*world.there()} == {"A"}

    world.put("a", location="X")
    _hold(world, pid=os.getppid())
    with pytest.raises(LinkBusyError):
        world.sync()


def _hold(world, *, pid):
    from territoire_sante.sync._lease import Holder  # noqa: PLC0415 - what others would have

    here = Holder.here()
    late = world.now + 2 * DAY
    with world.store.transaction() as transaction:
        transaction.connection.execute(
            "INSERT OR REPLACE INTO sync_lease VALUES (?, ?, ?, ?, ?, ?)",
            (world.link.name, "other", here.host, pid, late.isoformat(), late.isoformat()),
        )


NIGHTS = [
    dt.datetime(2026, 3, 29, 1, 30, tzinfo=PARIS),
    dt.datetime(2026, 10, 25, 2, 30, tzinfo=PARIS),
]


@pytest.mark.parametrize("night", NIGHTS)
def test_runs_through_the_night_of_the_change_lose_nothing(world, night):
    """With the clock of Paris, each half hour of such a night, edits of both sides arrive."""
    world.put("a", summary="A", start=night, end=night + dt.timedelta(hours=1))
    instant = night.astimezone(dt.UTC) - dt.timedelta(hours=3)
    for number in range(12):
        instant += dt.timedelta(minutes=30)
        world.now = instant.astimezone(PARIS)
        world.put("a", location=f"Salle {number}")
        world.put(f"n{number}", summary=f"Ici {number}", start=world.now)
        document = f'{{"uid": "there-{number}", "summary": "Là-bas {number}"}}'
        world.server.put(f"/there-{number}", Document(document.encode(), "application/json"))
        apply(world.store, world_plan(world), now=world.now)

        assert world.there()["A"]["location"] == f"Salle {number}"
    here, there = summaries(world)
    assert here == there
    assert len(here) == 25
    assert apply(world.store, world_plan(world), now=world.now).is_quiet


def world_plan(world):
    """Make a plan at the time of the world, not later."""
    world.now -= dt.timedelta(hours=1)
    return world.plan()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["here", "there", "new", "delete here", "delete there"]),
        st.sampled_from("abcd"),
        st.integers(-800, 60),
    ),
    max_size=12,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_the_clock_says_both_sides_come_in_step(make_world, steps):
    """Whatever a clock that jumps by hours either way says, the last edits stand on both sides."""
    world = make_world().with_link(conflict=ConflictPolicy.LOCAL)
    for name in "abcd":
        world.put(name, summary=name.upper(), location="0")
    world.sync()
    for number, (what, name, hours) in enumerate(steps, 1):
        world.now += dt.timedelta(hours=hours)
        if what == "new":
            world.put(f"{name}{number}", summary=f"{name}{number}")
        elif what == "here" and world.get(name):
            world.put(name, location=str(number))
        elif what == "there" and name.upper() in world.there():
            world.edit(name.upper(), description=str(number))
        elif what == "delete here" and world.get(name):
            world.store.delete(Event, f"event:{name}")
        elif what == "delete there" and name.upper() in world.there():
            world.server.remove(world.href(name.upper()))
        plan = world.plan()
        apply(world.store, plan, confirm=plan.fingerprint, now=world.now)
    plan = world.plan()
    apply(world.store, plan, confirm=plan.fingerprint, now=world.now)
    here = {event.summary: (event.location, event.description) for event in world.store.all(Event)}
    there = {
        summary: (item.get("location", ""), item.get("description", ""))
        for summary, item in world.there().items()
    }

    assert here == there
    assert world.sync().is_quiet
