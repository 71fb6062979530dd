# SPDX-License-Identifier: Apache-2.0
"""The tables of a store, and the steps that bring an older database up to date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from territoire_sante.errors import StoreUnusableError
from territoire_sante.store import _references
from territoire_sante.store._database import APPLICATION_ID, Connection

COMPONENT: Final = "store"

Step = Callable[[Connection], None]

_META: Final = """
    CREATE TABLE IF NOT EXISTS meta (
        component TEXT NOT NULL PRIMARY KEY,
        version INTEGER NOT NULL
    )
"""
# A released step never changes.
_FIRST: Final = (
    """
    CREATE TABLE entity (
        pk INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        data TEXT NOT NULL,
        UNIQUE (kind, id)
    )
    """,
    """
    CREATE TABLE change (
        revision INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        operation TEXT NOT NULL CHECK (operation IN ('put', 'delete')),
        at TEXT NOT NULL,
        data TEXT
    )
    """,
    "CREATE INDEX change_of_entity ON change (kind, id, revision)",
    """
    CREATE VIRTUAL TABLE search USING fts5 (
        title, body, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
    )
    """,
    """
    CREATE TABLE place (
        pk INTEGER NOT NULL REFERENCES entity (pk) ON DELETE CASCADE,
        ref TEXT NOT NULL,
        department TEXT NOT NULL,
        PRIMARY KEY (pk, ref)
    ) WITHOUT ROWID
    """,
)


def _create(connection: Connection) -> None:
    for statement in _FIRST:
        connection.execute(statement)


#: The store's own steps, oldest first; a database of version n has done the first n.
STEPS: Final[Sequence[Step]] = (_create, _references.create)


def done(connection: Connection, component: str) -> int:
    """Return how many steps of ``component`` this database has done."""
    there = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'"
    if connection.execute(there).fetchone() is None:
        return 0
    query = "SELECT version FROM meta WHERE component = ?"
    row = connection.execute(query, (component,)).fetchone()
    return 0 if row is None else int(row["version"])


def migrate(connection: Connection, component: str, steps: Sequence[Step], *, where: str) -> None:
    """
    Do the steps that this database has not done yet.

    Raises:
        StoreUnusableError: it was made by a newer version.
    """
    version = done(connection, component)
    if version > len(steps):
        raise StoreUnusableError(
            f"made by a newer version: {component} {version}, this one knows {len(steps)}",
            where=where,
            remedy="Update territoire-sante, or use the file it was copied from",
        )
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(_META)
    for step in steps[version:]:
        step(connection)
    values = (component, len(steps))
    connection.execute("INSERT OR REPLACE INTO meta (component, version) VALUES (?, ?)", values)
