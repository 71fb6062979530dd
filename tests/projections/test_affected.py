# SPDX-License-Identifier: Apache-2.0
"""A projection that tells what a change touches leaves nothing out, whatever happened."""

from __future__ import annotations

import datetime as dt

import attrs
import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from territoire_sante.model import (
    Actor,
    ActorKind,
    Announcement,
    AnnouncementState,
    Appointment,
    Channel,
    ChannelKind,
    Contact,
    ContactPoint,
    ContactPointKind,
    Event,
    OppositionEntry,
    OppositionKind,
    Period,
    Person,
    PersonName,
    Role,
    Visibility,
)
from territoire_sante.projections import Traced, projection_for
from territoire_sante.serialization import KINDS
from territoire_sante.store import Store

TODAY = dt.date(2027, 3, 1)
LEVELS = st.sampled_from([Visibility.PUBLIC, Visibility.PARTNERS, Visibility.PRIVATE])
PEOPLE = st.sampled_from(["person:1", "person:2", "person:3"])
ACTORS = st.sampled_from(["actor:1", "finess:480000001"])
WORDS = st.sampled_from(["Exemple", "Modèle", "Essai"])
POINTS = st.lists(
    st.builds(
        ContactPoint,
        kind=st.just(ContactPointKind.EMAIL),
        value=st.sampled_from(["a@example.org", "b@example.org"]),
        visibility=LEVELS,
    ),
    max_size=1,
).map(tuple)

ENTITIES = st.one_of(
    st.builds(
        Person,
        id=PEOPLE,
        name=st.builds(PersonName, family=WORDS),
        visibility=LEVELS,
        opposed=st.booleans(),
        contact_points=POINTS,
    ),
    st.builds(
        Actor,
        id=ACTORS,
        kind=st.just(ActorKind.OTHER),
        name=WORDS,
        visibility=LEVELS,
        contact_points=POINTS,
    ),
    st.builds(
        Appointment,
        id=st.sampled_from(["appointment:1", "appointment:2"]),
        person_id=PEOPLE,
        actor_id=ACTORS,
        role=st.sampled_from([Role.OTHER, Role.MAYOR]),
        title=WORDS,
        visibility=LEVELS,
        period=st.sampled_from([Period(), Period(end=dt.date(2026, 1, 1))]),
    ),
    st.builds(Event, id=st.sampled_from(["event:1", "event:2"]), summary=WORDS, visibility=LEVELS),
    st.builds(
        Announcement,
        id=st.sampled_from(["announcement:1", "announcement:2"]),
        title=WORDS,
        visibility=LEVELS,
        state=st.sampled_from([AnnouncementState.APPROVED, AnnouncementState.WITHDRAWN]),
    ),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), ENTITIES),
        st.tuples(st.sampled_from(["delete", "forget", "look"]), ENTITIES),
    ),
    max_size=14,
)


def shown(projection, reader):
    """Return all views by key."""
    return {one.key: one.view for one in projection.project(reader)}


@pytest.mark.parametrize("view", [Contact, Event, Announcement])
@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_what_is_not_affected_is_as_it_was(view, steps):
    """Views kept from before, with those affected made anew, are the views of everything."""
    projection = projection_for(view, audience=Visibility.PARTNERS, today=TODAY)
    with Store.open("memory:") as store:
        kept = {}
        seen = 0
        for verb, entity in [*steps, ("look", None)]:
            cls = type(entity)
            if verb == "put":
                store.put(entity)
            elif verb == "forget":
                store.forget(cls, entity.id)
            elif verb == "delete" and store.find(cls, entity.id) is not None:
                store.delete(cls, entity.id)
            elif verb == "look":
                for change in list(store.changes(seen)):
                    seen = change.revision
                    keys = projection.affected(store, KINDS[change.kind], change.id)
                    if keys is None:
                        kept = shown(projection, store)
                        continue
                    for key in keys:
                        one = projection.project_one(store, key)
                        kept.pop(key, None)
                        kept |= {} if one is None else {key: one.view}

                assert kept == shown(projection, store)


def post(number: int, **fields: object) -> Appointment:
    """Return an appointment."""
    given_ = {"person_id": "person:1", "actor_id": "actor:1", "role": Role.OTHER, **fields}
    return Appointment(id=f"appointment:{number}", **given_)


@pytest.fixture(name="contacts")
def _contacts():
    return projection_for(Contact, audience=Visibility.PARTNERS, today=TODAY)


@pytest.fixture(name="store")
def _store():
    with Store.open("memory:") as store:
        store.put(post(1), post(2, person_id="person:2", actor_id="actor:2"))
        yield store


def test_an_organisation_touches_the_cards_of_its_people(store, contacts):
    """Its name stands on the cards of those who have a post there, and of nobody else."""
    assert set(contacts.affected(store, Actor, "actor:1")) == {"actor:1", "person:1"}


def test_a_post_that_moved_touches_who_had_it(store, contacts):
    """Both the person who lost a post and the one who got it have another card."""
    store.put(attrs.evolve(post(1), person_id="person:3"))

    assert set(contacts.affected(store, Appointment, "appointment:1")) == {"person:1", "person:3"}


def test_a_post_that_was_deleted_touches_who_had_it(store, contacts):
    """The history tells whose it was."""
    store.delete(Appointment, "appointment:1")

    assert set(contacts.affected(store, Appointment, "appointment:1")) == {"person:1"}


def test_a_post_that_was_forgotten_touches_everybody(store, contacts):
    """Nothing tells any more whose it was, not even once it is there again."""
    store.forget(Appointment, "appointment:1")

    assert contacts.affected(store, Appointment, "appointment:1") is None

    store.put(post(1, person_id="person:3"))

    assert contacts.affected(store, Appointment, "appointment:1") is None


@pytest.mark.parametrize("view", [Contact, Announcement])
def test_an_objection_touches_everything(store, view):
    """Whose address it is cannot be told from the entry."""
    entry = OppositionEntry.of(
        "a@example.org", OppositionKind.EMAIL, key=b"a key of many bytes", since=TODAY
    )
    store.put(entry)
    projection = projection_for(view, audience=Visibility.PARTNERS, today=TODAY)

    assert projection.affected(store, OppositionEntry, entry.id) is None


def test_a_channel_touches_every_announcement(store):
    """It may be given to another link."""
    store.put(Channel(id="channel:1", kind=ChannelKind.POSTER, name="Panneau"))
    projection = projection_for(Announcement, audience=Visibility.PUBLIC, today=TODAY)

    assert projection.affected(store, Channel, "channel:1") is None


@pytest.mark.parametrize("view", [Contact, Event, Announcement])
def test_two_way_projections_are_traced(view):
    """Every projection of edits can tell what a change touches."""
    assert isinstance(projection_for(view, audience=Visibility.PUBLIC, today=TODAY), Traced)
