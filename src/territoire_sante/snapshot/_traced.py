# SPDX-License-Identifier: Apache-2.0
"""
What of a snapshot an answer rests on, and what of that a change touches.

All that a snapshot answers comes out of three reads: an entity by its id, those that name
something, and all of a class. Who notes these knows when an answer may become another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, ValuesView
from typing import Any, Final

from territoire_sante.model import Entity
from territoire_sante.snapshot._references import CLASSES, reference_paths
from territoire_sante.snapshot._snapshot import Snapshot
from territoire_sante.snapshot._source import Changed
from territoire_sante.snapshot._tables import Index, Table

#: A read: the kind, a field that names others, and what it names. Without a field it is the id
#: of the entity itself, ``"*"`` where the whole class was read.
Read = tuple[str, str, str]

ALL: Final = "*"


class _Map(Mapping[str, Entity]):
    """The entities of a class; who reads is noted."""

    __slots__ = ("_base", "_kind", "_note")

    def __init__(
        self, kind: str, base: Mapping[str, Entity], note: Callable[[Read], object]
    ) -> None:
        self._kind: Final = kind
        self._base: Final = base
        self._note: Final = note

    def get(self, key: Any, default: Any = None, /) -> Any:
        """Return the entity, and note who was asked for."""
        self._note((self._kind, "", key))
        return self._base.get(key, default)

    def __getitem__(self, key: str) -> Entity:
        self._note((self._kind, "", key))
        return self._base[key]

    def __contains__(self, key: object) -> bool:
        return self.get(key) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def values(self) -> ValuesView[Entity]:
        """Return all, and note that all were read."""
        return self._whole().values()

    def _whole(self) -> Mapping[str, Entity]:
        self._note((self._kind, ALL, ""))
        return self._base


class _Index(Index):
    """Who names what; what was asked for is noted."""

    __slots__ = ("_about", "_base", "_note")

    def __init__(self, about: tuple[str, str], base: Index, note: Callable[[Read], object]) -> None:
        super().__init__({})
        self._about: Final = about
        self._base: Final = base
        self._note: Final = note

    def get(self, ref: str) -> tuple[str, ...]:
        """Return the ids, and note what was asked for."""
        self._note((*self._about, ref))
        return self._base.get(ref)


def traced(snapshot: Snapshot, note: Callable[[Read], object]) -> Snapshot:
    """Return the same snapshot, which tells ``note`` of each read."""
    return Snapshot(
        revision=snapshot.revision,
        tables={
            cls: Table(
                cls,
                _Map(cls.KIND, table.by_id, note),
                {
                    name: _Index((cls.KIND, name), index, note)
                    for name, index in table.indexes.items()
                },
            )
            for cls, table in snapshot._tables.items()  # noqa: SLF001 - of the same package
        },
    )


def touched(before: Snapshot, after: Snapshot, changes: Iterable[Changed]) -> frozenset[Read]:
    """
    Return the reads that may give something else after these changes.

    Those whose fields name what a changed entity names are among them: they are given the entity.
    """
    found: set[Read] = set()
    for kind, entity_id in {(one.kind, one.id) for one in changes}:
        cls = CLASSES[kind]
        old, new = before.find(cls, entity_id), after.find(cls, entity_id)
        if old == new:
            continue
        found |= {(kind, "", entity_id), (kind, ALL, "")}
        for name, read in reference_paths(cls).items():
            found |= {
                (kind, name, ref) for one in (old, new) if one is not None for ref in read(one)
            }
    return frozenset(found)
