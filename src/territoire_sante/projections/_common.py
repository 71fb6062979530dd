# SPDX-License-Identifier: Apache-2.0
"""What all projections share: stable identifiers, hidden entities, references, differences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeVar

from territoire_sante import model
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import Entity, derived_uuid
from territoire_sante.projections._contract import Reader, Removal

E = TypeVar("E", bound=Entity)

_LENGTH: Final = 36


def is_derived(uid: str, entity_id: str) -> bool:
    """Say whether ``uid`` is what :func:`derived_uuid` gives; most are seen at once not to be."""
    return len(uid) == _LENGTH and uid == derived_uuid(entity_id)


def urn(entity_id: str) -> str:
    """Return the same as ``urn:uuid:…`` (RFC 9562, 4)."""
    return f"urn:uuid:{derived_uuid(entity_id)}"


def find_visible(reader: Reader, cls: type[E], id_: str, audience: model.Visibility) -> E | None:
    """
    Return the entity to write to, ``None`` if there is none yet.

    Raises:
        InvalidValueError: it is there, and hidden from this audience.
    """
    entity = reader.find(cls, id_)
    if entity is None or entity.visibility.may_be_seen_by(audience):
        return entity
    raise InvalidValueError(
        "this item is already known here, and not shown to the audience of this link",
        where=id_,
        remedy="Widen its visibility, or take the item out of the shared collection",
    )


def id_for(cls: type[Entity], key: str | None, uid: str) -> str:
    """
    Return ``key``, or the id that ``uid`` gives a new entity.

    Raises:
        InvalidValueError: there is neither.
    """
    if key is not None:
        return key
    if not uid:
        raise InvalidValueError(
            "the item has no UID, so that it could not be recognised again",
            where="uid",
            remedy="Give it one, for instance a random UUID",
        )
    return model.make_id(cls.ID_KINDS[0], uid)


def same(one: Any, other: Any) -> bool:
    """
    Say whether two values are the same, zone included.

    Aware datetimes of one instant are equal in Python; to a calendar they differ.
    """
    return one is other or (bool(one == other) and repr(one) == repr(other))


def differing(fields: Iterable[str], view: object, before: object | None) -> dict[str, Any]:
    """Return those ``fields`` of ``view`` that ``before`` has otherwise; all without a before."""
    return {
        name: getattr(view, name)
        for name in fields
        if before is None or not same(getattr(view, name), getattr(before, name))
    }


def not_carried(changed: Iterable[str], view: object, after: object) -> frozenset[str]:
    """Return those ``changed`` fields that are shown otherwise than they were given."""
    return frozenset(
        name
        for name in changed
        if (given := getattr(view, name)) is not (shown := getattr(after, name))
        and not same(given, shown)
    )


def removal(reader: Reader, cls: type[Entity], key: str) -> Removal:
    """Return the deletion of ``key``, unless another entity refers to it."""
    naming = (model.Person, model.Merge, model.Distinction)
    for entity in reader.referring(Entity, key):
        # Persons hold free text only, and what was decided on duplicates names what is gone.
        if entity.id != key and not isinstance(entity, naming) and key in _texts(entity):
            return Removal(kept_because=f"{entity.id} refers to it")
    return Removal(delete=((cls, key),) if reader.find(cls, key) is not None else ())


def _texts(value: object) -> Iterator[str]:
    """Yield every text in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | frozenset):
        for member in value:
            yield from _texts(member)
    else:
        for field in getattr(value, "__attrs_attrs__", ()):
            yield from _texts(getattr(value, field.name))
