# SPDX-License-Identifier: Apache-2.0
"""Persons and organisations as address books show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

import attrs

from territoire_sante.errors import InvalidValueError, UnsupportedError
from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    Contact,
    ContactKind,
    Entity,
    OppositionEntry,
    Person,
    Provenance,
    Visibility,
)
from territoire_sante.projections import _cards as cards
from territoire_sante.projections import _common as common
from territoire_sante.projections import _points as points
from territoire_sante.projections._cards import PersonCard
from territoire_sante.projections._contract import (
    Absorbed,
    Opposed,
    Past,
    Projected,
    Reader,
    Removal,
    nobody,
)


def _posts_of(reader: Reader, person_id: str) -> tuple[Appointment, ...]:
    """Return the appointments of one person."""
    found = reader.referring(Appointment, person_id)
    return tuple(one for one in found if one.person_id == person_id)


@attrs.frozen(kw_only=True)
class ContactProjection:
    """
    Shows one card per person, with the posts of ``today``, and one per reachable organisation.

    An organisation is shown if it has a contact point for this audience, or if its card
    came from an address book (it has a ``uid``); it would be deleted there otherwise.
    A person who objected is absent, and so is one with an opposed address.
    """

    audience: Visibility
    today: dt.date
    opposed: Opposed = nobody
    provenance: Provenance | None = None

    @property
    def view(self) -> type[Contact]:
        """The class of the views."""
        return Contact

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are shown."""
        return cards.FIELDS

    def project(self, reader: Reader) -> Iterator[Projected]:
        """Yield the cards of all persons, then of all organisations."""
        posts: dict[str, list[Appointment]] = {}
        for appointment in reader.all(Appointment):
            posts.setdefault(appointment.person_id, []).append(appointment)
        actors: dict[str, Actor | None] = {}

        def actor(id_: str) -> Actor | None:
            if id_ not in actors:
                actors[id_] = reader.find(Actor, id_)
            return actors[id_]

        for person in reader.all(Person):
            projected = self._projected_person(person, posts.get(person.id, ()), actor)
            if projected is not None:
                yield projected
        for organisation in reader.all(Actor):
            projected = self._projected_actor(organisation)
            if projected is not None:
                yield projected

    def project_one(self, reader: Reader, key: str) -> Projected | None:
        """Return one card, ``None`` if it is not shown."""
        if not _is_person(key):
            actor = reader.find(Actor, key)
            return None if actor is None else self._projected_actor(actor)
        person = reader.find(Person, key)
        if person is None:
            return None
        return self._projected_person(
            person, _posts_of(reader, key), lambda id_: reader.find(Actor, id_)
        )

    def affected(self, reader: Past, cls: type[Entity], id_: str, /) -> Iterable[str] | None:
        """Return the card itself; of a post its people, of an organisation those of its posts."""
        if cls is OppositionEntry:
            return None
        if cls is Appointment:
            return _people_of(reader, id_)
        if cls is Actor:
            return (id_, *(post.person_id for post in reader.referring(Appointment, id_)))
        return (id_,) if cls is Person else ()

    def absorb(
        self, reader: Reader, view: Contact, key: str | None, changed: frozenset[str]
    ) -> Absorbed:
        """
        Return the person, posts or organisation with the changed name and addresses.

        Raises:
            InvalidValueError: a new card without UID or name, a hidden item, or
                somebody who objected.
            UnsupportedError: the card of a group or of a place.
        """
        if _is_person(key) if key is not None else view.kind is ContactKind.INDIVIDUAL:
            return self._absorb_person(reader, view, key, changed)
        if key is None and view.kind is not ContactKind.ORG:
            raise UnsupportedError(
                f"cards of kind {view.kind.value} are not kept here",
                where="kind",
                remedy="Only persons and organisations are; the card stays where it is",
            )
        return self._absorb_actor(reader, view, key, changed)

    def remove(self, reader: Reader, key: str) -> Removal:
        """Return the deletion of the person or organisation, unless something refers to it."""
        return common.removal(reader, Person if _is_person(key) else Actor, key)

    def _current(self, appointments: Iterable[Appointment]) -> tuple[Appointment, ...]:
        return tuple(one for one in appointments if one.active_on(self.today) and self._sees(one))

    def _sees(self, entity: Entity) -> bool:
        return entity.visibility.may_be_seen_by(self.audience)

    def _rules(self, default: Callable[..., Visibility]) -> points.Rules:
        return points.Rules(
            audience=self.audience, opposed=self.opposed, default_visibility=default
        )

    def _card(self, person: Person, posts: Iterable[Appointment]) -> PersonCard:
        return PersonCard(
            person=person,
            posts=cards.by_importance(self._current(posts)),
            rules=self._rules(cards.default_for_persons),
        )

    def _projected_person(
        self,
        person: Person,
        posts: Iterable[Appointment],
        actor: Callable[[str], Actor | None],
    ) -> Projected | None:
        card = self._card(person, posts)
        if not self._sees(person) or self._is_opposed(card):
            return None
        main = actor(card.posts[0].actor_id) if card.posts else None
        made_of: list[tuple[type[Entity], str]] = [(Person, person.id)]
        made_of += [(Appointment, post.id) for post in card.posts]
        if main is not None:
            made_of.append((Actor, main.id))
        view = card.view(main if main is not None and self._sees(main) else None)
        return Projected(key=person.id, view=view, revision_of=tuple(made_of))

    def _is_opposed(self, card: PersonCard) -> bool:
        addresses = (point for holder in card.holders for point in holder)
        return card.person.opposed or any(
            self.opposed(point.kind, point.value) for point in addresses
        )

    def _projected_actor(self, actor: Actor) -> Projected | None:
        if not self._sees(actor):
            return None
        rules = self._rules(cards.default_for_organisations)
        if not actor.uid and not any(rules.shows(point) for point in actor.contact_points):
            return None
        return Projected(
            key=actor.id,
            view=cards.organisation_view(actor, rules),
            revision_of=((Actor, actor.id),),
        )

    def _absorb_person(
        self, reader: Reader, view: Contact, key: str | None, changed: frozenset[str]
    ) -> Absorbed:
        id_ = common.id_for(Person, key, view.uid)
        person = _visible_person(reader, id_, self.audience)
        posts = self._current(_posts_of(reader, id_))
        if person is None:
            name = cards.name_of(view)
            if name is None:
                raise cards.nameless(id_)
            if points.any_opposed(view, self.opposed):
                raise _objected(id_)
            person = Person(id=id_, visibility=self.audience, provenance=self.provenance, name=name)
            known: tuple[Entity, ...] = posts
            changed |= {"uid", "name", "formatted_name"}
        else:
            known = posts if key is None else (person, *posts)
        if person.opposed:
            raise _objected(id_)
        before = self._card(person, posts)
        after, problems = before.with_changes(view, changed)
        main = reader.find(Actor, before.posts[0].actor_id) if before.posts else None
        shown = after.view(main if main is not None and self._sees(main) else None)
        return Absorbed(
            entities=tuple(one for one in (after.person, *after.posts) if one not in known),
            key=id_,
            not_carried=common.not_carried(changed, view, shown),
            problems=problems,
        )

    def _absorb_actor(
        self, reader: Reader, view: Contact, key: str | None, changed: frozenset[str]
    ) -> Absorbed:
        id_ = common.id_for(Actor, key, view.uid)
        actor = common.find_visible(reader, Actor, id_, self.audience)
        before = actor
        if actor is None:
            name = cards.organisation_name(view)
            if not name:
                raise cards.nameless(id_)
            actor = Actor(
                id=id_,
                visibility=self.audience,
                provenance=self.provenance,
                kind=ActorKind.OTHER,
                name=name,
            )
            changed |= {"uid", "formatted_name"}
        rules = self._rules(cards.default_for_organisations)
        after, problems = cards.organisation_with_changes(actor, view, changed, rules)
        return Absorbed(
            entities=() if key is not None and after == before else (after,),
            key=id_,
            not_carried=common.not_carried(changed, view, cards.organisation_view(after, rules)),
            problems=problems,
        )


def _visible_person(reader: Reader, id_: str, audience: Visibility) -> Person | None:
    """
    Return the person to write to, ``None`` if there is none yet.

    Raises:
        InvalidValueError: they objected, or are hidden from this audience.
    """
    try:
        return common.find_visible(reader, Person, id_, audience)
    except InvalidValueError:
        if reader.get(Person, id_).opposed:
            raise _objected(id_) from None
        raise


def _people_of(reader: Past, id_: str) -> frozenset[str] | None:
    """Return everybody who ever had a post, ``None`` if that was forgotten."""
    versions = [version.entity for version in reader.history(Appointment, id_)]
    if not versions or versions[0] is None:
        # A history begins with the entity, unless its earlier versions were erased.
        return None
    return frozenset(one.person_id for one in versions if isinstance(one, Appointment))


def _is_person(key: str) -> bool:
    return key.partition(":")[0] in Person.ID_KINDS


def _objected(where: str) -> InvalidValueError:
    return InvalidValueError(
        "this person objected to being listed",
        where=where,
        remedy="Take the card out of the shared address book",
    )
