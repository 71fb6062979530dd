# SPDX-License-Identifier: Apache-2.0
"""Keeping tests on this machine."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


def _is_here(host: object) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    if name in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _check(host: object) -> None:
    if not _is_here(host):
        message = f"a test tried to reach {host!r}; only this machine is allowed"
        raise AssertionError(message)


@contextmanager
def network_guard() -> Iterator[None]:
    """
    Forbid, inside the block, to look up or connect to any host but this one.

    Raises:
        AssertionError: in the code that tries, with the host's name.
    """

    def connecting(real: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                _check(address[0])
            return real(self, address)

        return connect

    def looking_up(host: Any, *args: Any, **options: Any) -> Any:
        _check(host)
        return real_lookup(host, *args, **options)

    real_lookup = socket.getaddrinfo
    kept = {name: socket.socket.__dict__.get(name) for name in ("connect", "connect_ex")}
    for name in kept:
        setattr(socket.socket, name, connecting(getattr(socket.socket, name)))
    socket.getaddrinfo = looking_up
    try:
        yield
    finally:
        socket.getaddrinfo = real_lookup
        for name, method in kept.items():
            if method is None:
                delattr(socket.socket, name)
            else:
                setattr(socket.socket, name, method)
