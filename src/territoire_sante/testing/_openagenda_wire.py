# SPDX-License-Identifier: Apache-2.0
"""The HTTP side of the OpenAgenda stand-in: requests in, answers out, faults on demand."""

from __future__ import annotations

import email.parser
import email.policy
import json
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs

_BODY_MAX: Final = 20_000_000


@attrs.frozen(kw_only=True)
class Asked:
    """
    A request: ``query`` in order, ``data`` the JSON sent, ``files`` those of a form.

    ``headers`` have names in lower case.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str] = attrs.field(repr=False)
    data: Any = None
    files: Mapping[str, bytes] = attrs.field(factory=dict, repr=False)

    def values(self, name: str) -> list[str]:
        """Return all values of a parameter."""
        return [value for key, value in self.query if key == name]


@attrs.frozen(kw_only=True)
class Answer:
    """Status and body; bytes and text go as they are, anything else as JSON."""

    status: int
    body: Any = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def content(self) -> bytes:
        """The bytes of the body."""
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, str):
            return self.body.encode()
        return json.dumps(self.body).encode()


@attrs.frozen(kw_only=True)
class Accident:
    """What happens to a request: it waits, is answered otherwise, or its answer is lost."""

    answer: Answer | None = None
    after: bool = False
    seconds: float = 0.0
    writes_only: bool = False


class Listener:
    """Answers requests on a free port of the loopback interface, one after the other."""

    def __init__(self, answer: Callable[[Asked], Answer], *, port: int = 0) -> None:
        self._answer = answer
        self._port = port
        self._lock = threading.RLock()
        self.accidents: list[Accident] = []
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def origin(self) -> str:
        """The server's address, without a path."""
        if self._server is None:
            raise RuntimeError("the server runs inside of its with block only")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Begin to listen."""
        server = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self))
        server.daemon_threads = True
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
        self._server = self._thread = None

    def answered(self, asked: Asked) -> Answer | None:
        """Return the answer, ``None`` to hang up."""
        with self._lock:
            accident = self._accident(asked)
            if accident is None:
                return self._answer(asked)
            if accident.after:
                self._answer(asked)
        time.sleep(accident.seconds)
        if accident.answer is None and accident.seconds and not accident.after:
            with self._lock:
                return self._answer(asked)
        return accident.answer

    def _accident(self, asked: Asked) -> Accident | None:
        if not self.accidents:
            return None
        if self.accidents[0].writes_only and not is_write(asked):
            return None
        return self.accidents.pop(0)


def is_write(asked: Asked) -> bool:
    """Say whether a request would change an event."""
    return asked.method != "GET" and not asked.path.endswith("/requestAccessToken")


def _asked(handler: BaseHTTPRequestHandler) -> Asked:
    length = int(handler.headers.get("Content-Length") or 0)
    body = handler.rfile.read(min(length, _BODY_MAX))
    parts = urlsplit(handler.path)
    data, files = _content(handler.headers.get("Content-Type") or "", body)
    return Asked(
        method=handler.command,
        path=unquote(parts.path),
        query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
        headers={name.lower(): value for name, value in handler.headers.items()},
        data=data,
        files=files,
    )


def _content(kind: str, body: bytes) -> tuple[Any, dict[str, bytes]]:
    if not kind.startswith("multipart/form-data"):
        return _json(body), {}
    parser = email.parser.BytesParser(policy=email.policy.HTTP)
    form = parser.parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    files: dict[str, bytes] = {}
    data = None
    for part in form.iter_parts():
        content = part.get_content()
        content = content.encode() if isinstance(content, str) else bytes(content)
        name = part.get_param("name", header="content-disposition")
        if name == "data":
            data = _json(content)
        else:
            files[str(name)] = content
    return data, files


def _json(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        return None


def _handler(listener: Listener) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in two packets would wait for each other (RFC 1122 §4.2.3.2).
        wbufsize = -1
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            answer = listener.answered(_asked(self))
            if answer is None:
                self.close_connection = True
                return
            content = answer.content
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                # Who asked may have lost patience.
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815 - names of http.server

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name of http.server
            """Keep silent; ``requests`` tells what was asked."""

    return Handler
