# SPDX-License-Identifier: Apache-2.0
"""Which entities name which others, so that nobody has to read through all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from territoire_sante.store._database import Connection

# What ids begin with, written out so that storing one entity does not load all of their classes.
_KINDS: Final = (
    "action|actor|announcement|appointment|care_project|channel|cls|commune|convention|"
    "departement|distinction|document|document_share|entity|epci|event|finess|lever|lever_awareness|"
    "lever_offer|lever_request|liaison|mairie|maturity_review|merge|mobilisation|opposition|"
    "peer_exchange|person|practice|region|rna|safeguard_plan|siren|siret|statement|"
    "support_request|tension|territory|workshop"
)

# An id has no character that JSON would escape, so it stands in the text as it is.
_ID: Final = re.compile(rf'"((?:{_KINDS}):[A-Za-z0-9._~@:+-]{{1,200}})"')

_TABLE: Final = (
    """
    CREATE TABLE reference (
        ref TEXT NOT NULL,
        pk INTEGER NOT NULL REFERENCES entity (pk) ON DELETE CASCADE,
        PRIMARY KEY (ref, pk)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX reference_of ON reference (pk)",
)

_READ: Final = """
    SELECT entity.kind, entity.id, entity.data
    FROM reference JOIN entity ON entity.pk = reference.pk
    WHERE reference.ref = ? AND (? IS NULL OR entity.kind = ?)
    ORDER BY entity.kind, entity.id
"""


def named_in(text: str) -> frozenset[str]:
    """
    Return every id in the JSON of an entity, its own among them.

    >>> sorted(named_in('{"id":"event:1","summary":"see event:2","lever_id":"lever:bus"}'))
    ['event:1', 'lever:bus']
    """
    return frozenset(_ID.findall(text))


def create(connection: Connection) -> None:
    """Make the table and fill it from what is stored."""
    for statement in _TABLE:
        connection.execute(statement)
    rows = connection.execute("SELECT pk, id, data FROM entity").fetchall()
    _insert(connection, [tuple(row) for row in rows])


def index(
    connection: Connection, entities: Sequence[tuple[int, str, str]], *, before: Sequence[int]
) -> None:
    """
    Note what entities name, each given by primary key, id and JSON.

    ``before`` has the keys of those that may have named something already.
    """
    if before:
        keys = [(key,) for key in before]
        connection.execute_many("DELETE FROM reference WHERE pk = ?", keys)
    _insert(connection, entities)


def _insert(connection: Connection, entities: Sequence[tuple[int, str, str]]) -> None:
    rows = [(ref, key) for key, id_, text in entities for ref in sorted(named_in(text) - {id_})]
    if rows:
        connection.execute_many("INSERT INTO reference (ref, pk) VALUES (?, ?)", rows)


def referring(connection: Connection, ref: str, kind: str | None) -> Iterator[tuple[str, str]]:
    """Yield id and JSON of the entities that name ``ref``, of all kinds or one."""
    for row in connection.execute(_READ, (ref, kind, kind)).fetchall():
        yield row["id"], row["data"]
