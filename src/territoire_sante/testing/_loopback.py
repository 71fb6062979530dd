# SPDX-License-Identifier: Apache-2.0
"""A server of ours in a thread on the loopback interface: its beginning, its end, its address."""

from __future__ import annotations

import abc
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


class LoopbackServer(abc.ABC):
    """Runs from ``with`` to its end, on a free port of the loopback interface, or on ``_port``."""

    _port: int = 0
    _server: ThreadingHTTPServer | None = None
    _thread: threading.Thread | None = None

    @abc.abstractmethod
    def _handles(self) -> type[BaseHTTPRequestHandler]:
        """Return the class that answers requests in this server's name."""

    def __enter__(self) -> Self:
        server = ThreadingHTTPServer(("127.0.0.1", self._port), self._handles())
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
        """The server's address, without a path."""
        if self._server is None:
            raise RuntimeError("the server runs inside of its with block only")
        return f"http://127.0.0.1:{self._server.server_address[1]}"
