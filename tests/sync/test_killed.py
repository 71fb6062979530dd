# SPDX-License-Identifier: Apache-2.0
"""The process dies at every single point of a run: the end is as if it had not."""

import contextlib
import json

import attrs
import pytest

from territoire_sante.formats import Document
from territoire_sante.model import Event, Visibility
from territoire_sante.plugins import Capability, Catalog
from territoire_sante.sync import ConflictPolicy, Direction, conflicts
from territoire_sante.testing._commits import before_commits


class KilledError(BaseException):
    """The process ends here."""


class Death:
    """Counts the points at which something becomes durable, and kills at one of them."""

    def __init__(self, world):
        self.left = None
        self.count = 0
        world.server.on_call = lambda _call: self.pass_by()
        before_commits(world.store, self.pass_by)

    def pass_by(self):
        """Live on, or not."""
        self.count += 1
        if self.left is not None:
            self.left -= 1
            if self.left == 0:
                raise KilledError


def shout(document):
    """Rewrite what is not an edit of somebody: the server's own key."""
    data = json.loads(document.data)
    return Document(json.dumps({**data, "stored": True}).encode(), document.media_type)


def prepare(world):
    """Bring a link into a state in which one run has something of everything to do."""
    world.with_link(conflict=ConflictPolicy.LOCAL)
    for name in ("edited", "merged", "lost", "gone", "kept", "hidden", "theirs", "back"):
        world.put(name, summary=name)
    world.sync()
    world.put("new", summary="new")
    world.server.put("/far", Document(b'{"uid": "far", "summary": "far"}', "application/json"))
    world.put("edited", location="here")
    world.edit("theirs", location="there")
    world.put("merged", location="here")
    world.edit("merged", description="there")
    world.put("lost", location="here")
    world.edit("lost", location="overwritten")
    world.store.delete(Event, "event:gone")
    world.put("kept", location="here")
    world.server.remove(world.href("kept"))
    world.put("hidden", visibility=Visibility.PRIVATE)
    world.server.remove(world.href("back"))


def state_of(world):
    """Return both sides and what lost, without what differs from run to run."""
    here = {
        (e.summary, e.location, e.description, e.visibility.value) for e in world.store.all(Event)
    }
    there = sorted(
        (d["summary"], d.get("location", ""), d.get("description", ""))
        for d in (json.loads(d.data) for d in world.server.documents.values())
    )
    lost = {
        field["remote"]
        for entry in conflicts.list(world.store, states=("settled",))
        for field in entry.fields
    }
    return here, there, lost


@pytest.mark.parametrize("point", range(1, 60, 2))
def test_killed_with_four_writes_under_way(make_world, point):
    """Killed while several writes are on their way, two more runs bring the same end."""
    world = make_world(capabilities={Capability.READ, Capability.WRITE}, normalise=shout)
    spec = attrs.evolve(world.catalog.get("memory"), parallel_writes=4)
    world.catalog = Catalog()
    world.catalog.register(spec)
    prepare(world)
    for number in range(20):
        world.put(f"more{number:02}", summary=f"more{number:02}")
    death = Death(world)
    death.left = point
    with contextlib.suppress(KilledError):
        world.sync()
    death.left = None
    world.sync()
    world.sync()
    here, there, lost = state_of(world)

    assert world.sync().is_quiet
    assert len(here) == len(there) + 1  # one is hidden
    assert len(there) == len({name for name, *_ in there})
    assert ("merged", "here", "there") in there
    assert ("lost", "here", "") in there
    assert lost == {"overwritten"}


@pytest.mark.parametrize(("direction", "delta"), [(Direction.BOTH, True), (Direction.PUSH, False)])
def test_killed_at_any_point(make_world, direction, delta):
    """Killed before any write to either side, two more runs bring the same end as one did."""
    capabilities = {Capability.READ, Capability.WRITE} | ({Capability.DELTA} if delta else set())

    def fresh():
        world = make_world(capabilities=capabilities, normalise=shout)
        prepare(world.with_link(direction=direction))
        return world, Death(world)

    world, death = fresh()
    world.sync()
    points, expected = death.count, state_of(world)
    world.sync()

    assert state_of(world) == expected

    for point in range(1, points + 1):
        world, death = fresh()
        death.left = point
        with pytest.raises(KilledError):
            world.sync()
        world.sync()
        world.sync()

        assert world.sync().is_quiet, point
        assert state_of(world) == expected, point


def forget_location(document):
    """Drop a key that the server does not know."""
    data = json.loads(document.data)
    data.pop("location", None)
    return Document(json.dumps(data).encode(), document.media_type)


def test_killed_while_the_server_drops_what_it_does_not_know(make_world):
    """What a server leaves out of a new item is no deletion, wherever the run was killed."""
    capabilities = {Capability.READ, Capability.WRITE, Capability.DELTA}
    kept = set()
    for point in range(1, 20):
        world = make_world(capabilities=capabilities, normalise=forget_location)
        world.put("a", summary="a", location="here")
        death = Death(world)
        death.left = point
        with contextlib.suppress(KilledError):
            world.sync()
        death.left = None
        world.sync()
        world.sync()

        assert world.sync().is_quiet, point
        assert len(world.server.documents) == 1
        kept.add(world.get("a").location)

    assert death.count > 19
    assert kept == {"here"}


def test_killed_twice_with_an_edit_between(make_world):
    """An edit of what was created by a run that died outlives a second run that dies as well."""
    capabilities = {Capability.READ, Capability.WRITE, Capability.DELTA}
    for first in range(5, 12):
        for second in range(5, 12):
            world = make_world(capabilities=capabilities)
            world.put("a", summary="a", location="before")
            death = Death(world)
            for left in (first, second):
                death.left = left
                with contextlib.suppress(KilledError):
                    world.sync()
                death.left = None
                world.put("a", location="after")
            world.sync()
            world.sync()

            assert world.sync().is_quiet, (first, second)
            assert world.get("a").location == "after", (first, second)
            assert [one["location"] for one in world.there().values()] == ["after"]


def test_killed_while_a_conflict_is_settled_that_comes_back(make_world):
    """What lost is kept, also if the run that replaced it died and somebody edits it again."""
    replaced = 0
    for point in range(1, 16):
        world = make_world().with_link(conflict=ConflictPolicy.LOCAL)
        world.put("a", summary="a", location="before")
        world.sync()
        world.put("a", location="ours")
        world.edit("a", location="theirs")
        death = Death(world)
        death.left = point
        with contextlib.suppress(KilledError):
            world.sync()
        death.left = None
        if world.there()["a"]["location"] == "ours":
            replaced += 1
            world.put("a", location="ours again")
            world.edit("a", location="theirs again")
            world.sync()
            world.sync()
            lost = {entry.fields[0]["remote"] for entry in conflicts.list(world.store, states=())}

            assert lost == {"theirs", "theirs again"}, point

    assert replaced > 2
