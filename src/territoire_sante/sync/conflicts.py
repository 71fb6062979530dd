# SPDX-License-Identifier: Apache-2.0
"""
The journal of conflicts, and what was deleted: who won, what was lost, and the way back.

:func:`list`, :func:`show`, :func:`resolve` and :func:`restore` are about conflicts;
:func:`deleted` and :func:`undelete` about what runs deleted on either side, which is kept for
:attr:`Link.keep_deleted <territoire_sante.sync.Link>` days.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

import attrs

from territoire_sante.errors import (
    EntityNotFoundError,
    InvalidValueError,
    TransitionError,
    UnsupportedError,
)
from territoire_sante.model import Announcement, Contact, Entity, Event, Visibility
from territoire_sante.projections import is_one_way, projection_for
from territoire_sante.serialization import KINDS, from_stored, view_from_plain
from territoire_sante.store import Store, Transaction
from territoire_sante.sync import _tombstones
from territoire_sante.sync._records import JournalEntry
from territoire_sante.sync._state import State, all_conflicts
from territoire_sante.sync._tombstones import Tombstone

__all__ = ["SIDES", "deleted", "list", "resolve", "restore", "show", "undelete"]

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
        UnsupportedError: it was an edit of a deadline, booking or group, which are only shown.
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
    if is_one_way(entry.key):
        raise UnsupportedError(
            "what lost was an edit of something that is worked out from what is known here",
            where=f"conflict {number}",
            remedy="Edit what it is made of",
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
                remedy="Undelete it first if a run deleted it; else look in its history",
            )
        lost: Any = view_from_plain(view, {"uid": entry.uid, **values})
        changed = {name: getattr(lost, name) for name in values}
        wanted = attrs.evolve(projected.view, **changed)
        absorbed = projection.absorb(transaction, wanted, entry.key, frozenset(values))
        entities: tuple[Entity, ...] = absorbed.entities
        transaction.put(*entities)
    return entry


def deleted(store: Store, *, link: str = "") -> tuple[Tombstone, ...]:
    """
    Return what runs of one link, or of every link, deleted and what can be brought back.

    Oldest first. What is over its time goes at the next run.
    """
    with store.transaction() as transaction:
        return tuple(_tombstones.kept(transaction.connection, link=link))


def undelete(store: Store, number: int) -> Tombstone:
    """
    Bring back here what a run deleted; the next run creates it there again, as it was.

    Raises:
        EntityNotFoundError: there is no such number, or its content was forgotten.
        TransitionError: something is stored under its id: it never was deleted here, or it
            is back already.
    """
    with store.transaction() as transaction:
        tombstone = next(_tombstones.kept(transaction.connection, number=number), None)
        if tombstone is None:
            raise EntityNotFoundError(
                f"nothing that was deleted has the number {number}",
                where="conflicts",
                remedy="List what was deleted to see the numbers",
            )
        entities = _deleted_entities(transaction, tombstone)
        for entity in entities:
            if transaction.find(type(entity), entity.id) is not None:
                raise TransitionError(
                    "it is stored here",
                    state="stored",
                    wish="undelete",
                    where=entity.id,
                    remedy="If it was only hidden from the link's audience, widen its visibility",
                )
        transaction.put(*entities)
        _tombstones.mark_restored(transaction.connection, number)
    return attrs.evolve(tombstone, restored=True)


def _deleted_entities(transaction: Transaction, tombstone: Tombstone) -> tuple[Entity, ...]:
    """Return what was removed here: by the run, or before it by a person."""
    if tombstone.entities:
        return tuple(from_stored(plain) for plain in tombstone.entities)
    cls = KINDS[tombstone.kind]
    versions = transaction.history(cls, tombstone.key)
    entities = [version.entity for version in versions if version.entity is not None]
    if not entities:
        raise EntityNotFoundError(
            "no version of it is left here",
            where=tombstone.key,
            remedy="It was forgotten on purpose",
        )
    return (entities[-1],)
