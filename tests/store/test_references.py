# SPDX-License-Identifier: Apache-2.0
"""Who names whom: found without reading everything, right after every change."""

from __future__ import annotations

import json

import attrs
import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    Entity,
    Event,
    Person,
    PersonName,
    Role,
)
from territoire_sante.store import Store
from territoire_sante.store._references import named_in

PEOPLE = [f"person:{number}" for number in range(4)]
ACTORS = [f"actor:{number}" for number in range(3)]


def post(number: int, person: str, actor: str) -> Appointment:
    """Return an appointment."""
    id_ = f"appointment:{number}"
    return Appointment(id=id_, person_id=person, actor_id=actor, role=Role.OTHER)


def test_who_names_an_entity(store: Store) -> None:
    """Entities of one class, or of all, that name an id, whether that one is stored or not."""
    store.put(
        post(1, "person:1", "actor:1"),
        post(2, "person:2", "actor:1"),
        Event(id="event:1", summary="person:1 is here", description="actor:1"),
        Person(id="person:1", name=PersonName(family="Exemple")),
    )

    assert [one.id for one in store.referring(Appointment, "person:1")] == ["appointment:1"]
    assert [one.id for one in store.referring(Appointment, "actor:1")] == [
        "appointment:1",
        "appointment:2",
    ]
    assert [one.id for one in store.referring(Entity, "actor:1")] == [
        "appointment:1",
        "appointment:2",
        "event:1",
    ]
    assert not list(store.referring(Entity, "appointment:1"))


@settings(max_examples=40, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.integers(0, 5),
            st.sampled_from([*PEOPLE, None]),
            st.sampled_from(ACTORS),
            st.booleans(),
        ),
        max_size=12,
    )
)
def test_references_follow_every_change(
    steps: list[tuple[int, str | None, str, bool]],
) -> None:
    """After puts, moves, deletions and erasures, the answer is that of reading everything."""
    with Store.open("memory:") as store:
        for number, person, actor, erase in steps:
            id_ = f"appointment:{number}"
            if person is not None:
                store.put(post(number, person, actor))
            elif erase:
                store.forget(Appointment, id_)
            elif store.find(Appointment, id_) is not None:
                store.delete(Appointment, id_)
        held = list(store.all(Appointment))
        for person in PEOPLE:
            expected = [one for one in held if one.person_id == person]

            assert list(store.referring(Appointment, person)) == expected
        for actor in ACTORS:
            expected = [one for one in held if one.actor_id == actor]

            assert list(store.referring(Appointment, actor)) == expected


def test_an_older_store_learns_its_references(url: str) -> None:
    """A database without the table gets it, filled, when it is opened."""
    actor = Actor(id="actor:1", kind=ActorKind.OTHER, name="Maison de santé")
    with Store.open(url) as store:
        store.put(post(1, "person:1", "actor:1"), actor)
        with store.transaction() as transaction:
            transaction.connection.execute("DROP TABLE reference")
            transaction.connection.execute("UPDATE meta SET version = 1 WHERE component = 'store'")

    with Store.open(url) as store:
        assert [one.id for one in store.referring(Entity, "actor:1")] == ["appointment:1"]

        store.put(attrs.evolve(post(1, "person:1", "actor:1"), actor_id="actor:2"))

        assert not list(store.referring(Entity, "actor:1"))


@pytest.mark.parametrize("quoted", ['"event:1"', "a event:1", "event:1 ", "http://event:1"])
def test_an_id_within_a_text_is_no_name(quoted: str) -> None:
    """Only a text that is an id as a whole names an entity."""
    assert not named_in(json.dumps({"id": "", "summary": quoted}))


def test_several_reads_see_one_state(url: str) -> None:
    """What another connection writes meanwhile does not show within one reading."""
    with Store.open(url) as store, Store.open(url) as other:
        store.put(Event(id="event:1", summary="A"))
        with store.reading() as reader:
            before = reader.last_revision()
            other.put(Event(id="event:2", summary="B"))

            assert reader.last_revision() == before == 1
            assert [event.id for event in reader.all(Event)] == ["event:1"]

        assert store.last_revision() == 2
