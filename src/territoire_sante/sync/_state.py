# SPDX-License-Identifier: Apache-2.0
"""
What a link remembers between runs, in the same database as the store.

Local changes and link state are committed in one transaction. The tables hold
personal data (both bases of every item), like the store itself.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs
import sqlalchemy as sa
from sqlalchemy import Column, Connection, MetaData, Table
from sqlalchemy.dialects.sqlite import insert

from territoire_sante.sync import _lease, _tombstones

COMPONENT: Final = "sync"

metadata = MetaData()

_items = Table(
    "sync_item",
    metadata,
    Column("id", sa.Integer, primary_key=True),
    Column("link", sa.Text, nullable=False),
    Column("uid", sa.Text, nullable=False),
    Column("key", sa.Text, nullable=False),
    Column("kind", sa.Text, nullable=False),
    Column("href", sa.Text),
    Column("etag", sa.Text),
    Column("local_base", sa.Text, nullable=False),
    Column("remote_base", sa.LargeBinary),
    Column("media_type", sa.Text, nullable=False, server_default=""),
    Column("status", sa.Text, nullable=False),
    Column("reason", sa.Text, nullable=False, server_default=""),
    Column("updated_at", sa.Text, nullable=False),
    sa.UniqueConstraint("link", "uid"),
)
_links = Table(
    "sync_link",
    metadata,
    Column("link", sa.Text, primary_key=True),
    Column("cursor", sa.Text),
    Column("last_full", sa.Text),
    Column("runs_since_full", sa.Integer, nullable=False, server_default="0"),
    Column("place", sa.Text, nullable=False, server_default=""),
    Column("scope", sa.Text, nullable=False, server_default=""),
)
_quarantine = Table(
    "sync_quarantine",
    metadata,
    Column("link", sa.Text, primary_key=True),
    Column("href", sa.Text, primary_key=True),
    Column("etag", sa.Text),
    Column("reason", sa.Text, nullable=False),
    Column("since", sa.Text, nullable=False),
)
_intents = Table(
    "sync_intent",
    metadata,
    Column("id", sa.Integer, primary_key=True),
    Column("link", sa.Text, nullable=False),
    Column("uid", sa.Text, nullable=False),
    Column("key", sa.Text, nullable=False),
    Column("kind", sa.Text, nullable=False),
    Column("operation", sa.Text, nullable=False),
    Column("href", sa.Text),
    Column("base_etag", sa.Text),
    Column("local_view", sa.Text, nullable=False),
    Column("payload", sa.LargeBinary),
    Column("created", sa.Text, nullable=False),
    sa.UniqueConstraint("link", "uid"),
)
_refusals = Table(
    "sync_refusal",
    metadata,
    Column("link", sa.Text, primary_key=True),
    Column("uid", sa.Text, primary_key=True),
    Column("digest", sa.Text, nullable=False),
    Column("reason", sa.Text, nullable=False),
    Column("since", sa.Text, nullable=False),
)
_conflicts = Table(
    "sync_conflict",
    metadata,
    Column("id", sa.Integer, primary_key=True),
    Column("link", sa.Text, nullable=False),
    Column("uid", sa.Text, nullable=False),
    Column("key", sa.Text, nullable=False),
    Column("title", sa.Text, nullable=False),
    Column("fields", sa.Text, nullable=False),
    Column("document", sa.LargeBinary),
    Column("state", sa.Text, nullable=False),
    Column("winner", sa.Text, nullable=False, server_default=""),
    Column("at", sa.Text, nullable=False),
)


def _create_tables(connection: Connection) -> None:
    metadata.create_all(connection)


#: Migrations of this component, in order; never edit one that was released.
STEPS: Final = (_create_tables, _lease.create, _tombstones.create)


@attrs.frozen(kw_only=True)
class Item:
    """
    One pair of a local entity and a remote document.

    ``local_base`` is the view (plain data) and ``remote_base`` the document's
    bytes as both sides last agreed. ``status`` is ``synced``, ``unverified`` (written, not
    read back yet) or ``released`` (no longer synced; ``reason`` says why).
    """

    uid: str
    key: str
    kind: str
    href: str | None = None
    etag: str | None = None
    local_base: Mapping[str, Any]
    remote_base: bytes | None = None
    media_type: str = ""
    status: str = "synced"
    reason: str = ""


@attrs.frozen(kw_only=True)
class LinkState:
    """
    The cursor of a link and when everything was last compared.

    ``place`` and ``scope`` are those of the link at that time, empty before the first run.
    """

    cursor: str | None = None
    last_full: dt.datetime | None = None
    runs_since_full: int = 0
    place: str = ""
    scope: str = ""


@attrs.frozen(kw_only=True)
class Intent:
    """A remote write that was begun; it is settled by reading."""

    uid: str
    key: str
    kind: str
    operation: str
    href: str | None
    base_etag: str | None
    local_view: Mapping[str, Any]
    payload: bytes | None


@attrs.frozen(kw_only=True)
class Quarantined:
    """
    An item that could not be used, until its ETag changes or a day has passed.

    ``since`` is when it was last tried, ``None`` for now. One that is not ``lasting``
    is only reported: the other side of it is in order.
    """

    href: str
    etag: str | None
    reason: str
    since: dt.datetime | None = None
    lasting: bool = True

    def to_plain(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        since = self.since.isoformat() if self.since else None
        return {**attrs.asdict(self), "since": since}

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Quarantined:
        """Return what :meth:`to_plain` wrote."""
        since = data["since"]
        return cls(**{**data, "since": dt.datetime.fromisoformat(since) if since else None})


@attrs.frozen(kw_only=True)
class Refusal:
    """What the other side refused for good: tried again only when ``digest`` changes."""

    uid: str
    digest: str
    reason: str


@attrs.frozen(kw_only=True)
class JournalEntry:
    """
    One conflict: the values of both sides, and what became of it.

    ``state`` is ``open`` (waiting for a person), ``decided`` (a person or the policy chose,
    and it is yet to be applied), ``settled`` (applied, or the two sides came to agree).
    ``document`` holds the remote bytes, so that either side can be restored.
    """

    id: int = 0
    link: str
    uid: str
    key: str
    title: str
    fields: tuple[Mapping[str, Any], ...]
    document: bytes | None = None
    state: str = "open"
    winner: str = ""
    at: dt.datetime


def bare(etag: str | None) -> str | None:
    """Return an ETag without its mark of weakness: compression on the way adds one."""
    return etag.removeprefix("W/") if etag else None


def version_of(item: Item | None, intent: Intent | None) -> str:
    """Return what names exactly this memory of an item, empty for none."""
    if item is None and intent is None:
        return ""
    told = [attrs.astuple(one, recurse=False) for one in (item, intent) if one is not None]
    text = json.dumps(told, sort_keys=True, default=bytes.hex)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _text(plain: Mapping[str, Any]) -> str:
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class State:
    """The tables of one link, read and written through one connection."""

    def __init__(self, connection: Connection, link: str) -> None:
        self._connection = connection
        self._link = link
        self._exists = sa.inspect(connection).has_table(_items.name)

    def items(self) -> Iterator[Item]:
        """Yield every pair of the link."""
        for row in self._rows(_items):
            yield _item(row)

    def item(self, uid: str) -> Item | None:
        """Return the pair with this UID."""
        for row in self._rows(_items, _items.c.uid == uid):
            return _item(row)
        return None

    def save(self, item: Item, now: dt.datetime) -> None:
        """Insert or overwrite a pair, known by its UID."""
        values = {
            **attrs.asdict(item, recurse=False),
            "local_base": _text(item.local_base),
            "link": self._link,
            "updated_at": now.isoformat(),
        }
        self._upsert(_items, values, ("link", "uid"))

    def forget(self, uid: str) -> None:
        """Remove a pair."""
        self._delete(_items, _items.c.uid == uid)

    def link(self) -> LinkState:
        """Return the cursor and the date of the last full comparison."""
        for row in self._rows(_links):
            full = row["last_full"]
            return LinkState(
                cursor=row["cursor"],
                last_full=dt.datetime.fromisoformat(full) if full else None,
                runs_since_full=row["runs_since_full"],
                place=row["place"],
                scope=row["scope"],
            )
        return LinkState()

    def save_link(self, state: LinkState) -> None:
        """Keep the cursor; call it only when everything before it is durable."""
        values = {
            "link": self._link,
            "cursor": state.cursor,
            "last_full": state.last_full.isoformat() if state.last_full else None,
            "runs_since_full": state.runs_since_full,
            "place": state.place,
            "scope": state.scope,
        }
        self._upsert(_links, values, ("link",))

    def quarantined(self) -> dict[str, Quarantined]:
        """Return the quarantined items by href."""
        return {
            row["href"]: Quarantined(
                href=row["href"],
                etag=row["etag"],
                reason=row["reason"],
                since=dt.datetime.fromisoformat(row["since"]),
            )
            for row in self._rows(_quarantine)
        }

    def quarantine(self, item: Quarantined, now: dt.datetime) -> None:
        """Set an item aside with its reason."""
        values = {
            "link": self._link,
            "href": item.href,
            "etag": item.etag,
            "reason": item.reason,
            "since": (item.since or now).isoformat(),
        }
        self._upsert(_quarantine, values, ("link", "href"))

    def release(self, href: str) -> None:
        """Take an item out of quarantine."""
        self._delete(_quarantine, _quarantine.c.href == href)

    def intents(self) -> dict[str, Intent]:
        """Return the unsettled remote writes by UID."""
        return {row["uid"]: _intent(row) for row in self._rows(_intents)}

    def intent(self, uid: str) -> Intent | None:
        """Return the unsettled remote write of an item."""
        for row in self._rows(_intents, _intents.c.uid == uid):
            return _intent(row)
        return None

    def intend(self, intent: Intent, now: dt.datetime) -> None:
        """Note a remote write before it is sent."""
        values = {
            **attrs.asdict(intent, recurse=False),
            "local_view": _text(intent.local_view),
            "link": self._link,
            "created": now.isoformat(),
        }
        self._upsert(_intents, values, ("link", "uid"))

    def settle(self, uid: str) -> None:
        """Forget the intent: its outcome is known and durable."""
        self._delete(_intents, _intents.c.uid == uid)

    def refusals(self) -> dict[str, Refusal]:
        """Return what was refused by UID."""
        return {
            row["uid"]: Refusal(uid=row["uid"], digest=row["digest"], reason=row["reason"])
            for row in self._rows(_refusals)
        }

    def refuse(self, refusal: Refusal, now: dt.datetime) -> None:
        """Remember that the other side refuses this content."""
        values = {**attrs.asdict(refusal), "link": self._link, "since": now.isoformat()}
        self._upsert(_refusals, values, ("link", "uid"))

    def accept(self, uid: str) -> None:
        """Forget a refusal."""
        self._delete(_refusals, _refusals.c.uid == uid)

    def journal(self, *, states: Sequence[str] = (), uid: str = "") -> Iterator[JournalEntry]:
        """Yield conflicts of the link, or of one item, oldest first."""
        where: list[Any] = [_conflicts.c.state.in_(states)] if states else []
        where += [_conflicts.c.uid == uid] if uid else []
        for row in self._rows(_conflicts, *where):
            yield entry_from_row(row)

    def record(self, entry: JournalEntry) -> int:
        """
        Add a conflict, or refresh the pending one of the same item; return its number.

        One that was decided waits again if it is open once more: what lost is not what
        the person saw.
        """
        values = {
            "link": self._link,
            "uid": entry.uid,
            "key": entry.key,
            "title": entry.title,
            "fields": json.dumps([dict(field) for field in entry.fields], ensure_ascii=False),
            "document": entry.document,
            "state": entry.state,
            "winner": entry.winner,
            "at": entry.at.isoformat(),
        }
        waiting = (_conflicts.c.link == self._link) & (_conflicts.c.uid == entry.uid)
        found = self._connection.execute(
            sa.select(_conflicts.c.id).where(waiting, _conflicts.c.state.in_(("open", "decided")))
        ).first()
        if found is not None:
            self._connection.execute(
                sa.update(_conflicts).where(_conflicts.c.id == found.id).values(values)
            )
            return int(found.id)
        inserted = self._connection.execute(sa.insert(_conflicts).values(values))
        return int((inserted.inserted_primary_key or (0,))[0])

    def mark(self, entry_id: int, *, state: str, winner: str) -> None:
        """Change what became of a conflict."""
        self._connection.execute(
            sa.update(_conflicts)
            .where(_conflicts.c.id == entry_id)
            .values(state=state, winner=winner)
        )

    def _rows(self, table: Table, *where: Any) -> list[dict[str, Any]]:
        if not self._exists:
            return []
        query = sa.select(table).where(table.c.link == self._link, *where)
        return [dict(row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name for a row's mapping

    def _upsert(self, table: Table, values: dict[str, Any], key: tuple[str, ...]) -> None:
        statement = insert(table).values(values)
        rest = {name: values[name] for name in values if name not in key}
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=list(key), set_=rest)
        )

    def _delete(self, table: Table, where: Any) -> None:
        self._connection.execute(sa.delete(table).where(table.c.link == self._link, where))


def _intent(row: Mapping[str, Any]) -> Intent:
    return Intent(
        uid=row["uid"],
        key=row["key"],
        kind=row["kind"],
        operation=row["operation"],
        href=row["href"],
        base_etag=row["base_etag"],
        local_view=json.loads(row["local_view"]),
        payload=row["payload"],
    )


def _item(row: Mapping[str, Any]) -> Item:
    return Item(
        uid=row["uid"],
        key=row["key"],
        kind=row["kind"],
        href=row["href"],
        etag=row["etag"],
        local_base=json.loads(row["local_base"]),
        remote_base=row["remote_base"],
        media_type=row["media_type"],
        status=row["status"],
        reason=row["reason"],
    )


def entry_from_row(row: Mapping[str, Any]) -> JournalEntry:
    """Return a journal entry from its row."""
    return JournalEntry(
        id=row["id"],
        link=row["link"],
        uid=row["uid"],
        key=row["key"],
        title=row["title"],
        fields=tuple(json.loads(row["fields"])),
        document=row["document"],
        state=row["state"],
        winner=row["winner"],
        at=dt.datetime.fromisoformat(row["at"]),
    )


def all_conflicts(connection: Connection, *, states: Sequence[str] = ()) -> list[JournalEntry]:
    """Return the conflicts of every link, oldest first."""
    if not sa.inspect(connection).has_table(_conflicts.name):
        return []
    query = sa.select(_conflicts).order_by(_conflicts.c.id)
    if states:
        query = query.where(_conflicts.c.state.in_(states))
    rows = connection.execute(query)
    return [entry_from_row(dict(row._mapping)) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for a row's mapping
