# SPDX-License-Identifier: Apache-2.0
"""Which sheets an audience does not see at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import attrs

from territoire_sante.model import (
    Appointment,
    Entity,
    LiaisonAssignment,
    Visibility,
)
from territoire_sante.privacy._levels import ENTITIES, FLOORS, ONE_OF, UNFINISHED
from territoire_sante.privacy._opposed import Opposed
from territoire_sante.snapshot import Snapshot


def chosen(snapshot: Snapshot, audience: Visibility, opposed: Opposed) -> set[str]:
    """Return the ids of the sheets that ``audience`` does not see."""
    hidden = {
        entity.id
        for cls in snapshot.classes
        for entity in snapshot.all(cls)
        if not sees(entity, audience)
    }
    hidden.update(_of_opposed(snapshot, opposed))
    queue = list(hidden)
    while queue:
        new = set(_dependents(snapshot, queue.pop(), hidden)) - hidden
        hidden |= new
        queue += new
    return hidden


def sees(entity: Entity, audience: Visibility) -> bool:
    """Say whether an audience may see a sheet, whatever it says."""
    cls = type(entity)
    floor = FLOORS.get(cls, Visibility.PUBLIC)
    if cls in UNFINISHED and getattr(entity, "state", None) is UNFINISHED[cls]:
        floor = max(floor, Visibility.TEAM, key=lambda level: level.rank)
    return entity.visibility.may_be_seen_by(audience) and floor.may_be_seen_by(audience)


def _of_opposed(snapshot: Snapshot, opposed: Opposed) -> Iterator[str]:
    """Yield the sheets of those who objected, their posts and their liaison roles."""
    for person_id in opposed.persons:
        yield person_id
        for post in snapshot.referring(Appointment, "person_id", person_id):
            yield post.id
            for role in snapshot.referring(LiaisonAssignment, "appointment_id", post.id):
                yield role.id


def _dependents(snapshot: Snapshot, gone: str, hidden: set[str]) -> Iterator[str]:
    """Yield the sheets that make no sense without this one."""
    for cls, field in _NEEDED:
        for entity in snapshot.referring(cls, field, gone):
            yield entity.id
    for cls, field in _OPTIONAL:
        for entity in snapshot.referring(cls, field, gone):
            if _without(entity, ONE_OF[cls], hidden):
                yield entity.id


def _needed(cls: type[Entity]) -> Iterable[str]:
    fields: Iterable[attrs.Attribute[Any]] = attrs.fields(cls)
    return [one.name for one in fields if one.default is attrs.NOTHING and one.name.endswith("_id")]


# Looked up once: there may be a hundred thousand hidden sheets.
_NEEDED: Final = tuple((cls, field) for cls in ENTITIES for field in _needed(cls))
_OPTIONAL: Final = tuple((cls, field) for cls in ENTITIES for field in ONE_OF.get(cls, ()))


def _without(entity: Entity, fields: Iterable[str], hidden: set[str]) -> bool:
    named = [getattr(entity, field) for field in fields]
    return all(not one or one in hidden for one in named)
