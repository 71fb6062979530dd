# SPDX-License-Identifier: Apache-2.0
"""Many small puts of one transaction, written as few large ones."""

from __future__ import annotations

import datetime as dt
import functools
import json
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from territoire_sante.model import Entity
from territoire_sante.store import _references
from territoire_sante.store._transaction import Prepared, Transaction, Version, decoded, prepared

E = TypeVar("E", bound=Entity)

_THESE: Final = (
    "SELECT id, data FROM entity WHERE kind = ? AND id IN (SELECT value FROM json_each(?))"
)


@functools.cache
def _values_of(fields: frozenset[str]) -> Callable[[Any], tuple[Any, ...]]:
    return operator.attrgetter("id", *fields)


def _same(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if one != other:
        return False
    # Aware datetimes of one instant are equal in Python, whatever their zones.
    if one.__class__ is other.__class__ is dt.datetime and one.tzinfo is other.tzinfo:
        return bool(one.fold == other.fold)
    return one.__class__ is other.__class__ is str or repr(one) == repr(other)


class Gathering:
    """
    A transaction whose puts wait for :meth:`write`; whatever is read sees them at once.

    Nothing else may be written through the transaction meanwhile. What cannot be stored is
    refused when it is put, as by the transaction itself.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._seen: dict[tuple[str, str], Any] = {}
        self._waiting: dict[tuple[str, str], Prepared] = {}

    def put(self, *entities: Entity) -> None:
        """
        Store entities; of the same one given twice the last counts.

        Raises:
            InvalidValueError: a field holds what cannot be read back.
        """
        self.put_prepared(*map(prepared, entities))

    def put_prepared(self, *entities: Prepared) -> None:
        """Store entities as :meth:`put` does, whose texts were made already."""
        for one in entities:
            key = type(one.entity).KIND, one.entity.id
            self._waiting[key] = one
            self._seen[key] = one.again

    def expect(self, cls: type[E], entity_ids: Sequence[str], /) -> None:
        """Look up at once what is going to be asked for one by one."""
        kind = cls.KIND
        wanted = [one for one in entity_ids if (kind, one) not in self._seen]
        rows = self._transaction.connection.execute(_THESE, (kind, json.dumps(wanted)))
        there = {one: decoded(cls, one, data) for one, data in rows}
        self._seen.update({(kind, one): there.get(one) for one in wanted})

    def reads_same(self, entity: Entity, fields: frozenset[str]) -> bool:
        """Say whether these fields of an entity that waits are read as they were put, zones too."""
        again = self._seen[type(entity).KIND, entity.id]
        values = _values_of(fields)
        return again is not None and all(map(_same, values(entity), values(again)))

    def write(self) -> None:
        """Write what waits."""
        waiting, self._waiting = [*self._waiting.values()], {}
        if waiting:
            self._transaction.put_prepared(waiting)

    def get(self, cls: type[E], entity_id: str, /) -> E:
        """Return the entity; raise ``EntityNotFoundError`` if there is none."""
        found = self.find(cls, entity_id)
        return self._transaction.get(cls, entity_id) if found is None else found

    def find(self, cls: type[E], entity_id: str, /) -> E | None:
        """Return the entity, or ``None``."""
        key = cls.KIND, entity_id
        if key not in self._seen:
            self._seen[key] = self._transaction.find(cls, entity_id)
        found: E | None = self._seen[key]
        return found

    def all(self, cls: type[E], /) -> Iterator[E]:
        """Yield the entities of a class in the order of their ids."""
        self.write()
        return self._transaction.all(cls)

    def revision(self, cls: type[Entity], entity_id: str, /) -> int:
        """Return the revision in which the entity last changed, 0 if there is none."""
        self.write()
        return self._transaction.revision(cls, entity_id)

    def history(self, cls: type[Entity], entity_id: str, /) -> list[Version]:
        """Return every version of an entity, oldest first."""
        self.write()
        return self._transaction.history(cls, entity_id)

    def referring(self, cls: type[E], entity_id: str, /) -> Iterator[E]:
        """Yield the entities of a class (``Entity``: of all) that name another one."""
        found: dict[tuple[str, str], Any] = {
            (type(one).KIND, one.id): one for one in self._transaction.referring(cls, entity_id)
        }
        for key, one in self._waiting.items():
            found.pop(key, None)
            named = entity_id in one.text and entity_id in _references.named_in(one.text)
            if named and entity_id != one.entity.id and cls in (Entity, type(one.entity)):
                found[key] = one.again
        for key in sorted(found):
            yield found[key]
