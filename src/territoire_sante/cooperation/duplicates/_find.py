# SPDX-License-Identifier: Apache-2.0
"""Looking for duplicates among persons, actors and care projects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, TypeVar

from territoire_sante.cooperation.duplicates._actors import actor_records, compare_actors
from territoire_sante.cooperation.duplicates._blocks import HARD, Keyed, Pairs
from territoire_sante.cooperation.duplicates._duplicate import (
    THRESHOLD,
    Duplicate,
    Duplicates,
    Swept,
)
from territoire_sante.cooperation.duplicates._extra import need_rapidfuzz
from territoire_sante.cooperation.duplicates._persons import compare_persons, person_records
from territoire_sante.cooperation.duplicates._projects import compare_projects, project_pairs
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import Actor, CareProject, Distinction, Entity, Person
from territoire_sante.snapshot import Snapshot

#: What duplicates are looked for among.
KINDS: Final[tuple[type[Entity], ...]] = (Person, Actor, CareProject)

_LEAST: Final = 0.5

K = TypeVar("K", bound=Keyed)
_Refused = Collection[tuple[str, str]]


def find_duplicates(
    snapshot: Snapshot,
    *,
    kinds: Iterable[type[Entity]] = KINDS,
    threshold: float = THRESHOLD,
) -> Duplicates:
    """
    Return what may be one: persons, actors of several sources, care projects.

    The same official number (RPPS, SIRET, FINESS, RNA) makes a pair, and different ones
    unmake it; all others are scored by name, place and ways to reach them. Nothing is merged, and
    pairs of which somebody said that they are two are left out. The cost grows with the
    number of records: only those that share a key are compared. At the default
    threshold none is missed by that; where too many share a key, ``swept`` says so.

    ``threshold`` is from 0.5 to 1. Below the default more is told, but not all there is.

    Raises:
        ConfigError: the extra ``duplicates`` is not installed.
        InvalidValueError: duplicates of such a class are not looked for, or no such threshold.
    """
    need_rapidfuzz()
    asked = _checked(kinds, threshold)
    refused = {(one.first_id, one.second_id) for one in snapshot.all(Distinction)}
    refused |= {(second, first) for first, second in refused}
    found = Duplicates()
    for kind in asked:
        found += _FINDERS[kind](snapshot, refused, threshold)
    return found


def _checked(kinds: Iterable[type[Entity]], threshold: float) -> list[type[Entity]]:
    asked = list(dict.fromkeys(kinds))
    names = ", ".join(one.__name__ for one in KINDS)
    for one in asked:
        if one not in KINDS:
            raise InvalidValueError(
                f"duplicates of {one.__name__} are not looked for",
                where="kinds",
                remedy=f"There are: {names}",
            )
    if not _LEAST <= threshold <= 1:
        raise InvalidValueError(
            f"{threshold} is no threshold", where="threshold", remedy="Give 0.5 to 1"
        )
    return asked


def _persons(snapshot: Snapshot, refused: _Refused, threshold: float) -> Duplicates:
    return _compared(person_records(snapshot), compare_persons, Person.KIND, refused, threshold)


def _actors(snapshot: Snapshot, refused: _Refused, threshold: float) -> Duplicates:
    return _compared(actor_records(snapshot), compare_actors, Actor.KIND, refused, threshold)


def _compared(
    records: Sequence[K],
    compare: Callable[[K, K], Duplicate | None],
    kind: str,
    refused: _Refused,
    threshold: float,
) -> Duplicates:
    pairs = Pairs(records)
    found: list[Duplicate] = []
    compared = left_out = 0
    for one, other in pairs:
        compared += 1
        pair = compare(one, other)
        if pair is None or pair.score < threshold:
            continue
        if (one.id, other.id) in refused:
            left_out += 1
        else:
            found.append(pair)
    swept = tuple(Swept(kind=kind, key=key.lstrip(HARD), size=size) for key, size in pairs.swept)
    # Adding sorts them.
    return Duplicates() + Duplicates(
        pairs=tuple(found), swept=swept, compared=compared, refused=left_out
    )


def _projects(snapshot: Snapshot, refused: _Refused, threshold: float) -> Duplicates:
    found: list[Duplicate] = []
    compared = left_out = 0
    for one, other in project_pairs(snapshot):
        compared += 1
        pair = compare_projects(snapshot, one, other)
        if pair is None or pair.score < threshold:
            continue
        if (one.id, other.id) in refused:
            left_out += 1
        else:
            found.append(pair)
    return Duplicates() + Duplicates(pairs=tuple(found), compared=compared, refused=left_out)


_FINDERS: Final[dict[type[Entity], Callable[[Snapshot, _Refused, float], Duplicates]]] = {
    Person: _persons,
    Actor: _actors,
    CareProject: _projects,
}
