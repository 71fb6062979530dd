# SPDX-License-Identifier: Apache-2.0
"""The entities of one class by id, and by what they name; copied only where they change."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from territoire_sante.model import Entity
from territoire_sante.snapshot._layers import layered
from territoire_sante.snapshot._pool import Pool
from territoire_sante.snapshot._references import Values, reference_paths

# Most things are named once by one class: an id alone takes a third of a list of one.
_Ids = str | list[str]


class Index:
    """
    From what is named to the ids of those that name it, in the order of the ids.

    Lists are never changed once a snapshot was given away: :meth:`moved` puts new ones.
    """

    __slots__ = ("_ids",)

    def __init__(self, ids: Mapping[str, _Ids]) -> None:
        self._ids: Final = ids

    def get(self, ref: str) -> tuple[str, ...]:
        """Return the ids of those that name ``ref``."""
        found = self._ids.get(ref, ())
        return (found,) if isinstance(found, str) else tuple(found)

    def moved(self, moves: Iterable[tuple[str, str, bool]]) -> Index:
        """Return one in which ids are at other places: of what, which id, and whether now there."""
        edits: dict[str, _Ids | None] = {}
        for ref, entity_id, there in moves:
            known = edits[ref] if ref in edits else self._ids.get(ref)
            ids = [known] if isinstance(known, str) else list(known or ())
            if there:
                bisect.insort(ids, entity_id)
            else:
                ids.remove(entity_id)
            edits[ref] = ids if len(ids) > 1 else ids[0] if ids else None
        return Index(layered(self._ids, edits))


class Table:
    """All entities of one class; frozen once it is part of a snapshot."""

    __slots__ = ("_paths", "by_id", "indexes")

    def __init__(
        self, cls: type[Entity], by_id: Mapping[str, Entity], indexes: Mapping[str, Index]
    ) -> None:
        self._paths: Final[Mapping[str, Values]] = reference_paths(cls)
        self.by_id: Final = by_id
        self.indexes: Final = indexes

    @classmethod
    def of(cls, kind: type[Entity], entities: Iterable[Entity]) -> Table:
        """Fill a table in one pass; ``entities`` come in the order of their ids."""
        by_id: dict[str, Entity] = {}
        indexes: dict[str, dict[str, _Ids]] = {name: {} for name in reference_paths(kind)}
        paths = [(read, indexes[name]) for name, read in reference_paths(kind).items()]
        pool = Pool(kind)
        for entity in entities:
            pool.share(entity)
            by_id[entity.id] = entity
            for read, index in paths:
                # Not a set: the same thing named twice is rare, and order must not depend on it.
                for ref in dict.fromkeys(read(entity)):
                    _append(index, ref, entity.id)
        return cls(kind, by_id, {name: Index(index) for name, index in indexes.items()})

    def changed(self, kind: type[Entity], entities: Mapping[str, Entity | None]) -> Table:
        """Return the table with these entities, ``None`` for those that are gone."""
        moves: dict[str, list[tuple[str, str, bool]]] = {}
        for entity_id, entity in entities.items():
            old = self.by_id.get(entity_id)
            for name, read in self._paths.items():
                before = frozenset(() if old is None else read(old))
                after = frozenset(() if entity is None else read(entity))
                if before != after:
                    moves.setdefault(name, []).extend(
                        (ref, entity_id, ref in after) for ref in before ^ after
                    )
        indexes = {
            name: index.moved(moves[name]) if name in moves else index
            for name, index in self.indexes.items()
        }
        return Table(kind, layered(self.by_id, entities), indexes)

    def __iter__(self) -> Iterator[Entity]:
        return iter(self.by_id.values())


def _append(index: dict[str, _Ids], ref: str, entity_id: str) -> None:
    """Add an id, which comes after all others that name the same."""
    found = index.get(ref)
    if found is None:
        index[ref] = entity_id
    elif isinstance(found, str):
        index[ref] = [found, entity_id]
    else:
        found.append(entity_id)
