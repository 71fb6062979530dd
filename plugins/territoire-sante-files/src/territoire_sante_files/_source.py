# SPDX-License-Identifier: Apache-2.0
"""Downloading a feed: bounded, conditional, and never mistaking a login page for an empty one."""

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
from territoire_sante_files._config import FeedConfig
from territoire_sante_files._feed import Download, Mark

_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


@attrs.frozen
class WebSource:
    """A feed at an address, and wherever that redirects to."""

    client: HttpClient
    accept: str

    @property
    def where(self) -> str:
        """The server: path and query of a private address are as good as a password."""
        parts = urlsplit(redacted(self.client.base_url))
        return f"{parts.scheme}://{parts.netloc}/…"

    def get(self, known: Mark | None = None) -> Download | None:
        """Return the feed, ``None`` if it is still what ``known`` names."""
        validators = None
        if known is not None:
            validators = Validators(known.etag, known.last_modified, known.url)
        answer = self.client.fetch(known=validators, headers={"Accept": self.accept})
        if answer.not_modified:
            return None
        self._check(answer)
        found = answer.validators
        return Download(
            answer.body,
            Mark(etag=found.etag, last_modified=found.last_modified, url=found.url),
        )

    def _check(self, answer: Fetched) -> None:
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
        if answer.status != HTTPStatus.OK:
            raise ProtocolError(f"an answer without a feed ({answer.status})", where=self.where)
        if answer.looks_like_html:
            raise ProtocolError(
                "a web page came where a feed was expected",
                where=self.where,
                remedy="Nothing was concluded from it; it is often a login page: look whether "
                "the address opens without signing in",
            )


@contextmanager
def opened_source(config: FeedConfig, accept: str) -> Iterator[WebSource]:
    """
    Give the source of a configured feed, and close its connections.

    Raises:
        ConfigError: the address cannot be asked, or a network is none.
    """
    auth = None
    if config.password is not None:
        secret = config.password.reveal()
        auth = basic(config.username, secret, origins=[config.web_url])
    client = HttpClient(
        config.web_url,
        auth=auth,
        addresses=AddressPolicy(allow=config.networks),
        read_timeout=config.timeout,
        deadline=config.deadline,
        max_bytes=config.max_bytes,
        ca_file=None if config.ca_file is None else str(config.ca_file),
    )
    with client:
        yield WebSource(client, accept)
