# SPDX-License-Identifier: Apache-2.0
"""
What runs deleted, on either side, kept for a while so that it can come back.

The rows hold personal data: each ends at its date, and at once when the entity is
forgotten (:meth:`~territoire_sante.store.Store.forget`; GDPR, article 17).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from territoire_sante.formats import Document
from territoire_sante.store import Connection
from territoire_sante.sync import _statements as statements

_TABLE: Final = """
    CREATE TABLE sync_tombstone (
        id INTEGER NOT NULL PRIMARY KEY,
        link TEXT NOT NULL,
        uid TEXT NOT NULL,
        "key" TEXT NOT NULL,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        side TEXT NOT NULL,
        entities TEXT NOT NULL,
        document BLOB,
        media_type TEXT NOT NULL,
        restored BOOLEAN NOT NULL,
        at TEXT NOT NULL,
        until TEXT NOT NULL
    )
"""

# What is forgotten in the store must not stay in what links keep of the past.
_FORGET: Final = """
    CREATE TRIGGER sync_forget AFTER UPDATE OF data ON change
    WHEN NEW.data IS NULL AND OLD.data IS NOT NULL
    BEGIN
        DELETE FROM sync_tombstone WHERE key = NEW.id;
        DELETE FROM sync_conflict WHERE key = NEW.id;
    END
"""


def create(connection: Connection) -> None:
    """Make the table, and the trigger that empties it of what is forgotten."""
    connection.execute(_TABLE)
    connection.execute(_FORGET)


@attrs.frozen(kw_only=True)
class Tombstone:
    """
    What a run deleted, on the ``side`` ``"local"`` (here) or ``"remote"`` (there).

    ``entities`` are those removed here, as plain data; ``document`` is what the
    other side held. It is kept ``until`` then. ``restored``: somebody brought it back, and
    it is yet to be created there.
    """

    id: int = 0
    link: str
    uid: str
    key: str
    kind: str
    title: str
    side: str
    entities: tuple[Mapping[str, Any], ...] = attrs.field(default=(), repr=False)
    document: bytes | None = attrs.field(default=None, repr=False)
    media_type: str = ""
    restored: bool = False
    at: dt.datetime
    until: dt.datetime

    def to_plain(self) -> dict[str, Any]:
        """Return JSON-ready data, without what was deleted."""
        names = ("id", "link", "uid", "key", "kind", "title", "side", "restored")
        told = {name: getattr(self, name) for name in names}
        return {**told, "at": self.at.isoformat(), "until": self.until.isoformat()}


def keep(connection: Connection, tombstone: Tombstone) -> None:
    """Keep what is being deleted; an earlier one of the same item gives way to it."""
    forget(connection, tombstone.link, tombstone.uid)
    values = {
        **attrs.asdict(tombstone, recurse=False),
        "entities": json.dumps([dict(e) for e in tombstone.entities], ensure_ascii=False),
        "at": tombstone.at.isoformat(),
        "until": tombstone.until.isoformat(),
    }
    del values["id"]
    connection.execute(statements.insertion("sync_tombstone", tuple(values)), values)


def kept(connection: Connection, *, link: str = "", number: int = 0) -> Iterator[Tombstone]:
    """Yield what was deleted, by one link or all of them, oldest first."""
    there = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'sync_tombstone'"
    if connection.execute(there).fetchone() is None:
        return
    query = """
        SELECT * FROM sync_tombstone
        WHERE (:link = '' OR link = :link) AND (:number = 0 OR id = :number) ORDER BY id
    """
    for row in connection.execute(query, {"link": link, "number": number}).fetchall():
        yield _tombstone(dict(row))


def restored(connection: Connection, link: str) -> dict[str, Document]:
    """Return by UID the documents of what comes back, so that nothing in them is lost."""
    query = """
        SELECT uid, document, media_type FROM sync_tombstone
        WHERE link = ? AND restored AND document IS NOT NULL
    """
    rows = connection.execute(query, (link,))
    return {uid: Document(data, media_type) for uid, data, media_type in rows}


def mark_restored(connection: Connection, number: int) -> None:
    """Note that an item was brought back here."""
    connection.execute("UPDATE sync_tombstone SET restored = 1 WHERE id = ?", (number,))


def forget(connection: Connection, link: str, uid: str) -> None:
    """End what was kept of an item."""
    connection.execute(statements.removal_of("sync_tombstone", "uid"), (link, uid))


def purge(connection: Connection, now: dt.datetime) -> None:
    """End whatever has been kept for long enough, of every link."""
    ended = [
        (number,)
        for number, until in connection.execute("SELECT id, until FROM sync_tombstone")
        if dt.datetime.fromisoformat(until) <= now
    ]
    connection.execute_many("DELETE FROM sync_tombstone WHERE id = ?", ended)


def _tombstone(row: Mapping[str, Any]) -> Tombstone:
    return Tombstone(
        **{
            **row,
            "entities": tuple(json.loads(row["entities"])),
            "restored": bool(row["restored"]),
            "at": dt.datetime.fromisoformat(row["at"]),
            "until": dt.datetime.fromisoformat(row["until"]),
        }
    )
