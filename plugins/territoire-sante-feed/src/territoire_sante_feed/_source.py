# SPDX-License-Identifier: Apache-2.0
"""A feed's address: asked with what is remembered, never mistaking a login page for a feed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import attrs

from territoire_sante.errors import AuthError, CollectionGoneError, ProtocolError
from territoire_sante.http import (
    AddressPolicy,
    Fetched,
    HttpClient,
    Validators,
    basic,
    redacted,
)
from territoire_sante_feed._web_config import WebFeedConfig

_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)


@attrs.frozen
class WebSource:
    """A feed at an address, and wherever that redirects to."""

    client: HttpClient

    @property
    def where(self) -> str:
        """The server: path and query of a private address are as good as a password."""
        parts = urlsplit(redacted(self.client.base_url))
        return f"{parts.scheme}://{parts.netloc}/…"

    def get(self, known: Validators | None = None, *, fresh: bool = False) -> Fetched:
        """
        Return what the address has, or that it is still what ``known`` remembers.

        ``fresh`` asks every cache on the way to look again.

        Raises:
            ConnectorError: it cannot be had.
        """
        headers = {"Accept": _ACCEPT, **({"Cache-Control": "no-cache"} if fresh else {})}
        answer = self.client.fetch(known=known, headers=headers)
        if answer.status in _GONE:
            raise CollectionGoneError(
                f"no feed is there ({answer.status})",
                where=self.where,
                remedy="Nothing was deleted here; ask whoever publishes it for its address",
            )
        if answer.status == HTTPStatus.FORBIDDEN:
            raise AuthError(
                "the server refuses it (403)",
                where=self.where,
                remedy="A private address may have been renewed: look it up again",
            )
        if not answer.ok:
            raise ProtocolError(f"an answer without a feed ({answer.status})", where=self.where)
        return answer


@contextmanager
def opened_source(config: WebFeedConfig) -> Iterator[WebSource]:
    """
    Give the source of a configured feed, and close its connections.

    Raises:
        ConfigError: the address cannot be asked, or a network is none.
    """
    auth = None
    if config.password is not None:
        auth = basic(config.username, config.password.reveal(), origins=[config.url])
    client = HttpClient(
        config.url,
        auth=auth,
        addresses=AddressPolicy(allow=config.networks),
        read_timeout=config.timeout,
        deadline=config.deadline,
        max_bytes=config.max_bytes,
        ca_file=None if config.ca_file is None else str(config.ca_file),
    )
    with client:
        yield WebSource(client)
