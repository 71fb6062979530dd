# SPDX-License-Identifier: Apache-2.0
"""The journal of conflicts: what both sides said, who won, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

import attrs

from territoire_sante.errors import EntityNotFoundError, InvalidValueError, TransitionError
from territoire_sante.model import Announcement, Contact, Entity, Event, Visibility
from territoire_sante.projections import projection_for
from territoire_sante.serialization import view_from_plain
from territoire_sante.store import Store
from territoire_sante.sync._state import JournalEntry, State, all_conflicts

__all__ = ["SIDES", "list", "resolve", "restore", "show"]

#: The two sides of a conflict.
SIDES: Final = ("local", "remote")

_VIEWS: Final[dict[str, type]] = {
    "event": Event,
    "announcement": Announcement,
    "person": Contact,
}


def list(store: Store, *, states: Sequence[str] = ("open",)) -> tuple[JournalEntry, ...]:
    """
    Return the conflicts of every link, oldest first.

    ``states``: ``open`` waits for a person, ``decided`` for the next run,
    ``settled`` is over; an empty sequence means all.
    """
    with store.transaction() as transaction:
        return tuple(all_conflicts(transaction.connection, states=states))


def show(store: Store, number: int) -> JournalEntry:
    """
    Return one conflict by its number.

    Raises:
        EntityNotFoundError: the journal has no such number.
    """
    for entry in list(store, states=()):
        if entry.id == number:
            return entry
    raise EntityNotFoundError(
        f"there is no conflict {number}",
        where="conflicts",
        remedy="List them to see their numbers",
    )


def resolve(store: Store, number: int, winner: str) -> JournalEntry:
    """
    Decide an open conflict; the next run applies it.

    ``winner`` is ``"local"`` or ``"remote"``.

    Raises:
        EntityNotFoundError: the journal has no such number.
        InvalidValueError: ``winner`` is no side.
        TransitionError: it is settled already.
    """
    entry = show(store, number)
    if winner not in SIDES:
        raise InvalidValueError(
            f"{winner!r} is no side of a conflict",
            where="winner",
            remedy="Say local or remote",
        )
    if entry.state == "settled":
        raise TransitionError(
            "the conflict is settled",
            state=entry.state,
            wish="resolve",
            allowed=("restore",),
            where=f"conflict {number}",
            remedy="Use restore to bring the losing values back",
        )
    with store.transaction() as transaction:
        State(transaction.connection, entry.link).mark(number, state="decided", winner=winner)
    return attrs.evolve(entry, state="decided", winner=winner)


def restore(store: Store, number: int) -> JournalEntry:
    """
    Bring back the losing values of a settled conflict, as a new edit made here.

    Raises:
        EntityNotFoundError: the journal has no such number, or the entity is gone.
        TransitionError: the conflict is not settled yet, or has no single values to restore.
    """
    entry = show(store, number)
    if entry.state != "settled" or not entry.fields or not entry.winner:
        raise TransitionError(
            "there are no losing values to restore",
            state=entry.state,
            wish="restore",
            allowed=("resolve",) if entry.state != "settled" else (),
            where=f"conflict {number}",
            remedy="Only the fields of a settled conflict can be restored",
        )
    loser = "remote" if entry.winner == "local" else "local"
    values = {field["field"]: field[loser] for field in entry.fields}
    view = _VIEWS.get(entry.key.partition(":")[0], Contact)
    projection = projection_for(
        cast("Any", view), audience=Visibility.PRIVATE, today=entry.at.date()
    )
    with store.transaction() as transaction:
        projected = projection.project_one(transaction, entry.key)
        if projected is None:
            raise EntityNotFoundError(
                "the entity of this conflict is gone",
                where=entry.key,
                remedy="Restore it from the history of the store first",
            )
        lost: Any = view_from_plain(view, {"uid": entry.uid, **values})
        changed = {name: getattr(lost, name) for name in values}
        wanted = attrs.evolve(projected.view, **changed)
        absorbed = projection.absorb(transaction, wanted, entry.key, frozenset(values))
        entities: tuple[Entity, ...] = absorbed.entities
        transaction.put(*entities)
    return entry
