# SPDX-License-Identifier: Apache-2.0
"""Contacts: who is on an address book's cards, and what comes back from them."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import InvalidValueError, UnsupportedError
from territoire_sante.model import (
    Actor,
    ActorKind,
    Address,
    Appointment,
    Contact,
    ContactKind,
    ContactPoint,
    ContactPointKind,
    Event,
    Geo,
    Invitation,
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
            # Only a person left with nothing but opposed addresses goes.
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


def made(shelf, *, points=(), office=(), **person):
    """Return a store with one mayor."""
    return shelf(
        Actor(
            id="mairie:48034",
            kind=ActorKind.COMMUNE,
            name="Mairie de La Canourgue",
            visibility=Visibility.PUBLIC,
            addresses=(Address(street="1 place X", city="La Canourgue", citycode="48034"),),
        ),
        Person(
            id="person:1",
            name=PersonName(given="Odile", family="Exemple"),
            contact_points=points,
            **person,
        ),
        Appointment(
            id="appointment:1",
            person_id="person:1",
            actor_id="mairie:48034",
            role=Role.MAYOR,
            delegation="Santé",
            contact_points=office,
        ),
    )


OFFICE = ContactPoint(kind=K.PHONE, value="04 65 71 00 01", verified_on=TODAY)
MOBILE = ContactPoint(kind=K.MOBILE, value="06 39 98 00 03")
HOME = ContactPoint(kind=K.EMAIL, value="odile@example.org")


def test_a_card_says_who_where_and_how(shelf):
    """The card of a person has the post of the day, the workplace and the open addresses."""
    store = made(shelf, points=(HOME, MOBILE), office=(OFFICE,))
    view = contacts(Visibility.PARTNERS).project_one(store, "person:1").view
    assert view.formatted_name == "Odile Exemple"
    assert view.organisation == ("Mairie de La Canourgue",)
    assert (view.title, view.role) == ("Maire", "Santé")
    assert view.categories == ("Maire",)
    assert [reach.value for reach in view.telephones] == ["04 65 71 00 01"]
    assert [reach.value for reach in view.emails] == ["odile@example.org"]
    assert [one.address.citycode for one in view.addresses] == [""]
    assert view.uid.startswith("urn:uuid:")
    assert view.note == ""


def test_the_last_post_begun_gives_the_organisation(shelf):
    """With two posts the one begun last names the organisation; both roles are categories."""
    store = made(shelf)
    store.put(
        Actor(id="actor:2", kind=ActorKind.EPCI, name="CC", visibility=Visibility.PUBLIC),
        Appointment(
            id="appointment:2",
            person_id="person:1",
            actor_id="actor:2",
            role=Role.EPCI_VICE_PRESIDENT,
            title="Vice-présidente à la santé",
            period=Period(start=dt.date(2026, 4, 9)),
        ),
    )
    view = contacts(Visibility.PARTNERS).project_one(store, "person:1").view
    assert (view.organisation, view.title) == (("CC",), "Vice-présidente à la santé")
    assert view.categories == ("Vice-président d'EPCI", "Maire")


def test_a_changed_number_goes_back_to_its_post(shelf):
    """A number replaced on the card replaces that of the post, with the same visibility."""
    team = attrs.evolve(OFFICE, visibility=Visibility.TEAM)
    store = made(shelf, points=(MOBILE,), office=(team,))
    projection = contacts(Visibility.TEAM)
    view = projection.project_one(store, "person:1").view
    edited = attrs.evolve(view, telephones=(Reach(value="04 65 71 00 09"),))
    (post,) = projection.absorb(store, edited, "person:1", frozenset({"telephones"})).entities
    assert post.contact_points == (attrs.evolve(team, value="04 65 71 00 09", verified_on=None),)


def test_another_spelling_keeps_the_verification(shelf):
    """The same number written otherwise is the same point: visibility and check stay."""
    store = made(shelf, office=(OFFICE,))
    projection = contacts(Visibility.TEAM)
    view = projection.project_one(store, "person:1").view
    edited = attrs.evolve(view, telephones=(Reach(value="+33 4 65 71 00 01", types=("work",)),))
    absorbed = projection.absorb(store, edited, "person:1", frozenset({"telephones"}))
    (post,) = absorbed.entities
    assert post.contact_points == (
        attrs.evolve(OFFICE, value="+33 4 65 71 00 01", card_types=("work",)),
    )
    assert not absorbed.not_carried


def test_a_known_hidden_number_is_not_added_twice(shelf):
    """A number that is here with a narrower visibility is neither copied nor opened."""
    store = made(shelf, points=(MOBILE,))
    projection = contacts(Visibility.PARTNERS)
    view = attrs.evolve(
        projection.project_one(store, "person:1").view,
        telephones=(Reach(value="+33639980003", types=("cell",)),),
    )
    absorbed = projection.absorb(store, view, "person:1", frozenset({"telephones"}))
    assert absorbed.entities == ()
    assert absorbed.not_carried == {"telephones"}
    assert [problem.path for problem in absorbed.problems] == ["$.telephones[0]"]


def test_a_new_mobile_is_private(shelf):
    """A mobile number that somebody added elsewhere is kept here, for nobody else."""
    store = made(shelf)
    projection = contacts(Visibility.PARTNERS)
    view = attrs.evolve(
        projection.project_one(store, "person:1").view,
        telephones=(Reach(value="06 39 98 00 04", types=("cell",)),),
        emails=(Reach(value="o@example.org"), Reach(value="o@medecin.mssante.fr")),
    )
    absorbed = projection.absorb(store, view, "person:1", frozenset({"telephones", "emails"}))
    (person,) = absorbed.entities
    assert [(point.kind, point.visibility) for point in person.contact_points] == [
        (K.MOBILE, Visibility.PRIVATE),
        (K.EMAIL, Visibility.PARTNERS),
        (K.SECURE_EMAIL, Visibility.PARTNERS),
    ]
    assert absorbed.not_carried == {"telephones"}


def test_a_bad_address_does_not_fail_the_card(shelf):
    """An invalid e-mail is named with its place; the rest of the card is taken over."""
    view = Contact(
        uid="1",
        formatted_name="Ida Exemple",
        name=PersonName(family="Exemple", given="Ida"),
        emails=(Reach(value="ida at example"), Reach(value="ida@example.org")),
        note="Rappeler lundi",
    )
    absorbed = contacts(Visibility.PARTNERS).absorb(shelf(), view, None, ALL)
    (person,) = absorbed.entities
    assert [point.value for point in person.contact_points] == ["ida@example.org"]
    assert absorbed.not_carried == {"emails", "note"}
    assert [str(problem) for problem in absorbed.problems] == [
        "$.emails[0]: not a value for EMAIL, not taken over"
    ]


def test_who_objected_is_absent(shelf):
    """Neither a person who objected nor one whose every address is opposed has a card."""
    assert not shown_keys(made(shelf, opposed=True), contacts(Visibility.PRIVATE))
    store = made(shelf, points=(HOME,))
    assert shown_keys(store, contacts(Visibility.PARTNERS)) == ["person:1"]
    assert shown_keys(store, contacts(Visibility.PARTNERS, {HOME.value})) == []


def test_who_objected_is_not_imported(shelf):
    """A foreign card whose every address is opposed is refused, without naming its owner."""
    view = Contact(uid="1", formatted_name="Ida", emails=(Reach(value=HOME.value),))
    with pytest.raises(InvalidValueError, match="objected") as caught:
        contacts(Visibility.TEAM, {HOME.value}).absorb(shelf(), view, None, ALL)
    assert "Ida" not in str(caught.value)
    store = made(shelf, opposed=True)
    with pytest.raises(InvalidValueError, match="objected"):
        contacts(Visibility.TEAM).absorb(store, view, "person:1", ALL)


def test_an_organisation_has_a_card_once_it_can_be_reached(shelf):
    """An organisation is shown with a visible address, with its place and description."""
    actor = Actor(
        id="actor:1",
        kind=ActorKind.MSP,
        name="MSP des Exemples",
        description="Deux sites",
        visibility=Visibility.PUBLIC,
        addresses=(Address(city="La Canourgue", geo=Geo(latitude=44.43, longitude=3.21)),),
    )
    projection = contacts(Visibility.PUBLIC)
    assert projection.project_one(shelf(actor), "actor:1") is None
    hidden = actor.with_contact_point(K.MOBILE, "06 39 98 00 01")
    assert projection.project_one(shelf(hidden), "actor:1") is None
    reachable = actor.with_contact_point(K.PHONE, "04 65 71 00 01")
    view = projection.project_one(shelf(reachable), "actor:1").view
    assert view.kind is ContactKind.ORG
    assert (view.formatted_name, view.note) == ("MSP des Exemples", "Deux sites")
    assert view.categories == ("Maison de santé pluriprofessionnelle",)
    assert view.geo == Geo(latitude=44.43, longitude=3.21)


def test_an_organisation_keeps_its_card_without_its_last_number(shelf):
    """Removing the last number on the card edits the organisation and keeps the card."""
    actor = Actor(
        id="actor:1", kind=ActorKind.MSP, name="MSP", visibility=Visibility.PUBLIC
    ).with_contact_point(K.PHONE, "04 65 71 00 01")
    projection = contacts(Visibility.PUBLIC)
    view = projection.project_one(shelf(actor), "actor:1").view
    edited = attrs.evolve(view, telephones=(), note="Sans standard")
    (after,) = projection.absorb(
        shelf(actor), edited, "actor:1", frozenset({"telephones", "note"})
    ).entities
    assert (after.contact_points, after.description) == ((), "Sans standard")
    assert projection.project_one(shelf(after), "actor:1").view == edited


@pytest.mark.parametrize("kind", [ContactKind.GROUP, ContactKind.LOCATION])
def test_groups_and_places_are_not_kept(shelf, kind):
    """The card of a group or a place is refused with a reason."""
    with pytest.raises(UnsupportedError, match=kind.value):
        contacts(Visibility.TEAM).absorb(shelf(), Contact(uid="1", kind=kind), None, ALL)


@pytest.mark.parametrize("kind", [ContactKind.INDIVIDUAL, ContactKind.ORG])
def test_a_nameless_card_is_refused(shelf, kind):
    """A new card without any name is refused with a remedy."""
    with pytest.raises(InvalidValueError, match="no name"):
        contacts(Visibility.TEAM).absorb(shelf(), Contact(uid="1", kind=kind), None, ALL)


def test_a_hidden_person_is_not_overwritten(shelf):
    """A foreign card with the UID of a hidden person is refused."""
    hidden = Person(id="person:1", name=PersonName(family="Exemple"), visibility=Visibility.PRIVATE)
    view = Contact(uid="1", formatted_name="Autre")
    with pytest.raises(InvalidValueError, match="not shown to the audience"):
        contacts(Visibility.TEAM).absorb(shelf(hidden), view, None, ALL)


def test_a_person_with_a_role_is_not_deleted(shelf):
    """A card deleted elsewhere deletes its person only if nothing refers to them."""
    kept = contacts(Visibility.TEAM).remove(made(shelf), "person:1")
    assert (kept.delete, kept.kept_because) == ((), "appointment:1 refers to it")
    alone = Person(id="person:1", name=PersonName(family="Exemple"))
    invited = Event(id="event:1", invitations=(Invitation(person_id="person:1"),))
    kept = contacts(Visibility.TEAM).remove(shelf(alone, invited), "person:1")
    assert kept.kept_because == "event:1 refers to it"
    removal = contacts(Visibility.TEAM).remove(shelf(alone), "person:1")
    assert removal.delete == ((Person, "person:1"),)
    assert contacts(Visibility.TEAM).remove(shelf(), "person:1").delete == ()


def test_persons_refer_to_nothing():
    """No field of a person holds an id, so that deletions need not read persons."""
    assert not [f.name for f in attrs.fields(Person) if f.name.endswith(("_id", "_ids"))]


def test_posts_are_read_as_they_are(shelf):
    """One card shows the posts as they are now, also after they were read for another."""
    store = made(shelf)
    projection = contacts(Visibility.TEAM)
    assert projection.project_one(store, "person:1").view.title == "Maire"
    post = store.get(Appointment, "appointment:1")
    store.put(attrs.evolve(post, title="Maire honoraire"))
    assert projection.project_one(store, "person:1").view.title == "Maire honoraire"
    store.put(attrs.evolve(post, person_id="person:2"))
    assert projection.project_one(store, "person:1").view.title == ""
    store.put(attrs.evolve(post, id="appointment:2"))
    (card,) = projection.project(store)
    assert card.view.title == "Maire"
