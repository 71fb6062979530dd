# SPDX-License-Identifier: Apache-2.0
"""Full-text search over a store, nearest places first if asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import attrs

from territoire_sante import model, serialization
from territoire_sante.store._database import Connection
from territoire_sante.store._texts import (
    department_of,
    folded,
    may_name_places,
    places_of,
    words_of,
)

#: Départements of each region (INSEE, code officiel géographique 2026).
REGIONS: Final = {
    "01": "971",
    "02": "972",
    "03": "973",
    "04": "974",
    "06": "976",
    "11": "75 77 78 91 92 93 94 95",
    "24": "18 28 36 37 41 45",
    "27": "21 25 39 58 70 71 89 90",
    "28": "14 27 50 61 76",
    "32": "02 59 60 62 80",
    "44": "08 10 51 52 54 55 57 67 68 88",
    "52": "44 49 53 72 85",
    "53": "22 29 35 56",
    "75": "16 17 19 23 24 33 40 47 64 79 86 87",
    "76": "09 11 12 30 31 32 34 46 48 65 66 81 82",
    "84": "01 03 07 15 26 38 42 43 63 69 73 74",
    "93": "04 05 06 13 83 84",
    "94": "2A 2B",
}

_WORD: Final = re.compile(r"[^\W_]+")
_ELISION: Final = re.compile(r"\b(?:[cdjlmnst]|qu|lorsqu|jusqu)['’]", re.IGNORECASE)

# The sets of places stand in uncorrelated subqueries, which are made once and not for each hit.
_QUERY: Final = """
    SELECT
        entity.data AS data,
        -bm25(search, 10.0, 1.0) AS score,
        snippet(search, -1, '', '', '…', 16) AS excerpt,
        coalesce((
            SELECT min(CASE
                WHEN place.ref = :commune THEN 0
                WHEN place.ref IN (SELECT value FROM json_each(:around)) THEN 1
                WHEN place.department = :department THEN 2
                WHEN place.department IN (SELECT value FROM json_each(:departments)) THEN 3
                WHEN place.ref = :region THEN 3
                ELSE 4
            END)
            FROM place
            WHERE place.pk = entity.pk
        ), 4) AS level
    FROM search JOIN entity ON entity.pk = search.rowid
    WHERE search MATCH :words
        AND (:kinds IS NULL OR entity.kind IN (SELECT value FROM json_each(:kinds)))
    ORDER BY level, score DESC, entity.id
    LIMIT :limit
"""


@attrs.frozen
class Hit:
    """
    One thing found.

    ``score`` is higher for a better match, comparable within one search only.
    ``excerpt`` is the place in its texts where the words are.
    """

    entity: model.Entity
    score: float
    excerpt: str


def match_expression(text: str) -> str:
    r"""
    Return the words of ``text`` as a query that cannot be anything but words.

    All must be there, in any order, each whole or as the beginning of a longer one; elided
    articles are dropped.

    >>> match_expression('l’accès "bus" OR')
    '"accès"* "bus"* "OR"*'
    """
    plain = _ELISION.sub(" ", folded(text))
    return " ".join(f'"{word}"*' for word in _WORD.findall(plain))


def search(
    connection: Connection,
    text: str,
    *,
    near: str | None,
    kinds: Iterable[type[model.Entity]] | None,
    limit: int,
) -> list[Hit]:
    """Return the best matches; see ``Store.search``."""
    words = match_expression(text)
    if not words:
        return []
    places = _near(connection, model.CommuneCode(near).value) if near else _NOWHERE
    rows = connection.execute(
        _QUERY,
        {
            **places,
            "words": words,
            "kinds": None if kinds is None else json.dumps([cls.KIND for cls in kinds]),
            "limit": limit,
        },
    )
    return [
        Hit(serialization.from_stored(json.loads(data)), score, " ".join(excerpt.split()))
        for data, score, excerpt, _ in rows
    ]


_NOWHERE: Final = {
    "commune": None,
    "around": "[]",
    "department": None,
    "departments": "[]",
    "region": None,
}


def _near(connection: Connection, code: str) -> dict[str, Any]:
    """Return the places round a commune, by how far they are, for the query."""
    department = department_of(code)
    region, departments = next(
        ((one, all_.split()) for one, all_ in REGIONS.items() if department in all_.split()),
        ("", []),
    )
    around: set[str] = set()
    for territory in _territories_with(connection, code):
        around.add(territory.id)
        if territory.kind is model.TerritoryKind.EPCI:
            around.update(territory.communes)
    return {
        "commune": code,
        "around": json.dumps(sorted(around - {f"departement:{department}", f"region:{region}"})),
        "department": department,
        "departments": json.dumps(departments),
        "region": f"region:{region}",
    }


def _territories_with(connection: Connection, code: str) -> Iterator[model.Territory]:
    # Communes name themselves alone, and there are tens of thousands: their ids are passed over.
    rows = connection.execute(
        "SELECT data FROM entity WHERE kind = :kind AND instr(data, :code)"
        " AND (id < 'commune:' OR id >= 'commune;')",
        {"kind": model.Territory.KIND, "code": f'"{code}"'},
    )
    for (data,) in rows:
        territory = serialization.from_stored(json.loads(data))
        if isinstance(territory, model.Territory) and territory.contains(code):
            yield territory


def index(
    connection: Connection,
    entities: Sequence[tuple[int, model.Entity, str]],
    *,
    before: Sequence[int],
) -> None:
    """
    Make entities findable, each given by primary key, itself and JSON.

    ``before`` has the keys of those that were findable already.
    """
    if before:
        unindex(connection, before)
    texts = [(key, *words_of(entity)) for key, entity, _ in entities]
    connection.execute_many("INSERT INTO search (rowid, title, body) VALUES (?, ?, ?)", texts)
    places = [
        (key, ref, department)
        for key, entity, text in entities
        if may_name_places(text)
        for ref, department in places_of(entity).items()
    ]
    if places:
        connection.execute_many("INSERT INTO place (pk, ref, department) VALUES (?, ?, ?)", places)


def unindex(connection: Connection, keys: Sequence[int]) -> None:
    """Take entities out of the search."""
    rows = [(key,) for key in keys]
    connection.execute_many("DELETE FROM search WHERE rowid = ?", rows)
    connection.execute_many("DELETE FROM place WHERE pk = ?", rows)


def wipe(connection: Connection) -> None:
    """Drop the words of deleted entities, which the index keeps until it is merged."""
    connection.execute("INSERT INTO search (search) VALUES ('optimize')")
