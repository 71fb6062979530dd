# SPDX-License-Identifier: Apache-2.0
"""Merging two records, undoing it, and declaring that two are not the same."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import attrs

from territoire_sante.cooperation.duplicates._plan import (
    MERGEABLE,
    MergePlan,
    naming,
    refuse_distinct,
)
from territoire_sante.errors import InvalidValueError, PlanOutdatedError
from territoire_sante.model import Distinction, Entity, Merge, aliases_of, make_id, repointed
from territoire_sante.serialization import KINDS

if TYPE_CHECKING:
    from territoire_sante.store import Change, Store, Transaction


def merge(store: Store, plan: MergePlan, *, now: dt.datetime | None = None) -> Merge:
    """
    Carry out a plan: one record stays, all that named the other one names it, in one transaction.

    The dropped record's id stays known as another name of the kept one, and what is lost stays in
    the history; :func:`undo_merge` brings it back.

    Args:
        store: the store the plan was made for.
        plan: what to do.
        now: the time that is noted, aware; the present if left out.

    Raises:
        PlanOutdatedError: one of both was changed since; nothing was written.
        InvalidValueError: somebody declared since that they are not the same.
    """
    cls, keep, drop = type(plan.kept), plan.kept.id, plan.dropped.id
    with store.transaction() as transaction:
        for one in (plan.kept, plan.dropped):
            if transaction.find(cls, one.id) != one:
                raise PlanOutdatedError(
                    "it was changed since the merge was planned",
                    where=one.id,
                    remedy="Plan again",
                )
        refuse_distinct(transaction, keep, drop)
        before = transaction.last_revision()
        named = [repointed(one, {drop: keep}) for one in naming(transaction, keep, drop)]
        transaction.put(plan.result, *named)
        last = transaction.delete(cls, drop)
        record = Merge(
            id=make_id("merge", f"{drop} > {keep} > {last}"),
            kept_id=keep,
            dropped_id=drop,
            at=now if now is not None else dt.datetime.now(dt.UTC),
            reason=plan.reason,
            first_revision=before + 1,
            last_revision=last,
        )
        transaction.put(record)
    return record


@attrs.frozen(kw_only=True)
class Kept:
    """
    A field that an undone merge had changed, and that was changed again since: it stays.

    An empty ``field`` means that the record itself was deleted or made anew since.
    """

    id: str
    field: str = ""


@attrs.frozen(kw_only=True)
class Undone:
    """
    What undoing a merge did.

    Attributes:
        merge: the merge that is no more.
        restored: the ids of what is as before, as far as nobody changed it.
        kept: what was changed since and was left as it is; a person has to look at it.
    """

    merge: Merge
    restored: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = ()


def undo_merge(store: Store, merge_id: str) -> Undone:
    """
    Bring back both records as they were, and what named them, in one transaction.

    Field by field: one that was changed since the merge stays and is told. What came to the
    kept record since stays with it.

    Raises:
        EntityNotFoundError: there is no such merge.
        InvalidValueError: it cannot be undone: it was made in another store, the dropped
            record was erased, or a later merge has to be undone first.
    """
    with store.transaction() as transaction:
        record = transaction.get(Merge, merge_id)
        changes = _changes(transaction, record)
        _refuse_buried(transaction, record)
        restored: list[str] = []
        kept: list[Kept] = []
        for change in changes:
            cls = KINDS[change.kind]
            before, after = _versions(transaction, cls, change)
            current = transaction.find(cls, change.id)
            if before is None or (current is None) is not (after is None):
                kept.append(Kept(id=change.id))
                continue
            result, fields = _back(before, after, current)
            kept.extend(Kept(id=change.id, field=one) for one in fields)
            transaction.put(result)
            restored.append(change.id)
        transaction.delete(Merge, record.id)
    return Undone(merge=record, restored=tuple(restored), kept=tuple(kept))


def _changes(transaction: Transaction, record: Merge) -> list[Change]:
    """Return what the merge changed, from the log of the store in which it was made."""
    found = []
    for change in transaction.changes(record.first_revision - 1):
        if change.revision > record.last_revision:
            break
        found.append(change)
    own = transaction.history(Merge, record.id)
    here = bool(own) and own[0].revision == record.last_revision + 1
    last = found[-1] if found else None
    if last is None or not here or (last.id, last.operation) != (record.dropped_id, "delete"):
        raise InvalidValueError(
            "this merge was not made in this store, which does not know what was before",
            where=record.id,
            remedy="Undo it in the store where it was made",
        )
    return found


def _refuse_buried(transaction: Transaction, record: Merge) -> None:
    for later in transaction.referring(Merge, record.kept_id):
        if later.dropped_id == record.kept_id:
            raise InvalidValueError(
                f"{record.kept_id} was merged into {later.kept_id} since",
                where=record.id,
                remedy=f"Undo {later.id} first",
            )


def _versions(
    transaction: Transaction, cls: type[Entity], change: Change
) -> tuple[Entity | None, Entity | None]:
    """Return an entity before and after a change, the first of which must be known."""
    before: Entity | None = None
    for version in transaction.history(cls, change.id):
        if version.revision == change.revision:
            if before is None:
                break
            return before, version.entity
        before = version.entity
    raise InvalidValueError(
        "what it was before the merge was erased",
        where=change.id,
        remedy="What is erased cannot be brought back",
    )


def _back(before: Entity, after: Entity | None, current: Entity | None) -> tuple[Entity, list[str]]:
    """Return what an entity becomes again, and the fields that were changed since."""
    if after is None or current is None:
        return before, []
    back: dict[str, Any] = {}
    stays: list[str] = []
    for field in attrs.fields(type(before)):
        name = field.name
        old, new, now = (getattr(one, name) for one in (before, after, current))
        if old != new and now == new:
            back[name] = old
        elif old not in (new, now):
            stays.append(name)
    return attrs.evolve(current, **back), stays


def merged_ids(store: Store) -> dict[str, str]:
    """Return what became of each id that was merged into another one."""
    return aliases_of(store.all(Merge))


def not_duplicates(
    store: Store, first: str, second: str, *, on: dt.date, reason: str = ""
) -> Distinction:
    """
    Note that two records are not the same, so that they are not shown as duplicates again.

    Delete the distinction to take that back.

    Raises:
        InvalidValueError: they are one and the same record, or none that is merged.
    """
    kinds = {kind for cls in MERGEABLE for kind in cls.ID_KINDS}
    one, other = sorted((first, second))
    if one == other or not {one.partition(":")[0], other.partition(":")[0]} <= kinds:
        raise InvalidValueError(
            f"{first} and {second} are not two records that could be one",
            where="second",
            remedy="Give the ids of two persons, actors, projects or levers",
        )
    found = Distinction(
        id=make_id("distinction", f"{one} <> {other}"),
        first_id=one,
        second_id=other,
        decided_on=on,
        reason=reason,
    )
    store.put(found)
    return found
