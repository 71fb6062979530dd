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
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

import attrs

from territoire_sante.testing import _loopback as loopback
from territoire_sante.testing._loopback import Answer, LoopbackServer

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


class FeedServer(LoopbackServer):
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
        super().__init__()
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

    def __enter__(self) -> Self:
        self._stopping.clear()
        return super().__enter__()

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        super().__exit__()

    @property
    def url(self) -> str:
        """The address of the feed."""
        return f"{self.origin}{_PATH}"

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

    def _answered(self, asked: loopback.Asked) -> Answer | None:
        with self._lock:
            faults = self._always | ({self._faults.pop(0)} if self._faults else set())
        if Fault.SLOW in faults:
            self._stopping.wait(60)
            return None
        answer = attrs.evolve(self._made(asked, faults), cut=Fault.CUT in faults)
        headers = MappingProxyType(dict(asked.headers))
        with self._lock:
            self._asked.append(Asked(path=asked.target, status=answer.status, headers=headers))
        return answer

    def _made(self, asked: loopback.Asked, faults: frozenset[Fault]) -> Answer:
        body = self._current()
        page = next((status for fault, status in _PAGES.items() if fault in faults), None)
        if body is None or asked.path != _PATH or page is not None:
            busy = {"Retry-After": "3600"} if page == HTTPStatus.TOO_MANY_REQUESTS else {}
            status = page or HTTPStatus.NOT_FOUND
            return Answer(status=status, body=_HTML, content_type=loopback.HTML, headers=busy)
        headers = self._validators(body)
        if Fault.NEW_IDS in faults:
            body, headers = self._renamed(body), {}
        if _unchanged(asked, headers):
            return Answer(status=304, headers=headers)
        if Fault.GZIP in faults:
            body, headers = gzip.compress(body), {**headers, "Content-Encoding": "gzip"}
        return Answer(body=body, content_type=self.media_type, headers=headers)

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


def _unchanged(asked: loopback.Asked, headers: dict[str, str]) -> bool:
    """Say whether the client has this version (RFC 9110, 13.2.2: the tag counts first)."""
    tags = asked.headers.get("if-none-match")
    if tags is not None:
        mine = headers.get("ETag", "").removeprefix("W/")
        return bool(mine) and mine in {one.strip().removeprefix("W/") for one in tags.split(",")}
    since = asked.headers.get("if-modified-since")
    return since is not None and since == headers.get("Last-Modified")
