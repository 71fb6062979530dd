# SPDX-License-Identifier: Apache-2.0
"""Who could be asked, and how they are reached, as far as an audience may know it."""

from __future__ import annotations

import datetime as dt

import attrs

from territoire_sante.model import (
    Actor,
    Appointment,
    ContactPoint,
    Entity,
    LabelledEnum,
    LiaisonAssignment,
    Person,
    Visibility,
)
from territoire_sante.snapshot import Snapshot


class Rung(LabelledEnum):
    """The steps of the ladder from a commune to somebody who can act as relay, in its order."""

    CLS_COORDINATOR = "cls_coordinator", "Coordination du CLS", "CLS coordination"
    MSP_COORDINATOR = "msp_coordinator", "Coordination d'une équipe de soins", "Team coordination"
    CCAS = "ccas", "CCAS ou CIAS", "Social-action centre"
    DAC = "dac", "Dispositif d'appui à la coordination", "Coordination support body (DAC)"
    HEALTH_REFERENT = "health_referent", "Référent santé", "Health contact of an authority"
    EPCI = "epci", "Intercommunalité", "Intercommunal body"


@attrs.frozen(kw_only=True)
class Relay:
    """
    Somebody who may act as relay: an actor, in a post where one is known, by name where it shows.

    ``contact_points`` are those that the audience may see, best first; ``how_to_reach`` is the
    sentence of a public card, ``purpose`` what they are there for.
    """

    rung: Rung
    name: str
    actor_id: str = ""
    appointment_id: str = ""
    person_id: str = ""
    liaison_id: str = ""
    contact_points: tuple[ContactPoint, ...] = ()
    how_to_reach: str = ""
    purpose: str = ""
    verified_on: dt.date | None = None

    @property
    def reachable(self) -> bool:
        """Whether a way to reach them is known."""
        return bool(self.contact_points or self.how_to_reach.strip())

    @property
    def how(self) -> str:
        """How to reach them in one line: the sentence of the card, or the first two points."""
        if self.how_to_reach.strip():
            return self.how_to_reach.strip()
        return ", ".join(point.value for point in self.contact_points[:2])


@attrs.frozen(kw_only=True)
class Place:
    """Where and when somebody is looked for, and who is looking."""

    snapshot: Snapshot
    commune: str
    today: dt.date
    audience: Visibility

    @property
    def name(self) -> str:
        """The name of the commune, its code if it is not stored."""
        found = self.snapshot.name_of(f"commune:{self.commune}")
        return found.removeprefix("commune:")

    def sees(self, entity: Entity) -> bool:
        """Say whether the audience may know of an entity."""
        return entity.visibility.may_be_seen_by(self.audience)

    def post(self, appointment_id: str) -> Appointment | None:
        """Return a post held today that the audience may know of, by nobody who objected."""
        post = self.snapshot.find(Appointment, appointment_id)
        if post is None or not post.active_on(self.today) or not self.sees(post):
            return None
        holder = self.snapshot.find(Person, post.person_id)
        return None if holder is not None and holder.opposed else post

    def actor(self, actor_id: str) -> Actor | None:
        """Return an actor that the audience may know of."""
        actor = self.snapshot.find(Actor, actor_id)
        return actor if actor is not None and self.sees(actor) else None

    def person(self, person_id: str) -> Person | None:
        """Return a person who did not object and whom the audience may know of."""
        person = self.snapshot.find(Person, person_id)
        if person is None or person.opposed or not self.sees(person):
            return None
        return person

    def points(self, *holders: Actor | Appointment | None) -> tuple[ContactPoint, ...]:
        """Return the contact points that the audience may see, those of the first holder first."""
        found: dict[str, ContactPoint] = {}
        for holder in holders:
            points = () if holder is None else holder.contact_points
            for point in sorted(points, key=lambda one: one.rank or 101):
                if point.visibility.may_be_seen_by(self.audience):
                    found.setdefault(point.value, point)
        return tuple(found.values())


def relay(
    place: Place,
    rung: Rung,
    *,
    actor: Actor | None = None,
    post: Appointment | None = None,
    liaison: LiaisonAssignment | None = None,
) -> Relay:
    """Put together what is known of somebody who may act as relay."""
    if actor is None and post is not None:
        actor = place.actor(post.actor_id)
    person = place.person(post.person_id) if post is not None else None
    title = "" if post is None else post.title or post.role.label_fr
    who = ", ".join(part for part in (person.display_name if person else "", title) if part)
    body = "" if actor is None else actor.short_name or actor.name
    dates = [one.verified_on for one in (liaison, post, actor) if one is not None]
    return Relay(
        rung=rung,
        name=f"{who} ({body})" if who and body else who or body or rung.label_fr,
        actor_id=actor.id if actor else "",
        appointment_id=post.id if post else "",
        person_id=person.id if person else "",
        liaison_id=liaison.id if liaison else "",
        contact_points=place.points(post, actor),
        how_to_reach=liaison.how_to_reach if liaison else "",
        purpose=liaison.purpose if liaison else "",
        verified_on=next((day for day in dates if day is not None), None),
    )
