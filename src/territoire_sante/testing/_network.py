# SPDX-License-Identifier: Apache-2.0
"""Keeping tests on this machine, and watching which connections they make."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import attrs

_OVER_IP: Final = (socket.AF_INET, socket.AF_INET6)
_LOOK_UPS: Final = ("getaddrinfo", "gethostbyname", "gethostbyname_ex")
_Wrapper = Callable[[Callable[..., Any]], Callable[..., Any]]


def _is_here(host: object) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    if name in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


@contextmanager
def _wrapped(owner: Any, wrappers: Mapping[str, _Wrapper]) -> Iterator[None]:
    kept = {name: vars(owner).get(name) for name in wrappers}
    for name, wrapper in wrappers.items():
        setattr(owner, name, wrapper(getattr(owner, name)))
    try:
        yield
    finally:
        for name, held in kept.items():
            if held is None:
                delattr(owner, name)
            else:
                setattr(owner, name, held)


def _connecting(before: Callable[[socket.socket, Any], None]) -> dict[str, _Wrapper]:
    def wrapper(real: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family in _OVER_IP:
                before(self, address)
            return real(self, address)

        return connect

    return dict.fromkeys(("connect", "connect_ex"), wrapper)


def _sending(before: Callable[[object], None]) -> _Wrapper:
    def wrapper(real: Callable[..., Any]) -> Callable[..., Any]:
        def send(self: socket.socket, data: Any, *rest: Any) -> Any:
            if self.family in _OVER_IP and rest:
                before(rest[-1][0])
            return real(self, data, *rest)

        return send

    return wrapper


def _looking_up(before: Callable[[object], None]) -> _Wrapper:
    def wrapper(real: Callable[..., Any]) -> Callable[..., Any]:
        def look_up(host: Any, *args: Any, **options: Any) -> Any:
            before(host)
            return real(host, *args, **options)

        return look_up

    return wrapper


@contextmanager
def no_network() -> Iterator[list[str]]:
    """
    Forbid, inside the block, to look up, connect or send to any host but this one.

    The list that it gives fills with the hosts that were refused; clear it where that was meant
    to happen. Other processes that the block starts are not watched.

    >>> with no_network() as refused:
    ...     try:
    ...         socket.create_connection(("example.org", 80))
    ...     except AssertionError as error:
    ...         print(error, refused)
    ...     refused.clear()
    a test tried to reach 'example.org'; only this machine is allowed ['example.org']

    Raises:
        AssertionError: in the code that tries, with the host's name; and at the end of the block,
            if that code kept the error to itself.
    """
    refused: list[str] = []

    def check(host: object) -> None:
        if not _is_here(host):
            refused.append(
                host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
            )
            message = f"a test tried to reach {refused[-1]!r}; only this machine is allowed"
            raise AssertionError(message)

    connecting = _connecting(lambda _, address: check(address[0]))
    with (
        _wrapped(socket, dict.fromkeys(_LOOK_UPS, _looking_up(check))),
        _wrapped(socket.socket, {**connecting, "sendto": _sending(check)}),
    ):
        yield refused
    if refused:
        message = f"a test tried to reach {', '.join(refused)} and hid that it was refused"
        raise AssertionError(message)


@attrs.frozen(eq=False)
class Connection:
    """A connection that was made: the socket, where to, and whether our client made it."""

    socket: socket.socket
    address: Any
    by_client: bool


@contextmanager
def connections() -> Iterator[list[Connection]]:
    """Give a list that fills with the connections that are begun inside the block."""
    made: list[Connection] = []

    def note(sock: socket.socket, address: Any) -> None:
        names = (frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_stack(None))
        by_client = any(name.startswith("territoire_sante.http") for name in names)
        made.append(Connection(sock, address, by_client))

    with _wrapped(socket.socket, _connecting(note)):
        yield made


@contextmanager
def nobody_answers() -> Iterator[None]:
    """Refuse each connection inside the block, as a machine does whose server is not running."""

    def refuse(_sock: socket.socket, _address: Any) -> None:
        raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))

    with _wrapped(socket.socket, _connecting(refuse)):
        yield
