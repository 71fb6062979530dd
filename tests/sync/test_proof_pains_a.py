# SPDX-License-Identifier: Apache-2.0
"""What users of sync programs complain of most, one to thirteen: identity, loss, deletions."""

import datetime as dt
import re

import attrs
import pytest

from territoire_sante.errors import MassDeletionError
from territoire_sante.model import Event
from territoire_sante.sync import ConflictPolicy, Outcome, conflicts
from territoire_sante.testing.dav import Faults, Incident

START = dt.datetime(2027, 5, 3, 9, tzinfo=dt.UTC)


def event(uid, **fields):
    """Return an event."""
    new = {"id": "event:x", "uid": uid, "summary": uid, "start": START}
    return Event(**(new | fields))


def here(world):
    """Return the events of this side, by UID."""
    found = {one.uid: one for one in world.store.all(Event)}

    assert len(found) == len(list(world.store.all(Event)))
    return found


def writes(world):
    """Return the writes that the server was asked for, and forget them."""
    return [one for one in world.server.methods() if one in ("PUT", "DELETE")]


def test_pain_01_same_uid_twice_does_not_stop_the_rest(dav):
    """Two documents with one UID: one is set aside by name, all the others are synced."""
    world = dav()
    world.hold("a.ics", event("a"))
    world.hold("copy.ics", event("a", summary="Copie"))
    world.hold("b.ics", event("b"))
    report = world.sync()

    assert set(here(world)) == {"a", "b"}
    (aside,) = [e for e in report.entries if e.outcome is Outcome.QUARANTINED]
    assert {aside.uid.rpartition("/")[2]} < {"a.ics", "copy.ics"}
    assert "a is already held by" in aside.detail
    assert {"a.ics", "copy.ics", "b.ics"} == set(world.collection)


def test_pain_02_uid_taken_elsewhere_is_told(dav):
    """A UID that the server says is taken fails that item, with the reason; the rest goes on."""
    world = dav(faults=Faults(unlisted={"trash.ics"}, sync=False, ctag=False))
    world.hold("trash.ics", event("a"))
    world.put("a")
    world.put("b")
    report = world.sync()
    outcomes = {e.uid: e for e in report.entries}

    assert outcomes["b"].outcome is Outcome.DONE
    assert outcomes["a"].outcome is not Outcome.DONE
    assert outcomes["a"].detail
    assert set(here(world)) == {"a", "b"}


@pytest.mark.parametrize("renames", ["location", "silent"])
def test_pain_03_server_chooses_the_name(dav, renames):
    """A server that stores items under names of its own, told or not, doubles nothing."""
    world = dav(faults=Faults(renames=renames))
    world.put("a")
    world.settle()
    world.put("a", location="Salle")
    world.settle()
    world.edit("a", description="Là-bas")
    world.settle()

    assert len(world.collection) == len(here(world)) == 1
    assert (world.there("a").location, world.get("a").description) == ("Salle", "Là-bas")


@pytest.mark.parametrize("hrefs", ["escaped", "bare", "lower", "much", "relative", "absolute"])
def test_pain_04_odd_characters_in_names(dav, hrefs):
    """However a server spells ``@``, accents and blanks in names, an item stays the same one."""
    world = dav(faults=Faults(hrefs=hrefs))
    world.hold("a@b é~.ics", event("a"))
    world.put("b")
    world.settle()
    world.store.put(attrs.evolve(here(world)["a"], location="Salle"))
    world.settle()
    world.edit("a", description="Là-bas")
    world.settle()

    assert len(world.collection) == len(here(world)) == 2
    assert (world.there("a").location, here(world)["a"].description) == ("Salle", "Là-bas")


def test_pain_04_our_own_names_are_plain(dav):
    """Whatever the UID, the name that we choose has letters, digits, dots and dashes only."""
    world = dav()
    for number, uid in enumerate(("x/y", "{a}", "a@example.org", "é", "A B", "..", "a" * 500)):
        world.put(f"e{number}", uid=uid)
    world.settle()

    assert len(world.collection) == 7
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}", name) for name in world.collection)


@pytest.mark.parametrize("status", [500, 502, 504])
@pytest.mark.parametrize("verb", ["create", "replace"])
def test_pain_05_failed_but_stored(dav, status, verb):
    """A write that was answered by an error and stored all the same is no conflict later."""
    world = dav()
    world.put("a")
    if verb == "replace":
        world.settle()
        world.put("a", location="Salle")
    world.server.happen(Incident.failed_but_done("PUT", status))
    world.sync()
    world.settle()

    assert len(world.collection) == len(here(world)) == 1
    assert world.there("a").location == here(world)["a"].location
    assert conflicts.list(world.store, states=()) == ()


def test_pain_06_no_ping_pong(dav):
    """A server that rewrites every write is written to once per edit; SEQUENCE stays small."""
    world = dav(faults=Faults(rewrites={"reorder", "upper", "lf"}, adds=("X-STORED:1",)))
    world.put("a")
    world.settle()
    world.server.log.clear()
    world.put("a", location="Salle")
    for _ in range(10):
        world.sync(hours=13)

    assert writes(world) == ["PUT"]
    found = re.search(rb"SEQUENCE:(\d+)", world.data("a"))
    assert found is None or int(found[1]) <= 1


def test_pain_07_edits_of_different_fields_are_no_conflict(dav):
    """Edits of several fields and members on both sides all arrive, and nobody is asked."""
    world = dav()
    world.put("a", categories=("un", "deux"), location="Mairie")
    world.settle()
    world.put("a", categories=("un", "deux", "ici"), summary="Ici")
    world.edit("a", categories=("deux", "là"), description="Là-bas")
    world.settle()

    assert (
        set(here(world)["a"].categories)
        == {"deux", "ici", "là"}
        == set(world.there("a").categories)
    )
    assert (here(world)["a"].description, world.there("a").summary) == ("Là-bas", "Ici")
    assert conflicts.list(world.store, states=()) == ()


@pytest.mark.parametrize("policy", [ConflictPolicy.LOCAL, ConflictPolicy.REMOTE])
def test_pain_08_loser_can_be_brought_back(dav, policy):
    """Whoever wins, the text that lost is in the journal, and restored on both sides."""
    world = dav().with_link(conflict=policy)
    world.put("a")
    world.settle()
    world.put("a", summary="Ici")
    world.edit("a", summary="Là-bas")
    world.settle()
    lost = {ConflictPolicy.LOCAL: "Là-bas", ConflictPolicy.REMOTE: "Ici"}[policy]
    (entry,) = conflicts.list(world.store, states=("settled",))

    assert here(world)["a"].summary == world.there("a").summary != lost

    conflicts.restore(world.store, entry.id)
    world.settle()

    assert here(world)["a"].summary == world.there("a").summary == lost


@pytest.mark.parametrize("policy", list(ConflictPolicy))
@pytest.mark.parametrize("side", ["here", "there"])
def test_pain_09_edit_against_deletion_ends(dav, policy, side):
    """Edited on one side and deleted on the other ends within two runs, under every policy."""
    world = dav().with_link(conflict=policy)
    world.put("a")
    world.put("b")
    world.settle()
    if side == "here":
        world.put("a", location="Salle")
        world.collection.remove(world.name("a"))
    else:
        world.edit("a", location="Salle")
        world.store.delete(Event, "event:a")
    world.settle()

    assert ("a" in here(world)) == bool(world.collection.named(b"a"))
    if "a" in here(world):
        assert here(world)["a"].location == world.there("a").location == "Salle"


def test_pain_10_emptied_collection(dav):
    """A collection that is suddenly empty deletes nothing here; two empty sides are in order."""
    world = dav()
    for name in "abc":
        world.put(name)
    world.settle()
    world.collection.clear()
    with pytest.raises(MassDeletionError) as blocked:
        world.sync()

    assert set(here(world)) == set("abc")

    world.sync(confirm=blocked.value.fingerprint)

    assert not here(world)
    assert world.settle().is_quiet


@pytest.mark.parametrize("fault", ["forbidden", "tagless", "listing_cut", "missing"])
def test_pain_11_what_cannot_be_seen_is_not_deleted(dav, fault):
    """No ETag, a 403 inside of a 207, a listing cut short: nothing of that deletes an item."""
    world = dav()
    for name in "abcd":
        world.put(name)
    world.settle()
    name = world.name("b")
    world.server.faults = {
        "forbidden": Faults(forbidden={name}, sync=False, ctag=False),
        "tagless": Faults(tagless={name}, sync=False, ctag=False),
        "listing_cut": Faults(listing_cut=2, sync=False, ctag=False),
        "missing": Faults(etags="missing", sync=False, ctag=False),
    }[fault]
    for _ in range(2):
        try:
            world.sync(hours=25)
        except Exception as error:  # noqa: BLE001 - any error of ours will do, a deletion will not
            assert type(error).__module__.startswith("territoire_sante")  # noqa: PT017 - as above
    world.server.recover()
    world.settle()

    assert set(here(world)) == set("abcd")
    assert len(world.collection) == 4


@pytest.mark.parametrize(
    "faults",
    [
        {"multiget_max": 10},
        {"multiget_limit": 20},
        {"multiget_missing": "fails"},
        {"multiget": False},
    ],
    ids=str,
)
def test_pain_12_reports_have_limits(dav, faults):
    """Servers that answer a part of a multiget, refuse long ones or have none lose no item."""
    world = dav(faults=Faults(**faults))
    for number in range(60):
        world.hold(f"{number}.ics", event(f"u{number}"))
    world.settle()

    assert len(here(world)) == 60


def test_pain_13_a_document_cut_short_deletes_no_field(dav):
    """What the lost end of a document said stays here, and is there when it is whole again."""
    world = dav()
    whole = world.lens.put(attrs.evolve(event("a"), location="Salle des fêtes"))
    world.hold("a.ics", world.lens.get(whole))
    world.settle()

    world.collection.put("a.ics", whole.data[: whole.data.index(b"LOCATION")])
    report = world.sync()

    assert report.counts()["quarantined"] == 1
    assert here(world)["a"].location == "Salle des fêtes"

    world.collection.put("a.ics", whole.data.replace(b"SUMMARY:a", b"SUMMARY:b"))
    world.settle()

    assert (here(world)["a"].summary, here(world)["a"].location) == ("b", "Salle des fêtes")


@pytest.mark.parametrize(
    "bad", [b"rubbish", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", b"\xff\x00\x07"]
)
def test_pain_13_one_bad_item_stops_no_other(dav, bad):
    """A broken document is set aside with a reason; the others go both ways, run after run."""
    world = dav()
    world.hold("a.ics", event("a"))
    world.collection.put("bad.ics", bad)
    world.put("b")
    report = world.sync()

    assert set(here(world)) == {"a", "b"}
    assert set(world.collection) >= {"a.ics", "bad.ics", "b.ics"}
    assert report.counts()["quarantined"] == 1

    world.collection.put("bad.ics", world.lens.put(event("c")).data)
    world.settle()

    assert set(here(world)) == {"a", "b", "c"}
    assert attrs.evolve(here(world)["c"], id="event:x").summary == "c"
