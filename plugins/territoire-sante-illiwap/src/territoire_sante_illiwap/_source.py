# SPDX-License-Identifier: Apache-2.0
"""Fetching from a station: conditional, bounded, from Illiwap's own server only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

import attrs

from territoire_sante.errors import CollectionGoneError, OtherHostError, ProtocolError
from territoire_sante.http import Fetched, HttpClient, Validators, origin_of

_BYTES_MAX: Final = 4 * 1024 * 1024
_STEP: Final = 15.0
_DEADLINE: Final = 60.0
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


@attrs.frozen
class Source:
    """One address of a station, which may depend on the day; ``accept`` are its media types."""

    client: HttpClient
    address: Callable[[], str]
    accept: str

    @property
    def where(self) -> str:
        """The address without its query."""
        return self.address().partition("?")[0]

    def get(self, known: Validators | None = None) -> Fetched:
        """
        Return what is there, or that it is still what ``known`` remembers.

        Raises:
            CollectionGoneError: there is no such station.
            OtherHostError: it is said to be on another server; nothing of that is taken.
            ProtocolError: a web page came, or another answer that is not documented.
            RetryableError: the server cannot be reached, or fails.
        """
        answer = self.client.fetch(self.address(), known=known, headers={"Accept": self.accept})
        if origin_of(answer.url) != origin_of(self.client.base_url):
            raise OtherHostError(
                "the station leads to another server",
                host=origin_of(answer.url)[1],
                where=self.where,
                remedy="Nothing was taken from there; look at the station in a browser",
            )
        self._check(answer)
        return answer

    def _check(self, answer: Fetched) -> None:
        if answer.status in _GONE:
            raise CollectionGoneError(
                f"there is no such station ({answer.status})",
                where=self.where,
                remedy="Correct station: it stands in the address of its page",
            )
        if not answer.ok or answer.looks_like_html:
            raise ProtocolError(
                f"the answer is {answer.media_type or 'something else'} ({answer.status})",
                where=self.where,
                remedy="Nothing was concluded from it; it is tried again at the next run",
            )


@contextmanager
def source(origin: str, address: Callable[[], str], accept: str) -> Iterator[Source]:
    """Give what fetches ``address()``, a path of ``origin``."""
    with HttpClient(
        origin,
        connect_timeout=_STEP,
        read_timeout=_STEP,
        deadline=_DEADLINE,
        max_bytes=_BYTES_MAX,
    ) as client:
        yield Source(client, lambda: f"{origin}{address()}", accept)
