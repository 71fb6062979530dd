# SPDX-License-Identifier: Apache-2.0
"""Contacts: who is on an address book's cards, and what comes back from them."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.model import (
    Actor,
    ActorKind,
    Address,
    Appointment,
    Contact,
    ContactKind,
    ContactPoint,
    ContactPointKind,
    Period,
    Person,
    PersonName,
    Provenance,
    Reach,
    Role,
    Visibility,
)
from territoire_sante.projections import projection_for
from territoire_sante.projections._cards import FIELDS

TODAY = dt.date(2027, 3, 1)
ALL = frozenset(FIELDS)
LISTS = ("telephones", "emails", "urls")

PHONES = ["04 65 71 00 01", "+33 4 65 71 00 01", "04.65.71.00.02", "06 39 98 00 03"]
EMAILS = ["a@example.org", "A@Example.org", "b@medecin.mssante.fr"]
URLS = ["https://example.org/a", "https://example.org/b"]
K = ContactPointKind

words = st.text(alphabet="abcé'", max_size=5)
visibilities = st.sampled_from(Visibility)


def points_of(kinds, values):
    """Return a strategy of contact points."""
    return st.builds(
        ContactPoint,
        kind=st.sampled_from(kinds),
        value=st.sampled_from(values),
        label=st.sampled_from(["", "Secrétariat"]),
        visibility=visibilities,
        rank=st.integers(0, 3),
        verified_on=st.none() | st.just(TODAY),
        card_types=st.sampled_from([(), ("home", "voice")]),
    )


points = st.lists(
    st.one_of(
        points_of([K.PHONE, K.MOBILE, K.FAX], PHONES),
        points_of([K.EMAIL, K.SECURE_EMAIL], EMAILS),
        points_of([K.URL], URLS),
    ),
    max_size=4,
).map(tuple)


def reaches_of(values):
    """Return a strategy of what a foreign card may say, valid or not."""
    return st.lists(
        st.builds(
            Reach,
            value=st.sampled_from([*values, "à demander", ""]),
            types=st.sampled_from([(), ("cell",), ("cell", "voice"), ("fax",), ("home",)]),
            label=st.sampled_from(["", "Accueil"]),
            pref=st.integers(0, 3),
        ),
        max_size=4,
    ).map(tuple)


names = st.builds(PersonName, family=words, given=words, prefix=st.sampled_from(["", "Dr"]))
views = st.builds(
    Contact,
    uid=st.sampled_from(["", "urn:uuid:7", "8@example.org"]),
    formatted_name=words,
    name=names,
    organisation=st.lists(words, max_size=2).map(tuple),
    title=words,
    telephones=reaches_of(PHONES),
    emails=reaches_of(EMAILS),
    urls=reaches_of(URLS),
    note=words,
    categories=st.lists(words, max_size=2).map(tuple),
)
periods = st.sampled_from(
    [
        Period(),
        Period(start=dt.date(2026, 3, 29)),
        Period(start=dt.date(2020, 5, 25), end=dt.date(2026, 3, 29)),
        Period(start=TODAY),
        Period(end=TODAY),
    ]
)
persons = st.builds(
    Person,
    id=st.just("person:1"),
    name=names,
    uid=st.sampled_from(["", "urn:uuid:7"]),
    visibility=visibilities,
    contact_points=points,
)
posts = st.lists(
    st.builds(
        Appointment,
        id=st.sampled_from(["appointment:1", "appointment:2"]),
        person_id=st.sampled_from(["", "person:1", "person:2"]),
        actor_id=st.sampled_from(["actor:1", "actor:gone"]),
        role=st.sampled_from(Role),
        title=st.sampled_from(["", "Maire déléguée"]),
        delegation=st.sampled_from(["", "Santé"]),
        visibility=visibilities,
        period=periods,
        contact_points=points,
    ),
    max_size=2,
)
actors = st.builds(
    Actor,
    id=st.just("actor:1"),
    kind=st.sampled_from(ActorKind),
    name=words.filter(bool),
    uid=st.sampled_from(["", "urn:uuid:9"]),
    description=words,
    visibility=visibilities,
    contact_points=points,
    addresses=st.sampled_from([(), (Address(street="1 place X", city="La Canourgue"),)]),
)
territories = st.tuples(persons, posts, actors).map(lambda t: (t[0], *t[1], t[2]))
opposed_values = st.sets(st.sampled_from([*PHONES, *EMAILS]), max_size=2)


def contacts(audience, opposed=(), **options):
    """Return the projection under test; ``opposed`` are the values not to be listed."""
    return projection_for(
        Contact,
        audience=audience,
        today=TODAY,
        opposed=lambda _kind, value: value in opposed,
        **options,
    )


def holders(store):
    """Yield every entity of the store that has contact points."""
    for cls in (Person, Appointment, Actor):
        yield from store.all(cls)


def shown_keys(store, projection):
    """Return the ids of what is shown."""
    return [projected.key for projected in projection.project(store)]


@settings(max_examples=120, deadline=None)
@given(entities=territories, audience=visibilities, opposed=opposed_values)
def test_nothing_goes_to_a_wider_audience(shelf, entities, audience, opposed):
    """Each address on a card comes from a point, a holder and a person that this audience sees."""
    store = shelf(*entities)
    for projected in contacts(audience, opposed).project(store):
        main = store.find(Person, projected.key) or store.get(Actor, projected.key)
        assert main.visibility.may_be_seen_by(audience)
        allowed = {
            point.value
            for cls, id_ in projected.revision_of
            if cls is not Actor or cls is type(main)
            for holder in [store.get(cls, id_)]
            if holder.visibility.may_be_seen_by(audience)
            for point in holder.contact_points
            if point.visibility.may_be_seen_by(audience) and point.value not in opposed
        }
        said = {reach.value for field in LISTS for reach in getattr(projected.view, field)}
        assert said <= allowed
        employers = {
            actor.name for actor in store.all(Actor) if actor.visibility.may_be_seen_by(audience)
        }
        assert set(projected.view.organisation) <= employers


@settings(max_examples=80, deadline=None)
@given(entities=territories, audience=visibilities, opposed=opposed_values)
def test_whole_and_one_by_one_agree(shelf, entities, audience, opposed):
    """Projecting one card gives what projecting everything gives; each card has a UID."""
    store = shelf(*entities)
    projection = contacts(audience, opposed)
    whole = {projected.key: projected for projected in projection.project(store)}
    for key in ("person:1", "actor:1"):
        assert projection.project_one(store, key) == whole.get(key)
    assert all(projected.view.uid for projected in whole.values())


@settings(max_examples=120, deadline=None)
@given(
    entities=territories,
    view=views,
    changed=st.sets(st.sampled_from(FIELDS)),
    projection=st.builds(contacts, visibilities, opposed_values),
)
def test_what_is_absorbed_is_shown(shelf, entities, view, changed, projection):
    """After absorbing, every changed field is shown as it came or named as not carried."""
    for key in shown_keys(shelf(*entities), projection):
        store = shelf(*entities)
        absorbed = projection.absorb(store, view, key, frozenset(changed))
        assert absorbed.key == key
        projected = projection.project_one(store.put(*absorbed.entities), key)
        if projected is None:
            # Only a person left with an opposed address goes.
            assert any(projection.opposed(K.PHONE, value) for value in [*PHONES, *EMAILS])
            continue
        for name in changed - absorbed.not_carried:
            assert getattr(projected.view, name) == getattr(view, name), name


@settings(max_examples=120, deadline=None)
@given(entities=territories, view=views, audience=visibilities, opposed=opposed_values)
def test_hidden_points_are_neither_touched_nor_lost(shelf, entities, view, audience, opposed):
    """Absorbing any card leaves every point that the audience may not see as it was."""
    projection = contacts(audience, opposed)

    def hidden(store):
        return Counter(
            (holder.id, point)
            for holder in holders(store)
            for point in holder.contact_points
            if not point.visibility.may_be_seen_by(audience) or point.value in opposed
        )

    for key in shown_keys(shelf(*entities), projection):
        store = shelf(*entities)
        before = hidden(store)
        store.put(*projection.absorb(store, view, key, ALL).entities)
        assert hidden(store) >= before


@settings(max_examples=120, deadline=None)
@given(entities=territories, view=views, audience=visibilities)
def test_no_valid_address_is_lost(shelf, entities, view, audience):
    """Each address of an absorbed card is kept, or named as a problem at its place."""
    projection = contacts(audience)
    for key in shown_keys(shelf(*entities), projection):
        store = shelf(*entities)
        absorbed = projection.absorb(store, view, key, ALL)
        store.put(*absorbed.entities)
        kept = {point.value for holder in holders(store) for point in holder.contact_points}
        places = {problem.path for problem in absorbed.problems}
        for field in LISTS:
            for number, reach in enumerate(getattr(view, field)):
                assert reach.value in kept or f"$.{field}[{number}]" in places
        for problem in absorbed.problems:
            assert not any(value in str(problem) for value in [*PHONES, *EMAILS, "à demander"])


@settings(max_examples=80, deadline=None)
@given(entities=territories, audience=visibilities, opposed=opposed_values)
def test_absorbing_an_unchanged_view_changes_nothing(shelf, entities, audience, opposed):
    """A card that comes back as it left writes nothing."""
    store = shelf(*entities)
    projection = contacts(audience, opposed)
    for projected in list(projection.project(store)):
        absorbed = projection.absorb(store, projected.view, projected.key, ALL)
        assert absorbed.entities == ()
        assert (absorbed.not_carried, absorbed.problems) == (frozenset(), ())


@settings(max_examples=100, deadline=None)
@given(view=views, kind=st.sampled_from([ContactKind.INDIVIDUAL, ContactKind.ORG]), data=st.data())
def test_a_foreign_card_becomes_an_entity_of_its_audience(shelf, view, kind, data):
    """A new card keeps its UID and becomes visible to those who see it, and no wider."""
    audience = data.draw(visibilities)
    view = attrs.evolve(view, kind=kind, uid=view.uid or "5", formatted_name="Nom")
    projection = contacts(audience, provenance=Provenance(source="carnet"))
    absorbed = projection.absorb(shelf(), view, None, ALL)
    (entity,) = absorbed.entities
    assert (entity.id, entity.visibility) == (absorbed.key, audience)
    assert entity.provenance == Provenance(source="carnet")
    assert isinstance(entity, Person if kind is ContactKind.INDIVIDUAL else Actor)
    for point in entity.contact_points:
        assert point.visibility.rank >= audience.rank
        assert point.kind is not K.MOBILE or point.visibility is Visibility.PRIVATE
    shown = projection.project_one(shelf(entity), entity.id).view
    assert shown.uid == view.uid
    assert all(getattr(shown, n) == getattr(view, n) for n in ALL - absorbed.not_carried)
    again = projection.absorb(shelf(entity), view, entity.id, ALL)
    assert again.entities == ()
