# SPDX-License-Identifier: Apache-2.0
"""New items of the other side come by the hundred, and no one of them stands for the others."""

import json
import sqlite3

import attrs
import pytest

from territoire_sante.formats import Document
from territoire_sante.model import Event, Visibility, make_id
from territoire_sante.sync import Outcome, apply
from territoire_sante.sync._run import TAKEN
from territoire_sante.sync._state import State

# Some can stand in an id as they are, for the others one is derived.
UIDS = ["a", "b", "c", "with blank", "ü", "d/e"]


def doc(**keys):
    """Make a JSON document."""
    return Document(json.dumps(keys).encode(), "application/json")


def fill(world, uids):
    """Put an event there for each UID."""
    for uid in uids:
        world.server.put(f"/{uid}", doc(uid=uid, summary=f"Visite {uid}", location="Mairie"))


def pairs(world):
    """Return what the link remembers, without when."""
    with world.store.reading() as reader:
        return sorted(
            (
                attrs.astuple(item, recurse=False)
                for item in State(reader.connection, "agenda").items()
            ),
            key=str,
        )


def test_more_than_one_transaction_takes(world):
    """A first run of many items brings every one, and the next run is quiet."""
    fill(world, map(str, range(TAKEN + 20)))
    report = world.sync()

    assert report.local_writes == len(list(world.store.all(Event))) == TAKEN + 20
    assert world.sync().is_quiet


@pytest.mark.parametrize("taken", [[], ["a", "c"], ["with blank"], UIDS])
def test_together_as_one_by_one(make_world, taken):
    """Entities and pairs are those of a run that takes each item by itself."""
    worlds = make_world(), make_world()
    for world in worlds:
        for uid in taken:
            # Another item is here already, under the id that the UID gives.
            world.store.put(Event(id=make_id("event", uid), uid=f"not {uid}"))
        fill(world, UIDS)
    together, single = worlds
    apply(together.store, plan := together.plan(), now=plan.made_at)
    plan = single.plan()
    for operation in plan.operations:
        apply(single.store, attrs.evolve(plan, operations=(operation,)), now=plan.made_at)

    assert len(plan.operations) == len(UIDS) + len(taken)
    assert [*together.store.all(Event)] == [*single.store.all(Event)]
    assert pairs(together) == pairs(single)


def test_one_that_cannot_be_taken(world):
    """An item that may not come here is set aside, and all the others come."""
    world.store.put(Event(id="event:3", uid="3", visibility=Visibility.PRIVATE))
    fill(world, map(str, range(8)))
    report = world.sync()
    outcomes = {entry.uid: entry.outcome for entry in report.entries}

    assert outcomes.pop("3") is Outcome.QUARANTINED
    assert set(outcomes.values()) == {Outcome.DONE}
    assert len(outcomes) == report.local_writes == 7
    assert world.get("4").summary == "Visite 4"


def test_one_that_came_meanwhile(world):
    """An item that was stored here after the plan is left to the next run, the others come."""
    fill(world, "abc")
    plan = world.plan()
    world.store.put(Event(id="event:b", uid="b", summary="Ici"))
    report = apply(world.store, plan, now=plan.made_at)
    outcomes = {entry.uid: entry.outcome for entry in report.entries}

    assert outcomes == {"a": Outcome.DONE, "b": Outcome.DEFERRED, "c": Outcome.DONE}
    assert world.get("b").summary == "Ici"


def test_a_database_that_fails_takes_none(world):
    """Local items and what the link remembers of them are stored together or not at all."""
    world.sync()
    fill(world, "abc")
    plan = world.plan()
    with world.store.transaction() as transaction:
        transaction.connection.execute(
            "CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.sync_item WHEN NEW.uid = 'c' "
            "BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises(sqlite3.IntegrityError):
        apply(world.store, plan, now=plan.made_at)

    assert not list(world.store.all(Event))
    assert not pairs(world)
