# SPDX-License-Identifier: Apache-2.0
"""Who objects or hides something while a run is under way is not sent any more."""

import datetime as dt

import attrs
import pytest

from territoire_sante.errors import ConfigError
from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    Contact,
    ContactPoint,
    ContactPointKind,
    Event,
    OppositionEntry,
    OppositionKind,
    Person,
    PersonName,
    Role,
    Visibility,
)
from territoire_sante.plugins import Capability, Catalog
from territoire_sante.sync import apply, plan
from territoire_sante.testing import PlainLens

KEY = b"a key of thirty-two bytes, at least"
PEOPLE = 8


def phone(number):
    """Return the telephone number of a person."""
    return f"+33 4 65 71 00 {number:02}"


@pytest.fixture(params=[1, 4])
def book(make_world, request):
    """A shared address book of eight persons, written one by one or four at a time."""
    world = make_world(lens=PlainLens(Contact))
    spec = attrs.evolve(world.catalog.get("memory"), parallel_writes=request.param)
    world.catalog = Catalog()
    world.catalog.register(spec)
    for number in range(PEOPLE):
        world.store.put(
            Person(
                id=f"person:p{number}",
                name=PersonName(given="Jeanne", family=f"Exemple-{number}"),
                visibility=Visibility.PARTNERS,
                contact_points=(
                    ContactPoint(
                        kind=ContactPointKind.PHONE,
                        value=phone(number),
                        visibility=Visibility.PARTNERS,
                    ),
                ),
            )
        )
    return world


def carry_out(world, meanwhile, *, key=KEY):
    """Sync; while the first document is on its way, something happens here."""
    world.now += dt.timedelta(hours=1)
    made = plan(world.store, world.link, catalog=world.catalog, now=world.now, opposition_key=KEY)

    def act(call):
        if call.verb in ("create", "replace"):
            world.server.on_call = None
            meanwhile()

    world.server.on_call = act
    return apply(world.store, made, now=world.now, opposition_key=key)


def sent(world):
    """Return all bytes that the other side holds."""
    return b"".join(document.data for document in world.server.documents.values()).decode()


def object_to(world, number):
    """Put a number on the opposition list."""
    entry = OppositionEntry.of(
        phone(number), OppositionKind.PHONE, key=KEY, since=dt.date(2027, 1, 1)
    )
    world.store.put(entry)


def test_an_objection_in_the_middle_of_a_run_is_respected(book):
    """The number of who objects while others' cards are being sent does not leave."""
    report = carry_out(book, lambda: object_to(book, PEOPLE - 1))

    assert phone(PEOPLE - 1) not in sent(book)
    assert report.counts()["deferred"] == 1
    assert report.counts()["done"] == PEOPLE - 1

    carry_out(book, lambda: None)

    assert phone(PEOPLE - 1) not in sent(book)
    assert phone(0) in sent(book)


def test_a_first_objection_without_the_key_stops_the_run(book):
    """If nobody can tell any more who objected, nothing else is sent."""
    with pytest.raises(ConfigError, match="key"):
        carry_out(book, lambda: object_to(book, PEOPLE - 1), key=None)

    assert phone(PEOPLE - 1) not in sent(book)


def test_hiding_in_the_middle_of_a_run_is_respected(book):
    """A person who is made private while others' cards are being sent is not sent."""

    def hide():
        person = book.store.get(Person, f"person:p{PEOPLE - 1}")
        book.store.put(attrs.evolve(person, visibility=Visibility.PRIVATE))

    report = carry_out(book, hide)

    assert f"Exemple-{PEOPLE - 1}" not in sent(book)
    assert report.counts()["deferred"] == 1

    carry_out(book, lambda: None)

    assert f"Exemple-{PEOPLE - 1}" not in sent(book)


def test_another_name_of_an_employer_in_the_middle_of_a_run_is_respected(book):
    """A card that names an organisation does not leave with the name that it no longer has."""
    team = Actor(id="actor:1", kind=ActorKind.MSP, name="Ancienne", visibility=Visibility.PARTNERS)
    last = Appointment(
        id="appointment:1",
        person_id=f"person:p{PEOPLE - 1}",
        actor_id="actor:1",
        role=Role.OTHER,
        visibility=Visibility.PARTNERS,
    )
    book.store.put(team, last)

    report = carry_out(book, lambda: book.store.put(attrs.evolve(team, name="Nouvelle")))

    assert "Ancienne" not in sent(book)
    assert report.counts()["deferred"] == 1

    carry_out(book, lambda: None)

    assert "Nouvelle" in sent(book)


def test_an_edit_in_the_middle_of_a_run_is_not_overtaken(make_world):
    """What was edited here after its intent is sent at the next run, as it is then."""
    world = make_world(capabilities=frozenset({Capability.READ, Capability.WRITE}))
    for number in range(PEOPLE):
        world.put(f"e{number}", summary=f"e{number}")

    def act(call):
        if call.verb == "create":
            world.server.on_call = None
            world.put(f"e{PEOPLE - 1}", location="later")

    world.server.on_call = act
    report = world.sync()

    assert report.counts()["deferred"] == 1
    assert f"e{PEOPLE - 1}" not in world.there()

    world.sync()

    assert world.there()[f"e{PEOPLE - 1}"]["location"] == "later"
    assert world.sync().is_quiet


def test_what_comes_back_in_the_middle_of_a_run_is_not_deleted_there(make_world):
    """An event that was deleted here, and is put back before its deletion leaves, stays there."""
    world = make_world(capabilities=frozenset({Capability.READ, Capability.WRITE}))
    for number in range(20):
        world.put(f"e{number:02}", summary=f"e{number:02}")
    world.sync()
    kept = world.get("e19")
    for name in ("e18", "e19"):
        world.store.delete(Event, f"event:{name}")

    def act(call):
        if call.verb == "delete":
            world.server.on_call = None
            world.store.put(kept)

    world.server.on_call = act
    world.sync()

    assert "e18" not in world.there()
    assert "e19" in world.there()

    world.sync()

    assert world.sync().is_quiet
    assert "e19" in world.there()
