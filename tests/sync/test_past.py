# SPDX-License-Identifier: Apache-2.0
"""What runs delete can be brought back for a while, and what is forgotten is gone."""

import datetime as dt
import json
import sqlite3

import pytest

from territoire_sante.errors import EntityNotFoundError, InvalidValueError, TransitionError
from territoire_sante.formats import Document
from territoire_sante.model import Event, Visibility
from territoire_sante.sync import ConflictPolicy, Direction, Link, conflicts


def foreign(world, name):
    """Give a document a key that nobody here knows."""
    world.edit(name, colour="blue")


def test_what_was_deleted_there_comes_back_whole(world):
    """An event deleted over there goes here too; undeleted, both sides have it as it was."""
    world.put("a", summary="A", location="Mairie", visibility=Visibility.PARTNERS)
    world.put("b", summary="B")
    world.sync()
    foreign(world, "A")
    world.sync()
    before, there = world.get("a"), world.there()["A"]
    world.server.remove(world.href("A"))
    world.sync()
    (tombstone,) = conflicts.deleted(world.store)

    assert world.get("a") is None
    assert (tombstone.title, tombstone.side) == ("A", "local")

    conflicts.undelete(world.store, tombstone.id)

    assert world.get("a") == before

    world.sync()

    assert world.there()["A"] == there
    assert world.sync().is_quiet
    assert conflicts.deleted(world.store) == ()


def test_what_was_deleted_here_comes_back_with_foreign_lines(world):
    """An event deleted here goes there too; undeleted, even what only its document had is back."""
    world.put("a", summary="A", location="Mairie")
    world.put("b", summary="B")
    world.sync()
    foreign(world, "A")
    world.sync()
    before, there = world.get("a"), world.there()["A"]
    world.store.delete(Event, "event:a")
    world.sync()
    (tombstone,) = conflicts.deleted(world.store)

    assert "A" not in world.there()
    assert tombstone.side == "remote"

    conflicts.undelete(world.store, tombstone.id)
    world.sync()

    assert world.get("a") == before
    assert world.there()["A"] == there
    assert world.sync().is_quiet


def test_what_went_over_the_wire_is_kept_byte_for_byte(world):
    """The document kept is the one that was there, to the last byte."""
    world.put("b", summary="B")
    data = b'{"uid": "x", "summary":  "X",\n "colour": "blue"}'
    world.server.put("/x", Document(data, "application/json"))
    world.sync()
    world.server.remove("/x")
    world.sync()

    assert [t.document for t in conflicts.deleted(world.store)] == [data]


def test_it_cannot_come_back_twice(world):
    """What is stored here already is not overwritten by what was deleted."""
    world.put("a", summary="A")
    world.put("b", summary="B")
    world.sync()
    world.server.remove(world.href("A"))
    world.sync()
    (tombstone,) = conflicts.deleted(world.store)
    conflicts.undelete(world.store, tombstone.id)
    with pytest.raises(TransitionError, match="stored here"):
        conflicts.undelete(world.store, tombstone.id)


def test_what_is_only_hidden_is_no_deletion_to_undo(world):
    """An event that left because it was hidden is still here; undeleting says so."""
    world.put("a", summary="A")
    world.put("b", summary="B")
    world.sync()
    world.put("a", visibility=Visibility.PRIVATE)
    world.sync()
    (tombstone,) = conflicts.deleted(world.store)
    with pytest.raises(TransitionError, match="hidden"):
        conflicts.undelete(world.store, tombstone.id)


def test_an_unknown_number_is_an_error(world):
    """A number that was never given names no deletion."""
    with pytest.raises(EntityNotFoundError):
        conflicts.undelete(world.store, 7)

    world.sync()
    with pytest.raises(EntityNotFoundError):
        conflicts.undelete(world.store, 7)


@pytest.mark.parametrize(("days", "left"), [(29, 1), (31, 0)])
def test_it_ends_after_thirty_days(world, days, left):
    """The first run after thirty days removes it for good."""
    world.put("a", summary="A")
    world.put("b", summary="B")
    world.sync()
    world.server.remove(world.href("A"))
    world.sync()
    world.now += dt.timedelta(days=days)
    world.sync()

    assert len(conflicts.deleted(world.store)) == left


def test_a_link_may_keep_nothing(world):
    """With zero days nothing that was deleted is kept; a negative number is refused."""
    world.with_link(keep_deleted=0).put("a", summary="A")
    world.put("b", summary="B")
    world.sync()
    world.server.remove(world.href("A"))
    world.sync()

    assert conflicts.deleted(world.store) == ()
    with pytest.raises(InvalidValueError, match="keep_deleted"):
        Link(name="a", connector="memory", view="event", keep_deleted=-1)


def words(path):
    """Return all that the file of a store says."""
    with sqlite3.connect(path) as connection:
        text = "\n".join(connection.iterdump())
    connection.close()
    return text + "".join(
        bytes.fromhex(part).decode(errors="replace")
        for part in text.split("X'")[1:]
        for part in [part.partition("'")[0]]
    )


@pytest.mark.parametrize("side", ["here", "there"])
def test_forgetting_a_person_s_event_forgets_what_links_kept(make_world, tmp_path, side):
    """After erasure nothing in the file tells what it was: neither deletions nor conflicts."""
    path = tmp_path / "territoire.db"
    world = make_world(url=f"sqlite:///{path}").with_link(conflict=ConflictPolicy.LOCAL)
    world.put("a", summary="Canari-titre", location="Canari-lieu")
    world.put("b", summary="B")
    world.sync()
    world.put("a", location="Canari-ici")
    world.edit("Canari-titre", location="Canari-perdu")
    world.sync()
    if side == "there":
        world.server.remove(world.href("Canari-titre"))
    else:
        world.store.delete(Event, "event:a")
    world.sync()

    assert "Canari" in words(path)
    assert conflicts.deleted(world.store)

    world.store.forget(Event, "event:a")

    assert conflicts.deleted(world.store) == ()
    assert conflicts.list(world.store, states=()) == ()
    assert "Canari" not in words(path)


def test_forgetting_first_leaves_no_copy_of_what_goes_there(make_world, tmp_path):
    """What was forgotten here before the run is deleted there, and no copy is kept."""
    path = tmp_path / "territoire.db"
    world = make_world(url=f"sqlite:///{path}")
    world.put("a", summary="Canari-titre")
    world.put("b", summary="B")
    world.sync()
    world.store.forget(Event, "event:a")
    world.sync()

    assert list(world.there()) == ["B"]
    assert conflicts.deleted(world.store) == ()
    assert "Canari" not in words(path)


def test_a_link_that_only_reads_brings_back_here(world):
    """On a link that only reads, what was deleted there comes back here and is not sent."""
    world.with_link(direction=Direction.PULL)
    for name in ("x", "y"):
        document = Document(json.dumps({"uid": name, "summary": name}).encode(), "application/json")
        world.server.put(f"/{name}", document)
    world.sync()
    world.server.remove("/x")
    world.sync()
    (tombstone,) = conflicts.deleted(world.store, link="agenda")
    conflicts.undelete(world.store, tombstone.id)
    world.sync()

    assert conflicts.deleted(world.store, link="another") == ()
    assert {e.summary for e in world.store.all(Event)} == {"x", "y"}
    assert sorted(world.there()) == ["y"]
    assert world.sync().is_quiet
