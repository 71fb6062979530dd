# SPDX-License-Identifier: Apache-2.0
"""
The connections and the adapter under ``requests``: they give up in time, and check whom they reach.

Where a proxy is used, it resolves the name and connects; only what the name leads to from
here can be judged then.
"""

from __future__ import annotations

import functools
import math
import socket
from collections.abc import Iterator, Mapping
from typing import Any, Final

import requests
import urllib3.exceptions as low
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection

from territoire_sante.errors import UnreachableError
from territoire_sante.http._addresses import Guard
from territoire_sante.http._deadline import Patience, TimedAnswer, Traffic
from territoire_sante.http._urls import origin_of, redacted

_ADDRESSES_TRIED: Final = 4
_PIECE: Final = 64 * 1024


class _PlainConnection(HTTPConnection):
    """
    Adds the deadline, the counting, and the guard on addresses to a connection of urllib3.

    ``guard`` is ``None`` where the other end is a proxy.
    """

    def __init__(self, *args: Any, patience: Patience, guard: Guard | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patience = patience
        self.guard = guard
        self.response_class = functools.partial(TimedAnswer, patience=patience)  # type: ignore[assignment] # called, never subclassed

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        # A time-out is for all that is given to be sent at once: a large body goes in pieces.
        for piece in _pieces(data):
            if self.sock is not None:
                self.sock.settimeout(self.patience.left())
            # Counted before: what counts as unsent may be repeated, so it has to be certain.
            self.patience.traffic[-1].sent += len(piece)
            super().send(piece)

    def _new_conn(self) -> socket.socket:
        host, port = self.host, self.port or self.default_port
        if self.guard is None or not self.guard.covers(host, port):
            return super()._new_conn()
        failure: Exception = low.NewConnectionError(self, "no address")
        for address in _resolved(self, self.guard, host, port):
            try:
                self.timeout = min(float(self.timeout or math.inf), self.patience.left())
                sock = self._connected_to(address)
            except (low.NewConnectionError, low.ConnectTimeoutError) as error:
                failure = error
                continue
            _check_peer(sock, self.guard, host)
            return sock
        raise failure

    def _connected_to(self, address: str) -> socket.socket:
        name, self.host = self._dns_host, address
        try:
            return super()._new_conn()
        finally:
            # TLS checks the certificate against the name, not against the address.
            self.host = name


class _SecureConnection(_PlainConnection, HTTPSConnection):
    pass


def _pieces(data: bytes | bytearray) -> Iterator[memoryview]:
    view = memoryview(data)
    for start in range(0, len(view), _PIECE):
        yield view[start : start + _PIECE]


def _resolved(connection: HTTPConnection, guard: Guard, host: str, port: int) -> tuple[str, ...]:
    try:
        return guard.addresses(host, port)[:_ADDRESSES_TRIED]
    except (OSError, UnicodeError) as error:
        reason = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
        raise low.NameResolutionError(host, connection, reason) from error


def _check_peer(sock: socket.socket, guard: Guard, host: str) -> None:
    try:
        guard.check(host, str(sock.getpeername()[0]))
    except BaseException:
        sock.close()
        raise


_OURS: Final[Mapping[Any, type[_PlainConnection]]] = {
    HTTPConnection: _PlainConnection,
    HTTPSConnection: _SecureConnection,
}


class DeadlineAdapter(HTTPAdapter):
    """The adapter of ``requests``, with connections that know when to give up and whom to ask."""

    def __init__(self, patience: Patience, guard: Guard) -> None:
        super().__init__()
        self._patience = patience
        self._guard = guard

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send one request, counting its bytes apart."""
        self._patience.traffic.append(Traffic())
        return super().send(*args, **kwargs)

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,  # noqa: FBT001 - the parent's signature
        proxies: Mapping[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> Any:
        """
        Return the pool for ``request``, told to make our connections.

        Raises:
            ProtocolError: a proxy would be sent to an address that must not be asked.
        """
        pool: Any = super().get_connection_with_tls_context(request, verify, proxies, cert)
        # A proxy resolves the name again by itself; this is all that can be seen from here.
        used = select_proxy(str(request.url), proxies) if proxies else None
        direct = pool.proxy is None and used is None
        if not direct:
            self._check_before_proxy(str(request.url))
        kind = _OURS.get(pool.ConnectionCls)
        if kind is not None:
            pool.ConnectionCls = functools.partial(
                kind, patience=self._patience, guard=self._guard if direct else None
            )
        return pool

    def _check_before_proxy(self, url: str) -> None:
        _, host, port = origin_of(url)
        if not self._guard.covers(host, port):
            return
        try:
            self._guard.addresses(host, port)
        except (OSError, UnicodeError):
            raise UnreachableError(
                "the host's name is not known here, so its address cannot be judged",
                where=redacted(url),
                remedy="If that is right, name this server or its network in the configuration.",
            ) from None
