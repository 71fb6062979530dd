# SPDX-License-Identifier: Apache-2.0
"""Which records are worth comparing: those that share a key, so that cost stays near-linear."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any, Final, Generic, Protocol, TypeVar, overload

import attrs

#: What a key begins with that no finer key parts: whoever has it is compared.
HARD: Final = "#"

# Up to so many are compared each with each; more are parted by their finer keys first.
_SMALL: Final = 6
# Up to so many are compared each with each once parted; of more, each with so many neighbours.
_LARGE: Final = 60
_WINDOW: Final = 12


class Keyed(Protocol):
    """A record with its keys."""

    @property
    def id(self) -> str:
        """The id of the record."""
        ...

    @property
    def keys(self) -> Iterable[str]:
        """What alike records share one of: a number (after :data:`HARD`), a place, an address."""
        ...

    def finer(self) -> Iterable[str]:
        """Return what alike records with a key in common share one of, too."""
        ...

    def order(self) -> str:
        """Return what alike records stand close together by."""
        ...


K = TypeVar("K", bound=Keyed)


@attrs.frozen
class Records(Sequence[K]):
    """
    Records made anew from entities each time they are asked for, in the order of the ids.

    Keeping them all would be half a million objects more for the garbage collector to go through.
    """

    entities: Sequence[Any]
    make: Callable[[Any], K]

    def __len__(self) -> int:
        return len(self.entities)

    @overload
    def __getitem__(self, place: int) -> K: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[K]: ...

    def __getitem__(self, place: int | slice) -> K | Sequence[K]:
        if isinstance(place, slice):
            return Records(self.entities[place], self.make)
        return self.make(self.entities[place])


@attrs.define
class Pairs(Generic[K]):
    """
    The pairs of records to compare, each once, and the keys that too many share.

    The records are in the order of their ids, and so are both of a pair.
    Two records that share a key and a finer key are among them, unless more than sixty do:
    these are sorted by name, and each is paired with the twelve that follow.
    """

    records: Sequence[K]
    swept: list[tuple[str, int]] = attrs.field(factory=list)

    def __iter__(self) -> Iterator[tuple[K, K]]:
        records = self.records
        seen: set[int] = set()
        for first, second in self._numbered(records):
            pair = first * len(records) + second
            if pair not in seen:
                seen.add(pair)
                yield records[first], records[second]

    def _numbered(self, records: Sequence[K]) -> Iterator[tuple[int, int]]:
        blocks = _grouped(range(len(records)), lambda one: records[one].keys)
        for key, members in blocks.items():
            if len(members) <= _SMALL:
                yield from combinations(members, 2)
                continue
            parted = {"": members} if key.startswith(HARD) else self._parted(members, records)
            for finer, block in parted.items():
                if len(block) <= _LARGE:
                    yield from combinations(block, 2)
                else:
                    self.swept.append((f"{key} {finer}".strip(), len(block)))
                    yield from _neighbours(block, records)

    def _parted(self, members: Iterable[int], records: Sequence[K]) -> dict[str, list[int]]:
        return _grouped(members, lambda one: records[one].finer())


def _grouped(members: Iterable[int], keys: Callable[[int], Iterable[str]]) -> dict[str, list[int]]:
    """Return members by each of their keys, those alone left out."""
    first: dict[str, int] = {}
    blocks: dict[str, list[int]] = {}
    for member in members:
        for key in keys(member):
            # Most keys are one record's alone: those get no list.
            earlier = first.setdefault(key, member)
            if earlier != member:
                block = blocks.setdefault(key, [earlier])
                if block[-1] != member:
                    block.append(member)
    return blocks


def _neighbours(block: Sequence[int], records: Sequence[Keyed]) -> Iterator[tuple[int, int]]:
    ordered = sorted(block, key=lambda one: (records[one].order(), one))
    for place, member in enumerate(ordered):
        for other in ordered[place + 1 : place + 1 + _WINDOW]:
            yield (member, other) if member < other else (other, member)
