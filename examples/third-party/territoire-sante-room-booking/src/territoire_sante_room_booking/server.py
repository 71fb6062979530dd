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
import json
import math
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import attrs

from territoire_sante_room_booking._book import Book, Kept, RefusedError

_ROOT: Final = "/api/bookings"
_BODY_MAX: Final = 1_000_000
_PAGE_MAX: Final = 200
_PAGE: Final = b"<!DOCTYPE html><html><body><h1>Maintenance en cours</h1></body></html>"


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@attrs.frozen(kw_only=True)
class _Answer:
    status: int
    body: Any = None
    headers: Mapping[str, str] = attrs.field(factory=dict)


class BookingServer:
    """
    Serves a book on the loopback interface, from ``with`` to its end.

    ``tokens`` are those that may write, ``reading`` those that may not. At most ``rate`` requests
    in ``window`` seconds are answered for each token. While ``maintenance`` is true, a web page
    comes instead of answers, as a proxy gives one; while ``hang_up`` is, writes are done and not
    answered.
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
        self.book = Book(database, now=now, single=single, memory=memory)
        self.maintenance = False
        self.hang_up = False
        self.requests: list[str] = []
        self._tokens, self._reading = frozenset(tokens), frozenset(reading)
        self._page, self._rate, self._window, self._clock = page, rate, window, clock
        self._asked: dict[str, list[float]] = {}
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        """The address of the service."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/api/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        self.book.close()

    def answer(
        self, method: str, target: str, token: str, if_match: str | None, data: bytes
    ) -> _Answer:
        """Return what is answered to a request."""
        with self._lock:
            self.requests.append(f"{method} {target}")
        try:
            self._admit(token, writes=method != "GET")
            return self._done(method, urlsplit(target), if_match, data)
        except RefusedError as refusal:
            wait = refusal.body.get("retry_after")
            headers = {} if wait is None else {"Retry-After": str(wait)}
            return _Answer(status=refusal.status, body=refusal.body, headers=headers)

    def _done(self, method: str, target: SplitResult, if_match: str | None, data: bytes) -> _Answer:
        id_ = unquote(target.path).removeprefix(_ROOT).strip("/")
        if not target.path.startswith(_ROOT) or bool(id_) is (method in ("GET", "POST")):
            raise RefusedError(404, "no_such_place")
        if method == "GET":
            query = {name: values[-1] for name, values in parse_qs(target.query).items()}
            return _Answer(status=200, body=self._listed(query))
        if method == "DELETE":
            self.book.remove(id_, if_match)
            return _Answer(status=204)
        body = _json(data)
        if method == "POST":
            return _told(201, self.book.add(body))
        return _told(200, self.book.change(id_, body, if_match))

    def _admit(self, token: str, *, writes: bool) -> None:
        if token not in self._tokens | self._reading:
            raise RefusedError(401, "unknown_token")
        with self._lock:
            now = self._clock()
            asked = [at for at in self._asked.get(token, []) if at > now - self._window]
            if self._rate and len(asked) >= self._rate:
                wait = math.ceil(asked[0] + self._window - now)
                raise RefusedError(429, "too_many_requests", retry_after=wait)
            self._asked[token] = [*asked, now]
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


def _told(status: int, kept: Kept) -> _Answer:
    return _Answer(status=status, body=_shown(kept), headers={"ETag": kept.etag})


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise RefusedError(400, "not_json") from None


def _handler(server: BookingServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def _serve(self) -> None:
            length = min(int(self.headers.get("Content-Length") or 0), _BODY_MAX)
            data = self.rfile.read(length)
            if server.maintenance:
                self._send(503, _PAGE, {"Content-Type": "text/html", "Retry-After": "120"})
                return
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            if_match = self.headers.get("If-Match")
            answer = server.answer(self.command, self.path, token, if_match, data)
            if server.hang_up and self.command != "GET":
                self.close_connection = True
                return
            body = b"" if answer.body is None else json.dumps(answer.body).encode()
            self._send(answer.status, body, {"Content-Type": "application/json", **answer.headers})

        def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - names of http.server

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - likewise
            """Keep silent."""

    return Handler


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
