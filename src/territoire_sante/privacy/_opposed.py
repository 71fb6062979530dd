# SPDX-License-Identifier: Apache-2.0
"""Who objected to being listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from territoire_sante.model import Actor, Appointment, ContactPoint, OppositionList, Person
from territoire_sante.privacy._finder import Finder, spellings
from territoire_sante.snapshot import Snapshot


@attrs.frozen
class Opposed:
    """The persons who objected, and how their names and addresses are found in texts."""

    persons: frozenset[str]
    addresses: OppositionList | None
    finder: Finder

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
        return cls(frozenset(persons), addresses, Finder.of(words, addresses))

    def opposes(self, point: ContactPoint) -> bool:
        """Say whether this contact point must not be shown."""
        if not self.finder:
            return False
        listed = self.addresses is not None and self.addresses.opposes(point)
        return listed or self.finder.finds(point.value) or self.finder.finds(point.label)


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
