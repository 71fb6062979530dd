# SPDX-License-Identifier: Apache-2.0
"""
What runs deleted, on either side, kept for a while so that it can come back.

The rows hold personal data: each ends at its date, and at once when the entity is
forgotten (:meth:`~territoire_sante.store.Store.forget`; GDPR, article 17).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs
import sqlalchemy as sa
from sqlalchemy import Column, Connection, MetaData, Table

from territoire_sante.formats import Document

metadata = MetaData()

_tombstones = Table(
    "sync_tombstone",
    metadata,
    Column("id", sa.Integer, primary_key=True),
    Column("link", sa.Text, nullable=False),
    Column("uid", sa.Text, nullable=False),
    Column("key", sa.Text, nullable=False),
    Column("kind", sa.Text, nullable=False),
    Column("title", sa.Text, nullable=False),
    Column("side", sa.Text, nullable=False),
    Column("entities", sa.Text, nullable=False),
    Column("document", sa.LargeBinary),
    Column("media_type", sa.Text, nullable=False),
    Column("restored", sa.Boolean, nullable=False),
    Column("at", sa.Text, nullable=False),
    Column("until", sa.Text, nullable=False),
)

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
    metadata.create_all(connection)
    connection.exec_driver_sql(_FORGET)


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
    connection.execute(sa.insert(_tombstones).values(**values))


def kept(connection: Connection, *, link: str = "", number: int = 0) -> Iterator[Tombstone]:
    """Yield what was deleted, by one link or all of them, oldest first."""
    if not sa.inspect(connection).has_table(_tombstones.name):
        return
    query = sa.select(_tombstones).order_by(_tombstones.c.id)
    query = query.where(_tombstones.c.link == link) if link else query
    query = query.where(_tombstones.c.id == number) if number else query
    for row in connection.execute(query).mappings():
        yield _tombstone(dict(row))


def restored(connection: Connection, link: str) -> dict[str, Document]:
    """Return by UID the documents of what comes back, so that nothing in them is lost."""
    query = sa.select(_tombstones).where(
        _tombstones.c.link == link,
        _tombstones.c.restored,
        _tombstones.c.document.is_not(None),
    )
    rows = connection.execute(query).mappings()
    return {row["uid"]: Document(row["document"], row["media_type"]) for row in rows}


def mark_restored(connection: Connection, number: int) -> None:
    """Note that an item was brought back here."""
    connection.execute(
        sa.update(_tombstones).where(_tombstones.c.id == number).values(restored=True)
    )


def forget(connection: Connection, link: str, uid: str) -> None:
    """End what was kept of an item."""
    connection.execute(
        sa.delete(_tombstones).where(_tombstones.c.link == link, _tombstones.c.uid == uid)
    )


def purge(connection: Connection, now: dt.datetime) -> None:
    """End whatever has been kept for long enough, of every link."""
    ended = [
        row.id
        for row in connection.execute(sa.select(_tombstones.c.id, _tombstones.c.until))
        if dt.datetime.fromisoformat(row.until) <= now
    ]
    _delete(connection, ended)


def _delete(connection: Connection, numbers: Sequence[int]) -> None:
    if numbers:
        parameters = [{"number": number} for number in numbers]
        ended = sa.delete(_tombstones).where(_tombstones.c.id == sa.bindparam("number"))
        connection.execute(ended, parameters)


def _tombstone(row: Mapping[str, Any]) -> Tombstone:
    return Tombstone(
        **{
            **row,
            "entities": tuple(json.loads(row["entities"])),
            "at": dt.datetime.fromisoformat(row["at"]),
            "until": dt.datetime.fromisoformat(row["until"]),
        }
    )
