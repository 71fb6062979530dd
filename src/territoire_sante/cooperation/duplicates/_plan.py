# SPDX-License-Identifier: Apache-2.0
"""What merging two records would do: which values stay, and who names the one that goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from territoire_sante.cooperation.duplicates._choices import Choice, choices
from territoire_sante.errors import EntityNotFoundError, InvalidValueError
from territoire_sante.model import (
    Actor,
    CareProject,
    Distinction,
    Entity,
    Lever,
    Merge,
    Person,
    repointed,
)

if TYPE_CHECKING:
    from territoire_sante.store import Reader, Store

#: What can be merged.
MERGEABLE: Final[tuple[type[Entity], ...]] = (Person, Actor, CareProject, Lever)

_BY_ID: Final = {kind: cls for cls in MERGEABLE for kind in cls.ID_KINDS}


@attrs.frozen(kw_only=True)
class Repointed:
    """A record that names the one that goes, and the fields in which it does."""

    id: str
    kind: str
    fields: tuple[str, ...]


@attrs.frozen(kw_only=True)
class MergePlan:
    """
    What a merge would do; it is data, and nothing was changed.

    Attributes:
        kept: the record that stays, as it is.
        dropped: the record that goes into it, as it is.
        result: the record that stays, as it will be.
        choices: the fields in which they differ.
        repointed: what names the dropped record, and will name the kept one.
        links: the links on whose other side the dropped record has a card; the next run deletes
            it there, with the usual guard.
        reason: why they are one, as somebody put it.
    """

    kept: Entity
    dropped: Entity
    result: Entity
    choices: tuple[Choice, ...] = ()
    repointed: tuple[Repointed, ...] = ()
    links: tuple[str, ...] = ()
    reason: str = ""


def plan_merge(
    store: Store,
    keep: str,
    drop: str,
    *,
    choose: Mapping[str, Any] | None = None,
    links: Iterable[str] = (),
    reason: str = "",
) -> MergePlan:
    """
    Return what it would do to merge the record ``drop`` into ``keep``.

    Of two values, the one in ``choose`` stays, else the verified one, the one verified more
    recently, the fuller one, that of the kept record. Lists are united, the narrower
    visibility and an objection hold for both.

    Args:
        store: where both are.
        keep: the id that stays.
        drop: the id that goes; whoever says it afterwards means ``keep``.
        choose: values by field, where people decide otherwise.
        links: the names of the links that know the dropped record.
        reason: why they are one.

    Raises:
        InvalidValueError: they are not two records of one kind, somebody decided that they are not
            the same, or there is no such field.
        EntityNotFoundError: there is no such record.
    """
    cls = _class_of(keep, drop)
    with store.reading() as reader:
        kept, dropped = _found(reader, cls, keep), _found(reader, cls, drop)
        refuse_distinct(reader, keep, drop)
        wishes = {**(choose or {})}
        _refuse_unknown(cls, wishes)
        decided = choices(kept, dropped, wishes)
        return MergePlan(
            kept=kept,
            dropped=dropped,
            result=_result(kept, decided, drop),
            choices=decided,
            repointed=tuple(_told(naming(reader, keep, drop), drop, keep)),
            links=tuple(links),
            reason=reason,
        )


def naming(reader: Reader, keep: str, drop: str) -> Iterator[Entity]:
    """Yield what names the dropped record and is to name the kept one."""
    for one in reader.referring(Entity, drop):
        # What earlier merges did is history; they are followed from one to the next.
        if one.id not in (keep, drop) and not isinstance(one, Merge):
            yield one


def _class_of(keep: str, drop: str) -> type[Entity]:
    classes = {_BY_ID.get(one.partition(":")[0]) for one in (keep, drop)}
    cls = classes.pop()
    if keep == drop or classes or cls is None:
        names = ", ".join(one.__name__ for one in MERGEABLE)
        raise InvalidValueError(
            f"{keep} and {drop} are not two records of one kind that can be merged",
            where="drop",
            remedy=f"Give the ids of two of one of: {names}",
        )
    return cls


def _found(reader: Reader, cls: type[Entity], entity_id: str) -> Entity:
    found = reader.find(cls, entity_id)
    if found is None:
        gone = next((m for m in reader.all(Merge) if m.dropped_id == entity_id), None)
        raise EntityNotFoundError(
            f"no {cls.KIND} is stored under this id",
            where=entity_id,
            remedy=f"It was merged into {gone.kept_id}" if gone else "Look for it by its name",
        )
    return found


def refuse_distinct(reader: Reader, keep: str, drop: str) -> None:
    """
    Make sure that nobody declared the two not to be the same.

    Raises:
        InvalidValueError: somebody did.
    """
    for one in reader.referring(Distinction, drop):
        if {one.first_id, one.second_id} == {keep, drop}:
            raise InvalidValueError(
                f"{keep} and {drop} were declared not to be the same: {one.reason or one.id}",
                where="drop",
                remedy=f"Delete {one.id} first if that was wrong",
            )


def _refuse_unknown(cls: type[Entity], wishes: Mapping[str, Any]) -> None:
    there = [field.name for field in attrs.fields(cls) if field.name != "id"]
    if wrong := [name for name in wishes if name not in there]:
        raise InvalidValueError(
            f"{cls.__name__} has no field {wrong[0]!r} to choose",
            where="choose",
            remedy=f"There are: {', '.join(there)}",
        )


def _result(kept: Entity, decided: Iterable[Choice], drop: str) -> Entity:
    merged = attrs.evolve(kept, **{one.field: one.value for one in decided})
    clean = {
        field.name: _without(value, {kept.id, drop})
        for field in attrs.fields(type(merged))
        if field.name != "id" and _names(value := getattr(merged, field.name), {kept.id, drop})
    }
    return attrs.evolve(merged, **clean) if clean else merged


def _names(value: Any, ids: set[str]) -> bool:
    if isinstance(value, tuple):
        return any(isinstance(one, str) and one in ids for one in value)
    return isinstance(value, str) and value in ids


def _without(value: Any, ids: set[str]) -> Any:
    """Return a field without the two: a record is not its own parent or partner."""
    if isinstance(value, tuple):
        return tuple(one for one in value if one not in ids)
    return ""


def _told(entities: Iterable[Entity], drop: str, keep: str) -> Iterator[Repointed]:
    for one in entities:
        after = repointed(one, {drop: keep})
        fields = tuple(
            field.name
            for field in attrs.fields(type(one))
            if getattr(one, field.name) != getattr(after, field.name)
        )
        # What another system calls by this id is none of ours.
        if fields:
            yield Repointed(id=one.id, kind=type(one).KIND, fields=fields)
