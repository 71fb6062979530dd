# SPDX-License-Identifier: Apache-2.0
"""Who objected to being listed, and every place in a text that would still tell of them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from territoire_sante.model import (
    Actor,
    Appointment,
    ContactPoint,
    OppositionKind,
    OppositionList,
    Person,
    PersonName,
)
from territoire_sante.snapshot import Snapshot

#: What stands where a name or an address was.
REDACTED: Final = "[…]"

_EMAIL: Final = re.compile(r"[^\s@<>,;:\"'()\[\]/?=&]+@[^\s@<>,;:\"'()\[\]/?=&]+\.[^\W_]+")
_PHONE: Final = re.compile(r"(?<![\w+])(?:\+|00?)[0-9](?:[ ().\-/]{0,2}[0-9]){7,14}(?!\w)")


@attrs.frozen
class Opposed:
    """The persons who objected, and how their names and addresses are found in texts."""

    persons: frozenset[str]
    addresses: OppositionList | None
    _words: re.Pattern[str] | None

    @classmethod
    def of(cls, snapshot: Snapshot, addresses: OppositionList | None) -> Opposed:
        """
        Find who objected: who says so, and who is reached at an address that is on the list.

        One such address is enough: whoever comes back with a register brings a second one.
        """
        persons = {one.id: one for one in snapshot.all(Person) if _objects(one, addresses)}
        if addresses is not None and addresses.hashes:
            for post in snapshot.all(Appointment):
                if post.person_id not in persons and _any(post.contact_points, addresses):
                    person = snapshot.find(Person, post.person_id)
                    if person is not None:
                        persons[person.id] = person
        words = {text for person in persons.values() for text in spellings(person.name)}
        if persons:
            words.update(_addresses_of(snapshot, persons.values()))
        return cls(frozenset(persons), addresses, pattern_of(words))

    @property
    def anybody(self) -> bool:
        """Whether there is anything to look for at all."""
        return self._words is not None or bool(self.addresses and self.addresses.hashes)

    def opposes(self, point: ContactPoint) -> bool:
        """Say whether this contact point must not be shown."""
        listed = self.addresses is not None and self.addresses.opposes(point)
        return listed or self.named_in(point.value) or self.named_in(point.label)

    def named_in(self, text: str) -> bool:
        """Say whether a text holds the name or an address of somebody who objected."""
        return self.redacted(text) != text

    def redacted(self, text: str) -> str:
        """Return the text without the names and addresses of those who objected."""
        if self._words is not None:
            text = self._words.sub(REDACTED, text)
        if self.addresses is not None and self.addresses.hashes:
            text = _EMAIL.sub(functools.partial(self._unless, OppositionKind.EMAIL), text)
            text = _PHONE.sub(functools.partial(self._unless, OppositionKind.PHONE), text)
        return text

    def _unless(self, kind: OppositionKind, found: re.Match[str]) -> str:
        listed = self.addresses is not None and self.addresses.holds(found[0], kind)
        return REDACTED if listed else found[0]


def spellings(name: PersonName) -> Iterator[str]:
    """
    Yield the ways in which a text names somebody; a family name alone is nobody's.

    >>> sorted(spellings(PersonName(prefix="Dr", given="Ada", family="Lune")))
    ['Ada Lune', 'Dr Lune', 'Lune Ada']
    """
    yield from full_names(name)
    if name.prefix.strip() and name.family.strip():
        yield f"{name.prefix.strip()} {name.family.strip()}"


def full_names(name: PersonName) -> Iterator[str]:
    """Yield the given and the family name in both orders, also with a second name."""
    given, family, second = name.given.strip(), name.family.strip(), name.additional.strip()
    if given and family:
        yield f"{given} {family}"
        yield f"{family} {given}"
        if second:
            yield f"{given} {second} {family}"


def pattern_of(words: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds any of these words, whatever their case and blanks; none for no words."""
    found = sorted({word.strip() for word in words} - {""}, key=lambda word: (-len(word), word))
    if not found:
        return None
    parts = (r"[\s,]+".join(re.escape(piece) for piece in word.split()) for word in found)
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)


def _objects(person: Person, addresses: OppositionList | None) -> bool:
    return person.opposed or (addresses is not None and _any(person.contact_points, addresses))


def _any(points: Iterable[ContactPoint], addresses: OppositionList) -> bool:
    return any(addresses.opposes(point) for point in points)


def _addresses_of(snapshot: Snapshot, persons: Iterable[Person]) -> Iterator[str]:
    """Yield the addresses of persons and posts, but for those of an organisation."""
    shared = {point.value for actor in snapshot.all(Actor) for point in actor.contact_points}
    for person in persons:
        points = [*person.contact_points]
        for post in snapshot.referring(Appointment, "person_id", person.id):
            points += post.contact_points
        yield from (one.value for one in points if one.value not in shared)
