# SPDX-License-Identifier: Apache-2.0
"""What a snapshot needs of a store, so that this package can stand below it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from territoire_sante.model import Entity

E = TypeVar("E", bound=Entity)


class Changed(Protocol):
    """One line of a store's log."""

    @property
    def kind(self) -> str:
        """The kind of the entity."""
        ...

    @property
    def id(self) -> str:
        """The id of the entity."""
        ...


class State(Protocol):
    """One state of a store, of which several things are read."""

    def find(self, cls: type[E], entity_id: str, /) -> E | None:
        """Return the entity, or ``None``."""
        ...

    def all(self, cls: type[E], /) -> Iterator[E]:
        """Yield the entities of a class in the order of their ids."""
        ...

    def changes(self, since: int = 0) -> Iterator[Changed]:
        """Yield what happened after a revision."""
        ...

    def last_revision(self) -> int:
        """Return the revision of the last change."""
        ...


class Source(Protocol):
    """Where snapshots are taken of: a store."""

    def reading(self) -> AbstractContextManager[State]:
        """Give one state to read from."""
        ...
