# SPDX-License-Identifier: Apache-2.0
"""What every stored entity has: an id, a visibility, a provenance, a verification date."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import ClassVar, TypeVar

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.model._values import Provenance, Visibility

_LOCAL = re.compile(r"[A-Za-z0-9._~@:+-]{1,200}")

# Fixed for ever: ids derived from foreign identifiers must not change between versions.
_NAMESPACE = uuid.UUID("6f2b8d0e-7d1c-5c58-9f0b-3b1f5f0f6a11")

# Likewise: calendars and address books know the items by what is derived from it.
_UIDS = uuid.UUID("0d6b6e63-3d0c-5b1e-8a55-6f0a3f0c9b57")


def make_id(kind: str, strong: str) -> str:
    """
    Return the id of an entity that a strong identifier names, for ever the same.

    ``strong`` (an INSEE code, a SIREN, a FINESS number, a UID) is kept as it
    is where it can stand in an id; otherwise a version 5 UUID is derived from it.

    >>> make_id("commune", "48095")
    'commune:48095'
    """
    local = strong if _LOCAL.fullmatch(strong) else str(uuid.uuid5(_NAMESPACE, f"{kind}:{strong}"))
    return f"{kind}:{local}"


def derived_uuid(entity_id: str) -> str:
    """
    Return the UUID of an entity that has no UID of its own, for ever the same.

    >>> derived_uuid("event:1")
    '647829b6-eda0-52f9-9dc4-17f1e98a0004'
    """
    return str(uuid.uuid5(_UIDS, entity_id))


def _valid_id(instance: Entity, attribute: attrs.Attribute[str], value: str) -> None:
    kind, _, local = value.partition(":")
    if kind not in type(instance).ID_KINDS or not _LOCAL.fullmatch(local):
        wanted = " or ".join(f"{k}:…" for k in type(instance).ID_KINDS)
        message = f"{value!r} is not an id of {type(instance).__name__}"
        raise InvalidValueError(
            message,
            where=attribute.name,
            remedy=f"Write {wanted}, then letters, digits or . _ ~ @ : + - (200 at most)",
        )


@attrs.frozen(kw_only=True)
class Entity:
    """
    The common part of everything that is stored.

    ``id`` is text ``kind:local``. ``verified_on`` is the day on which a person
    last confirmed the record; ``None`` means never.
    """

    KIND: ClassVar[str] = "entity"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("entity",)

    id: str = attrs.field(validator=_valid_id)
    visibility: Visibility = Visibility.PARTNERS
    provenance: Provenance | None = None
    verified_on: dt.date | None = None


E_co = TypeVar("E_co", bound=Entity, covariant=True)
