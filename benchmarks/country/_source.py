# SPDX-License-Identifier: Apache-2.0
"""A country in memory, of which snapshots are taken as of a store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import attrs

from territoire_sante.model import Entity


@attrs.frozen
class Change:
    """One line of the log."""

    kind: str
    id: str


class Made:
    """Entities in memory; what is put afterwards is in its log."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._kinds: dict[str, dict[str, Entity]] = {}
        self._log: list[Change] = []
        for one in entities:
            self._kinds.setdefault(one.KIND, {})[one.id] = one

    def put(self, entity: Entity) -> None:
        """Change one entity, or add it."""
        self._kinds.setdefault(entity.KIND, {})[entity.id] = entity
        self._log.append(Change(entity.KIND, entity.id))

    def count(self) -> int:
        """Return how many there are."""
        return sum(map(len, self._kinds.values()))

    @contextmanager
    def reading(self) -> Iterator[Made]:
        """Give one state to read from."""
        yield self

    def find(self, cls: type[Any], entity_id: str, /) -> Any:
        """Return the entity, or ``None``."""
        return self._kinds.get(cls.KIND, {}).get(entity_id)

    def all(self, cls: type[Any], /) -> Iterator[Any]:
        """Yield the entities of a class in the order of their ids."""
        for _, one in sorted(self._kinds.get(cls.KIND, {}).items()):
            yield one

    def changes(self, since: int = 0) -> Iterator[Change]:
        """Yield what was put after a revision."""
        yield from self._log[since:]

    def last_revision(self) -> int:
        """Return the number of changes."""
        return len(self._log)
