# SPDX-License-Identifier: Apache-2.0
"""People whose sheet was deleted before they ask, and cards that come back by another way."""

from __future__ import annotations

import datetime as dt

import pytest

from territoire_sante.errors import EntityNotFoundError
from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    Contact,
    ContactPoint,
    ContactPointKind,
    Event,
    Person,
    PersonName,
    Role,
    Visibility,
)
from territoire_sante.privacy import erase, oppose, subject_access
from territoire_sante.projections import projection_for
from territoire_sante.store import Store

TODAY = dt.date(2026, 11, 22)
MSP = Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP des Rives")
ADA = Person(
    id="person:ada",
    visibility=Visibility.TEAM,
    name=PersonName(given="Canari", family="Lune"),
    contact_points=(ContactPoint(kind=ContactPointKind.EMAIL, value="canari@example.org"),),
)
POST = Appointment(
    id="appointment:ada",
    visibility=Visibility.TEAM,
    person_id=ADA.id,
    actor_id=MSP.id,
    role=Role.MANAGER,
    contact_points=(ContactPoint(kind=ContactPointKind.EMAIL, value="post.canari@example.org"),),
)


@pytest.fixture
def path(tmp_path):
    """Return where the store lies."""
    return tmp_path / "territoire.db"


@pytest.fixture
def gone(path):
    """Give a store from which her sheet and her post were deleted, but not what names her."""
    with Store.open(f"sqlite:///{path}") as store:
        store.put(MSP, ADA, POST, Event(id="event:1", summary="Écrire à post.canari@example.org"))
        store.put(Event(id="event:2", summary="Dîner avec Canari Lune"))
        store.put(Event(id="event:2", summary="Dîner"))
        store.delete(Appointment, POST.id)
        store.delete(Person, ADA.id)
        yield store


def said(path):
    """Return every byte of a database and of what lies beside it."""
    return b"".join(one.read_bytes() for one in path.parent.iterdir()).decode("latin-1").casefold()


@pytest.mark.parametrize("keep_out", [True, False])
def test_who_was_deleted_can_be_erased(gone, path, keep_out):
    """Her history, that of her deleted post, and what held its address are without her."""
    report = erase(gone, ADA.id, today=TODAY, keep_out=keep_out)
    assert report.known
    assert {ADA.id, POST.id, "event:1", "event:2"} <= set(report.changed)
    assert "canari" not in said(path)
    assert gone.find(Appointment, POST.id) is None
    assert (gone.find(Person, ADA.id) is not None) == keep_out
    assert not erase(gone, ADA.id, today=TODAY, keep_out=keep_out).known


def test_who_was_deleted_is_told_what_is_held(gone):
    """All versions are told, and what names her or did so once, deleted things among it."""
    data = subject_access(gone, ADA.id, today=TODAY).data
    assert data["deleted"]
    assert {one["entity"]["id"] for one in data["earlier_versions"]} == {ADA.id, POST.id}
    assert {one["id"]: one["fields"] for one in data["named_in"]} == {"event:1": ["summary"]}
    assert {one["id"]: one["fields"] for one in data["named_before"]} == {"event:2": ["summary"]}


def test_who_is_there_is_told_what_named_them_once(gone):
    """What named her in an earlier version, or is deleted by now, is part of the answer."""
    gone.put(ADA, Event(id="event:3", summary="Canari Lune", location="chez Canari Lune"))
    gone.put(Event(id="event:3", summary="Canari Lune"))
    gone.put(Event(id="event:4", summary="Goûter chez Canari Lune"))
    gone.delete(Event, "event:4")
    access = subject_access(gone, ADA.id, today=TODAY)
    assert not access.data["deleted"]
    before = {one["id"]: one["fields"] for one in access.data["named_before"]}
    assert before == {"event:2": ["summary"], "event:3": ["location"], "event:4": ["summary"]}
    assert "event:4" in access.to_markdown("fr")


def test_who_never_was_there_is_still_an_error(gone):
    """An id that was never stored, or was forgotten, is told as such."""
    gone.forget(Person, ADA.id)
    for one in (ADA.id, "person:nobody"):
        with pytest.raises(EntityNotFoundError):
            subject_access(gone, one, today=TODAY)
        assert not erase(gone, one, today=TODAY).known


@pytest.mark.parametrize("way", ["erase", "oppose"])
@pytest.mark.parametrize("uid", ["", "a-uid-of-a-telephone"])
def test_her_card_does_not_come_back_by_its_uid(store, way, uid):
    """A card that another server still holds is refused by its UID, whatever else it says."""
    store.put(MSP, Person(id=ADA.id, visibility=Visibility.TEAM, name=ADA.name, uid=uid))
    shows = projection_for(Contact, audience=Visibility.TEAM, today=TODAY)
    (card,) = [one.view for one in shows.project(store)]
    (erase if way == "erase" else oppose)(store, ADA.id, today=TODAY)
    with pytest.raises(ValueError, match="objected"):
        shows.absorb(store, card, None, frozenset(shows.fields))
    assert [one for one in store.all(Person) if one.name.family and not one.opposed] == []


def test_erasing_wholly_takes_the_barred_ids_too(store):
    """Who objected first and is erased without being kept out leaves no id at all."""
    store.put(ADA)
    oppose(store, ADA.id, today=TODAY)
    assert len([*store.all(Person)]) > 1
    erase(store, ADA.id, today=TODAY, keep_out=False)
    assert [*store.all(Person)] == []
