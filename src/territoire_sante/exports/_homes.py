# SPDX-License-Identifier: Apache-2.0
"""Where each thing stands in a directory that is read place by place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from territoire_sante.exports._plain import code_in
from territoire_sante.model import (
    Actor,
    Appointment,
    CommuneCode,
    Convention,
    Entity,
    Event,
    Lever,
    LiaisonAssignment,
)
from territoire_sante.snapshot import Snapshot

_COMMUNE: Final = "commune:"


@attrs.frozen(kw_only=True)
class Place:
    """A section: a territory, and how deep it lies; without an id, what has no known place."""

    territory_id: str
    name: str
    level: int


def places(snapshot: Snapshot, used: Iterable[str]) -> Iterator[Place]:
    """Yield the EPCI each with its communes, the communes outside of them, then all others."""
    groups: dict[str, list[tuple[str, str]]] = {}
    others = []
    for one in used:
        name = snapshot.name_of(one)
        if one.startswith(_COMMUNE):
            groups.setdefault(_epci(snapshot, one), []).append((name, one))
        elif one.startswith("epci:"):
            groups.setdefault(one, [])
        elif one:
            others.append((name, one))
    outside = groups.pop("", [])
    for name, epci in sorted((snapshot.name_of(one), one) for one in groups):
        yield Place(territory_id=epci, name=name, level=2)
        for commune, territory_id in sorted(groups[epci]):
            yield Place(territory_id=territory_id, name=commune, level=3)
    for name, territory_id in (*sorted(outside), *sorted(others)):
        yield Place(territory_id=territory_id, name=name, level=2)
    yield Place(territory_id="", name="", level=2)


def _epci(snapshot: Snapshot, territory_id: str) -> str:
    code = code_in(CommuneCode, territory_id.removeprefix(_COMMUNE))
    found = snapshot.epci_of(code.value) if code is not None else None
    return found.id if found is not None else ""


def homes(snapshot: Snapshot) -> Mapping[str, list[Entity]]:
    """Return what stands at each territory, in the order of the kinds and of the ids."""
    found: dict[str, list[Entity]] = {}
    for cls in (Actor, LiaisonAssignment, Lever, Convention, Event):
        for one in snapshot.all(cls):
            found.setdefault(_home(snapshot, one), []).append(one)
    return found


def _home(snapshot: Snapshot, one: Entity) -> str:
    match one:
        case Actor():
            return one.territory_id or _smallest(snapshot, one.coverage)
        case Lever():
            return _smallest(snapshot, one.coverage) or _of_actor(snapshot, one.holder_id)
        case LiaisonAssignment():
            post = snapshot.find(Appointment, one.appointment_id)
            actor_id = one.actor_id or (post.actor_id if post is not None else "")
            return one.territory_id or _of_actor(snapshot, actor_id)
        case Convention():
            ids = [party.actor_id for party in one.parties]
            return one.territory_id or _first(snapshot, ids)
        case Event():
            return _first(snapshot, one.organiser_ids)
        case _:
            return ""


def _of_actor(snapshot: Snapshot, actor_id: str) -> str:
    actor = snapshot.find(Actor, actor_id)
    return _home(snapshot, actor) if actor is not None else ""


def _first(snapshot: Snapshot, actor_ids: Iterable[str]) -> str:
    return next(filter(None, (_of_actor(snapshot, one) for one in actor_ids)), "")


def _smallest(snapshot: Snapshot, coverage: tuple[str, ...]) -> str:
    """Return the one territory that is covered, or the one EPCI in which all of them lie."""
    if len(set(coverage)) == 1:
        return coverage[0]
    around = {_epci(snapshot, one) if one.startswith(_COMMUNE) else one for one in coverage}
    if len(around) == 1 and (epci := next(iter(around))):
        return epci
    return ""
