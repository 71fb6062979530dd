# SPDX-License-Identifier: Apache-2.0
"""Whom each step of the ladder looks for, among what is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from territoire_sante.cooperation._relay import Place, Relay, Rung, relay
from territoire_sante.model import (
    Actor,
    ActorKind,
    ActorStatus,
    Appointment,
    Institution,
    LiaisonAssignment,
    LiaisonKind,
    LocalHealthContract,
    Role,
    Territory,
)


@attrs.frozen(kw_only=True)
class Look:
    """
    What one step looks for: a kind of liaison, kinds of actors, roles in their posts.

    ``body_answers`` says that the actor itself can be asked where no post is known.
    """

    liaison: LiaisonKind | None = None
    actors: frozenset[ActorKind] = frozenset()
    roles: tuple[Role, ...] = ()
    institution: Institution
    body_answers: bool = False


LOOKS: Final[Mapping[Rung, Look]] = {
    Rung.CLS_COORDINATOR: Look(
        liaison=LiaisonKind.CLS_COORDINATOR,
        roles=(Role.CLS_COORDINATOR,),
        institution=Institution.CLS,
    ),
    Rung.MSP_COORDINATOR: Look(
        liaison=LiaisonKind.MSP_COORDINATOR,
        actors=frozenset({ActorKind.MSP, ActorKind.ESP, ActorKind.CENTRE_SANTE}),
        roles=(Role.MSP_COORDINATOR,),
        institution=Institution.CARE_TEAM,
    ),
    Rung.CCAS: Look(
        liaison=LiaisonKind.CCAS,
        actors=frozenset({ActorKind.CCAS, ActorKind.CIAS}),
        institution=Institution.CCAS,
        body_answers=True,
    ),
    Rung.DAC: Look(
        liaison=LiaisonKind.DAC,
        actors=frozenset({ActorKind.DAC}),
        institution=Institution.DAC,
        body_answers=True,
    ),
    Rung.HEALTH_REFERENT: Look(
        liaison=LiaisonKind.HEALTH_REFERENT,
        actors=frozenset({ActorKind.COMMUNE, ActorKind.EPCI}),
        roles=(Role.HEALTH_REFERENT,),
        institution=Institution.HEALTH_REFERENT,
    ),
    Rung.EPCI: Look(
        actors=frozenset({ActorKind.EPCI}),
        roles=(Role.EPCI_VICE_PRESIDENT, Role.EPCI_PRESIDENT),
        institution=Institution.EPCI,
        body_answers=True,
    ),
}


def relays(place: Place, rung: Rung) -> tuple[Relay, ...]:
    """Return all who are recorded for a step: named relays, then posts, then bodies; no doubles."""
    found: dict[str, Relay] = {}
    for one in _recorded(place, rung):
        found.setdefault(one.appointment_id or one.actor_id or one.liaison_id, one)
    return tuple(found.values())


def _recorded(place: Place, rung: Rung) -> Iterator[Relay]:
    look = LOOKS[rung]
    yield from _named(place, rung, look)
    bodies = bodies_of(place, rung)
    for body in bodies:
        for post in _posts(place, body, look):
            yield relay(place, rung, actor=body, post=post)
    if rung is Rung.CLS_COORDINATOR:
        for contract in contracts(place):
            if contract.active_on(place.today):
                yield from _coordinators(place, contract)
    if look.body_answers:
        yield from (relay(place, rung, actor=body) for body in bodies)


def _named(place: Place, rung: Rung, look: Look) -> Iterator[Relay]:
    for one in place.snapshot.covering(LiaisonAssignment, place.commune):
        if one.kind is not look.liaison or not one.active_on(place.today) or not place.sees(one):
            continue
        post, actor = place.post(one.appointment_id), place.actor(one.actor_id)
        gone = bool(one.appointment_id) and post is None
        if post is not None or (actor is not None and not (gone and not look.body_answers)):
            yield relay(place, rung, actor=actor, post=post, liaison=None if gone else one)


def bodies_of(place: Place, rung: Rung) -> tuple[Actor, ...]:
    """Return the actors at which a step looks, nearest first; those that closed are left out."""
    snapshot = place.snapshot
    if rung is Rung.CLS_COORDINATOR:
        carriers = {
            one.carrier_id: snapshot.find(Actor, one.carrier_id)
            for one in contracts(place)
            if one.active_on(place.today)
        }
        return tuple(one for one in carriers.values() if one is not None and place.sees(one))
    kinds = LOOKS[rung].actors
    return tuple(
        one
        for one in snapshot.covering(Actor, place.commune)
        if one.kind in kinds and one.status is not ActorStatus.CLOSED and place.sees(one)
    )


def _posts(place: Place, body: Actor, look: Look) -> Iterator[Appointment]:
    posts = [
        post
        for post in place.snapshot.appointments_at(body.id)
        if post.role in look.roles and place.post(post.id) is not None
        # Of several vice-presidents, the one in charge of health.
        if post.role is not Role.EPCI_VICE_PRESIDENT or _of_health(post)
    ]
    return iter(sorted(posts, key=lambda one: look.roles.index(one.role)))


def _of_health(post: Appointment) -> bool:
    return "sant" in f"{post.delegation} {post.title}".casefold()


def _coordinators(place: Place, contract: LocalHealthContract) -> Iterator[Relay]:
    for one in contract.coordinator_ids:
        post = place.post(one)
        if post is not None:
            yield relay(place, Rung.CLS_COORDINATOR, post=post)


def contracts(place: Place) -> tuple[LocalHealthContract, ...]:
    """Return the local health contracts whose area has the commune in it, in whatever stage."""
    found = place.snapshot.covering(LocalHealthContract, place.commune)
    return tuple(one for one in found if place.sees(one))


def said_absent(place: Place, institution: Institution) -> bool:
    """Say whether somebody made sure that the commune, or an area it is in, has none."""
    snapshot = place.snapshot
    found = (snapshot.find(Territory, one) for one in snapshot.places_of(place.commune))
    return any(one is not None and institution in one.absent for one in found)
