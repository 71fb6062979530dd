# SPDX-License-Identifier: Apache-2.0
"""Taking persons out of everything that a store holds, now and in its history."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from territoire_sante.model import (
    Actor,
    Appointment,
    Convention,
    Distinction,
    Entity,
    LabelledEnum,
    Merge,
    Person,
    PersonName,
    Visibility,
    aliases_of,
    make_id,
    repointed,
)
from territoire_sante.privacy._finder import Finder, full_names
from territoire_sante.privacy._levels import ENTITIES
from territoire_sante.privacy._opposed import Opposed
from territoire_sante.privacy._rewrite import Rewriter

if TYPE_CHECKING:
    from territoire_sante.store import Transaction

#: Who stands where somebody must be named, and may not be any more.
NOBODY: Final = Person(
    id="person:erased", visibility=Visibility.TEAM, name=PersonName(family="Personne effacée")
)


@attrs.frozen(kw_only=True)
class Scrub:
    """
    Persons to take out: ``aliases`` by id, who stands in their place (``""`` for nobody).

    ``finder`` finds their names and addresses in texts.
    """

    aliases: Mapping[str, str]
    finder: Finder

    @classmethod
    def of(cls, transaction: Transaction, aliases: Mapping[str, str]) -> Scrub:
        """Look up the names and addresses of the persons, all that they ever had."""
        staying = {
            name.casefold()
            for one in transaction.all(Person)
            if one.id not in aliases
            for name in full_names(one.name)
        }
        shared = {point.value for actor in transaction.all(Actor) for point in actor.contact_points}
        words: set[str] = set()
        for holder in ever(transaction, aliases):
            words.update(one.value for one in holder.contact_points if one.value not in shared)
            if isinstance(holder, Person):
                # A name that somebody else has too is theirs: of whom a text speaks, people see.
                names = full_names(holder.name)
                words.update(name for name in names if name.casefold() not in staying)
        return cls(aliases=aliases, finder=Finder.of(words))

    def clean(self, entity: Entity) -> Entity:
        """Return an entity without them, the same if it does not tell of them."""
        if isinstance(entity, Merge | Distinction):
            # Ids are all that they hold, and what an import goes by.
            return self._rewriter(set()).entity(entity) or entity
        named = {old: new for old, new in self.aliases.items() if new}
        entity = repointed(_functions_noted(entity, self.aliases), named)
        gone = {old for old, new in self.aliases.items() if not new}
        shown = self._rewriter(gone).entity(entity)
        if shown is None:
            # It must name somebody.
            shown = self._rewriter(set()).entity(repointed(entity, dict.fromkeys(gone, NOBODY.id)))
        return entity if shown is None else shown

    def _rewriter(self, gone: set[str]) -> Rewriter:
        opposed = Opposed(persons=frozenset(), addresses=None, finder=self.finder)
        return Rewriter(audience=Visibility.PRIVATE, opposed=opposed, hidden=gone)


def ever(transaction: Transaction, ids: Iterable[str]) -> Iterator[Person | Appointment]:
    """Yield every version of persons and of the posts that they have or had."""
    for id_ in ids:
        posts = transaction.once_referring(Appointment, id_)
        for cls, key in [(Person, id_), *((Appointment, post) for post in posts)]:
            for version in transaction.history(cls, key):
                one = version.entity
                if isinstance(one, Person) or (
                    isinstance(one, Appointment) and one.person_id == id_
                ):
                    yield one


def last_of(transaction: Transaction, person_id: str) -> Person | None:
    """Return a person, as they were last if they were deleted; ``None`` if nothing is left."""
    versions = [version.entity for version in transaction.history(Person, person_id)]
    known = [one for one in versions if isinstance(one, Person)]
    return known[-1] if known else None


def deleted_posts(transaction: Transaction, ids: Iterable[str]) -> list[str]:
    """Return the ids of the posts that persons had, and that were deleted."""
    found = (post for id_ in ids for post in transaction.once_referring(Appointment, id_))
    return [post for post in found if transaction.find(Appointment, post) is None]


def kept_id_of(transaction: Transaction, person_id: str) -> str:
    """Return the id of the record into which a person's went, their own if it is there."""
    if transaction.find(Person, person_id) is not None:
        return person_id
    return aliases_of(transaction.all(Merge)).get(person_id, person_id)


def barred_ids(transaction: Transaction, ids: Collection[str]) -> list[str]:
    """Return under which other ids cards of persons would come in, by their UIDs."""
    known = [one for one in ever(transaction, ids) if isinstance(one, Person)]
    uids = {one.card_uid for one in known} | {attrs.evolve(one, uid="").card_uid for one in known}
    others = sorted({make_id("person", uid) for uid in uids} - {*ids})
    return [id_ for id_ in others if _is_free(transaction.find(Person, id_))]


def barred(person_id: str) -> Person:
    """Return a person of whom nothing is left but that they are to be kept out."""
    return Person(id=person_id, visibility=Visibility.PRIVATE, name=PersonName(), opposed=True)


def _is_free(person: Person | None) -> bool:
    return person is None or person == barred(person.id)


def merges_into(transaction: Transaction, person_id: str) -> list[Merge]:
    """Return the merges by which records went into a person, one after another."""
    aliases = aliases_of(transaction.all(Merge))
    return [one for one in transaction.all(Merge) if aliases[one.dropped_id] == person_id]


def unmerge(transaction: Transaction, ids: Collection[str]) -> None:
    """Forget what was decided on duplicates that are not there any more."""
    for merge in list(transaction.all(Merge)):
        if not {merge.kept_id, merge.dropped_id}.isdisjoint(ids):
            transaction.forget(Merge, merge.id)
    for distinction in list(transaction.all(Distinction)):
        if not {distinction.first_id, distinction.second_id}.isdisjoint(ids):
            transaction.forget(Distinction, distinction.id)


def scrubbed(
    transaction: Transaction, scrub: Scrub, *, but: Collection[str] = ()
) -> tuple[str, ...]:
    """
    Take persons out of all entities and all earlier versions; return the ids of what changed.

    What told of them loses its earlier versions as a whole. ``but`` are ids that are seen to
    elsewhere.
    """
    before = with_a_past(transaction)
    changed: list[str] = []
    for cls in ENTITIES:
        for entity in [one for one in transaction.all(cls) if one.id not in but]:
            clean = scrub.clean(entity)
            told = clean != entity or (
                (cls.KIND, entity.id) in before and _told(transaction, scrub, cls, entity.id)
            )
            if told:
                renew(transaction, clean)
                changed.append(entity.id)
        for id_ in sorted(one for kind, one in before if kind == cls.KIND and one not in but):
            if transaction.find(cls, id_) is None and _told(transaction, scrub, cls, id_):
                transaction.forget(cls, id_)
                changed.append(id_)
    if any(transaction.referring(Entity, NOBODY.id)):
        transaction.put(NOBODY)
    return tuple(changed)


def renew(transaction: Transaction, entity: Entity) -> None:
    """Store an entity without any earlier version of it."""
    transaction.forget(type(entity), entity.id)
    transaction.put(entity)


def _told(transaction: Transaction, scrub: Scrub, cls: type[Entity], id_: str) -> bool:
    versions = (version.entity for version in transaction.history(cls, id_))
    return any(one is not None and scrub.clean(one) != one for one in versions)


def with_a_past(transaction: Transaction) -> set[tuple[str, str]]:
    """Return what was changed more than once, or deleted: only that has earlier versions."""
    once: set[tuple[str, str]] = set()
    more: set[tuple[str, str]] = set()
    for change in transaction.changes():
        key = change.kind, change.id
        (more if key in once or change.operation == "delete" else once).add(key)
    return more


def _functions_noted(entity: Entity, aliases: Mapping[str, str]) -> Entity:
    """Return a convention whose signatures say the function of those who are taken out."""
    if not isinstance(entity, Convention):
        return entity
    capacities = {party.representative_id: party.capacity for party in entity.parties}
    signatures = tuple(
        attrs.evolve(one, function=one.function or capacities.get(one.signed_by_id, ""))
        if one.signed_by_id in aliases
        else one
        for one in entity.signatures
    )
    return (
        entity if signatures == entity.signatures else attrs.evolve(entity, signatures=signatures)
    )


def mentions(transaction: Transaction, finder: Finder) -> Iterator[str]:
    """Yield the ids of the entities whose texts hold what it looks for."""
    for cls in ENTITIES:
        for entity in transaction.all(cls):
            if any(finder.finds(text) for text in texts_of(entity)):
                yield entity.id


def texts_of(value: Any) -> Iterator[str]:
    """Yield every text in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | frozenset):
        for member in value:
            yield from texts_of(member)
    elif attrs.has(type(value)) and not isinstance(value, LabelledEnum):
        for field in attrs.fields(type(value)):
            yield from texts_of(getattr(value, field.name))


def posts_of(transaction: Transaction, person_id: str) -> list[Appointment]:
    """Return the mandates and posts of a person."""
    found = transaction.referring(Appointment, person_id)
    return [one for one in found if one.person_id == person_id]
