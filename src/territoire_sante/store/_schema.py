# SPDX-License-Identifier: Apache-2.0
"""The tables of a store, and the steps that bring an older database up to date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Column, Connection, MetaData, Table

from territoire_sante.errors import StoreUnusableError
from territoire_sante.store import _references
from territoire_sante.store._engine import APPLICATION_ID

COMPONENT: Final = "store"

Step = Callable[[Connection], None]

_metadata = MetaData()

meta = Table(
    "meta",
    _metadata,
    Column("component", sa.Text, primary_key=True),
    Column("version", sa.Integer, nullable=False),
)
entity = Table(
    "entity",
    _metadata,
    Column("pk", sa.Integer, primary_key=True),
    Column("kind", sa.Text, nullable=False),
    Column("id", sa.Text, nullable=False),
    Column("revision", sa.Integer, nullable=False),
    Column("data", sa.Text, nullable=False),
)
change = Table(
    "change",
    _metadata,
    Column("revision", sa.Integer, primary_key=True),
    Column("kind", sa.Text, nullable=False),
    Column("id", sa.Text, nullable=False),
    Column("operation", sa.Text, nullable=False),
    Column("at", sa.Text, nullable=False),
    Column("data", sa.Text),
)

# Written out, not made from the tables above: a released step never changes.
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
        connection.exec_driver_sql(statement)


#: The store's own steps, oldest first; a database of version n has done the first n.
STEPS: Final[Sequence[Step]] = (_create, _references.create)


def done(connection: Connection, component: str) -> int:
    """Return how many steps of ``component`` this database has done."""
    there = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'"
    if connection.exec_driver_sql(there).first() is None:
        return 0
    query = sa.select(meta.c.version).where(meta.c.component == component)
    return connection.execute(query).scalar() or 0


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
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    _metadata.create_all(connection, tables=[meta])
    for step in steps[version:]:
        step(connection)
    connection.execute(sa.delete(meta).where(meta.c.component == component))
    connection.execute(sa.insert(meta).values(component=component, version=len(steps)))
