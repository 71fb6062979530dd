# SPDX-License-Identifier: Apache-2.0
"""
What is on a card: of a person with their posts, of an organisation.

Free text about persons has no place here (GDPR, article 5.1 c); the note of an
organisation is its description.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

import attrs

from territoire_sante.errors import InvalidValueError, Problem
from territoire_sante.model import (
    Actor,
    ActorKind,
    Address,
    Appointment,
    CardAddress,
    Contact,
    ContactKind,
    ContactPointKind,
    Person,
    PersonName,
    Role,
    Visibility,
)
from territoire_sante.projections import _common as common
from territoire_sante.projections import _points as points

#: What a card may hold.
FIELDS: Final = tuple(field.name for field in attrs.fields(Contact))


def default_for_persons(kind: ContactPointKind) -> Visibility:
    """Return how open a person's new contact point is at most (GDPR part of the model)."""
    return Visibility.PRIVATE if kind is ContactPointKind.MOBILE else Visibility.PARTNERS


def default_for_organisations(kind: ContactPointKind) -> Visibility:
    """Return how open an organisation's new contact point is at most."""
    return Visibility.PRIVATE if kind is ContactPointKind.MOBILE else Visibility.PUBLIC


def by_importance(posts: Iterable[Appointment]) -> tuple[Appointment, ...]:
    """Return the posts, the one begun last first; a card has room for one organisation."""

    def order(post: Appointment) -> tuple[int, str]:
        start = post.period.start or dt.date.min
        return (-start.toordinal(), post.id)

    return tuple(sorted(posts, key=order))


def name_of(view: Contact) -> PersonName | None:
    """Return the name on a card, if any; a formatted name alone counts as family name."""
    if view.name != PersonName():
        return view.name
    return PersonName(family=view.formatted_name) if view.formatted_name.strip() else None


def organisation_name(view: Contact) -> str:
    """Return the name of the organisation on a card, ``""`` if there is none."""
    names = (view.formatted_name, *view.organisation[:1])
    return next((name for name in names if name.strip()), "")


def nameless(where: str) -> InvalidValueError:
    """Return the error for a new card without a name."""
    return InvalidValueError("the card has no name", where=where, remedy="Give it one (FN and N)")


@attrs.frozen(kw_only=True)
class PersonCard:
    """A person and their posts, as somebody with these rules sees them."""

    person: Person
    posts: tuple[Appointment, ...]
    rules: points.Rules

    @property
    def holders(self) -> tuple[points.Points, ...]:
        """The contact points in the order of the card: of each post, then the person's own."""
        return (*(post.contact_points for post in self.posts), self.person.contact_points)

    def view(self, employer: Actor | None) -> Contact:
        """Return the card; ``employer`` is the actor of the first post, if it may be seen."""
        post = self.posts[0] if self.posts else None
        person = self.person
        roles = (one.role.label_fr for one in self.posts if one.role is not Role.OTHER)
        return Contact(
            uid=person.card_uid,
            formatted_name=person.display_name,
            name=person.name,
            organisation=() if employer is None else (employer.name,),
            title=(post.title or post.role.label_fr) if post else "",
            role=post.delegation if post else "",
            addresses=_addresses(employer)
            if employer is not None and employer.visibility is Visibility.PUBLIC
            else (),
            categories=tuple(dict.fromkeys(roles)),
            **_reaches(self.holders, self.rules),
        )

    def with_changes(
        self, view: Contact, changed: frozenset[str]
    ) -> tuple[PersonCard, tuple[Problem, ...]]:
        """Return the person and posts with the changed fields of ``view`` that they can hold."""
        holders, problems = _absorbed(self.holders, view, changed, self.rules)
        person = attrs.evolve(
            self.person, contact_points=holders[-1], uid=_uid(self.person, view, changed)
        )
        if not changed.isdisjoint({"name", "formatted_name"}):
            person = attrs.evolve(person, name=name_of(view) or person.name)
        posts = tuple(
            attrs.evolve(post, contact_points=held)
            for post, held in zip(self.posts, holders[:-1], strict=True)
        )
        return attrs.evolve(self, person=person, posts=posts), problems


def organisation_view(actor: Actor, rules: points.Rules) -> Contact:
    """Return the card of an organisation."""
    return Contact(
        uid=actor.uid or common.urn(actor.id),
        kind=ContactKind.ORG,
        formatted_name=actor.name,
        organisation=(actor.name,),
        addresses=_addresses(actor),
        geo=next((address.geo for address in actor.addresses if address.geo), None),
        note=actor.description,
        categories=() if actor.kind is ActorKind.OTHER else (actor.kind.label_fr,),
        **_reaches((actor.contact_points,), rules),
    )


def organisation_with_changes(
    actor: Actor, view: Contact, changed: frozenset[str], rules: points.Rules
) -> tuple[Actor, tuple[Problem, ...]]:
    """Return the organisation with the changed fields of ``view`` that it can hold."""
    (held,), problems = _absorbed((actor.contact_points,), view, changed, rules)
    values: dict[str, Any] = {"contact_points": held, "uid": _uid(actor, view, changed)}
    if not changed.isdisjoint({"formatted_name", "organisation"}):
        values["name"] = organisation_name(view) or actor.name
    if "note" in changed:
        values["description"] = view.note
    after = attrs.evolve(actor, **values)
    if not after.uid and not any(rules.shows(point) for point in held):
        # Its last address was removed there: it keeps its card until that is deleted too.
        after = attrs.evolve(after, uid=common.urn(actor.id))
    return after, problems


def _reaches(holders: tuple[points.Points, ...], rules: points.Rules) -> dict[str, Any]:
    return {field: points.shown(field, holders, rules) for field in points.GROUPS}


def _absorbed(
    holders: tuple[points.Points, ...],
    view: Contact,
    changed: frozenset[str],
    rules: points.Rules,
) -> tuple[tuple[points.Points, ...], tuple[Problem, ...]]:
    problems: tuple[Problem, ...] = ()
    for field in points.GROUPS:
        if field in changed:
            reaches = getattr(view, field)
            if reaches != points.shown(field, holders, rules):
                holders, found = points.absorbed(field, holders, reaches, rules)
                problems += found
    return holders, problems


def _uid(entity: Person | Actor, view: Contact, changed: frozenset[str]) -> str:
    if "uid" not in changed or not view.uid:
        return entity.uid
    return "" if view.uid == common.urn(entity.id) else view.uid


def _addresses(actor: Actor) -> tuple[CardAddress, ...]:
    """Return the addresses with what a card can say of them (RFC 6350, 6.3.1)."""
    return tuple(
        CardAddress(
            address=Address(
                street=address.street,
                complement=address.complement,
                postcode=address.postcode,
                city=address.city,
                country=address.country,
            ),
            types=("work",),
        )
        for address in actor.addresses
    )
