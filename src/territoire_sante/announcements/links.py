# SPDX-License-Identifier: Apache-2.0
"""
Looks at links over the network, for the linter.

A module of its own, because importing it imports the HTTP client.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from http import HTTPStatus
from typing import Final

from territoire_sante.announcements._remarks import LinkChecker, LinkState
from territoire_sante.errors import ConfigError, ConnectorError
from territoire_sante.http import AddressPolicy, HttpClient, origin_of

__all__ = ["http_links"]

_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_READ: Final = 32 * 1024 * 1024

# The client wants a server to be at home with: a name that never exists (RFC 6761, 6.4).
_NOWHERE: Final = "https://links.invalid/"


@contextlib.contextmanager
def http_links(
    *,
    deadline: float = 15.0,
    allowed_origins: Collection[str] = (),
    addresses: AddressPolicy | None = None,
) -> Iterator[LinkChecker]:
    """
    Give a checker for :func:`~territoire_sante.announcements.lint`, as a context manager.

    A link is dead only if its server says so (404, 410). One that asks for a password,
    fails, or cannot be reached from here is UNKNOWN: it may work for others. Servers in
    private networks are not asked, unless they are among ``allowed_origins`` or ``addresses``
    allows them, because notices of others may name them. Each link takes ``deadline`` seconds
    at most, with its redirects.
    """
    client = HttpClient(
        _NOWHERE,
        deadline=deadline,
        read_timeout=deadline,
        connect_timeout=deadline,
        max_wait=0.0,
        max_bytes=_READ,
        allowed_origins=allowed_origins,
        addresses=addresses,
    )

    def look(url: str) -> LinkState:
        try:
            origin_of(url)
            answer = client.fetch(url)
        except (ConnectorError, ConfigError):
            return LinkState.UNKNOWN
        if answer.status in _GONE:
            return LinkState.DEAD
        good = HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES
        return LinkState.ALIVE if good else LinkState.UNKNOWN

    with client:
        yield look
