# SPDX-License-Identifier: Apache-2.0
"""
A transport adapter whose every read and write of a socket ends by a given moment.

``requests`` bounds each read of a socket, not their sum: a server that sends one
byte a second, in its headers or its body, holds a client for hours. Here each
operation on the socket gets what is left of the time allowed to the whole exchange.
"""

from __future__ import annotations

import functools
import http.client
import io
import math
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import requests
import urllib3
from requests.adapters import HTTPAdapter


class Patience(threading.local):
    """How long the present thread's exchange may still take; one per client."""

    def __init__(self, clock: Callable[[], float], each: float) -> None:
        self.clock = clock
        self.each = each
        self.until = math.inf

    def left(self) -> float:
        """
        Return the seconds that the next socket operation may take.

        Raises:
            TimeoutError: the time allowed is over.
        """
        left = min(self.each, self.until - self.clock())
        if left <= 0:
            raise TimeoutError("the time allowed for the whole exchange is over")
        return left


class _Raw(io.RawIOBase):
    """The bytes of a socket, each read bounded anew."""

    def __init__(self, sock: socket.socket, patience: Patience) -> None:
        self._sock = sock
        self._patience = patience
        # The unbuffered file counts as a user of the socket: closing the connection
        # object does not cut an answer that is still being read.
        self._file = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._patience.left())
        return self._file.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


class _Socket:
    """What ``http.client`` asks of a socket to read an answer."""

    def __init__(self, sock: socket.socket, patience: Patience) -> None:
        self._sock = sock
        self._patience = patience

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Raw(self._sock, self._patience))


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, patience: Patience, **kwargs: Any) -> None:
        super().__init__(_Socket(sock, patience), *args, **kwargs)  # type: ignore[arg-type] # makefile() is all it uses


class _Connection(Protocol):
    sock: Any
    patience: Patience

    def connect(self) -> None: ...


def _before_sending(connection: _Connection) -> None:
    if connection.sock is None:
        connection.connect()
    # urllib3 would send under the time-out for connecting, too short for a large body.
    connection.sock.settimeout(connection.patience.left())


class _PlainConnection(urllib3.connection.HTTPConnection):
    def __init__(self, *args: Any, patience: Patience, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patience = patience
        self.response_class = functools.partial(_Answer, patience=patience)  # type: ignore[assignment] # called, never subclassed

    def send(self, data: Any) -> None:
        _before_sending(self)
        super().send(data)


class _SecureConnection(urllib3.connection.HTTPSConnection):
    def __init__(self, *args: Any, patience: Patience, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patience = patience
        self.response_class = functools.partial(_Answer, patience=patience)  # type: ignore[assignment] # called, never subclassed

    def send(self, data: Any) -> None:
        _before_sending(self)
        super().send(data)


class DeadlineAdapter(HTTPAdapter):
    """The adapter of ``requests``, with connections that know when to give up."""

    def __init__(self, patience: Patience) -> None:
        super().__init__()
        self._patience = patience

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,  # noqa: FBT001 - the parent's signature
        proxies: Mapping[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> Any:
        """Return the pool for ``request``, told to make our connections."""
        pool: Any = super().get_connection_with_tls_context(request, verify, proxies, cert)
        kind = _SecureConnection if pool.scheme == "https" else _PlainConnection
        if not isinstance(pool.ConnectionCls, functools.partial):
            pool.ConnectionCls = functools.partial(kind, patience=self._patience)
        return pool
