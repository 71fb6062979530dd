# SPDX-License-Identifier: Apache-2.0
"""The entities of one class by id, and by what they name; copied only where they change."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from territoire_sante.model import Entity
from territoire_sante.snapshot._pool import Pool
from territoire_sante.snapshot._references import Values, reference_paths

# Most things are named once by one class: an id alone takes a third of a list of one.
_Ids = str | list[str]


class Index:
    """
    From what is named to the ids of those that name it, in the order of the ids.

    Lists are never changed once a snapshot was given away: :meth:`replace` puts new ones.
    """

    __slots__ = ("_ids",)

    def __init__(self, ids: dict[str, _Ids] | None = None) -> None:
        self._ids: dict[str, _Ids] = {} if ids is None else ids

    def get(self, ref: str) -> tuple[str, ...]:
        """Return the ids of those that name ``ref``."""
        found = self._ids.get(ref, ())
        return (found,) if isinstance(found, str) else tuple(found)

    def keys(self) -> Iterable[str]:
        """Return all that is named."""
        return self._ids.keys()

    def append(self, ref: str, entity_id: str) -> None:
        """Add the id, which comes after all others; only while the index is first filled."""
        found = self._ids.get(ref)
        if found is None:
            self._ids[ref] = entity_id
        elif isinstance(found, str):
            self._ids[ref] = [found, entity_id]
        else:
            found.append(entity_id)

    def copy(self) -> Index:
        """Return one that can be changed without changing this."""
        return Index(dict(self._ids))

    def add(self, ref: str, entity_id: str) -> None:
        """Add an id at its place."""
        found = list(self.get(ref))
        bisect.insort(found, entity_id)
        self._ids[ref] = found if len(found) > 1 else entity_id

    def remove(self, ref: str, entity_id: str) -> None:
        """Take an id out."""
        rest = [one for one in self.get(ref) if one != entity_id]
        if not rest:
            del self._ids[ref]
        else:
            self._ids[ref] = rest if len(rest) > 1 else rest[0]


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
        indexes = {name: Index() for name in reference_paths(kind)}
        paths = [(read, indexes[name]) for name, read in reference_paths(kind).items()]
        pool = Pool(kind)
        for entity in entities:
            pool.share(entity)
            by_id[entity.id] = entity
            for read, index in paths:
                # Not a set: the same thing named twice is rare, and order must not depend on it.
                for ref in dict.fromkeys(read(entity)):
                    index.append(ref, entity.id)
        return cls(kind, by_id, indexes)

    def changed(self, kind: type[Entity], entities: Mapping[str, Entity | None]) -> Table:
        """Return the table with these entities, ``None`` for those that are gone."""
        by_id = dict(self.by_id)
        indexes = dict(self.indexes)
        for entity_id, entity in entities.items():
            old = by_id.pop(entity_id, None) if entity is None else by_id.get(entity_id)
            if entity is not None:
                by_id[entity_id] = entity
            for name, read in self._paths.items():
                before = frozenset(() if old is None else read(old))
                after = frozenset(() if entity is None else read(entity))
                if before != after:
                    if indexes[name] is self.indexes[name]:
                        indexes[name] = self.indexes[name].copy()
                    _move(indexes[name], entity_id, before - after, after - before)
        if entities.keys() & by_id.keys() - self.by_id.keys():
            by_id = dict(sorted(by_id.items()))
        return Table(kind, by_id, indexes)

    def __iter__(self) -> Iterator[Entity]:
        return iter(self.by_id.values())


def _move(index: Index, entity_id: str, gone: Iterable[str], new: Iterable[str]) -> None:
    for ref in gone:
        index.remove(ref, entity_id)
    for ref in new:
        index.add(ref, entity_id)
