# SPDX-License-Identifier: Apache-2.0
"""
A stand-in for a web server that publishes a feed: real HTTP on this machine, with its traps.

It publishes the bytes that it is given, or a file as it is at each moment, with the validators of
conditional requests (RFC 9110, 13), and misbehaves on demand.
"""

from __future__ import annotations

import enum
import gzip
import hashlib
import re
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

import attrs

_PATH: Final = "/flux"
_HTML: Final = b"<!DOCTYPE html><html><body><h1>Connexion</h1><form></form></body></html>"
_IDENTIFIERS: Final = re.compile(
    rb"(<(?:guid|id)\b[^>]*>|\"id\":\s*\")([^<\"]+)(?=</|\")",
)


class Fault(enum.Enum):
    """What can go wrong; each is what servers have been seen to do."""

    HTML = "html"
    ERROR = "error"
    CUT = "cut"
    SLOW = "slow"
    NEW_IDS = "new_ids"
    GZIP = "gzip"
    GONE = "gone"
    BUSY = "busy"


_PAGES: Final = {
    Fault.ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
    Fault.BUSY: HTTPStatus.TOO_MANY_REQUESTS,
    Fault.GONE: HTTPStatus.GONE,
    Fault.HTML: HTTPStatus.OK,
}


@attrs.frozen(kw_only=True)
class Asked:
    """A request that was answered, for assertions; header names in lower case."""

    path: str
    status: int
    headers: MappingProxyType[str, str]


class FeedServer:
    """
    Runs from ``with`` to its end, on a free port of the loopback interface.

    Args:
        data: what is published.
        path: a file to publish instead, as it is at each request; 404 while it is missing.
        media_type: of the answer.
        etag: give each version an ``ETag``, and answer 304 to whom has it.
        last_modified: do the same with the time of the last change.
        clock: seconds since 1970, for that time.

    >>> with FeedServer(b"<rss/>") as server:
    ...     server.shown()
    b'<rss/>'
    """

    def __init__(
        self,
        data: bytes = b"",
        *,
        path: Path | None = None,
        media_type: str = "application/atom+xml",
        etag: bool = True,
        last_modified: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.media_type = media_type
        self._path = path
        self._etag, self._last_modified = etag, last_modified
        self._clock = clock
        self._lock = threading.RLock()
        self._data, self._changed = data, clock()
        self._faults: list[Fault] = []
        self._always: frozenset[Fault] = frozenset()
        self._asked: list[Asked] = []
        self._round = 0
        self._stopping = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        self._server = server
        self._stopping.clear()
        self._thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
        self._server = self._thread = None

    @property
    def url(self) -> str:
        """The address of the feed."""
        if self._server is None:
            raise RuntimeError("the server runs inside of its with block only")
        return f"http://127.0.0.1:{self._server.server_address[1]}{_PATH}"

    @property
    def asked(self) -> tuple[Asked, ...]:
        """What was asked so far, in order."""
        with self._lock:
            return tuple(self._asked)

    def publish(self, data: bytes) -> None:
        """Publish another version."""
        with self._lock:
            self._data, self._changed = data, self._clock()

    def shown(self) -> bytes:
        """Return what a reader would see now, were there no faults; empty if there is nothing."""
        return self._current() or b""

    def fail(self, fault: Fault, *, times: int = 1) -> None:
        """Let the next ``times`` answers go wrong."""
        with self._lock:
            self._faults += [fault] * times

    def always(self, *faults: Fault) -> None:
        """Let every answer go wrong in these ways; in none without."""
        with self._lock:
            self._always = frozenset(faults)

    def _current(self) -> bytes | None:
        with self._lock:
            if self._path is None:
                return self._data
            return self._path.read_bytes() if self._path.exists() else None

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            faults = self._always | ({self._faults.pop(0)} if self._faults else set())
        if Fault.SLOW in faults:
            self._stopping.wait(60)
            handler.close_connection = True
            return
        status, headers, body = self._made(handler, faults)
        told = {name.lower(): value for name, value in handler.headers.items()}
        with self._lock:
            seen = Asked(path=handler.path, status=status, headers=MappingProxyType(told))
            self._asked.append(seen)
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        if status != HTTPStatus.NOT_MODIFIED:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if Fault.CUT in faults:
            handler.close_connection = True
            body = body[: len(body) // 2]
        if handler.command != "HEAD" and status != HTTPStatus.NOT_MODIFIED:
            handler.wfile.write(body)

    def _made(
        self, handler: BaseHTTPRequestHandler, faults: frozenset[Fault]
    ) -> tuple[int, dict[str, str], bytes]:
        body = self._current()
        here = handler.path.partition("?")[0] == _PATH
        page = next((status for fault, status in _PAGES.items() if fault in faults), None)
        if body is None or not here or page is not None:
            busy = {"Retry-After": "3600"} if page == HTTPStatus.TOO_MANY_REQUESTS else {}
            kind = {"Content-Type": "text/html; charset=utf-8"}
            return page or HTTPStatus.NOT_FOUND, {**kind, **busy}, _HTML
        headers = self._validators(body)
        if Fault.NEW_IDS in faults:
            body, headers = self._renamed(body), {}
        if _unchanged(handler, headers):
            return 304, headers, b""
        if Fault.GZIP in faults:
            return 200, {**self._kind(headers), "Content-Encoding": "gzip"}, gzip.compress(body)
        return 200, self._kind(headers), body

    def _kind(self, headers: dict[str, str]) -> dict[str, str]:
        return {**headers, "Content-Type": self.media_type}

    def _validators(self, body: bytes) -> dict[str, str]:
        changed = self._changed
        if self._path is not None:
            changed = self._path.stat().st_mtime
        told = {
            "ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"' if self._etag else "",
            "Last-Modified": formatdate(changed, usegmt=True) if self._last_modified else "",
        }
        return {name: value for name, value in told.items() if value}

    def _renamed(self, body: bytes) -> bytes:
        """Give every entry an identifier that was never there."""
        with self._lock:
            self._round += 1
            mark = f"?{self._round}".encode()
        return _IDENTIFIERS.sub(lambda found: found[1] + found[2] + mark, body)


def _unchanged(handler: BaseHTTPRequestHandler, headers: dict[str, str]) -> bool:
    """Say whether the client has this version (RFC 9110, 13.2.2: the tag counts first)."""
    tags = handler.headers.get("If-None-Match")
    if tags is not None:
        mine = headers.get("ETag", "").removeprefix("W/")
        return bool(mine) and mine in {one.strip().removeprefix("W/") for one in tags.split(",")}
    since = handler.headers.get("If-Modified-Since")
    return since is not None and since == headers.get("Last-Modified")


def _handler(server: FeedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet

        def _answer(self) -> None:
            server._answer(self)  # noqa: SLF001 - the two are one

        do_GET = do_HEAD = _answer  # noqa: N815 - names of http.server

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name of http.server
            """Keep silent; ``asked`` tells what was asked."""

    return Handler
