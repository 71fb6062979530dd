# SPDX-License-Identifier: Apache-2.0
"""A snapshot shows what the store holds, both ways, and follows it by what changed."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante import Store
from territoire_sante.errors import EntityNotFoundError, InvalidValueError
from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    Convention,
    ConventionKind,
    Entity,
    Lever,
    LeverAwareness,
    LeverOffer,
    LeverType,
    LiaisonAssignment,
    LiaisonKind,
    Party,
    PartyRole,
    Period,
    Person,
    PersonName,
    Provenance,
    Role,
    Territory,
)
from territoire_sante.serialization import KINDS

ACTORS = tuple(f"actor:{letter}" for letter in "abc")


@st.composite
def things(draw):
    """Draw an actor, a lever, a liaison or a convention, naming few others."""
    local = draw(st.sampled_from("abc"))
    actors = st.sampled_from(ACTORS)
    return draw(
        st.one_of(
            st.builds(
                Actor,
                id=actors,
                kind=st.just(ActorKind.MSP),
                name=st.just("A"),
                coverage=st.lists(st.sampled_from(("epci:a", "epci:b")), max_size=2).map(tuple),
            ),
            st.builds(
                Lever,
                id=st.just(f"lever:{local}"),
                type=st.just(LeverType.TENT),
                title=st.sampled_from(["T", "U"]),
                holder_id=st.one_of(st.just(""), actors),
            ),
            st.builds(
                LiaisonAssignment,
                id=st.just(f"liaison:{local}"),
                kind=st.just(LiaisonKind.DAC),
                serves_ids=st.lists(actors, max_size=3).map(tuple),
            ),
            st.builds(
                Convention,
                id=st.just(f"convention:{local}"),
                kind=st.just(ConventionKind.OTHER),
                title=st.just("C"),
                parties=st.lists(
                    st.builds(Party, actor_id=actors, role=st.just(PartyRole.OTHER)), max_size=3
                ).map(tuple),
            ),
        )
    )


FIELDS = (
    (Actor, "coverage", ("epci:a", "epci:b")),
    (Lever, "holder_id", ACTORS),
    (LiaisonAssignment, "serves_ids", ACTORS),
    (Convention, "parties.actor_id", ACTORS),
)


def picture(snapshot):
    """Return all that a snapshot says, as values."""
    entities = [list(snapshot.all(cls)) for cls in KINDS.values()]
    named = [snapshot.referring(cls, field, ref) for cls, field, refs in FIELDS for ref in refs]
    return snapshot.revision, entities, named


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.one_of(things(), st.integers(0, 11)), max_size=6), max_size=4))
def test_a_refreshed_snapshot_is_a_new_one(rounds):
    """After any puts and deletions, refreshing gives what a new snapshot gives; old ones stay."""
    with Store.open("memory:") as store:
        snapshot = store.snapshot()
        for steps in rounds:
            before = picture(snapshot)
            for step in steps:
                if isinstance(step, Entity):
                    store.put(step)
                else:
                    cls, letter = (
                        (Actor, Lever, LiaisonAssignment, Convention)[step // 3],
                        "abc"[step % 3],
                    )
                    if store.find(cls, f"{cls.KIND}:{letter}") is not None:
                        store.delete(cls, f"{cls.KIND}:{letter}")
            refreshed = snapshot.refresh(store)

            assert picture(refreshed) == picture(store.snapshot())
            assert picture(snapshot) == before
            snapshot = refreshed


@settings(max_examples=40, deadline=None)
@given(st.lists(things(), max_size=12))
def test_both_directions_say_the_same(entities):
    """What an entity names finds it, and nothing else does."""
    with Store.open("memory:") as store:
        store.put(*entities)
        snapshot = store.snapshot()
    for lever in snapshot.all(Lever):
        assert (lever in snapshot.levers_of(lever.holder_id)) is bool(lever.holder_id)
    for actor in ACTORS:
        assert snapshot.liaisons_serving(actor) == tuple(
            one for one in snapshot.all(LiaisonAssignment) if actor in one.serves_ids
        )
        assert snapshot.conventions_of(actor) == tuple(
            one
            for one in snapshot.all(Convention)
            if actor in {party.actor_id for party in one.parties}
        )


def test_all_that_is_stored_is_there(store):
    """Everything of the store is in it, under its id and class, at the store's revision."""
    snapshot = store.snapshot()
    assert [one.id for one in snapshot.all(Territory)] == [one.id for one in store.all(Territory)]
    assert snapshot.count(Territory) == len(list(store.all(Territory)))
    assert snapshot.revision == store.last_revision()
    assert snapshot.get(Territory, "epci:nord") == store.get(Territory, "epci:nord")
    assert snapshot.named("epci:nord") == snapshot.find(Territory, "epci:nord")


def test_what_is_not_there(store):
    """An unknown id is no entity, or an error that names it, as in the store."""
    snapshot = store.snapshot()
    assert snapshot.find(Lever, "lever:none") is None
    assert snapshot.named("nothing:none") is None
    assert snapshot.name_of("lever:none") == "lever:none"
    with pytest.raises(EntityNotFoundError, match="lever:none"):
        snapshot.get(Lever, "lever:none")
    with pytest.raises(InvalidValueError, match="holder"):
        snapshot.referring(Lever, "holder", "actor:a")
    with pytest.raises(InvalidValueError, match="territories"):
        snapshot.covering(Person, "48001")


def test_a_snapshot_does_not_follow(store):
    """What is put afterwards does not show, and a refresh without changes is the same object."""
    snapshot = store.snapshot()
    assert snapshot.refresh(store) is snapshot
    store.put(Lever(id="lever:new", type=LeverType.TENT, title="Barnum"))
    assert snapshot.find(Lever, "lever:new") is None
    assert snapshot.refresh(store).name_of("lever:new") == "Barnum"


def test_a_store_that_went_back_is_read_anew(store):
    """Refreshing from a store behind the snapshot's revision gives that store's picture."""
    store.put(Lever(id="lever:new", type=LeverType.TENT, title="Barnum"))
    snapshot = store.snapshot()
    with Store.open("memory:") as backup:
        assert snapshot.refresh(backup).count(Lever) == 0


def test_posts_offers_and_awareness(store):
    """Posts are found by person and by actor, offers by lever, awareness by actor."""
    name = PersonName(family="Exemple")
    post = Appointment(
        id="appointment:a", person_id="person:a", actor_id="actor:a", role=Role.MAYOR
    )
    known = LeverAwareness(id="lever_awareness:a", lever_id="lever:a", actor_id="actor:a")
    offer = LeverOffer(id="lever_offer:a", lever_id="lever:a")
    store.put(Person(id="person:a", name=name), post, known, offer)
    snapshot = store.snapshot()

    assert snapshot.appointments_of("person:a") == snapshot.appointments_at("actor:a") == (post,)
    assert snapshot.offers_of("lever:a") == (offer,)
    assert snapshot.awareness_of("actor:a") == {"lever:a": known}
    assert snapshot.name_of("person:a") == "Exemple"


def test_a_snapshot_within_a_transaction_sees_its_writes(store):
    """Taken within a transaction, it shows what that has written so far."""
    with store.transaction():
        store.put(Lever(id="lever:new", type=LeverType.TENT, title="Barnum"))
        assert store.snapshot().count(Lever) == 1


def test_entities_cannot_be_changed_through_it(store):
    """What it gives is frozen, and so is it."""
    snapshot = store.snapshot()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        snapshot.revision = 0


def test_what_is_alike_is_kept_once(store):
    """Equal provenances and periods are one object in a snapshot, and entities are as stored."""
    posts = [
        Appointment(
            id=f"appointment:{n}",
            actor_id="actor:a",
            role=Role.MAYOR,
            period=Period(start=dt.date(2026, 3, 29)),
            provenance=Provenance(source="RNE", licence="etalab-2.0"),
        )
        for n in range(3)
    ]
    store.put(*posts)
    taken = store.snapshot().appointments_at("actor:a")

    assert list(taken) == posts
    assert len({id(one.provenance) for one in taken}) == 1
    assert len({id(one.period) for one in taken}) == 1
    assert len({id(one.actor_id) for one in taken}) == 1
