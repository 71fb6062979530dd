# SPDX-License-Identifier: Apache-2.0
"""What a rule is tried on: a few entities, a day, and what it has to find."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import Entity
from territoire_sante.snapshot import Changed, Snapshot

E = TypeVar("E", bound=Entity)

#: The day that cases are about unless they say another.
DAY: Final = dt.date(2026, 3, 28)


def _by_id(entity: Entity) -> str:
    return entity.id


@attrs.frozen
class _Entities:
    """As much of a store as a snapshot is taken of."""

    held: tuple[Entity, ...]

    @contextmanager
    def reading(self) -> Iterator[_Entities]:
        yield self

    def find(self, cls: type[E], entity_id: str, /) -> E | None:
        return next((one for one in self.all(cls) if one.id == entity_id), None)

    def all(self, cls: type[E], /) -> Iterator[E]:
        return iter(sorted((one for one in self.held if type(one) is cls), key=_by_id))

    def changes(self, since: int = 0) -> Iterator[Changed]:  # noqa: ARG002 - nothing changes
        return iter(())

    def last_revision(self) -> int:
        return 0


def snapshot_of(*entities: Entity) -> Snapshot:
    """
    Return a snapshot of these entities, without a store.

    >>> from territoire_sante.model import Event
    >>> snapshot_of(Event(id="event:a", summary="A")).name_of("event:a")
    'A'
    """
    return Snapshot.of(_Entities(entities))


@attrs.frozen(kw_only=True)
class RuleCase:
    """
    Entities, and the ids of the subjects that a rule finds something about.

    ``today`` and ``parameters`` (those that differ from the defaults) are what delays are counted
    with. ``unknown`` marks a case in which the rule is silent because something is not known,
    not because all is well.
    """

    entities: tuple[Entity, ...]
    finds: tuple[str, ...] = ()
    today: dt.date = DAY
    parameters: Mapping[str, Any] = attrs.field(factory=dict)
    unknown: bool = False

    def __attrs_post_init__(self) -> None:
        if self.unknown and self.finds:
            raise InvalidValueError(
                "a case in which something is not known finds nothing",
                where="RuleCase.finds",
                remedy="Leave out unknown=True, or what it finds",
            )

    @property
    def snapshot(self) -> Snapshot:
        """The entities as a rule sees them."""
        return snapshot_of(*self.entities)
