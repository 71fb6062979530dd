# SPDX-License-Identifier: Apache-2.0
"""
Reads and writes of a socket that end by a given moment, and are counted.

``requests`` bounds each read of a socket, not their sum: a server that sends one
byte a second, in its headers or its body, holds a client for hours. Here each
operation on the socket gets what is left of the time allowed to the whole exchange.
"""

from __future__ import annotations

import http.client
import io
import math
import socket
import threading
from collections.abc import Callable
from typing import Any

import attrs


@attrs.define
class Traffic:
    """How many bytes went over the wire for one request, headers included."""

    sent: int = 0
    received: int = 0


class Patience(threading.local):
    """How long the present thread's exchange may still take, and its traffic; one per client."""

    def __init__(self, clock: Callable[[], float], each: float) -> None:
        self.clock = clock
        self.each = each
        self.until = math.inf
        self.traffic: list[Traffic] = [Traffic()]
        self.answers: list[io.BufferedIOBase] = []

    def begin(self, until: float) -> None:
        """Start an exchange that ends at ``until``; authentication may take several requests."""
        self.until = until
        self.traffic = []
        self.answers = []

    def abandon(self) -> None:
        """Close what was begun to be read: after some failures nobody else has it in hand."""
        for answer in self.answers:
            answer.close()
        self.answers = []

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
        size = self._file.readinto(buffer)
        self._patience.traffic[-1].received += size or 0
        return size

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


class TimedAnswer(http.client.HTTPResponse):
    """An answer each of whose reads is bounded by what is left of the time."""

    def __init__(self, sock: Any, *args: Any, patience: Patience, **kwargs: Any) -> None:
        super().__init__(_Socket(sock, patience), *args, **kwargs)  # type: ignore[arg-type] # makefile() is all it uses
        patience.answers.append(self)
