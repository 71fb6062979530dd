# SPDX-License-Identifier: Apache-2.0
"""A server of ours in a thread on the loopback interface: requests in, answers out."""

from __future__ import annotations

import abc
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs

HTML: Final = "text/html; charset=utf-8"
_BODY_MAX: Final = 50_000_000
_NO_CONTENT: Final = frozenset({204, 304})


@attrs.frozen(kw_only=True)
class Asked:
    """
    A request as it came.

    ``target`` is path and query as they were written, ``path`` has no escapes; header names are in
    lower case.
    """

    method: str
    target: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    data: bytes = attrs.field(repr=False)

    @property
    def path(self) -> str:
        """The path without escapes."""
        return unquote(urlsplit(self.target).path)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The parameters of the query in their order."""
        return tuple(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters of the query by name, the last of each."""
        return dict(self.pairs)

    @property
    def json(self) -> Any:
        """The body read as JSON, ``None`` if it is none."""
        try:
            return json.loads(self.data) if self.data else None
        except ValueError:
            return None


@attrs.frozen(kw_only=True)
class Answer:
    """What is answered: text and bytes as they are, anything else as JSON; ``cut`` in its half."""

    status: int = 200
    body: Any = None
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = attrs.field(factory=dict)
    cut: bool = False

    @property
    def content(self) -> bytes:
        """The bytes of the body."""
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, str):
            return self.body.encode()
        return b"" if self.body is None else json.dumps(self.body).encode()


class LoopbackServer(abc.ABC):
    """Runs from ``with`` to its end, on a free port of the loopback interface, or on ``port``."""

    def __init__(self, *, port: int = 0) -> None:
        self._port = port
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    @abc.abstractmethod
    def _answered(self, asked: Asked) -> Answer | None:
        """Return the answer, ``None`` to hang up; called in a thread of its own."""

    def __enter__(self) -> Self:
        server = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self))
        server.daemon_threads = True
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
        self._server = self._thread = None

    @property
    def origin(self) -> str:
        """
        The server's address, without a path.

        Raises:
            RuntimeError: it is not running.
        """
        if self._server is None:
            raise RuntimeError("the server runs inside of its with block only")
        return f"http://127.0.0.1:{self._server.server_address[1]}"


def _handler(server: LoopbackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: in two, the second waits for the first to be acknowledged.
        wbufsize = -1

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            asked = Asked(
                method=self.command,
                target=self.path,
                headers={name.lower(): value for name, value in self.headers.items()},
                data=self.rfile.read(min(length, _BODY_MAX)),
            )
            answer = server._answered(asked)  # noqa: SLF001 - the two are one
            if answer is None:
                self.close_connection = True
                return
            try:
                self._send(answer)
            except OSError:
                # Who asked may have lost patience.
                self.close_connection = True

        def _send(self, answer: Answer) -> None:
            content = answer.content
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status not in _NO_CONTENT:
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if answer.cut:
                self.close_connection = True
                content = content[: len(content) // 2]
            if self.command != "HEAD" and answer.status not in _NO_CONTENT:
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815 - names of http.server

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name of http.server
            """Keep silent; the server tells what was asked."""

    return Handler
