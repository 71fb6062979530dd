# SPDX-License-Identifier: Apache-2.0
"""The tables of links, in the database of the store, and the steps that bring older ones here."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from territoire_sante.store import Connection
from territoire_sante.sync import _forgotten, _lease, _ledger, _tombstones

COMPONENT: Final = "sync"

# A released step never changes.
_FIRST: Final = (
    """
    CREATE TABLE sync_item (
        id INTEGER NOT NULL PRIMARY KEY,
        link TEXT NOT NULL,
        uid TEXT NOT NULL,
        "key" TEXT NOT NULL,
        kind TEXT NOT NULL,
        href TEXT,
        etag TEXT,
        local_base TEXT NOT NULL,
        remote_base BLOB,
        media_type TEXT DEFAULT '' NOT NULL,
        status TEXT NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        updated_at TEXT NOT NULL,
        UNIQUE (link, uid)
    )
    """,
    """
    CREATE TABLE sync_link (
        link TEXT NOT NULL PRIMARY KEY,
        cursor TEXT,
        last_full TEXT,
        runs_since_full INTEGER DEFAULT '0' NOT NULL,
        place TEXT DEFAULT '' NOT NULL,
        scope TEXT DEFAULT '' NOT NULL
    )
    """,
    """
    CREATE TABLE sync_quarantine (
        link TEXT NOT NULL,
        href TEXT NOT NULL,
        etag TEXT,
        reason TEXT NOT NULL,
        since TEXT NOT NULL,
        PRIMARY KEY (link, href)
    )
    """,
    """
    CREATE TABLE sync_intent (
        id INTEGER NOT NULL PRIMARY KEY,
        link TEXT NOT NULL,
        uid TEXT NOT NULL,
        "key" TEXT NOT NULL,
        kind TEXT NOT NULL,
        operation TEXT NOT NULL,
        href TEXT,
        base_etag TEXT,
        local_view TEXT NOT NULL,
        payload BLOB,
        created TEXT NOT NULL,
        UNIQUE (link, uid)
    )
    """,
    """
    CREATE TABLE sync_refusal (
        link TEXT NOT NULL,
        uid TEXT NOT NULL,
        digest TEXT NOT NULL,
        reason TEXT NOT NULL,
        since TEXT NOT NULL,
        PRIMARY KEY (link, uid)
    )
    """,
    """
    CREATE TABLE sync_conflict (
        id INTEGER NOT NULL PRIMARY KEY,
        link TEXT NOT NULL,
        uid TEXT NOT NULL,
        "key" TEXT NOT NULL,
        title TEXT NOT NULL,
        fields TEXT NOT NULL,
        document BLOB,
        state TEXT NOT NULL,
        winner TEXT DEFAULT '' NOT NULL,
        at TEXT NOT NULL
    )
    """,
)

# What lets a run look at what changed only. Counting the rows would cost what there are.
_PARTS: Final = (
    "ALTER TABLE sync_item ADD COLUMN place TEXT",
    "UPDATE sync_item SET place = href",
    "CREATE INDEX sync_item_place ON sync_item (link, place)",
    'CREATE INDEX sync_item_key ON sync_item (link, "key")',
    "CREATE INDEX sync_item_status ON sync_item (link, status) WHERE status <> 'synced'",
    "CREATE TABLE sync_count (link TEXT NOT NULL PRIMARY KEY, items INTEGER NOT NULL)",
    "INSERT INTO sync_count SELECT link, count(*) FROM sync_item GROUP BY link",
    """
    CREATE TRIGGER sync_count_up AFTER INSERT ON sync_item
    BEGIN
        INSERT INTO sync_count VALUES (NEW.link, 1)
        ON CONFLICT (link) DO UPDATE SET items = items + 1;
    END
    """,
    """
    CREATE TRIGGER sync_count_down AFTER DELETE ON sync_item
    BEGIN
        UPDATE sync_count SET items = items - 1 WHERE link = OLD.link;
    END
    """,
    "ALTER TABLE sync_link ADD COLUMN revision INTEGER",
    "ALTER TABLE sync_link ADD COLUMN last_look TEXT",
    "ALTER TABLE sync_link ADD COLUMN runs_since_look INTEGER DEFAULT '0' NOT NULL",
    "ALTER TABLE sync_link ADD COLUMN rules TEXT DEFAULT '' NOT NULL",
    """
    CREATE TABLE sync_waiting (
        link TEXT NOT NULL,
        uid TEXT NOT NULL,
        "key" TEXT NOT NULL,
        href TEXT NOT NULL,
        again BOOLEAN NOT NULL,
        since TEXT NOT NULL,
        PRIMARY KEY (link, uid, "key")
    )
    """,
    "CREATE INDEX sync_waiting_again ON sync_waiting (link) WHERE again = 1",
    'CREATE INDEX sync_waiting_key ON sync_waiting (link, "key")',
    "CREATE INDEX sync_conflict_link ON sync_conflict (link, state)",
)


def same_place(href: str) -> str:
    """Return a form in which two spellings of one href are equal: servers escape as they like."""
    return unquote(href)


def _create_tables(connection: Connection) -> None:
    for statement in _FIRST:
        connection.execute(statement)


def _know_parts(connection: Connection) -> None:
    for statement in _PARTS:
        connection.execute(statement)
    escaped = connection.execute("SELECT id, href FROM sync_item WHERE instr(href, '%')")
    for number, href in escaped.fetchall():
        values = (same_place(href), number)
        connection.execute("UPDATE sync_item SET place = ? WHERE id = ?", values)


#: Migrations of this component, in order; never edit one that was released.
STEPS: Final = (
    _create_tables,
    _lease.create,
    _tombstones.create,
    _know_parts,
    _ledger.create,
    _forgotten.create,
)


def are_there(connection: Connection) -> bool:
    """Say whether the tables were made: nobody has synced this store before that."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'sync_item'"
    return connection.execute(query).fetchone() is not None
