# SPDX-License-Identifier: Apache-2.0
"""Which territory lies in which: one relation, followed upwards and downwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from territoire_sante.model import Territory, TerritoryKind
from territoire_sante.snapshot._nearness import Nearness
from territoire_sante.snapshot._references import DEPARTMENT, departments_by
from territoire_sante.snapshot._tables import Table

_COMMUNE: Final = "commune:"
_DEPARTMENT: Final = "departement:"
_WIDE: Final = (_DEPARTMENT, "region:")
_LEVELS: Final = {
    TerritoryKind.COMMUNE: Nearness.COMMUNE,
    TerritoryKind.EPCI: Nearness.EPCI,
    TerritoryKind.DEPARTEMENT: Nearness.DEPARTEMENT,
    TerritoryKind.REGION: Nearness.REGION,
}
_BY_ID: Final = {kind.value: level for kind, level in _LEVELS.items()}


def level_of(territories: Table, territory_id: str) -> Nearness:
    """Return the level of a territory, by its kind, or by its id where it is not stored."""
    territory = territories.by_id.get(territory_id)
    if isinstance(territory, Territory):
        return _LEVELS.get(territory.kind, Nearness.AREA)
    return _BY_ID.get(territory_id.partition(":")[0], Nearness.AREA)


def containing(territories: Table, code: str) -> tuple[str, ...]:
    """Return the territories that a commune is part of, nearest first, its own ahead."""
    own = f"{_COMMUNE}{code}"
    found = {*_closure(own, lambda one: _up(territories, one))}
    if own not in territories.by_id and not _says_department(_up(territories, own)):
        # Of a commune that is not stored, the code is all there is.
        for department in departments_by(code):
            found |= {*_closure(department, lambda one: _up(territories, one))}
    return tuple(sorted(found, key=lambda one: (one != own, level_of(territories, one).rank, one)))


def communes_in(territories: Table, territory_id: str) -> tuple[str, ...]:
    """Return the INSEE codes of the communes that are part of a territory."""
    found = _closure(territory_id, lambda one: _down(territories, one))
    return tuple(sorted(one.removeprefix(_COMMUNE) for one in found if one.startswith(_COMMUNE)))


def _closure(start: str, step: Callable[[str], Iterable[str]]) -> Iterable[str]:
    found = {start}
    queue = [start]
    while queue:
        new = set(step(queue.pop())) - found
        found |= new
        queue += new
    return found


def _up(territories: Table, territory_id: str) -> Iterator[str]:
    territory = territories.by_id.get(territory_id)
    parents = territory.parent_ids if isinstance(territory, Territory) else ()
    yield from (one for one in parents if _lies_in(territory_id, one))
    if territory_id.startswith(_COMMUNE):
        code = territory_id.removeprefix(_COMMUNE)
        listing = territories.indexes["communes"].get(code)
        yield from listing
        if territory is not None and not _says_department((*parents, *listing)):
            yield from departments_by(code)


def _down(territories: Table, territory_id: str) -> Iterator[str]:
    children = territories.indexes["parent_ids"].get(territory_id)
    yield from (one for one in children if _lies_in(one, territory_id))
    territory = territories.by_id.get(territory_id)
    if isinstance(territory, Territory):
        yield from (f"{_COMMUNE}{code}" for code in territory.communes)
    for one in territories.indexes[DEPARTMENT].get(territory_id):
        if territory_id in _up(territories, one):
            yield one


def _lies_in(child: str, parent: str) -> bool:
    """
    Say whether all of a territory lies in a parent that it names.

    An EPCI, a project area or the area of a CLS names each département that it reaches into.
    """
    return not parent.startswith(_WIDE) or child.startswith((_COMMUNE, _DEPARTMENT))


def _says_department(ids: Iterable[str]) -> bool:
    return any(one.startswith(_DEPARTMENT) for one in ids)
