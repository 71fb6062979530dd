# SPDX-License-Identifier: Apache-2.0
"""Bookings as a calendar: when, what, for whom, and whose name may be in them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs
import pytest

from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    ContactPoint,
    ContactPointKind,
    Convention,
    Event,
    EventStatus,
    Lever,
    LeverOffer,
    LeverRequest,
    LeverType,
    Mobilisation,
    MobilisationState,
    Period,
    Person,
    PersonName,
    Quantity,
    Role,
    Unit,
    Visibility,
)
from territoire_sante.projections import Traced, nobody, projection_for

TODAY = dt.date(2027, 3, 1)
MORNING = dt.datetime(2027, 4, 3, 8, tzinfo=dt.UTC)
PHONE = ContactPoint(
    kind=ContactPointKind.PHONE, value="04 65 71 10 01", visibility=Visibility.PARTNERS
)

LEVER = Lever(id="lever:tent", type=LeverType.TENT, title="Barnum 3 × 3", holder_id="actor:mairie")
MAIRIE = Actor(id="actor:mairie", kind=ActorKind.COMMUNE, name="Mairie d'Exempleville")
OFFER = LeverOffer(id="lever_offer:1", lever_id=LEVER.id, contact=PHONE, contact_id="appointment:1")
REQUEST = LeverRequest(id="lever_request:1", requester_id="actor:msp", offer_id=OFFER.id)
PERSON = Person(id="person:1", name=PersonName(given="Inès", family="Maquette"))
POST = Appointment(
    id="appointment:1", person_id=PERSON.id, actor_id=MAIRIE.id, role=Role.MAYOR, title="Régie"
)
USE = Mobilisation(
    id="mobilisation:1",
    lever_id=LEVER.id,
    request_id=REQUEST.id,
    site="Place du marché",
    quantity=Quantity(value=Decimal("2.50"), unit=Unit.ITEMS),
    start=MORNING,
    end=MORNING + dt.timedelta(hours=4),
)
ALL = (LEVER, MAIRIE, OFFER, REQUEST, PERSON, POST, USE)


def projection(*, audience=Visibility.PARTNERS, opposed=nobody):
    """Return the projection of bookings."""
    return projection_for(Event, name="bookings", audience=audience, today=TODAY, opposed=opposed)


def booking(*entities, shelf, **options):
    """Return the one booking that is shown."""
    (found,) = projection(**options).project(shelf(*entities))
    return found.view


def changed(entity, **fields):
    """Return all entities, one of them changed."""
    new = attrs.evolve(entity, **fields)
    return (*(one for one in ALL if one is not entity), new)


def test_a_booking_tells_what_and_where(shelf):
    """Lever, holder, amount, place, times and the contact of the offer are in the event."""
    view = booking(*ALL, shelf=shelf)

    assert view.summary == "Barnum : Barnum 3 × 3"
    assert (view.start, view.end, view.location) == (USE.start, USE.end, "Place du marché")
    assert view.status is EventStatus.TENTATIVE
    assert view.categories == ("Réservation", "Logistique")
    assert view.description.splitlines() == [
        "État : Prévue",
        "Moyen : Barnum 3 × 3 (Barnum)",
        "Mis à disposition par : Mairie d'Exempleville",
        "Quantité : 2,5 unités",
        "Contact : Inès Maquette (Régie), 04 65 71 10 01",
    ]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (MobilisationState.CONFIRMED, EventStatus.CONFIRMED),
        (MobilisationState.DONE, EventStatus.CONFIRMED),
        (MobilisationState.CANCELLED, EventStatus.CANCELLED),
    ],
)
def test_its_state_is_its_status(shelf, state, status):
    """A planned use is tentative, a certain one confirmed, one called off stays as cancelled."""
    assert booking(*changed(USE, state=state), shelf=shelf).status is status


def test_a_use_takes_the_times_of_its_event(shelf):
    """Without times of its own a use is when its event is; without any it is not shown."""
    event = Event(id="event:1", summary="Dépistage", start=dt.date(2027, 5, 1))
    undated = changed(USE, start=None, end=None, event_id=event.id)
    view = booking(*undated, event, shelf=shelf)

    assert (view.start, view.end) == (dt.date(2027, 5, 1), dt.date(2027, 5, 2))
    assert "Événement : Dépistage" in view.description
    assert list(projection().project(shelf(*undated))) == []


def test_hidden_entities_leave_no_trace(shelf):
    """What the audience may not see is not named, and a hidden use is not shown."""
    for entity in (LEVER, MAIRIE, PERSON, POST, OFFER, REQUEST):
        view = booking(*changed(entity, visibility=Visibility.PRIVATE), shelf=shelf)
        hidden = {LEVER: "3 × 3", MAIRIE: "Mairie", REQUEST: "Contact", OFFER: "Contact"}
        assert hidden.get(entity, "Maquette") not in repr(view)
    assert list(projection().project(shelf(*changed(USE, visibility=Visibility.TEAM)))) == []


def test_a_person_who_objected_is_not_named(shelf):
    """Objection, or one address on the opposition list, leaves the post without the name."""
    own = ContactPoint(kind=ContactPointKind.EMAIL, value="ines@example.org")

    def listed(kind, value):
        return (kind, value) == (own.kind, own.value)

    for view in (
        booking(*changed(PERSON, opposed=True), shelf=shelf),
        booking(*changed(PERSON, contact_points=(own,)), shelf=shelf, opposed=listed),
    ):
        assert "Maquette" not in repr(view)
        assert "Contact : Régie, 04 65 71 10 01" in view.description


def test_an_opposed_or_hidden_number_is_left_out(shelf):
    """The number of the offer is shown only if it may be and nobody objected."""
    private = attrs.evolve(PHONE, visibility=Visibility.PRIVATE)

    assert "04 65" not in booking(*changed(OFFER, contact=private), shelf=shelf).description
    opposed = booking(*ALL, shelf=shelf, opposed=lambda _kind, value: value == PHONE.value)
    assert "04 65" not in opposed.description


def test_a_post_that_ended_is_nobody_s(shelf):
    """Whoever left a post is not named for it."""
    ended = changed(POST, period=Period(end=dt.date(2027, 1, 1)))

    assert "Maquette" not in repr(booking(*ended, shelf=shelf))


def test_one_booking_is_the_same_as_in_the_whole(shelf):
    """Asked for alone, a booking is what the whole calendar shows."""
    held, shown = shelf(*ALL), projection()
    (whole,) = shown.project(held)

    assert shown.project_one(held, whole.key) == whole
    assert shown.project_one(held, "mobilisation:9#booking") is None
    assert {id_ for _, id_ in whole.revision_of} == {one.id for one in ALL}


def test_it_tells_what_a_change_touches(shelf):
    """A change of a use or its lever touches its booking, one of a convention touches none."""
    held, shown = shelf(*ALL), projection()

    assert isinstance(shown, Traced)
    assert list(shown.affected(held, Mobilisation, USE.id)) == ["mobilisation:1#booking"]
    assert list(shown.affected(held, Lever, LEVER.id)) == ["mobilisation:1#booking"]
    assert shown.affected(held, Person, PERSON.id) is None
    assert list(shown.affected(held, Convention, "convention:1")) == []
