# SPDX-License-Identifier: Apache-2.0
"""Bookings as a calendar: which means are used when, where, and whom to ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

import attrs

from territoire_sante.model import (
    Actor,
    Appointment,
    ContactPoint,
    Entity,
    Event,
    EventStatus,
    Lever,
    LeverOffer,
    LeverRequest,
    Mobilisation,
    MobilisationState,
    OppositionEntry,
    Person,
    Quantity,
    Unit,
    When,
    derived_uuid,
    make_id,
)
from territoire_sante.projections import _common as common
from territoire_sante.projections._contract import Opposed, Past, Projected, Reader, nobody
from territoire_sante.projections._one_way import SEPARATOR, OneWay, key_of

#: The first category of each entry; the family of the lever follows.
CATEGORY: Final = "Réservation"

_WHAT: Final = "booking"

_STATUS: Final = {
    MobilisationState.PLANNED: EventStatus.TENTATIVE,
    MobilisationState.CANCELLED: EventStatus.CANCELLED,
    MobilisationState.NO_SHOW: EventStatus.CANCELLED,
}


@attrs.frozen(kw_only=True)
class BookingProjection(OneWay):
    """
    Shows each dated use of a lever.

    A use without times of its own has those of its event. The contact of the offer is named
    only if this audience may see it and the person has not objected.
    """

    MADE_OF: ClassVar[frozenset[type[Entity]]] = frozenset(
        {Actor, Appointment, LeverOffer, LeverRequest, OppositionEntry, Person}
    )

    today: dt.date
    opposed: Opposed = nobody

    @property
    def view(self) -> type[Event]:
        """The class of the views."""
        return Event

    def affected(self, reader: Past, cls: type[Entity], id_: str, /) -> Iterable[str] | None:
        """Return the booking itself; of a lever or event those that name it."""
        if cls is Mobilisation:
            return (f"{id_}{SEPARATOR}{_WHAT}",)
        if cls in (Lever, Event):
            return [key_of(one, _WHAT) for one in reader.referring(Mobilisation, id_)]
        return super().affected(reader, cls, id_)

    def project(self, reader: Reader) -> Iterator[Projected]:
        """Yield every booking."""
        for mobilisation in reader.all(Mobilisation):
            projected = self._projected(reader, mobilisation)
            if projected is not None:
                yield projected

    def project_one(self, reader: Reader, key: str) -> Projected | None:
        """Return one booking, ``None`` if it is not shown."""
        mobilisation = reader.find(Mobilisation, key.partition(SEPARATOR)[0])
        return None if mobilisation is None else self._projected(reader, mobilisation)

    def _projected(self, reader: Reader, use: Mobilisation) -> Projected | None:
        if not self._sees(use):
            return None
        made_of: list[Entity] = [use]
        lever = self._found(reader, Lever, use.lever_id, made_of)
        event = self._found(reader, Event, use.event_id, made_of)
        start, end = _times(use, event)
        if start is None:
            return None
        key = key_of(use, _WHAT)
        uid = derived_uuid(key)
        view = Event(
            id=make_id("event", uid),
            uid=uid,
            summary=_title(use, lever),
            description="\n".join(self._lines(reader, use, lever, event, made_of)),
            location=use.site,
            categories=(CATEGORY,) if lever is None else (CATEGORY, lever.family.label_fr),
            status=_STATUS.get(use.state, EventStatus.CONFIRMED),
            start=start,
            end=end,
        )
        sources = tuple((type(one), one.id) for one in made_of)
        return Projected(key=key, view=view, revision_of=sources)

    def _lines(
        self,
        reader: Reader,
        use: Mobilisation,
        lever: Lever | None,
        event: Event | None,
        made_of: list[Entity],
    ) -> Iterator[str]:
        yield f"État : {use.state.label_fr}"
        if lever is not None:
            yield f"Moyen : {lever.title} ({lever.type.label_fr})"
            holder = self._found(reader, Actor, lever.operator_id or lever.holder_id, made_of)
            if holder is not None:
                yield f"Mis à disposition par : {holder.name}"
        if use.quantity is not None:
            yield f"Quantité : {_amount(use.quantity)}"
        user = self._found(reader, Actor, use.beneficiary_id, made_of)
        if user is not None:
            yield f"Pour : {user.name}"
        if event is not None and event.summary:
            yield f"Événement : {event.summary}"
        contact = self._contact(reader, use, made_of)
        if contact:
            yield f"Contact : {contact}"

    def _contact(self, reader: Reader, use: Mobilisation, made_of: list[Entity]) -> str:
        """Return whom to ask, as the offer says; empty if that may not be shown."""
        request = self._found(reader, LeverRequest, use.request_id, made_of)
        offer_id = request.offer_id if request is not None else ""
        offer = self._found(reader, LeverOffer, offer_id, made_of)
        if offer is None:
            return ""
        name = self._name(reader, offer.contact_id, made_of)
        point = offer.contact
        shown = point is not None and self._shows(point)
        return ", ".join(filter(None, (name, point.value if point and shown else "")))

    def _name(self, reader: Reader, id_: str, made_of: list[Entity]) -> str:
        """Return the name of an actor, or of the person in a post and what they are."""
        if id_.partition(":")[0] not in Appointment.ID_KINDS:
            actor = self._found(reader, Actor, id_, made_of)
            return actor.name if actor is not None else ""
        post = self._found(reader, Appointment, id_, made_of)
        if post is None or not post.active_on(self.today):
            return ""
        what = post.title or post.role.label_fr
        person = self._found(reader, Person, post.person_id, made_of)
        if person is None or self._objects(person, post):
            return what
        return f"{person.display_name} ({what})"

    def _objects(self, person: Person, post: Appointment) -> bool:
        """Say whether the person objected; one address of theirs on the list is enough here."""
        points = (*post.contact_points, *person.contact_points)
        return person.opposed or any(self.opposed(point.kind, point.value) for point in points)

    def _shows(self, point: ContactPoint) -> bool:
        seen = point.visibility.may_be_seen_by(self.audience)
        return seen and not self.opposed(point.kind, point.value)

    def _found(
        self, reader: Reader, cls: type[common.E], id_: str, made_of: list[Entity]
    ) -> common.E | None:
        """Return an entity that may be seen, and note that the view depends on it."""
        entity = reader.find(cls, id_) if id_ else None
        if entity is None:
            return None
        made_of.append(entity)
        return entity if self._sees(entity) else None


def _times(use: Mobilisation, event: Event | None) -> tuple[When | None, When | None]:
    start, end = use.start, use.end
    if start is None and event is not None:
        start, end = event.start, event.end
    if start is None:
        return None, None
    # One in days and the other in times cannot be shown together.
    if end is not None and isinstance(start, dt.datetime) != isinstance(end, dt.datetime):
        end = None
    if end is None and not isinstance(start, dt.datetime) and start < dt.date.max:
        end = start + dt.timedelta(days=1)
    return start, end


def _title(use: Mobilisation, lever: Lever | None) -> str:
    if use.title:
        return use.title
    return "Réservation" if lever is None else f"{lever.type.label_fr} : {lever.title}"


def _amount(quantity: Quantity) -> str:
    number = f"{quantity.value.normalize():f}".replace(".", ",")
    if quantity.unit is Unit.OTHER:
        return f"{number} {quantity.detail}".rstrip()
    return f"{number} {quantity.unit.label_fr.lower()}"
