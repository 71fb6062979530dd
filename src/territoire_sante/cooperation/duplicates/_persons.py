# SPDX-License-Identifier: Apache-2.0
"""Persons that may be one: by their RPPS, else by name, place and ways to reach them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from territoire_sante.cooperation._score import Part
from territoire_sante.cooperation.duplicates import _judge as judge
from territoire_sante.cooperation.duplicates._blocks import HARD, Records
from territoire_sante.cooperation.duplicates._duplicate import Duplicate, Trait
from territoire_sante.cooperation.duplicates._identity import OWN, Numbers, contacts_of, numbers_of
from territoire_sante.cooperation.duplicates._names import Name, bag_key, name_keys, name_of
from territoire_sante.cooperation.duplicates._persons_alike import names_alike
from territoire_sante.cooperation.duplicates._places import Home, Homes, place_part
from territoire_sante.model import Appointment, Person
from territoire_sante.snapshot import Snapshot

# Most have one: a list for each would be one thing more for each to keep.
_Posts = Appointment | list[Appointment]

_NO_CONTACTS: Final[frozenset[str]] = frozenset()

_NAME, _PLACE, _CONTACT = 0.6, 0.2, 0.2

# Under that a pair cannot reach the threshold, whatever else is the same.
_LEAST_NAME: Final = 0.6


@attrs.frozen(eq=False)
class PersonRecord:
    """What of a person, their posts included, is compared."""

    id: str
    name: Name
    numbers: Numbers
    contacts: frozenset[str]
    home: Home

    @property
    def keys(self) -> Iterator[str]:
        """Numbers, ways to reach them, communes, and the same name within an EPCI."""
        for scheme, values in self.numbers.items():
            if scheme in OWN:
                yield from (f"{HARD}{scheme}:{value}" for value in sorted(values))
        if self.name.is_empty:
            return
        yield from sorted(self.contacts)
        yield from self.home.keys
        if self.home.epcis:
            bag = bag_key(self.name)
            yield from (f"{epci} {bag}" for epci in sorted(self.home.epcis))

    def finer(self) -> Iterable[str]:
        """Return the keys of the name; without a name there is but one."""
        return ("",) if self.name.is_empty else name_keys(self.name)

    def order(self) -> str:
        """Return family and given name."""
        return " ".join((*self.name.family, *self.name.given))


def person_records(snapshot: Snapshot) -> Records[PersonRecord]:
    """Return what is compared of every person."""
    homes = Homes(snapshot)
    posts = _posts(snapshot)
    people = [*snapshot.all(Person)]
    return Records(people, lambda one: _record(homes, one, posts.get(one.id)))


def _posts(snapshot: Snapshot) -> dict[str, _Posts]:
    """Return the posts of each person, read one after the other: that is what memory is good at."""
    posts: dict[str, _Posts] = {}
    for one in snapshot.all(Appointment):
        earlier = posts.get(one.person_id)
        if earlier is None:
            posts[one.person_id] = one
        elif isinstance(earlier, list):
            earlier.append(one)
        else:
            posts[one.person_id] = [earlier, one]
    return posts


def _record(homes: Homes, person: Person, posts: _Posts | None) -> PersonRecord:
    held = posts if isinstance(posts, list) else [posts] if posts is not None else []
    points = [*person.contact_points, *(point for one in held for point in one.contact_points)]
    return PersonRecord(
        id=person.id,
        name=name_of(person.name),
        numbers=numbers_of(person.id, person.identifiers),
        contacts=frozenset(contacts_of(points)) if points else _NO_CONTACTS,
        home=homes.of_posts(tuple(one.actor_id for one in held)),
    )


def compare_persons(one: PersonRecord, other: PersonRecord) -> Duplicate | None:
    """Return what two persons have in common; ``None`` if they are surely two."""
    if judge.is_vetoed(one.numbers, other.numbers):
        return None
    number = judge.same_number(one.numbers, other.numbers)
    alike = names_alike(one.name, other.name)
    if number is None and alike.value < _LEAST_NAME:
        return None
    parts = (
        Part(criterion=Trait.NAME, value=alike.value, weight=_NAME, reason=alike.reason),
        place_part(one.home, other.home, _PLACE),
        judge.contact_part(one.contacts, other.contacts, one.numbers, other.numbers, _CONTACT),
    )
    ids = (one.id, other.id) if one.id < other.id else (other.id, one.id)
    if number is not None:
        named = not one.name.is_empty and not other.name.is_empty
        return judge.by_number(Person.KIND, ids, number, parts, doubted=named and not alike.value)
    return judge.by_score(Person.KIND, ids, parts)
