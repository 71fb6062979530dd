# SPDX-License-Identifier: Apache-2.0
"""Somebody writes there after our write and before it was read back: what of ours is missing?"""

import json

import pytest

from territoire_sante.errors import UnreachableError
from territoire_sante.formats import Document
from territoire_sante.sync import ConflictPolicy, conflicts


def shorten(document):
    """Store one category and no location, as servers do that have no room for more."""
    data = json.loads(document.data)
    data.pop("location", None)
    data["categories"] = data.get("categories", [])[:1]
    return Document(json.dumps(data).encode(), document.media_type)


def write_unread(world, **fields):
    """Send an edit whose read-back fails."""
    world.put("a", **fields)
    world.server.fail(UnreachableError("gone for a while"), verb="read")
    world.sync()
    world.server._faults.clear()


@pytest.fixture(params=list(ConflictPolicy), ids=str)
def world(make_world, request):
    """Return a link with one event in step, under each policy."""
    made = make_world().with_link(conflict=request.param)
    made.put("a", summary="A", description="known", categories=("one",))
    made.sync()
    return made


def lost(world):
    """Return what the journal holds of the two sides, by field."""
    fields = [one for entry in conflicts.list(world.store, states=()) for one in entry.fields]
    return [(one["field"], one["local"], one["remote"]) for one in fields]


def test_what_the_server_dropped_is_not_taken_for_removed_by_who_wrote_next(world):
    """An edit that the server left out is still here, or in the journal, after another's edit."""
    world.server.normalise = shorten
    write_unread(world, location="ours")
    world.edit("A", description="theirs")
    world.sync()
    kept = world.get("a").location == "ours"

    assert kept is (world.link.conflict is not ConflictPolicy.REMOTE)
    assert kept or ("location", "ours", "") in lost(world)

    for entry in conflicts.list(world.store):
        conflicts.resolve(world.store, entry.id, "local")
    world.sync()

    assert world.get("a").description == "theirs"
    assert world.there()["A"]["description"] == "theirs"
    assert (world.get("a").location == "ours") is kept
    assert world.sync().is_quiet


def test_what_somebody_removed_before_it_was_read_back_is_a_conflict(world):
    """Who removes our last edit contends with it, as nobody can say that it was ever there."""
    write_unread(world, location="ours")
    world.edit("A", location="")
    world.sync()
    for entry in conflicts.list(world.store):
        conflicts.resolve(world.store, entry.id, "local")
    world.sync()

    assert world.get("a").location == world.there()["A"]["location"]
    assert ("location", "ours", "") in lost(world)
    assert world.sync().is_quiet


def test_what_was_not_sent_can_be_removed_before_the_read_back(world):
    """A field that our last write did not touch is removed there without a conflict."""
    write_unread(world, location="ours")
    world.edit("A", description="")
    world.sync()

    assert (world.get("a").location, world.get("a").description) == ("ours", "")
    assert lost(world) == []
    assert world.sync().is_quiet


def test_member_of_a_list_that_the_server_dropped_stays(world):
    """A member of a list that the server left out is kept when somebody edits something else."""
    world.server.normalise = shorten
    write_unread(world, categories=("one", "two"))
    world.edit("A", description="theirs")
    world.sync()

    assert set(world.get("a").categories) == {"one", "two"}
    assert world.get("a").description == "theirs"
    assert world.sync().is_quiet


@pytest.mark.parametrize("edited", [False, True])
def test_member_that_the_server_dropped_from_a_creation_without_an_answer_stays(world, edited):
    """A new item whose answer was lost keeps the members that the server had no room for."""
    world.server.normalise = shorten
    world.put("b", summary="B", categories=("one", "two"))
    world.server.lose_answer(verb="create")
    world.sync()
    if edited:
        world.put("b", description="ours")
        world.server.lose_answer(verb="replace")
        world.sync()
        world.edit("B", start="2027-05-01")
    world.sync()
    world.sync()

    assert set(world.get("b").categories) == {"one", "two"}
    assert world.sync().is_quiet


def test_members_that_the_server_says_otherwise_are_not_doubled(world):
    """A new item whose answer was lost has each member once, also if the server rewrote it."""

    def rewrite(document):
        data = json.loads(document.data)
        data["categories"] = [f"{one.split()[0]} (x)" for one in data.get("categories", [])]
        return Document(json.dumps(data).encode(), document.media_type)

    world.server.normalise = rewrite
    world.put("b", summary="B", categories=("one",))
    world.server.lose_answer(verb="create")
    world.sync()
    world.sync()

    assert world.there()["B"]["categories"] == ["one (x)"]
    assert len(world.get("b").categories) == 1
    assert world.sync().is_quiet
