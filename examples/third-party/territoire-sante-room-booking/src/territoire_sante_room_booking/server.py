# SPDX-License-Identifier: Apache-2.0
"""
A small booking service: ``python -m territoire_sante_room_booking.server --help``.

.. code-block:: text

    GET    /api/bookings?limit=&after=      all of them, a page at a time
    GET    /api/bookings?updated_since=     what changed since a cursor, with what was deleted
    GET    /api/bookings?ids=a,b            some of them
    POST   /api/bookings                    201, or 409 exists, 409 room_taken, 422
    PUT    /api/bookings/{id}  If-Match     200, or 404, 412, 422, 428
    DELETE /api/bookings/{id}  If-Match     204, or 404, 412, 428

All ask for ``Authorization: Bearer …``: 401 without, 403 for writes with a token that only reads,
429 with Retry-After for who asks too often. A booking tells its times as a clock on the wall shows
them, with the name of the zone; whole days by their first and last day.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from territoire_sante.testing.stand_in import Answer, Asked, StandIn
from territoire_sante_room_booking._book import Book, Kept, RefusedError

_ROOT: Final = "/api/bookings"
_PAGE_MAX: Final = 200


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class BookingServer(StandIn):
    """
    Serves a book on the loopback interface, from ``with`` to its end.

    ``tokens`` are those that may write, ``reading`` those that may not. At most ``rate`` requests
    in ``window`` seconds are answered for each token.
    """

    def __init__(
        self,
        *,
        tokens: Collection[str],
        reading: Collection[str] = (),
        database: str = ":memory:",
        single: Collection[str] = (),
        memory: int = 1000,
        page: int = 50,
        rate: int = 0,
        window: float = 1.0,
        port: int = 0,
        now: Callable[[], dt.datetime] = _utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(port=port)
        self.book = Book(database, now=now, single=single, memory=memory)
        self._tokens, self._reading = frozenset(tokens), frozenset(reading)
        self._page, self._rate, self._window, self._clock = page, rate, window, clock
        self._times: dict[str, list[float]] = {}

    @property
    def url(self) -> str:
        """The address of the service."""
        return f"{self.origin}/api/"

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self.book.close()

    def routed(self, asked: Asked) -> Answer:
        """Return what is answered to a request."""
        try:
            token = asked.headers.get("authorization", "").removeprefix("Bearer ")
            self._admit(token, writes=self.is_write(asked))
            return self._done(asked)
        except RefusedError as refusal:
            wait = refusal.body.get("retry_after")
            headers = {} if wait is None else {"Retry-After": str(wait)}
            return Answer(status=refusal.status, body=refusal.body, headers=headers)

    def _done(self, asked: Asked) -> Answer:
        method, if_match = asked.method, asked.headers.get("if-match")
        id_ = asked.path.removeprefix(_ROOT).strip("/")
        if not asked.path.startswith(_ROOT) or bool(id_) is (method in ("GET", "POST")):
            raise RefusedError(404, "no_such_place")
        if method == "GET":
            return Answer(body=self._listed(asked.query))
        if method == "DELETE":
            self.book.remove(id_, if_match)
            return Answer(status=204)
        if asked.json is None:
            raise RefusedError(400, "not_json")
        if method == "POST":
            return _told(201, self.book.add(asked.json))
        return _told(200, self.book.change(id_, asked.json, if_match))

    def _admit(self, token: str, *, writes: bool) -> None:
        if token not in self._tokens | self._reading:
            raise RefusedError(401, "unknown_token")
        now = self._clock()
        asked = [at for at in self._times.get(token, []) if at > now - self._window]
        if self._rate and len(asked) >= self._rate:
            wait = math.ceil(asked[0] + self._window - now)
            raise RefusedError(429, "too_many_requests", retry_after=wait)
        self._times[token] = [*asked, now]
        if writes and token not in self._tokens:
            raise RefusedError(403, "read_only")

    def _listed(self, query: Mapping[str, str]) -> dict[str, Any]:
        try:
            limit = max(1, min(int(query.get("limit", self._page)), _PAGE_MAX))
            seen = int(query.get("updated_since", 0))
        except ValueError:
            raise RefusedError(400, "bad_cursor") from None
        if "ids" in query:
            return {"bookings": [_shown(one) for one in self.book.some(query["ids"].split(","))]}
        if "updated_since" in query:
            changed = self.book.since(seen, limit)
            cursor = str(changed[-1].seq if changed else seen)
            more = len(changed) == limit
            return {"bookings": [_shown(one) for one in changed], "cursor": cursor, "more": more}
        # Read before the page: what changes meanwhile is told with the next delta.
        cursor = str(self.book.last)
        page = self.book.page(query.get("after", ""), limit)
        after = page[-1].id if len(page) == limit else None
        return {"bookings": [_shown(one) for one in page], "cursor": cursor, "after": after}


def _shown(kept: Kept) -> dict[str, Any]:
    if kept.body is None:
        return {"id": kept.id, "deleted": True}
    return {"id": kept.id, "etag": kept.etag, "booking": kept.body}


def _told(status: int, kept: Kept) -> Answer:
    return Answer(status=status, body=_shown(kept), headers={"ETag": kept.etag})


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m territoire_sante_room_booking.server")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--database", default="bookings.db", help="where the bookings are kept")
    parser.add_argument("--token-file", type=Path, required=True, help="a file with the token")
    parser.add_argument("--single", action="append", default=[], metavar="ROOM",
                        help="a room that takes one booking at a time")  # fmt: skip
    given = parser.parse_args()
    token = given.token_file.read_text("utf-8").strip()
    with BookingServer(
        tokens=[token], database=given.database, single=given.single, port=given.port
    ) as server:
        print(f"serving {server.url}", flush=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
