# SPDX-License-Identifier: Apache-2.0
"""What a register changes in an entity that is stored already: field by field, nothing unsaid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import attrs

from territoire_sante.model import Actor, ContactPoint, Entity, Identifier, Period, Person


@attrs.frozen(kw_only=True)
class FieldChange:
    """One field before and after, as values of the model."""

    field: str
    before: Any
    after: Any


@attrs.frozen(kw_only=True)
class EntityChange:
    """What differs between an entity that is stored and what a register says of it."""

    id: str
    name: str
    fields: tuple[FieldChange, ...]

    def __str__(self) -> str:
        told = "; ".join(f"{one.field}: {one.before!r} -> {one.after!r}" for one in self.fields)
        return f"{self.id} ({self.name}): {told}"


# Nobody but a person decides on these; an appointment without a person was anonymised.
_A_PERSONS: Final = frozenset(
    {"id", "visibility", "verified_on", "uid", "review_every", "opposed", "person_id"}
)

# A default that is a statement: who was closed is open again.
_STATED: Final = frozenset({(Actor, "status")})

# Of these a register gives the part it knows, and says nothing of the rest.
_Key = Callable[[Any], str]


def _scheme(identifier: Identifier) -> str:
    return identifier.scheme


def _kind_of_id(value: str) -> str:
    return value.partition(":")[0]


_IN_PARTS: Final[dict[str, _Key]] = {
    "identifiers": _scheme,
    "parent_ids": _kind_of_id,
    "tags": str,
}


def same_source(stored: Entity, incoming: Entity) -> bool:
    """Say whether both were told by the same register."""
    if stored.provenance is None or incoming.provenance is None:
        return False
    return stored.provenance.source == incoming.provenance.source


def merged(stored: Entity, incoming: Entity) -> Entity:
    """
    Return what is to be stored after a register was read again.

    The same register replaces what it said, one that says nothing of a field leaves it, and
    another register only fills what is empty. Contact points that a person verified stay, and
    so does what people changed of one that the register still lists. When it was retrieved is
    no change by itself.
    """
    ours = same_source(stored, incoming)
    changes = {
        field.name: value
        for field in attrs.fields(type(stored))
        if field.name not in _A_PERSONS
        and (value := _field(stored, incoming, field, ours=ours)) != getattr(stored, field.name)
    }
    return attrs.evolve(stored, **changes) if changes else stored


def wished(stored: Entity, incoming: Entity) -> Entity:
    """Return what would be stored if this register were the one that is believed."""
    if not same_source(stored, incoming):
        stored = attrs.evolve(stored, provenance=incoming.provenance)
    return merged(stored, incoming)


def with_members_of(stored: Entity, result: Entity) -> Entity:
    """Return ``result`` with the members of lists that only ``stored`` has, behind its own."""
    lists: dict[str, Any] = {
        field.name: (*new, *lost)
        for field in attrs.fields(type(stored))
        if isinstance(new := getattr(result, field.name), tuple)
        and (lost := [one for one in getattr(stored, field.name) if not _is_in(one, new)])
    }
    return attrs.evolve(result, **lists) if lists else result


def _is_in(member: Any, members: tuple[Any, ...]) -> bool:
    if isinstance(member, ContactPoint):
        return any((one.kind, one.value) == (member.kind, member.value) for one in members)
    return member in members


def difference(before: Entity, after: Entity) -> EntityChange | None:
    """Return how two states of an entity differ; ``None`` if they don't."""
    fields = tuple(
        FieldChange(field=field.name, before=old, after=new)
        for field in attrs.fields(type(before))
        if (old := getattr(before, field.name)) != (new := getattr(after, field.name))
    )
    return EntityChange(id=before.id, name=title(before), fields=fields) if fields else None


def title(entity: Entity) -> str:
    """Return the name by which people know it."""
    if isinstance(entity, Person):
        return entity.display_name
    return str(getattr(entity, "name", "") or getattr(entity, "title", ""))


def _field(stored: Entity, incoming: Entity, field: attrs.Attribute[Any], *, ours: bool) -> Any:
    old, new = getattr(stored, field.name), getattr(incoming, field.name)
    if field.name == "provenance":
        return _provenance(stored, incoming) if ours else old
    if field.name in _IN_PARTS:
        return _parts(old, new, _IN_PARTS[field.name], ours=ours)
    if field.name == "contact_points" and new and ours:
        return _points(old, new)
    if isinstance(old, Period) and isinstance(new, Period) and _is_ended(old, new):
        return old
    if new == field.default and (type(stored), field.name) not in _STATED:
        return old
    return new if ours or old == field.default else old


def _provenance(stored: Entity, incoming: Entity) -> Any:
    old, new = stored.provenance, incoming.provenance
    assert old is not None  # noqa: S101 - both are of the same source
    assert new is not None  # noqa: S101 - likewise
    same = attrs.evolve(new, retrieved_on=old.retrieved_on, checksum=old.checksum)
    return old if same == old else new


def _is_ended(old: Period, new: Period) -> bool:
    """Say whether people ended what a register, which knows no ends, goes on listing."""
    return old.start == new.start and old.end is not None and new.end is None


def _points(
    old: tuple[ContactPoint, ...], new: tuple[ContactPoint, ...]
) -> tuple[ContactPoint, ...]:
    """Take those of the register, as people changed them, and keep those they verified."""
    known = {(one.kind, one.value): one for one in old}
    listed = {(one.kind, one.value): one for one in new}
    kept = [one for key, one in known.items() if one.verified_on is not None and key not in listed]
    return (*(known.get(key, one) for key, one in listed.items()), *kept)


def _parts(old: tuple[Any, ...], new: tuple[Any, ...], key: _Key, *, ours: bool) -> Any:
    """Join by kind: the newer ones of a kind stand in the place of the old ones."""
    kinds_old, kinds_new = {key(one) for one in old}, {key(one) for one in new}
    replaced = kinds_new if ours else kinds_new - kinds_old
    kept = [one for one in old if key(one) not in replaced]
    added = [one for one in new if key(one) in replaced]
    if set(kept + added) == set(old):
        return old
    return (*kept, *added)
