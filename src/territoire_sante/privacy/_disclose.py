# SPDX-License-Identifier: Apache-2.0
"""What of a snapshot a given audience may see: the only thing that leaves the house."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import Entity, OppositionList, Visibility
from territoire_sante.privacy._chosen import chosen
from territoire_sante.privacy._opposed import Opposed
from territoire_sante.privacy._rewrite import Rewriter
from territoire_sante.snapshot import Changed, Snapshot, Source

E = TypeVar("E", bound=Entity)


@attrs.frozen(kw_only=True)
class Disclosed:
    """
    A snapshot that holds nothing but what ``audience`` may see; :func:`disclose` makes it.

    Whatever goes out of the house takes one of these, never the snapshot of a store.
    """

    audience: Visibility
    snapshot: Snapshot


def disclose(
    snapshot: Snapshot, audience: Visibility, *, opposition: OppositionList | None = None
) -> Disclosed:
    """
    Return what ``audience`` may see of a snapshot.

    Sheets whose visibility is narrower are left out, and so is what makes no sense without
    them; fields that are narrower are empty. Whoever objected is gone for every audience:
    their sheet, their posts and liaison roles, whatever names them, and their names and
    addresses in texts. ``opposition`` adds those who are only known by an address on the
    list. What is left names nothing that was left out.
    """
    opposed = Opposed.of(snapshot, opposition)
    hidden = chosen(snapshot, audience, opposed)
    while True:
        rewriter = Rewriter(audience=audience, opposed=opposed, hidden=hidden)
        kept: dict[type[Entity], dict[str, Entity]] = {}
        lost: set[str] = set()
        for cls in snapshot.classes:
            table = kept[cls] = {}
            for entity in snapshot.all(cls):
                if entity.id in hidden:
                    continue
                shown = rewriter.entity(entity)
                if shown is None:
                    lost.add(entity.id)
                else:
                    table[entity.id] = shown
        if not lost:
            picture = _Shown.of(_Picture(revision=snapshot.revision, tables=kept))
            return Disclosed(audience=audience, snapshot=picture)
        hidden |= lost


@attrs.frozen(kw_only=True, eq=False)
class _Shown(Snapshot):
    """A snapshot that never goes back to the store, where the hidden things are."""

    def refresh(self, source: Source) -> Snapshot:  # noqa: ARG002 - it is what a snapshot has
        """
        Refuse: what changed in the store was not chosen for this audience.

        Raises:
            InvalidValueError: always.
        """
        raise InvalidValueError(
            "what an audience may see is not read from a store",
            where="source",
            remedy="Refresh the snapshot of the store, and disclose that again",
        )


@attrs.frozen(kw_only=True, eq=False)
class _Picture:
    """Chosen entities as a source of a snapshot."""

    revision: int
    tables: Mapping[type[Entity], Mapping[str, Entity]]

    @contextmanager
    def reading(self) -> Iterator[_Picture]:
        """Give itself: it never changes."""
        yield self

    def find(self, cls: type[E], entity_id: str, /) -> E | None:
        """Return the entity, or ``None``."""
        found: Any = self.tables[cls].get(entity_id)
        entity: E | None = found
        return entity

    def all(self, cls: type[E], /) -> Iterator[E]:
        """Yield the entities of a class in the order of their ids."""
        entities: Any = self.tables.get(cls, {}).values()
        yield from entities

    def changes(self, since: int = 0) -> Iterator[Changed]:  # noqa: ARG002 - nothing ever does
        """Yield nothing."""
        return iter(())

    def last_revision(self) -> int:
        """Return the revision of the snapshot it was chosen from."""
        return self.revision
