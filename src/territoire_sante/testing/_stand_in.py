# SPDX-License-Identifier: Apache-2.0
"""What stand-in servers share: a thread on the loopback interface, a record, faults to switch."""

from __future__ import annotations

import abc
import json
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs

from territoire_sante.testing._loopback import LoopbackServer

_BODY_MAX: Final = 50_000_000
_HTML: Final = "text/html; charset=utf-8"


@attrs.frozen(kw_only=True)
class Request:
    """
    A request that the server answered, for assertions.

    ``body`` is the JSON sent, ``None`` if there was none or it was none. Credentials are not kept.
    """

    method: str
    path: str
    status: int
    body: Any = None


@attrs.frozen(kw_only=True)
class Asked:
    """A request as it came; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = attrs.field(repr=False)
    data: bytes = attrs.field(repr=False)

    @property
    def json(self) -> Any:
        """The body read as JSON, ``None`` if it is none."""
        try:
            return json.loads(self.data) if self.data else None
        except ValueError:
            return None


@attrs.frozen(kw_only=True)
class Answer:
    """What is answered: text and bytes as they are, anything else as JSON."""

    status: int = 200
    body: Any = None
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def content(self) -> bytes:
        """The bytes of the body."""
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, str):
            return self.body.encode()
        return b"" if self.body is None else json.dumps(self.body, ensure_ascii=False).encode()


@attrs.frozen(kw_only=True)
class _Fault:
    answer: Answer
    stored: bool
    on: str
    after: int = 0


class StandIn(LoopbackServer):
    """
    Runs from ``with`` to its end, on a free port of the loopback interface, or on ``port``.

    Faults are switched on by :meth:`fail`, :meth:`lose_answers` and :meth:`delay`.
    """

    def __init__(self, *, port: int = 0) -> None:
        self._port = port
        self._lock = threading.RLock()
        self._requests: list[Request] = []
        self._faults: list[_Fault] = []
        self._delays: list[float] = []
        self._losses = 0

    def _handles(self) -> type[BaseHTTPRequestHandler]:
        return _handler(self)

    @property
    def requests(self) -> tuple[Request, ...]:
        """What was asked so far, in order."""
        with self._lock:
            return tuple(self._requests)

    def fail(
        self,
        status: int,
        *,
        times: int = 1,
        headers: Mapping[str, str] | None = None,
        html: bool = False,
        stored: bool = False,
        on: str = "",
        after: int = 0,
        body: Any = None,
    ) -> None:
        """
        Answer the next ``times`` requests with ``status``.

        Nothing is done of what they ask for, unless ``stored``. With ``html`` a web page comes, as
        of a proxy. ``on`` is a part of what is asked: the method, the path, or the operation;
        ``after`` so many of those that go well. ``body`` is told instead of the usual complaint.
        """
        told = self._complaint() if body is None else body
        answer = Answer(status=status, body=told, headers=headers or {})
        if html:
            page = "<!DOCTYPE html><html><h1>Maintenance</h1></html>"
            answer = attrs.evolve(answer, body=page, content_type=_HTML)
        with self._lock:
            self._faults += [_Fault(answer=answer, stored=stored, on=on, after=after)]
            self._faults += [_Fault(answer=answer, stored=stored, on=on)] * (times - 1)

    def lose_answers(self, times: int = 1) -> None:
        """Do what the next ``times`` writes ask for, and hang up instead of answering."""
        with self._lock:
            self._losses += times

    def delay(self, seconds: float, *, times: int = 1) -> None:
        """Answer the next ``times`` requests so much later."""
        with self._lock:
            self._delays += [seconds] * times

    def _complaint(self) -> Any:
        return {"error": "Service indisponible"}

    def _writes(self, asked: Asked) -> bool:
        return asked.method in {"POST", "PUT", "PATCH", "DELETE"}

    def _named(self, asked: Asked) -> str:
        return f"{asked.method} {asked.path}"

    @abc.abstractmethod
    def _routed(self, asked: Asked) -> Answer:
        """Return the right answer, having done what was asked."""

    def _answered(self, asked: Asked) -> Answer | None:
        with self._lock:
            delay = self._delays.pop(0) if self._delays else 0.0
        time.sleep(delay)
        with self._lock:
            answer = self._faulty(asked) or self._routed(asked)
            told = Request(
                method=asked.method, path=asked.path, status=answer.status, body=asked.json
            )
            self._requests.append(told)
            if self._losses and self._writes(asked):
                self._losses -= 1
                return None
        return answer

    def _faulty(self, asked: Asked) -> Answer | None:
        fault = next((one for one in self._faults if one.on in self._named(asked)), None)
        if fault is None:
            return None
        place = self._faults.index(fault)
        if fault.after:
            self._faults[place] = attrs.evolve(fault, after=fault.after - 1)
            return None
        del self._faults[place]
        if fault.stored:
            self._routed(asked)
        return fault.answer


def _handler(server: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: in two, the second waits for the first to be acknowledged.
        wbufsize = -1

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            parts = urlsplit(self.path)
            asked = Asked(
                method=self.command,
                path=unquote(parts.path),
                query=dict(parse_qsl(parts.query)),
                headers={name.lower(): value for name, value in self.headers.items()},
                data=self.rfile.read(min(length, _BODY_MAX)),
            )
            answer = server._answered(asked)  # noqa: SLF001 - the two are one
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815 - names of http.server

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name of http.server
            """Keep silent; ``requests`` tells what was asked."""

    return Handler
