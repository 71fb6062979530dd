# SPDX-License-Identifier: Apache-2.0
"""
What a link remembers between runs, in the same database as the store.

Local changes and link state are committed in one transaction. The tables hold
personal data (both bases of every item), like the store itself.
"""

from __future__ import annotations

import datetime as dt
import json
import operator
from collections.abc import Container, Iterable, Iterator, Sequence
from sqlite3 import Row
from typing import Any, Final, Literal

import attrs

from territoire_sante.store import Connection
from territoire_sante.sync import _statements as statements
from territoire_sante.sync import _tables as tables
from territoire_sante.sync._records import (
    Intent,
    Item,
    JournalEntry,
    LinkState,
    Quarantined,
    Refusal,
    Waiting,
)
from territoire_sante.sync._tables import same_place


def _instant(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat()


def _time(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


_text: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


_COLUMNS: Final = (*attrs.fields_dict(Item),)
_values: Final = operator.attrgetter(*_COLUMNS)
_SAVE: Final = statements.upsert(
    "sync_item", (*_COLUMNS, "place", "link", "updated_at"), ("link", "uid")
)


class State:
    """
    The tables of one link, read and written through one connection.

    ``made`` says that the tables are there; otherwise they are looked for.
    """

    def __init__(self, connection: Connection, link: str, *, made: bool = False) -> None:
        self._connection = connection
        self._link = link
        self._exists = made or tables.are_there(connection)

    def items(self) -> Iterator[Item]:
        """Yield every pair of the link."""
        for row in self._rows("sync_item"):
            yield _item(row)

    def items_with(
        self,
        column: Literal["uid", "key", "place"],
        values: Iterable[str],
        *,
        but: Container[str] = (),
    ) -> Iterator[Item]:
        """Yield the pairs that have one of these values, ``but`` for these UIDs."""
        among = f'"{column}" IN (SELECT value FROM json_each(:listed))'  # noqa: S608 - a word of ours
        for row in self._rows("sync_item", among, listed=json.dumps(list(values))):
            if row["uid"] not in but:
                yield _item(row)

    def count(self) -> int:
        """Return how many pairs there are, at a cost that does not depend on it."""
        return sum(row["items"] for row in self._rows("sync_count"))

    def item(self, uid: str) -> Item | None:
        """Return the pair with this UID."""
        for row in self._rows_of("sync_item", uid):
            return _item(row)
        return None

    def known(self, uids: Sequence[str]) -> dict[str, tuple[Item | None, Intent | None]]:
        """Return the pairs and the unsettled writes of those UIDs that have any."""
        if not self._exists:
            return {}
        among = "uid IN (SELECT value FROM json_each(:listed))"
        listed = json.dumps(list(uids))
        items = {item.uid: item for item in self.items_with("uid", uids)}
        rows = self._rows("sync_intent", among, listed=listed)
        intents = {row["uid"]: _intent(row) for row in rows}
        return {uid: (items.get(uid), intents.get(uid)) for uid in {*items, *intents}}

    def save(self, item: Item, now: dt.datetime) -> None:
        """Insert or overwrite a pair, known by its UID."""
        self.save_all([item], now)

    def save_all(self, items: Iterable[Item], now: dt.datetime) -> None:
        """Insert or overwrite pairs, known by their UIDs."""
        at = now.isoformat()
        rows = []
        for item in items:
            values = dict(zip(_COLUMNS, _values(item), strict=True))
            values["local_base"] = _text(item.local_base)
            values["place"] = None if item.href is None else same_place(item.href)
            values["link"], values["updated_at"] = self._link, at
            rows.append(values)
        self._connection.execute_many(_SAVE, rows)

    def forget(self, uid: str) -> None:
        """Remove a pair."""
        self._remove("sync_item", "uid", uid)

    def link(self) -> LinkState:
        """Return how far the link was compared."""
        for row in self._rows("sync_link"):
            values = dict(row)
            del values["link"]
            times = {name: _time(row[name]) for name in ("last_full", "last_look")}
            return LinkState(**{**values, **times})
        return LinkState()

    def save_link(self, state: LinkState) -> None:
        """Keep how far it was compared; call it only when everything before it is durable."""
        times = {name: getattr(state, name) for name in ("last_full", "last_look")}
        values = {
            **attrs.asdict(state),
            **{name: time.isoformat() if time else None for name, time in times.items()},
            "link": self._link,
        }
        self._upsert("sync_link", values, ("link",))

    def waiting(self) -> list[Waiting]:
        """Return what has to be looked at again."""
        # Written as in the index, which SQLite then takes.
        rows = self._rows("sync_waiting", "again = 1")
        return [Waiting(uid=row["uid"], key=row["key"], href=row["href"]) for row in rows]

    def wait(self, waiting: Iterable[Waiting], now: dt.datetime) -> None:
        """Note what was not brought in step."""
        for one in waiting:
            values = {**attrs.asdict(one), "link": self._link, "since": _instant(now)}
            self._upsert("sync_waiting", values, ("link", "uid", "key"))

    def look_done(self, *, until: dt.datetime, keys: Iterable[str] | None) -> None:
        """
        Forget what waited when a plan was made, at ``until``: it was looked at.

        What has nothing to do is only forgotten if it has one of these keys, ``None`` for all.
        """
        values = {"link": self._link, "until": _instant(until)}
        over = "DELETE FROM sync_waiting WHERE link = :link AND since <= :until"
        if keys is None:
            self._connection.execute(over, values)
        else:
            over += " AND (again OR key IN (SELECT value FROM json_each(:keys)))"
            self._connection.execute(over, {**values, "keys": json.dumps(list(keys))})

    def quarantined(self) -> dict[str, Quarantined]:
        """Return the quarantined items by href."""
        return {
            row["href"]: Quarantined(
                href=row["href"],
                etag=row["etag"],
                reason=row["reason"],
                since=dt.datetime.fromisoformat(row["since"]),
            )
            for row in self._rows("sync_quarantine")
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
        self._upsert("sync_quarantine", values, ("link", "href"))

    def release(self, href: str) -> None:
        """Take an item out of quarantine."""
        self._remove("sync_quarantine", "href", href)

    def intents(self) -> dict[str, Intent]:
        """Return the unsettled remote writes by UID."""
        return {row["uid"]: _intent(row) for row in self._rows("sync_intent")}

    def intent(self, uid: str) -> Intent | None:
        """Return the unsettled remote write of an item."""
        for row in self._rows_of("sync_intent", uid):
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
        self._upsert("sync_intent", values, ("link", "uid"))

    def settle(self, uid: str) -> None:
        """Forget the intent: its outcome is known and durable."""
        self._remove("sync_intent", "uid", uid)

    def refusals(self, since: dt.datetime | None = None) -> dict[str, Refusal]:
        """Return what was refused by UID, all or only since then."""
        return {
            row["uid"]: Refusal(uid=row["uid"], digest=row["digest"], reason=row["reason"])
            for row in self._rows("sync_refusal")
            if since is None or dt.datetime.fromisoformat(row["since"]) > since
        }

    def refusal(self, uid: str) -> Refusal | None:
        """Return what was refused of an item."""
        for row in self._rows_of("sync_refusal", uid):
            return Refusal(uid=row["uid"], digest=row["digest"], reason=row["reason"])
        return None

    def refuse(self, refusal: Refusal, now: dt.datetime) -> None:
        """Remember that the other side refuses this content."""
        values = {**attrs.asdict(refusal), "link": self._link, "since": now.isoformat()}
        self._upsert("sync_refusal", values, ("link", "uid"))

    def accept(self, uid: str) -> None:
        """Forget a refusal."""
        self._remove("sync_refusal", "uid", uid)

    def journal(self, *, states: Sequence[str] = (), uid: str = "") -> Iterator[JournalEntry]:
        """Yield conflicts of the link, or of one item, oldest first."""
        if not self._exists:
            return
        for row in _conflicts(self._connection, link=self._link, states=states, uid=uid):
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
        pending = _conflicts(
            self._connection, link=self._link, states=("open", "decided"), uid=entry.uid
        )
        if pending and self._may_be_applied(pending[0], entry):
            # What it tells of may be nowhere else any more.
            self.mark(int(pending[0]["id"]), state="settled", winner=pending[0]["winner"])
        elif pending:
            number = int(pending[0]["id"])
            self._upsert("sync_conflict", {**values, "id": number}, ("id",))
            return number
        statement = statements.insertion("sync_conflict", tuple(values))
        return self._connection.execute(statement, values).lastrowid or 0

    def _may_be_applied(self, pending: Row, entry: JournalEntry) -> bool:
        """Say whether a write that was begun may have replaced what a pending conflict holds."""
        if pending["state"] != "decided" or pending["document"] == entry.document:
            return False
        return entry.state != "open" or self.intent(entry.uid) is not None

    def end_journal(self, uid: str) -> None:
        """End what the journal holds of an item, and that its last copy told of who was erased."""
        self._remove("sync_conflict", "uid", uid)
        self._remove("sync_told", "uid", uid)

    def mark(self, entry_id: int, *, state: str, winner: str) -> None:
        """Change what became of a conflict."""
        change = "UPDATE sync_conflict SET state = ?, winner = ? WHERE id = ?"
        self._connection.execute(change, (state, winner, entry_id))

    def _rows(self, table: str, where: str = "1", **values: str) -> list[Row]:
        if not self._exists:
            return []
        query = f"SELECT * FROM {table} WHERE link = :link AND {where}"  # noqa: S608 - words of ours
        return self._connection.execute(query, {"link": self._link, **values}).fetchall()

    def _rows_of(self, table: str, uid: str) -> list[Row]:
        if not self._exists:
            return []
        query = statements.rows_of(table, "uid")
        return self._connection.execute(query, (self._link, uid)).fetchall()

    def _remove(self, table: str, column: str, value: str) -> None:
        self._connection.execute(statements.removal_of(table, column), (self._link, value))

    def _upsert(self, table: str, values: dict[str, Any], key: tuple[str, ...]) -> None:
        self._connection.execute(statements.upsert(table, tuple(values), key), values)


def _conflicts(
    connection: Connection, *, link: str = "", states: Sequence[str] = (), uid: str = ""
) -> list[Row]:
    """Return the rows of conflicts, oldest first; of any link, state or item if not told."""
    query, values = "SELECT * FROM sync_conflict WHERE 1", [*states]
    query += f" AND state IN ({', '.join('?' * len(states))})" if states else ""
    for column, value in (("link", link), ("uid", uid)):
        query += f" AND {column} = ?" if value else ""
        values += [value] if value else []
    return connection.execute(f"{query} ORDER BY id", values).fetchall()


def _intent(row: Row) -> Intent:
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


def _item(row: Row) -> Item:
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


def entry_from_row(row: Row) -> JournalEntry:
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
    if not tables.are_there(connection):
        return []
    return [entry_from_row(row) for row in _conflicts(connection, states=states)]
