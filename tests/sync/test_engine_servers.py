# SPDX-License-Identifier: Apache-2.0
"""The engine against servers that move, hide, forget or refuse, and links that go one way."""

import datetime as dt
import json

import pytest

from territoire_sante.errors import ConfigError, ItemRefusedError, UnreachableError
from territoire_sante.formats import Document
from territoire_sante.model import Event, Visibility
from territoire_sante.plugins import Capability
from territoire_sante.sync import (
    ConflictPolicy,
    Direction,
    Outcome,
    conflicts,
)
from territoire_sante.testing import ETags


def doc(**keys):
    """Make a JSON document."""
    return Document(json.dumps(keys).encode(), "application/json")


def test_same_uid_twice_is_set_aside(world):
    """A second document with a UID already held is reported; the first one goes on."""
    world.put("a", summary="A")
    world.sync()
    uid = world.there()["A"]["uid"]
    world.server.put("/copy", doc(uid=uid, summary="Copie"))
    report = world.sync()

    assert [e.uid for e in report.entries] == ["/copy"]
    assert world.get("a").summary == "A"


def test_moved_document_is_followed(world):
    """A document that the server stores under another name is the same item."""
    world.put("a", summary="A")
    world.sync()
    href = world.href("A")
    document = world.server.current(href)
    world.server.remove(href)
    world.server.put("/elsewhere", document)
    world.sync()

    assert world.get("a") is not None
    assert world.href("A") == "/elsewhere"
    world.put("a", summary="B")
    world.sync()
    assert set(world.there()) == {"B"}


def test_double_takes_over_when_the_first_goes(world):
    """When the first of two documents with one UID disappears, the other is the item."""
    world.put("a", summary="A")
    world.sync()
    href = world.href("A")
    world.server.put("/copy", world.server.current(href))
    world.sync()
    world.server.remove(href)
    world.sync()

    assert world.get("a") is not None


def test_double_of_what_was_deleted_here_is_an_item_again(world):
    """When the first of two documents with one UID is deleted from here, the other is seen."""
    world.put("a", summary="A")
    world.sync()
    href = world.href("A")
    world.server.put("/copy", world.server.current(href))
    world.sync()
    world.store.delete(Event, "event:a")
    world.sync()

    assert list(world.server.documents) == ["/copy"]

    world.sync()

    assert [event.summary for event in world.store.all(Event)] == ["A"]
    assert world.sync().counts()["quarantined"] == 0


def test_creation_refused_by_what_is_there_is_not_taken_for_done(world):
    """A document that could not be read, and stood in the way of ours, is not ours later on."""
    world.put("u1", uid="u1", summary="Ici")
    world.server.put("/memory/u1", doc(uid="u1", summary="Là-bas"))
    world.server.unreadable["/memory/u1"] = "503"
    world.sync()
    world.server.unreadable.clear()
    world.now += dt.timedelta(days=1)

    assert world.sync().counts()["conflict"] == 1
    assert world.get("u1").summary == "Ici"


def test_edit_beside_a_creation_nobody_heard_of_is_kept(world):
    """A creation whose answer was lost, then unreadable for a while, hides no edit made here."""
    world.with_link(conflict=ConflictPolicy.LOCAL)
    world.put("u1", uid="u1", summary="A")
    world.server.lose_answer(verb="create")
    world.sync()
    world.server.unreadable["/memory/u1"] = "503"
    world.put("u1", location="Ici")
    world.sync()
    world.server.unreadable.clear()
    world.edit("A", location="Là-bas")
    world.now += dt.timedelta(days=1)
    world.sync()

    assert world.get("u1").location == "Ici"
    assert world.there()["A"]["location"] == "Ici"
    assert conflicts.list(world.store, states=("settled",))[0].fields[0]["remote"] == "Là-bas"


@pytest.mark.parametrize("verb", ["create", "replace"])
def test_refusal_is_tried_again_after_a_day(world, verb):
    """What the server had no space for goes out once there is some, without a new edit."""
    world.put("a", summary="A")
    if verb == "replace":
        world.sync()
        world.put("a", location="Salle")
    world.server.refuse = lambda *_: ItemRefusedError("its space is used up")
    world.sync()
    writes = len(world.server.writes)
    world.server.refuse = None
    world.sync()

    assert len(world.server.writes) == writes

    world.now += dt.timedelta(days=1)
    world.sync()

    assert world.there()["A"].get("location", "") == world.get("a").location
    assert world.sync().counts()["refused"] == 0


def test_hidden_item_is_taken_back(world):
    """An event that becomes private is removed from the shared calendar, and kept here."""
    world.put("a", summary="A")
    world.sync()
    world.put("a", visibility=Visibility.PRIVATE)
    world.sync()

    assert not world.there()
    assert world.get("a").summary == "A"
    assert world.sync().is_quiet


def test_push_restores_what_it_shows(world):
    """On a link that only publishes, an edit made there is undone, and kept in the journal."""
    world.with_link(direction=Direction.PUSH)
    world.put("a", summary="A")
    world.sync()
    world.edit("A", summary="Vandalisé")
    world.server.put("/foreign", doc(uid="x", summary="À quelqu'un d'autre"))
    world.sync()

    assert set(world.there()) == {"A", "À quelqu'un d'autre"}
    assert world.get("x") is None
    assert conflicts.list(world.store, states=("settled",))[0].fields[0]["remote"] == "Vandalisé"
    assert world.sync().is_quiet


def test_pull_never_writes_there(world):
    """A link that only reads brings edits in and sends none out."""
    world.with_link(direction=Direction.PULL)
    world.server.put("/x", doc(uid="u1", summary="Visite", location=""))
    world.put("mine", summary="Ici")
    world.sync()
    world.put("u1", description="noté ici")
    world.edit("Visite", location="Salle")
    world.sync()

    assert not world.server.writes
    assert (world.get("u1").location, world.get("u1").description) == ("Salle", "noté ici")
    assert world.sync().is_quiet


@pytest.mark.parametrize("etags", [ETags.WEAK, ETags.MISSING])
def test_poor_etags_lose_nothing(make_world, etags):
    """With weak or missing version tags edits still travel both ways and runs end quiet."""
    world = make_world(etags=etags)
    world.put("a", summary="A")
    world.sync()
    world.put("a", summary="B")
    world.sync()
    world.edit("B", location="Salle")
    world.sync()

    assert world.there()["B"]["location"] == "Salle"
    assert world.get("a").location == "Salle"
    assert world.sync().is_quiet


def test_write_only_connector(make_world):
    """A channel that cannot be read is written once per change."""
    world = make_world(capabilities=frozenset({Capability.WRITE}))
    world.with_link(direction=Direction.PUSH)
    world.put("a", summary="A")
    world.sync()
    quiet = world.sync()
    world.put("a", summary="B")
    world.sync()

    assert quiet.is_quiet
    assert set(world.there()) == {"B"}
    assert [call.verb for call in world.server.writes] == ["create", "replace"]


def test_lost_token_is_routine(world):
    """A server that forgets its tokens causes a full comparison, no loss."""
    world.put("a", summary="A")
    world.sync()
    world.server.forget_cursors()
    report = world.sync()

    assert report.is_quiet
    assert world.get("a") is not None


def test_network_failure_stops_and_resumes(world):
    """When the other side goes away in the middle, the rest is deferred and done next time."""
    for number in range(4):
        world.put(f"e{number}", summary=f"E{number}")
    world.server.fail(UnreachableError("no route"), at=3, verb="create")
    report = world.sync()

    assert report.counts() | {"done": 2, "failed": 1, "deferred": 1} == report.counts()
    assert report.entries[-1].outcome is Outcome.DEFERRED

    world.sync()

    assert len(world.there()) == 4


@pytest.mark.parametrize(
    "changes",
    [{"view": "contact"}, {"direction": Direction.BOTH}, {"direction": Direction.PULL}],
)
def test_link_that_asks_too_much_is_refused(make_world, changes):
    """A view that the connector does not show, or a direction it has no way to go, is told."""
    world = make_world(capabilities=frozenset({Capability.WRITE}))
    world.with_link(direction=Direction.PUSH).with_link(**changes)
    world.put("a", summary="A")
    with pytest.raises(ConfigError, match="agenda"):
        world.sync()

    assert not world.server.calls
