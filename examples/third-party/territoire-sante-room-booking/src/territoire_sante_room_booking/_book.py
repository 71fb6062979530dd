# SPDX-License-Identifier: Apache-2.0
"""The book of a booking service: what it keeps, what it refuses, and what changed since when."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS booking (
    id TEXT PRIMARY KEY, external TEXT, seq INTEGER NOT NULL, version INTEGER NOT NULL, body TEXT
)
"""
_TITLE_MAX: Final = 200
_STATES: Final = frozenset({"confirmed", "option", "cancelled", None})


class RefusedError(Exception):
    """A request that cannot be done: the status of its answer, a code, and details."""

    def __init__(self, status: int, code: str, **details: Any) -> None:
        super().__init__(code)
        self.status = status
        self.body: dict[str, Any] = {"error": code, **details}


@attrs.frozen(kw_only=True)
class Kept:
    """A booking as the book has it; without a body, it was deleted."""

    id: str
    seq: int
    version: int
    body: dict[str, Any] | None

    @property
    def etag(self) -> str:
        """The version tag."""
        return f'"{self.id}.{self.version}"'


class Book:
    """
    Bookings in a database of SQLite.

    Rooms in ``single`` take one booking at a time. Each change gets the next number; who was told
    one of them can ask for what came after, as long as ``memory`` deletions are remembered.
    """

    def __init__(
        self,
        database: str,
        *,
        now: Callable[[], dt.datetime],
        single: Collection[str] = (),
        memory: int = 1000,
    ) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(database, check_same_thread=False, isolation_level=None)
        self._db.execute(_TABLE)
        self._now, self._single, self._memory = now, frozenset(single), memory

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def page(self, after: str, limit: int) -> list[Kept]:
        """Return bookings in the order of their ids."""
        return self._kept("body IS NOT NULL AND id > ? ORDER BY id LIMIT ?", after, limit)

    def some(self, ids: Sequence[str]) -> list[Kept]:
        """Return those bookings that are there."""
        marks = ",".join("?" * len(ids))
        return self._kept(f"body IS NOT NULL AND id IN ({marks})", *ids)

    def since(self, seq: int, limit: int) -> list[Kept]:
        """
        Return what changed after a number, deletions included, in the order of the changes.

        Raises:
            RefusedError: the number was never given, or deletions since are forgotten.
        """
        with self._lock:
            if seq > self.last:
                raise RefusedError(400, "bad_cursor")
            forgotten = self._gone()[self._memory :]
            if forgotten and seq < forgotten[0].seq:
                raise RefusedError(410, "cursor_expired")
            return self._kept("seq > ? ORDER BY seq LIMIT ?", seq, limit)

    @property
    def last(self) -> int:
        """The number of the last change."""
        (number,) = self._db.execute("SELECT coalesce(max(seq), 0) FROM booking").fetchone()
        return int(number)

    def add(self, body: Any) -> Kept:
        """Enter a booking; it gets its id here."""
        with self._lock:
            name = body.get("external_id") if isinstance(body, dict) else None
            if isinstance(name, str) and self._kept("body IS NOT NULL AND external = ?", name):
                raise RefusedError(409, "exists")
            self._check(body, "")
            seq = self.last + 1
            return self._write(f"b{seq:06}", seq, 1, body)

    def change(self, id_: str, body: Any, etag: str | None) -> Kept:
        """Overwrite the version that was seen."""
        with self._lock:
            old = self._current(id_, etag)
            self._check(body, id_)
            return self._write(id_, self.last + 1, old.version + 1, body)

    def remove(self, id_: str, etag: str | None) -> None:
        """Delete the version that was seen."""
        with self._lock:
            old = self._current(id_, etag)
            self._write(id_, self.last + 1, old.version + 1, None)

    def _current(self, id_: str, etag: str | None) -> Kept:
        found = self.some([id_])
        if not found:
            raise RefusedError(404, "no_such_booking")
        if etag is None:
            raise RefusedError(428, "if_match_missing")
        if etag not in ("*", found[0].etag):
            raise RefusedError(412, "changed")
        return found[0]

    def _write(self, id_: str, seq: int, version: int, body: Mapping[str, Any] | None) -> Kept:
        text, external = None, None
        if body is not None:
            stamp = self._now().astimezone(dt.UTC).isoformat(timespec="seconds")
            text = json.dumps({**body, "id": id_, "updated_at": stamp}, ensure_ascii=False)
            external = body.get("external_id")
        row = (id_, external, seq, version, text)
        self._db.execute("INSERT OR REPLACE INTO booking VALUES (?, ?, ?, ?, ?)", row)
        return self._kept("id = ?", id_)[0]

    def _gone(self) -> list[Kept]:
        return self._kept("body IS NULL ORDER BY seq DESC")

    def _kept(self, where: str, *values: object) -> list[Kept]:
        query = f"SELECT id, seq, version, body FROM booking WHERE {where}"  # noqa: S608 - our own words
        with self._lock:
            rows = self._db.execute(query, values).fetchall()
        return [
            Kept(id=id_, seq=seq, version=version, body=None if body is None else json.loads(body))
            for id_, seq, version, body in rows
        ]

    def _check(self, body: Any, id_: str) -> None:
        if not isinstance(body, dict):
            raise RefusedError(400, "not_an_object")
        wrong = list(_wrong(body))
        if wrong:
            fields = [{"field": field, "message": message} for field, message in wrong]
            raise RefusedError(422, "invalid", fields=fields)
        if body["room"] in self._single and body.get("status") != "cancelled":
            start, end = _span(body)
            for other in self.page("", -1):
                theirs = other.body or {}
                same = theirs["room"] == body["room"] and theirs.get("status") != "cancelled"
                if other.id != id_ and same and _overlap((start, end), _span(theirs)):
                    raise RefusedError(409, "room_taken", by=other.id)


def _wrong(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each member that is not as it must be, and why."""
    for name in ("title", "room"):
        text = body.get(name)
        if not isinstance(text, str) or not text.strip():
            yield name, "is required"
        elif len(text) > _TITLE_MAX:
            yield name, f"has more than {_TITLE_MAX} characters"
    if body.get("status") not in _STATES:
        yield "status", "is none of confirmed, option, cancelled"
    try:
        start, end = _span(body)
    except (KeyError, TypeError, ValueError, OSError, OverflowError):
        yield "starts_at", "the times are no times of a known zone"
    else:
        if end < start:
            yield "ends_at", "is before starts_at"


def _span(body: Mapping[str, Any]) -> tuple[dt.datetime, dt.datetime]:
    zone = ZoneInfo(body["time_zone"])
    if body.get("all_day"):
        first = dt.date.fromisoformat(body["starts_at"])
        last = dt.date.fromisoformat(body.get("ends_at") or body["starts_at"])
        midnight = dt.time()
        day = dt.timedelta(days=1)
        start = dt.datetime.combine(first, midnight, zone)
        return start, dt.datetime.combine(last + day, midnight, zone)
    start = _local(body["starts_at"], zone)
    return start, _local(body["ends_at"], zone) if body.get("ends_at") else start


def _local(text: str, zone: ZoneInfo) -> dt.datetime:
    moment = dt.datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=zone)
    return moment.astimezone(dt.UTC)


def _overlap(one: tuple[dt.datetime, dt.datetime], other: tuple[dt.datetime, dt.datetime]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
