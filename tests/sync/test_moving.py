# SPDX-License-Identifier: Apache-2.0
"""A link whose collection moved, vanished or was mistaken: nothing doubled, nothing deleted."""

import json

import attrs
import pytest

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ProtocolError,
    UnreachableError,
)
from territoire_sante.formats import Document
from territoire_sante.model import Event
from territoire_sante.plugins import Capability, Catalog
from territoire_sante.sync import conflicts
from territoire_sante.testing import MemoryServer, memory_connector

NAMES = [f"e{number:02}" for number in range(12)]


@attrs.frozen(kw_only=True)
class Config:
    """The address of a collection, as other connectors have one."""

    url: str = ""


def move(world, *, names=NAMES, url="https://nouveau.example.org/"):
    """Copy a collection to another server, under other names, and point the link there."""
    old, new = world.server, MemoryServer()
    copied = {json.loads(d.data)["summary"]: d for d in old.documents.values()}
    for number, name in enumerate(names):
        new.put(f"/imported/{number}.ics", copied[name])
    serve(world, new)
    return world.with_link(config={"url": url})


def serve(world, server):
    """Let the link's connector lead to a server, whatever its address."""
    delta = world.catalog.get("memory").capabilities
    lens = world.catalog.get("memory").lens
    spec = memory_connector(server, lens=lens, capabilities=delta)
    inner = spec.open
    world.catalog = Catalog()
    world.catalog.register(attrs.evolve(spec, config=Config, open=lambda _: inner(None)))
    world.server = server


@pytest.fixture
def moving(world):
    """A world whose link has an address and twelve events on both sides."""
    serve(world, world.server)
    world.with_link(config={"url": "https://ancien.example.org/"})
    for name in NAMES:
        world.put(name, uid=f"{name}@example.org", summary=name)
    world.sync()
    return world


def test_a_moved_collection_is_matched_by_uid(moving):
    """The same items under other names on another server are the same items."""
    move(moving)
    moving.sync()

    assert len(moving.server.documents) == 12
    assert len(list(moving.store.all(Event))) == 12
    assert not moving.server.writes
    assert moving.sync().is_quiet


def test_edits_survive_the_move(moving):
    """What was edited on either side while the collection moved is merged all the same."""
    moving.put("e03", location="here")
    move(moving)
    moving.edit("e04", location="there")
    moving.edit("e03", description="there")
    moving.sync()
    moving.sync()

    assert moving.get("e04").location == "there"
    assert moving.get("e03").description == "there"
    assert moving.there()["e03"]["location"] == "here"
    assert len(moving.server.documents) == 12
    assert moving.sync().is_quiet


def test_what_was_not_moved_is_created_not_deleted(moving):
    """Items that the new server lacks were not deleted: they are created there."""
    move(moving, names=NAMES[:3])
    moving.sync()

    assert len(list(moving.store.all(Event))) == 12
    assert sorted(moving.there()) == NAMES
    assert conflicts.deleted(moving.store) == ()
    assert moving.sync().is_quiet


def test_an_empty_new_server_is_filled(moving):
    """A link pointed at an empty collection fills it, and asks nobody about deletions."""
    move(moving, names=[])
    report = moving.sync()

    assert report.remote_writes == 12
    assert sorted(moving.there()) == NAMES
    assert moving.sync().is_quiet


def test_moving_back_doubles_nothing(moving):
    """There and back again, each item is there once on each side."""
    old = moving.server
    move(moving)
    moving.put("new", summary="new")
    moving.sync()
    serve(moving, old)
    moving.with_link(config={"url": "https://ancien.example.org/"})
    moving.sync()

    assert sorted(moving.there()) == [*NAMES, "new"]
    assert len(list(moving.store.all(Event))) == 13
    assert moving.sync().is_quiet


@pytest.mark.parametrize("verb", ["open", "list", "read"])
@pytest.mark.parametrize(
    "error",
    [
        CollectionGoneError("404"),
        AuthError("401"),
        ProtocolError("a web page came where DAV was expected"),
        UnreachableError("no answer"),
    ],
)
def test_a_collection_that_does_not_show_itself_deletes_nothing(make_world, error, verb):
    """404, 401, a login page or silence, at whichever call: the run stops, nothing is deleted."""
    world = make_world(capabilities=frozenset({Capability.READ, Capability.WRITE}))
    for name in NAMES[:4]:
        world.put(name, summary=name)
    world.sync()
    world.edit("e01", location="there")
    before = list(world.store.all(Event))
    world.server.fail(error, verb=verb)
    with pytest.raises(type(error)):
        world.plan()

    assert list(world.store.all(Event)) == before
    assert len(world.server.documents) == 4

    world.sync()

    assert world.get("e01").location == "there"
    assert world.sync().is_quiet


def test_a_listing_that_breaks_off_deletes_nothing(make_world):
    """A listing that ends in an error, having shown half of the items, proves nothing gone."""
    from territoire_sante.testing import Moment  # noqa: PLC0415 - beside its only use

    world = make_world(capabilities=frozenset({Capability.READ, Capability.WRITE}))
    for name in NAMES[:4]:
        world.put(name, summary=name)
    world.sync()
    world.server.fail(ProtocolError("cut"), verb="list", moment=Moment.MIDWAY)
    with pytest.raises(ProtocolError):
        world.plan()

    assert len(list(world.store.all(Event))) == 4
    assert world.sync().is_quiet


def test_a_collection_deleted_and_made_again_asks_first(moving):
    """An emptied collection at the same address is a mass deletion: nothing goes unconfirmed."""
    for href in list(moving.server.documents):
        moving.server.remove(href)
    moving.server.forget_cursors()
    made = moving.plan()

    assert made.is_blocked
    assert made.deletions == 12

    moving.server.put(
        "/back", Document(b'{"uid": "e00@example.org", "summary": "e00"}', "application/json")
    )

    assert moving.plan().deletions == 11
    assert len(list(moving.store.all(Event))) == 12
