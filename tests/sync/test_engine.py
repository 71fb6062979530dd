# SPDX-License-Identifier: Apache-2.0
"""The engine against a memory server: merging, deleting, deciding, and losing nothing."""

import json

import attrs
import pytest

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ItemRefusedError,
    MassDeletionError,
)
from territoire_sante.formats import Document
from territoire_sante.model import Visibility
from territoire_sante.sync import (
    Action,
    ConflictPolicy,
    Plan,
    apply,
    conflicts,
)


def doc(**keys):
    """Make a JSON document."""
    return Document(json.dumps(keys).encode(), "application/json")


def test_first_run_pushes_and_second_is_quiet(world):
    """What is new here is created there once; the next run writes nothing."""
    world.put("a", summary="Soirée")
    first, second = world.sync(), world.sync()

    assert first.counts()["done"] == 1
    assert set(world.there()) == {"Soirée"}
    assert second.is_quiet
    assert not second.entries


def test_remote_items_come_here(world):
    """What is new there is stored here, with the link's audience as its visibility."""
    world.server.put("/x", doc(uid="u1", summary="Visite", location="Mairie"))
    world.sync()
    event = world.get("u1")

    assert (event.summary, event.location) == ("Visite", "Mairie")
    assert event.visibility is Visibility.PARTNERS
    assert world.sync().is_quiet


def test_plan_writes_nothing(world):
    """Planning reads both sides and changes neither."""
    world.put("a", summary="Soirée")
    world.server.put("/x", doc(uid="u1", summary="Visite"))
    before = (dict(world.server.documents), list(world.store.changes(0)))
    plan = world.plan()

    assert {o.action for o in plan.operations} == {Action.CREATE_LOCAL, Action.CREATE_REMOTE}
    assert before == (dict(world.server.documents), list(world.store.changes(0)))
    assert not world.server.writes


def test_plan_is_data(world):
    """A plan survives JSON, with the same operations and fingerprint."""
    world.put("a", summary="Soirée")
    world.server.put("/x", doc(uid="u1", summary="Visite"))
    plan = world.plan()
    again = Plan.from_plain(json.loads(json.dumps(plan.to_plain())), world.link)

    assert again.operations == plan.operations
    assert again.fingerprint == plan.fingerprint


def test_disjoint_edits_merge(world):
    """SUMMARY changed here and LOCATION there both survive, on both sides."""
    world.put("a", summary="Soirée", location="Mairie")
    world.sync()
    world.edit("Soirée", location="Salle des fêtes")
    world.put("a", summary="Soirée MSP")
    report = world.sync()

    assert report.merged == 1
    assert world.there()["Soirée MSP"]["location"] == "Salle des fêtes"
    assert world.get("a").location == "Salle des fêtes"
    assert world.sync().is_quiet


def test_unknown_keys_stay(world):
    """What this library does not know stays in the document it was in."""
    world.put("a", summary="Soirée")
    world.sync()
    world.edit("Soirée", secret_of_another_client=[1, 2])
    world.sync()
    world.put("a", summary="Soirée 2")
    world.sync()

    assert world.there()["Soirée 2"]["secret_of_another_client"] == [1, 2]


def conflict(world):
    """Bring both sides into conflict about the summary."""
    world.put("a", summary="Soirée")
    world.sync()
    world.edit("Soirée", summary="Là-bas", location="Salle")
    world.put("a", summary="Ici")


def test_conflict_waits_for_a_person(world):
    """With ``ask`` nothing is written until somebody decides, however many runs pass."""
    conflict(world)
    for _ in range(2):
        report = world.sync()

        assert report.counts()["conflict"] == 1
        assert report.is_quiet
    (entry,) = conflicts.list(world.store)

    assert entry.fields[0]["local"] == "Ici"
    assert entry.fields[0]["remote"] == "Là-bas"


@pytest.mark.parametrize(("winner", "summary"), [("local", "Ici"), ("remote", "Là-bas")])
def test_decision_is_applied(world, winner, summary):
    """The side that a person chose wins at the next run, and the journal is settled."""
    conflict(world)
    world.sync()
    conflicts.resolve(world.store, conflicts.list(world.store)[0].id, winner)
    world.sync()

    assert world.get("a").summary == summary
    assert set(world.there()) == {summary}
    assert world.get("a").location == "Salle"
    assert not conflicts.list(world.store)
    assert world.sync().is_quiet


@pytest.mark.parametrize(
    ("policy", "winner", "loser"),
    [(ConflictPolicy.LOCAL, "Ici", "Là-bas"), (ConflictPolicy.REMOTE, "Là-bas", "Ici")],
)
def test_policy_decides_and_keeps_the_loser(world, policy, winner, loser):
    """A policy settles the conflict; the losing value can be restored."""
    world.with_link(conflict=policy)
    conflict(world)
    world.sync()
    (entry,) = conflicts.list(world.store, states=("settled",))

    assert world.get("a").summary == winner

    conflicts.restore(world.store, entry.id)
    world.sync()

    assert world.get("a").summary == loser
    assert set(world.there()) == {loser}


def test_deletions_travel(world):
    """An item deleted on either side disappears on the other."""
    world.put("a", summary="A")
    world.put("b", summary="B")
    world.sync()
    world.store.delete(type(world.get("a")), "event:a")
    world.server.remove(world.href("B"))
    world.sync()

    assert not world.there()
    assert world.get("b") is None
    assert world.sync().is_quiet


def test_edit_beats_deletion_here(world):
    """An item deleted here but edited there comes back with the edit."""
    world.put("a", summary="A")
    world.sync()
    world.store.delete(type(world.get("a")), "event:a")
    world.edit("A", location="Salle")
    world.sync()

    assert world.get("a").location == "Salle"
    assert world.sync().is_quiet


def test_edit_beats_deletion_there(world):
    """An item deleted there but edited here is created again, under another name."""
    world.put("a", summary="A")
    world.sync()
    href = world.href("A")
    world.server.remove(href)
    world.put("a", location="Salle")
    world.sync()

    assert world.there()["A"]["location"] == "Salle"
    assert world.href("A") != href
    assert world.sync().is_quiet


def test_mass_deletion_needs_confirmation(world):
    """Losing 99 of 100 items is not believed without the plan's fingerprint."""
    for number in range(100):
        world.put(f"e{number}", summary=f"E{number}")
    world.sync()
    for number in range(99):
        world.server.remove(world.href(f"E{number}"))
    with pytest.raises(MassDeletionError) as caught:
        world.sync()

    assert world.get("e0") is not None

    world.sync(confirm=caught.value.fingerprint)

    assert world.get("e0") is None
    assert world.get("e99") is not None


def test_emptying_a_side_needs_confirmation(world):
    """A collection of a few items that is suddenly empty is not believed either."""
    world.put("a", summary="A")
    world.put("b", summary="B")
    world.sync()
    world.server.remove(world.href("A"))
    world.server.remove(world.href("B"))
    with pytest.raises(MassDeletionError):
        world.sync()

    assert world.get("a") is not None


def test_quiet_run_opens_once(world):
    """A run with nothing to do asks the other side for its changes, and for nothing else."""
    world.put("a", summary="A")
    world.sync()
    world.sync()
    before = len(world.server.calls)
    world.sync()

    assert [call.verb for call in world.server.calls[before:]] in (
        ["open", "list"],
        ["open", "changes"],
    )


@pytest.mark.parametrize("error", [CollectionGoneError("404"), AuthError("401")])
def test_missing_collection_deletes_nothing(world, error):
    """A collection that answers 404 or 401 stops the run; nothing here is deleted."""
    world.put("a", summary="A")
    world.sync()
    world.server.fail(error)
    with pytest.raises(type(error)):
        world.sync()

    assert world.get("a") is not None


def shout(document):
    """Rewrite a document as servers do."""
    data = json.loads(document.data)
    data["summary"] = data["summary"].upper()
    return Document(json.dumps(data).encode(), document.media_type)


def test_rewriting_server_is_no_edit(make_world):
    """A server that rewrites what it is sent never changes anything here."""
    world = make_world(normalise=shout)
    world.put("a", summary="Soirée")
    world.sync()
    quiet = world.sync()
    world.put("a", location="Salle")
    world.sync()

    assert quiet.is_quiet
    assert world.get("a").summary == "Soirée"
    assert world.there()["SOIRÉE"]["location"] == "Salle"
    assert world.sync().is_quiet


@pytest.mark.parametrize("verb", ["create", "replace", "delete"])
def test_lost_answer_is_settled(world, verb):
    """A write whose answer was lost is found again by reading: nothing is doubled or undone."""
    world.put("a", summary="A")
    if verb != "create":
        world.sync()
        if verb == "replace":
            world.put("a", summary="B")
        else:
            world.store.delete(type(world.get("a")), "event:a")
    world.server.lose_answer(verb=verb)
    report = world.sync()
    world.sync()

    assert report.counts()["unknown"] == 1
    assert len(world.there()) == (0 if verb == "delete" else 1)
    assert world.sync().is_quiet


def test_faster_client_is_merged(world):
    """A change made there between reading and writing is merged, not overwritten."""
    world.put("a", summary="A")
    world.sync()
    world.put("a", summary="B")

    def interfere(call):
        if call.verb == "replace":
            world.server.on_call = None
            world.edit("A", location="Salle")

    world.server.on_call = interfere
    world.sync()

    assert world.there()["B"]["location"] == "Salle"
    assert world.get("a").location == "Salle"


def test_change_here_during_the_run_is_not_lost(world):
    """An entity edited after the plan keeps that edit; the remote one comes at the next run."""
    world.put("a", summary="A")
    world.sync()
    world.edit("A", location="Salle")
    plan = world.plan()
    world.put("a", summary="B", location="Mairie")
    report = apply(world.store, plan, now=world.now)

    assert report.counts()["deferred"] == 1
    assert world.get("a").location == "Mairie"
    assert world.sync().counts()["conflict"] == 1


def test_unreadable_item_is_set_aside(world):
    """A document that cannot be read is reported, never deleted, and comes back once mended."""
    world.put("a", summary="A")
    world.sync()
    href = world.href("A")
    good = world.server.current(href)
    world.server.put(href, Document(b"{broken", "application/json"))
    report = world.sync()

    assert report.counts()["quarantined"] == 1
    assert world.get("a") is not None
    assert world.server.current(href).data == b"{broken"

    world.server.put(href, attrs.evolve(good, data=good.data.replace(b'"A"', b'"A2"')))
    world.sync()

    assert world.get("a").summary == "A2"
    assert world.sync().counts()["quarantined"] == 0


def test_broken_item_does_not_stop_the_rest(world):
    """An item that the server refuses for good stops nobody, and is not sent again unchanged."""
    world.server.refuse = lambda _href, document: (
        ItemRefusedError("too long") if b"LONG" in document.data else None
    )
    world.put("a", summary="LONG")
    world.put("b", summary="B")
    world.sync()
    again = world.sync()
    writes = len(world.server.writes)
    world.put("a", summary="A")
    world.sync()

    assert again.counts()["refused"] == 1
    assert again.is_quiet
    assert writes == 2
    assert set(world.there()) == {"A", "B"}
