# SPDX-License-Identifier: Apache-2.0
"""Decisions, quarantine and several links: what must neither be lost nor decided by itself."""

import datetime as dt
import json

import attrs
import pytest

from territoire_sante.errors import (
    InvalidValueError,
    TransitionError,
)
from territoire_sante.formats import Document
from territoire_sante.model import Event, Visibility
from territoire_sante.plugins import Capability
from territoire_sante.sync import (
    ConflictPolicy,
    Direction,
    conflicts,
)
from territoire_sante.testing import MemoryServer, memory_connector

READ_WRITE = frozenset({Capability.READ, Capability.WRITE})
DELTA = READ_WRITE | {Capability.DELTA}


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


# Plans that are no longer true when they are applied.


@pytest.mark.parametrize("policy", list(ConflictPolicy))
@pytest.mark.parametrize("side", ["here", "there"])
def test_edit_against_deletion_ends_and_keeps_the_edit(world, policy, side):
    """Under every policy, edit against deletion ends in one state, and the edit is kept."""
    world.with_link(conflict=policy)
    world.put("a", summary="A")
    world.sync()
    if side == "here":
        world.put("a", location="Garde")
        world.server.remove(world.href("A"))
    else:
        world.edit("A", location="Garde")
        world.store.delete(Event, "event:a")
    settle(world)
    here = world.get("a")
    there = world.there()
    kept = [
        json.dumps([e.fields, (e.document or b"").decode()], default=dict, ensure_ascii=False)
        for e in conflicts.list(world.store, states=())
    ]

    assert (here is None) == (not there)
    assert here is not None or any("Garde" in text for text in kept)
    assert here is None or here.location == there["A"]["location"] == "Garde"


def test_hidden_item_is_taken_back_although_it_was_just_edited(world):
    """An event that became private is removed there even if somebody edits it meanwhile."""
    world.put("a", summary="A")
    world.sync()
    world.put("a", visibility=Visibility.PRIVATE)

    def edit(call):
        if call.verb == "delete":
            world.server.on_call = None
            world.edit("A", location="Salle")

    world.server.on_call = edit
    settle(world)

    assert not world.there()
    assert world.get("a").summary == "A"


def test_released_item_that_comes_back_is_synced_again(world):
    """An item released because it was deleted there is followed again once it is back."""
    world.with_link(direction=Direction.PULL)
    world.server.put("/x", doc(uid="u1", summary="A", location=""))
    world.sync()
    world.put("u1", description="noté ici")
    kept = world.server.current("/x")
    world.server.remove("/x")

    assert world.sync().counts()["released"] == 1
    assert world.sync().is_quiet

    world.server.put("/x", kept)
    world.edit("A", location="Salle")
    settle(world)

    assert (world.get("u1").location, world.get("u1").description) == ("Salle", "noté ici")


def test_item_known_here_before_the_feed_is_not_deleted_with_it(world):
    """What was written here before a feed showed the same item outlives the feed."""
    world.with_link(direction=Direction.PULL)
    world.put("u1", uid="u1", summary="A", description="noté ici")
    world.server.put("/x", doc(uid="u1", summary="A"))
    world.sync()
    world.server.remove("/x")
    world.sync()

    assert world.get("u1").description == "noté ici"


# Decisions.


def in_conflict(world):
    """Bring both sides into conflict about the summary, and note it."""
    world.put("a", summary="A")
    world.sync()
    world.put("a", summary="Ici")
    world.edit("A", summary="Là-bas")
    world.sync()
    return conflicts.list(world.store)[0].id


def test_decision_counts_only_for_what_the_person_saw(world):
    """A text that replaces the losing one after the decision is asked about again."""
    number = in_conflict(world)
    conflicts.resolve(world.store, number, "local")
    world.edit("Là-bas", summary="Là-bas, corrigé")
    report = world.sync()

    assert report.counts()["conflict"] == 1
    (entry,) = conflicts.list(world.store)
    assert entry.fields[0]["remote"] == "Là-bas, corrigé"

    conflicts.resolve(world.store, entry.id, "remote")
    settle(world)

    assert world.get("a").summary == "Là-bas, corrigé"
    assert not conflicts.list(world.store, states=("open", "decided"))


def test_loser_in_the_journal_is_the_last_one(world):
    """When a policy settles a conflict that waited, the journal holds what really lost."""
    in_conflict(world)
    world.edit("Là-bas", summary="Là-bas, corrigé")
    world.with_link(conflict=ConflictPolicy.LOCAL)
    world.sync()
    (entry,) = conflicts.list(world.store, states=("settled",))

    assert entry.fields[0]["remote"] == "Là-bas, corrigé"
    assert b"corrig" in entry.document


def test_conflict_that_dissolved_has_no_loser(world):
    """A conflict that both sides ended by themselves cannot be restored."""
    number = in_conflict(world)
    world.edit("Là-bas", summary="Ici")
    settle(world)
    with pytest.raises(TransitionError):
        conflicts.restore(world.store, number)


# Broken and unusable items.


@pytest.mark.parametrize("page", [1, 2])
def test_changes_in_batches(make_world, page):
    """A server that tells its changes in batches is asked until it has told all."""
    world = make_world(capabilities=DELTA, page=page)
    for number in range(3):
        world.server.put(f"/r{number}", doc(uid=f"r{number}", summary=f"R{number}"))
        world.put(f"l{number}", summary=f"L{number}")
    settle(world)
    world.server.remove("/r0")
    world.edit("R1", location="Salle")
    world.edit("L1", location="Salle")
    settle(world)

    assert world.get("r0") is None
    assert world.get("r1").location == world.get("l1").location == "Salle"
    assert len(world.there()) == len(list(world.store.all(Event))) == 5


def test_what_cannot_be_written_travels_once_mended(make_world, lens):
    """A value that the format cannot say holds its item back only until it is changed."""

    class Strict(lens):
        def put(self, view, document=None, *, now=None):
            if "☃" in view.summary:
                raise InvalidValueError("no snowmen", where="summary")
            return super().put(view, document, now=now)

    world = make_world(lens=Strict())
    world.put("a", summary="A")
    world.sync()
    world.put("a", summary="☃")
    world.edit("A", location="Salle")
    world.put("b", summary="B")

    assert world.sync().counts()["refused"] == 1
    assert "B" in world.there()

    world.put("a", summary="A2")
    settle(world)

    assert world.there()["A2"]["location"] == "Salle"
    assert world.get("a").location == "Salle"


def test_bug_in_a_lens_stops_one_item(make_world, lens):
    """A lens that crashes on one document sets that one aside; the rest goes on."""

    class Buggy(lens):
        def get(self, document):
            return {}["bug"] if b"BUG" in document.data else super().get(document)

    world = make_world(lens=Buggy())
    world.server.put("/a", doc(uid="a", summary="BUG"))
    world.server.put("/b", doc(uid="b", summary="B"))
    report = world.sync()

    assert report.counts()["quarantined"] == 1
    assert world.get("b") is not None


def test_bug_in_writing_stops_one_item(make_world, lens):
    """A lens that crashes on one event fails that one; the rest goes on."""

    class Buggy(lens):
        def put(self, view, document=None, *, now=None):
            return {}["bug"] if view.summary == "BUG" else super().put(view, document, now=now)

    world = make_world(lens=Buggy())
    world.put("a", summary="BUG")
    world.put("b", summary="B")
    report = world.sync()

    assert report.counts()["failed"] == 1
    assert set(world.there()) == {"B"}


def test_remembered_document_that_a_new_version_cannot_read(make_world, lens):
    """What an earlier version stored and this one cannot read stops only its own item."""

    class Changing(lens):
        def get(self, document):
            if refused and refused[0] in document.data:
                raise InvalidValueError("no longer", where="summary")
            return super().get(document)

    refused = []
    world = make_world(lens=Changing())
    world.put("a", summary="A")
    world.put("b", summary="B")
    world.sync()
    refused.append(b'"A"')
    world.put("a", summary="A2")
    world.put("b", summary="B2")
    world.sync()

    assert "B2" in world.there()


def test_unreadable_for_a_while_is_tried_again_a_day_later(world):
    """An item that could not be read, with no new version tag, is tried again after a day."""
    world.server.put("/x", doc(uid="u1", summary="A"))
    world.server.unreadable["/x"] = "503"
    world.sync()
    del world.server.unreadable["/x"]
    world.sync()

    assert world.get("u1") is None

    world.now += dt.timedelta(days=1)
    report = world.sync()

    assert world.get("u1").summary == "A"
    assert report.counts()["quarantined"] == 0


def test_item_set_aside_because_it_was_hidden_is_not_doubled(world):
    """A document set aside because the event is private here isn't doubled once it is shown."""
    world.put("u1", uid="u1", summary="A", visibility=Visibility.PRIVATE)
    world.server.put("/x", doc(uid="u1", summary="A"))

    assert world.sync().counts()["quarantined"] == 1

    world.put("u1", visibility=Visibility.PARTNERS)
    settle(world)

    assert list(world.server.documents) == ["/x"]
    world.put("u1", location="Salle")
    settle(world)

    assert world.there()["A"]["location"] == "Salle"


def test_removed_broken_item_is_no_longer_reported(make_world):
    """A broken document that was removed there leaves the quarantine at the next run."""
    world = make_world(capabilities=DELTA)
    world.put("a", summary="A")
    world.sync()
    world.server.put("/x", Document(b"{", "application/json"))

    assert world.sync().counts()["quarantined"] == 1

    world.server.remove("/x")

    assert world.sync().counts()["quarantined"] == 0


# A link that is configured otherwise.


def test_another_direction_looks_at_everything_again(world):
    """What a link that only published passed over comes here as soon as it reads, too."""
    world.with_link(direction=Direction.PUSH)
    world.put("a", summary="A")
    world.sync()
    world.server.put("/f", doc(uid="f", summary="F"))
    world.sync()
    world.with_link(direction=Direction.BOTH)
    settle(world)

    assert world.get("f").summary == "F"


def test_another_collection_deletes_nothing_here(world):
    """A link that is pointed at another collection fills it; what is missing was not deleted."""
    world.put("a", summary="A")
    world.sync()
    moved = MemoryServer()
    spec = memory_connector(moved, lens=world.catalog.get("memory").lens, name="elsewhere")
    world.catalog.register(spec)
    # The old collection is on the same server, where its documents still answer.
    (old,) = world.server.documents
    moved.put(old, world.server.current(old))
    moved.hidden.add(old)
    world.server = moved
    world.with_link(connector="elsewhere")
    settle(world)

    assert world.get("a") is not None
    assert [h for h in moved.documents if h != old]


# Two links over one store.


def second_link(world, make_world, **changes):
    """Return a world with the same store and another server."""
    other = make_world(**changes)
    other.store = world.store
    other.link = attrs.evolve(other.link, name="fichier")
    return other


def test_two_links_pass_changes_through(world, make_world):
    """What changes on one side of a store arrives on its other side, and ends there."""
    other = second_link(world, make_world)
    world.put("a", summary="A", location="Mairie")
    for one in (world, other):
        one.sync()
    world.edit("A", location="Salle")
    other.edit("A", description="à midi")
    for one in (world, other, world):
        one.sync()

    assert world.sync().is_quiet
    assert other.sync().is_quiet
    assert world.there()["A"]["location"] == other.there()["A"]["location"] == "Salle"
    assert world.there()["A"]["description"] == "à midi"


def test_deleted_on_one_link_edited_on_the_other(world, make_world):
    """An item deleted on one link and edited on another is kept with its edit, on both."""
    other = second_link(world, make_world)
    world.put("a", summary="A")
    for one in (world, other):
        one.sync()
    world.server.remove(world.href("A"))
    other.edit("A", location="Salle")
    for one in (world, other, world, other):
        one.sync()

    assert world.there()["A"]["location"] == other.there()["A"]["location"] == "Salle"
    assert world.sync().is_quiet
    assert other.sync().is_quiet
