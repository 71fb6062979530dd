# SPDX-License-Identifier: Apache-2.0
"""Scenarios in which sync engines lose, double or resurrect items, each played to its end."""

import itertools
import json

import attrs
import pytest

from territoire_sante.errors import (
    ConfigError,
    LinkBusyError,
)
from territoire_sante.formats import Document
from territoire_sante.model import Event, Visibility
from territoire_sante.plugins import Capability
from territoire_sante.sync import (
    ConflictPolicy,
    Direction,
    Plan,
    apply,
    conflicts,
)
from territoire_sante.testing import ETags, Moment

READ_WRITE = frozenset({Capability.READ, Capability.WRITE})
DELTA = READ_WRITE | {Capability.DELTA}


class KilledError(BaseException):
    """The process ends here."""


def doc(**keys):
    """Make a JSON document."""
    return Document(json.dumps(keys).encode(), "application/json")


def settle(world, runs=2):
    """Run until quiet, which takes two runs at most."""
    for _ in range(runs):
        world.sync()
    last = world.sync()

    assert last.is_quiet, last.rows("en")
    return last


def kill(world, verb, moment=Moment.AFTER):
    """Run once; the process dies at the first call of ``verb``."""
    world.server.fail(KilledError(), verb=verb, moment=moment)
    with pytest.raises(KilledError):
        world.sync()


# Plans that are no longer true when they are applied.


def test_plan_made_before_hiding_publishes_nothing(world):
    """An event that became private after the plan was made doesn't leave with that plan."""
    world.put("a", summary="A")
    made = world.plan()
    world.put("a", visibility=Visibility.PRIVATE)
    report = apply(world.store, made, now=world.now)

    assert report.counts()["deferred"] == 1
    assert not world.there()


def test_plan_made_before_a_deletion_publishes_nothing(world):
    """An edit planned for an event deleted meanwhile isn't sent; the deletion is."""
    world.put("a", summary="A")
    world.sync()
    world.put("a", summary="B")
    made = world.plan()
    world.store.delete(Event, "event:a")
    apply(world.store, made, now=world.now)

    assert set(world.there()) == {"A"}

    settle(world)

    assert not world.there()


@pytest.mark.parametrize("etags", list(ETags))
def test_old_plan_does_nothing_after_a_newer_run(make_world, etags):
    """Whatever the version tags, a plan applied after another run changes nothing."""
    names = itertools.count()
    world = make_world(etags=etags, choose_href=lambda _hint: f"/memory/{next(names)}")
    world.put("new", summary="New")
    world.put("old", summary="Old")
    made = world.plan()
    world.sync()
    world.put("old", summary="Newer")
    world.sync()
    before = dict(world.server.documents)
    report = apply(world.store, made, now=world.now)

    assert dict(world.server.documents) == before
    assert report.counts()["deferred"] == 2


@pytest.mark.parametrize("etags", list(ETags))
@pytest.mark.parametrize("deleted", [False, True])
def test_edit_there_after_the_plan_is_not_overwritten(make_world, etags, deleted):
    """What somebody wrote there after the plan was made survives it, version tags or not."""
    world = make_world(etags=etags)
    world.put("a", summary="A")
    world.sync()
    if deleted:
        world.store.delete(Event, "event:a")
    else:
        world.put("a", description="ici")
    made = world.plan()
    world.edit("A", location="Salle")
    apply(world.store, made, now=world.now)
    settle(world)

    assert world.there()["A"]["location"] == "Salle"
    assert world.get("a").location == "Salle"


def test_two_processes_apply_the_same_plan(make_world):
    """While one run creates an item, another that has the same plan is refused."""
    names = itertools.count()
    world = make_world(choose_href=lambda _hint: f"/memory/{next(names)}")
    world.put("a", summary="A")
    made = world.plan()

    def other_process(call):
        if call.verb == "create":
            world.server.on_call = None
            with pytest.raises(LinkBusyError, match="another run"):
                apply(world.store, made, now=world.now)

    world.server.on_call = other_process
    apply(world.store, made, now=world.now)
    late = apply(world.store, made, now=world.now)
    settle(world)

    assert late.counts()["deferred"] == 1
    assert len(world.server.documents) == 1


def test_item_that_came_through_another_link_is_not_overwritten(world):
    """An item planned to be new here, and here meanwhile, is compared, not overwritten."""
    world.server.put("/x", doc(uid="u1", summary="Là-bas"))
    made = world.plan()
    world.put("u1", uid="u1", summary="Ici", description="noté ici")
    apply(world.store, made, now=world.now)

    assert world.get("u1").summary == "Ici"
    assert world.sync().counts()["conflict"] == 1


def test_plan_of_another_link_is_refused(world):
    """A plan read from a file is only taken for the link it was made for."""
    plain = json.loads(json.dumps(world.plan().to_plain()))
    with pytest.raises(ConfigError):
        Plan.from_plain(plain, attrs.evolve(world.link, name="autre"))


# Identity.


def test_foreign_uid_that_looks_like_an_id_overwrites_nothing(world):
    """A remote UID whose id is taken here by another event becomes an event of its own."""
    world.put("x", uid="autre", summary="Ici")
    world.sync()
    world.server.put("/x", doc(uid="x", summary="Là-bas"))
    settle(world)

    assert set(world.there()) == {"Ici", "Là-bas"}
    assert {e.summary for e in world.store.all(Event)} == {"Ici", "Là-bas"}


def test_uid_replaced_in_place_is_another_item(world):
    """A document that gets another UID takes the old item away and brings a new one."""
    world.put("a", uid="u1", summary="A")
    world.sync()
    world.edit("A", uid="u2", summary="B")
    settle(world)

    assert {e.uid for e in world.store.all(Event)} == {"u2"}
    assert set(world.there()) == {"B"}


def test_uid_replaced_in_place_keeps_an_edit_made_here(world):
    """The edit of an item whose place was taken by another UID is created anew there."""
    world.put("a", uid="u1", summary="A")
    world.sync()
    world.edit("A", uid="u2", summary="B")
    world.put("a", summary="A2")
    settle(world)

    assert {e.summary for e in world.store.all(Event)} == {"A2", "B"}
    assert set(world.there()) == {"A2", "B"}


def own_uid(document):
    """Store a UID of the server's own instead of the one it was given."""
    data = json.loads(document.data)
    return doc(**{**data, "uid": f"server-{data['uid'].removeprefix('server-')}"})


@pytest.mark.parametrize("killed", [False, True])
def test_server_with_uids_of_its_own_doubles_nothing(make_world, killed):
    """A server that gives its own UIDs is synced by place: nothing is doubled, edits travel."""
    world = make_world(normalise=own_uid)
    world.put("a", uid="u1", summary="A")
    if killed:
        kill(world, "read")
    settle(world)
    world.edit("A", location="Salle")
    settle(world)
    world.put("a", summary="B")
    settle(world)

    assert [(e.summary, e.location) for e in world.store.all(Event)] == [("B", "Salle")]
    assert [(d["summary"], d["location"]) for d in world.there().values()] == [("B", "Salle")]


def test_local_doubles_are_not_looked_for_there(make_world):
    """Two events with one UID here are reported, and their ids never asked of the server."""
    world = make_world(capabilities=DELTA)
    world.put("a", uid="u", summary="A")
    world.put("b", uid="u", summary="B")
    world.put("c", summary="C")
    world.sync()
    world.server.remove(world.href("C"))
    world.sync()
    world.sync()

    assert not [c for c in world.server.calls if any("event:" in href for href in c.hrefs)]


def test_linked_entity_stays_the_one_that_is_shown(world):
    """A second event with the UID of a linked one doesn't take its place."""
    world.put("b", uid="u", summary="B")
    world.sync()
    world.put("a", uid="u", summary="A")
    world.sync()

    assert set(world.there()) == {"B"}


# Crashes, lost answers, and what happens before the next run.


@pytest.mark.parametrize("direction", [Direction.BOTH, Direction.PUSH])
@pytest.mark.parametrize("gone", ["deleted", "hidden"])
def test_deleted_here_after_a_killed_creation(world, direction, gone):
    """What was created there by a killed run, and deleted or hidden here since, is removed."""
    world.with_link(direction=direction)
    world.put("a", summary="A")
    kill(world, "create")
    if gone == "deleted":
        world.store.delete(Event, "event:a")
    else:
        world.put("a", visibility=Visibility.PRIVATE)
    settle(world)

    assert not world.there()
    assert (world.get("a") is None) == (gone == "deleted")


@pytest.mark.parametrize("policy", [ConflictPolicy.ASK, ConflictPolicy.REMOTE])
def test_own_write_is_no_conflict_after_a_kill(world, policy):
    """An edit sent by a killed run doesn't stand in the way of the next edit made here."""
    world.with_link(conflict=policy)
    world.put("a", summary="A")
    world.sync()
    world.put("a", summary="B")
    kill(world, "replace")
    world.put("a", summary="C")
    settle(world)

    assert set(world.there()) == {"C"}
    assert world.get("a").summary == "C"


@pytest.mark.parametrize("deleted", [False, True])
def test_loser_is_in_the_journal_before_it_is_overwritten(world, deleted):
    """A run killed right after its write has already noted what the write replaced."""
    world.with_link(conflict=ConflictPolicy.LOCAL)
    world.put("a", summary="A")
    world.sync()
    world.edit("A", summary="Perdu")
    if deleted:
        world.store.delete(Event, "event:a")
    else:
        world.put("a", summary="B")
    kill(world, "delete" if deleted else "replace")
    settle(world)
    (entry,) = conflicts.list(world.store, states=("settled",))

    assert set(world.there()) == (set() if deleted else {"B"})
    assert b"Perdu" in entry.document
    assert entry.winner == "local"


def shout_categories(document):
    """Store categories in capitals, as servers do that have their own spelling."""
    data = json.loads(document.data)
    return doc(**{**data, "categories": [c.upper() for c in data.get("categories", [])]})


def test_members_that_the_server_respells_are_not_doubled(make_world):
    """Members of a set added, removed and edited beside respelled ones stay single."""
    world = make_world(normalise=shout_categories)
    world.put("a", summary="A", categories=("un", "deux"))
    settle(world)
    world.put("a", categories=("un", "deux", "trois"))
    settle(world)

    assert world.there()["A"]["categories"] == ["UN", "DEUX", "TROIS"]

    world.edit("A", categories=["UN", "DEUX", "TROIS", "QUATRE"])
    settle(world)

    assert world.get("a").categories == ("un", "deux", "trois", "QUATRE")

    world.put("a", categories=("deux", "trois", "QUATRE"))
    settle(world)

    assert world.there()["A"]["categories"] == ["DEUX", "TROIS", "QUATRE"]


def drop(document):
    """Store all but the location, as servers do with what they do not know."""
    data = json.loads(document.data)
    data.pop("location", None)
    return doc(**data)


@pytest.mark.parametrize("etag_on_write", [True, False])
@pytest.mark.parametrize("killed", [False, True])
def test_field_that_the_server_drops_stays_here(make_world, etag_on_write, killed):
    """What a server doesn't keep of our write is not taken for a deletion."""
    world = make_world(normalise=drop, etag_on_write=etag_on_write)
    world.put("a", summary="A", location="Salle")
    if killed and etag_on_write:
        kill(world, "read")
    settle(world)
    world.put("a", summary="B")
    settle(world)

    assert world.get("a").location == "Salle"
    assert set(world.there()) == {"B"}


def test_killed_publication_on_a_server_that_names_items(make_world):
    """A publication whose answer was lost is found again, whatever name the server gave."""
    names = itertools.count()
    world = make_world(choose_href=lambda _hint: f"/memory/{next(names)}")
    world.with_link(direction=Direction.PUSH)
    world.put("a", summary="A")
    kill(world, "create")
    settle(world)

    assert len(world.server.documents) == 1


def test_lost_answer_without_reading_never_doubles(make_world):
    """On a channel that cannot be read, an announcement with a lost answer isn't sent twice."""
    world = make_world(capabilities=frozenset({Capability.WRITE}))
    world.with_link(direction=Direction.PUSH)
    world.put("a", summary="A")
    world.server.lose_answer(verb="create")
    world.sync()
    world.sync()

    assert len(world.server.documents) == 1


# Deletions.


def test_item_left_out_of_the_listing_is_not_deleted(world):
    """An item that a listing leaves out but that can be read is still there."""
    world.put("a", summary="A")
    world.sync()
    world.server.hidden.add(world.href("A"))
    world.server.forget_cursors()
    world.sync()

    assert world.get("a") is not None


def test_vanishing_collection_during_a_run_deletes_nothing(world):
    """Items that vanish while a run writes are not deleted here without the guard."""
    world.with_link(conflict=ConflictPolicy.REMOTE)
    for number in range(10):
        world.put(f"e{number}", summary=f"E{number}")
    world.sync()
    for number in range(10):
        world.put(f"e{number}", summary=f"F{number}")

    def vanish(call):
        if call.verb == "replace":
            for href in list(world.server.documents):
                world.server.remove(href)

    world.server.on_call = vanish
    world.sync()

    assert len(list(world.store.all(Event))) == 10
