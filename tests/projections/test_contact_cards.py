# SPDX-License-Identifier: Apache-2.0
"""Cards of persons and organisations, case by case."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
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
    Distinction,
    Event,
    Geo,
    Invitation,
    Merge,
    Period,
    Person,
    PersonName,
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


def contacts(audience, opposed=(), **options):
    """Return the projection under test; ``opposed`` are the values not to be listed."""
    return projection_for(
        Contact,
        audience=audience,
        today=TODAY,
        opposed=lambda _kind, value: value in opposed,
        **options,
    )


def shown_keys(store, projection):
    """Return the ids of what is shown."""
    return [projected.key for projected in projection.project(store)]


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
    """Neither a person who objected nor one with an opposed address has a card."""
    assert not shown_keys(made(shelf, opposed=True), contacts(Visibility.PRIVATE))
    store = made(shelf, points=(HOME,))
    assert shown_keys(store, contacts(Visibility.PARTNERS)) == ["person:1"]
    assert shown_keys(store, contacts(Visibility.PARTNERS, {HOME.value})) == []
    other = ContactPoint(kind=K.EMAIL, value="ida@example.org")
    two = made(shelf, points=(HOME, other))
    assert shown_keys(two, contacts(Visibility.PARTNERS, {HOME.value})) == []


def test_who_objected_is_not_imported(shelf):
    """A foreign card with an opposed address is refused, without naming its owner."""
    view = Contact(
        uid="1",
        formatted_name="Ida",
        emails=(Reach(value="ida@example.org"), Reach(value=HOME.value)),
    )
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


def test_what_was_decided_on_duplicates_keeps_no_person(shelf):
    """A person who was merged with one and told apart from another can be deleted all the same."""
    alone = Person(id="person:1", name=PersonName(family="Exemple"))
    merged = Merge(id="merge:1", kept_id="person:1", dropped_id="person:2")
    apart = Distinction(id="distinction:1", first_id="person:1", second_id="person:3")
    removal = contacts(Visibility.TEAM).remove(shelf(alone, merged, apart), "person:1")
    assert removal.delete == ((Person, "person:1"),)


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
