# SPDX-License-Identifier: Apache-2.0
"""Actors that may be one: by their official numbers, else by name, place, kind and contact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from territoire_sante.cooperation._score import Part
from territoire_sante.cooperation._words import Sentence, say
from territoire_sante.cooperation.duplicates import _judge as judge
from territoire_sante.cooperation.duplicates._blocks import HARD, Records
from territoire_sante.cooperation.duplicates._duplicate import Duplicate, Trait
from territoire_sante.cooperation.duplicates._identity import (
    OWN,
    Numbers,
    contacts_of,
    numbers_of,
)
from territoire_sante.cooperation.duplicates._organisations import (
    Title,
    title_keys,
    title_of,
    titles_alike,
)
from territoire_sante.cooperation.duplicates._places import Home, Homes, place_part
from territoire_sante.model import Actor, ActorKind
from territoire_sante.snapshot import Snapshot

_NAME, _PLACE, _KIND, _CONTACT = 0.55, 0.2, 0.1, 0.15

# Under that a pair cannot reach the threshold, whatever else is the same.
_LEAST_NAME: Final = 0.5

# Two neighbours may bear one name: no more than if the place were not known.
_NEAR_BY: Final = 0.3

_VAGUE: Final = frozenset({ActorKind.OTHER, ActorKind.ASSOCIATION})
_SAME_KIND: Final = 1.0, say("Même type.", "Same kind.")
_VAGUE_KIND: Final = 0.5, say("Type imprécis d'un côté.", "The kind is vague on one side.")
_OTHER_KIND: Final = 0.0, say("Types différents.", "Different kinds.")


@attrs.frozen(eq=False)
class ActorRecord:
    """What of an actor is compared."""

    id: str
    titles: tuple[Title, ...]
    kind: ActorKind
    numbers: Numbers
    contacts: frozenset[str]
    home: Home

    @property
    def keys(self) -> Iterator[str]:
        """Numbers, ways to reach it, the places where it is."""
        for scheme, values in self.numbers.items():
            hard = HARD if scheme in OWN else ""
            yield from (f"{hard}{scheme}:{value}" for value in sorted(values))
        yield from sorted(self.contacts)
        yield from self.home.keys

    def finer(self) -> Iterable[str]:
        """Return the keys of its names."""
        return dict.fromkeys(key for one in self.titles for key in title_keys(one))

    def order(self) -> str:
        """Return its name, its own words ahead."""
        return " ".join((*self.titles[0].core, *sorted(self.titles[0].types)))


def actor_records(snapshot: Snapshot) -> Records[ActorRecord]:
    """Return what is compared of every actor."""
    homes = Homes(snapshot)
    return Records([*snapshot.all(Actor)], lambda one: _record(homes, one))


def _record(homes: Homes, actor: Actor) -> ActorRecord:
    sites = [f"commune:{one.citycode}" for one in actor.addresses if one.citycode]
    titles = dict.fromkeys(title_of(one) for one in (actor.name, actor.short_name) if one)
    return ActorRecord(
        id=actor.id,
        titles=tuple(titles) or (title_of(""),),
        kind=actor.kind,
        numbers=numbers_of(actor.id, actor.identifiers),
        contacts=frozenset(contacts_of(actor.contact_points)),
        home=homes.of_places((actor.territory_id, *sites)),
    )


def compare_actors(one: ActorRecord, other: ActorRecord) -> Duplicate | None:
    """Return what two actors have in common; ``None`` if they are surely two."""
    if judge.is_vetoed(one.numbers, other.numbers):
        return None
    number = judge.same_number(one.numbers, other.numbers)
    value, reason = max(
        (titles_alike(mine, theirs) for mine in one.titles for theirs in other.titles),
        key=lambda found: found[0],
    )
    if number is None and value < _LEAST_NAME:
        return None
    kind_value, kind_reason = _kinds(one.kind, other.kind)
    parts = (
        Part(criterion=Trait.NAME, value=value, weight=_NAME, reason=reason),
        place_part(one.home, other.home, _PLACE, most_near=_NEAR_BY),
        Part(criterion=Trait.KIND, value=kind_value, weight=_KIND, reason=kind_reason),
        judge.contact_part(one.contacts, other.contacts, one.numbers, other.numbers, _CONTACT),
    )
    ids = (one.id, other.id) if one.id < other.id else (other.id, one.id)
    if number is not None:
        doubted = judge.is_contradicted(one.numbers, other.numbers) or not kind_value
        return judge.by_number(Actor.KIND, ids, number, parts, doubted=doubted)
    return judge.by_score(Actor.KIND, ids, parts)


def _kinds(one: ActorKind, other: ActorKind) -> tuple[float, Sentence]:
    if one is other:
        return _SAME_KIND
    return _VAGUE_KIND if one in _VAGUE or other in _VAGUE else _OTHER_KIND
