# SPDX-License-Identifier: Apache-2.0
"""The organisations, posts, levers and offers that an export is about, and what they are called."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Actor,
    ActorStatus,
    Address,
    Appointment,
    ContactPoint,
    Convention,
    Entity,
    Lever,
    LeverOffer,
    LiaisonAssignment,
    OfferState,
    Person,
    Provenance,
)
from territoire_sante.snapshot import Snapshot


def at_work(actor: Actor) -> bool:
    """Say whether an organisation can be met: a closed or planned one is in no directory."""
    return actor.status in (ActorStatus.ACTIVE, ActorStatus.SUSPENDED)


def labels_of(actor: Actor, today: dt.date) -> list[str]:
    """Return the labels that an organisation holds today."""
    return [one.name for one in actor.labels if one.period.contains(today)]


def posts_at(snapshot: Snapshot, actor_id: str, today: dt.date) -> Iterator[Appointment]:
    """Yield the mandates and posts at an organisation that are held today."""
    for one in snapshot.appointments_at(actor_id):
        if one.active_on(today):
            yield one


def holder_name(snapshot: Snapshot, post: Appointment) -> str:
    """Return the name of who holds a post, empty if nobody is named."""
    person = snapshot.find(Person, post.person_id)
    return person.display_name if person is not None else ""


def post_title(post: Appointment, lang: str) -> str:
    """Return what a post is called: in its own words, or by its role."""
    return post.title or post.role.label(lang)


def liaison_name(snapshot: Snapshot, one: LiaisonAssignment, lang: str) -> str:
    """Return who holds a liaison role: the person, the post, the organisation, as far as known."""
    post = snapshot.find(Appointment, one.appointment_id)
    actor_id = one.actor_id or (post.actor_id if post is not None else "")
    parts = [holder_name(snapshot, post), post_title(post, lang)] if post is not None else []
    return ", ".join(filter(None, (*parts, snapshot.name_of(actor_id) if actor_id else "")))


def offers_on(snapshot: Snapshot, lever: Lever, today: dt.date) -> list[LeverOffer]:
    """Return the offers of a lever that are published and valid today."""
    return [one for one in snapshot.offers_of(lever.id) if one.available_on(today)]


def offers_shown(snapshot: Snapshot, lever: Lever) -> list[LeverOffer]:
    """Return the offers of a lever that somebody decided to show: drafts are not among them."""
    return [one for one in snapshot.offers_of(lever.id) if one.state is not OfferState.DRAFT]


@attrs.frozen(kw_only=True)
class Asked:
    """Whom one asks under an offer: in which post or organisation, and how it is reached."""

    name: str = ""
    points: tuple[ContactPoint, ...] = ()


def asked(
    snapshot: Snapshot, lever: Lever, offer: LeverOffer, *, today: dt.date, lang: str
) -> Asked:
    """
    Return whom to ask: as the offer says, or else the holder of the lever.

    Of a post that is over, its organisation is asked.
    """
    own = (offer.contact,) if offer.contact is not None else ()
    post = snapshot.find(Appointment, offer.contact_id)
    body_id = post.actor_id if post is not None else offer.contact_id
    if post is not None and post.active_on(today):
        body = snapshot.name_of(post.actor_id) if snapshot.named(post.actor_id) else ""
        name = ", ".join(filter(None, (post_title(post, lang), body)))
        person = snapshot.find(Person, post.person_id)
        direct = (*post.contact_points, *(person.contact_points if person is not None else ()))
        if own or direct:
            return Asked(name=name, points=own or direct)
        return Asked(name=name, points=_points(snapshot, post.actor_id))
    actor = snapshot.find(Actor, body_id) or snapshot.find(Actor, lever.holder_id)
    if actor is None:
        return Asked(points=own)
    return Asked(name=actor.name, points=own or actor.contact_points)


def _points(snapshot: Snapshot, actor_id: str) -> tuple[ContactPoint, ...]:
    actor = snapshot.find(Actor, actor_id)
    return actor.contact_points if actor is not None else ()


def main_address(actor: Actor) -> Address | None:
    """Return the first address of an organisation."""
    return actor.addresses[0] if actor.addresses else None


def changed_on(entity: Entity, today: dt.date) -> dt.date | None:
    """Return the last day, today at the latest, on which somebody is known to have seen to it."""
    source = entity.provenance or Provenance(source="")
    days = (entity.verified_on, source.source_date, source.retrieved_on)
    past = [day for day in days[:2] if day is not None and day <= today]
    if not past and days[2] is not None and days[2] <= today:
        past = [days[2]]
    return max(past, default=None)


def last_day_of(convention: Convention, today: dt.date) -> dt.date | None:
    """Return the last day of the running term; ``None`` if not known or beyond the calendar."""
    try:
        return convention.end_on(today)
    except (InvalidValueError, OverflowError):
        return None


def notice_day_of(convention: Convention, today: dt.date) -> dt.date | None:
    """Return the last day to refuse a tacit renewal; ``None`` if there is none that is known."""
    try:
        return convention.last_notice_day(today)
    except (InvalidValueError, OverflowError):
        return None
