# SPDX-License-Identifier: Apache-2.0
"""A small HTTP server on loopback whose answers each test scripts, down to the bytes."""

from __future__ import annotations

import http.server
import pathlib
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
import trustme

from territoire_sante.http import HttpClient


@attrs.frozen
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class ScriptedServer(http.server.ThreadingHTTPServer):
    """Answers each path by the function that :meth:`on` gave it, and remembers requests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.scheme = "http"
        self.scripts: dict[str, list[Callable[[Any], None]]] = {}
        self.seen: list[Seen] = []
        self.stop = threading.Event()

    @property
    def url(self) -> str:
        """Return the origin."""
        return f"{self.scheme}://127.0.0.1:{self.server_port}"

    def on(self, path: str, *scripts: Callable[[Any], None]) -> None:
        """Answer ``path`` by each of ``scripts`` in turn, then always by the last."""
        self.scripts[path] = list(scripts)

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay quiet: tests hang up on purpose."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: two would wait for each other
    server: ScriptedServer

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send a whole answer; ``Content_Type`` names the header ``Content-Type``."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def raw(self, data: bytes) -> None:
        """Send bytes as they are, then hang up."""
        self.wfile.write(data)
        self.wfile.flush()
        self.close_connection = True

    def handle_any(self) -> None:
        """Note the request and run the script of its path."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.seen.append(Seen(self.command, self.path, dict(self.headers), body))
        scripts = self.server.scripts.get(self.path.partition("?")[0])
        if not scripts:
            self.answer(404)
        else:
            (scripts.pop(0) if len(scripts) > 1 else scripts[0])(self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self.handle_any
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


def _serving(context: ssl.SSLContext | None = None) -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    if context is not None:
        server.scheme = "https"
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.stop.set()
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """Give one origin."""
    yield from _serving()


@pytest.fixture
def other_server() -> Iterator[ScriptedServer]:
    """Give a second origin, for redirects."""
    yield from _serving()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Make a certificate for loopback, with its key and its authority in one file."""
    authority = trustme.CA()
    path = tmp_path_factory.mktemp("tls") / "loopback.pem"
    issued = authority.issue_cert("127.0.0.1", "localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(str(path))
    authority.cert_pem.write_to_path(str(path), append=True)
    return path


@pytest.fixture
def secure_server(certificate: pathlib.Path) -> Iterator[ScriptedServer]:
    """Give an origin behind TLS, whose certificate nobody trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    yield from _serving(context)


class Sleeper:
    """Takes the place of ``time.sleep`` and notes how long each sleep would have been."""

    def __init__(self):
        self.naps = []

    def __call__(self, seconds):
        """Note the nap."""
        self.naps.append(seconds)


@pytest.fixture
def sleeper():
    """Give a sleep that takes no time."""
    return Sleeper()


@pytest.fixture
def client(server, sleeper):
    """Give a client of ``server`` that sleeps in no time, and as long as it may."""
    with HttpClient(
        server.url + "/dav/", sleep=sleeper, jitter=lambda: 1.0, read_timeout=5, deadline=60
    ) as client:
        yield client
