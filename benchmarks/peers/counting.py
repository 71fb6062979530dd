# SPDX-License-Identifier: Apache-2.0
"""A relay on loopback that counts what passes through it; never part of a timed run."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Relay:
    """Forward every request at ``port`` to the server at ``target``, as a context manager."""

    def __init__(self, target: str, port: int) -> None:
        self._target = urlsplit(target)
        self._lock = threading.Lock()
        self.requests: list[str] = []
        self.sent = 0
        self.received = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def reset(self) -> None:
        """Count from nothing again."""
        with self._lock:
            self.requests, self.sent, self.received = [], 0, 0

    def note(self, method: str, sent: int, received: int) -> None:
        """Count one exchange, bodies only."""
        with self._lock:
            self.requests.append(method)
            self.sent += sent
            self.received += received

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        relay, target = self, self._target

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                self.far = http.client.HTTPConnection(target.hostname or "", target.port)

            def finish(self) -> None:
                self.far.close()
                super().finish()

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return self._forward
                raise AttributeError(name)

            def _forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
                self.far.request(self.command, self.path, body or None, headers)
                answer = self.far.getresponse()
                data = answer.read()
                relay.note(self.command, len(body), len(data))
                self.send_response_only(answer.status, answer.reason)
                for name, value in answer.getheaders():
                    if name.lower() not in HOP_BY_HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing: the benchmark prints its own table."""

        return Handler
