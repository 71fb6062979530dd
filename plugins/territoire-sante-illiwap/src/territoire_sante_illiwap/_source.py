# SPDX-License-Identifier: Apache-2.0
"""Fetching from a station: conditional, bounded, from Illiwap's own server only."""

from __future__ import annotations

import hashlib
import json
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
_CURSOR_VERSION: Final = 1
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


@attrs.frozen(kw_only=True)
class Download:
    """What came: its bytes, and what to ask with next time."""

    data: bytes
    validators: Validators

    @property
    def digest(self) -> str:
        """A hash of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


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

    def get(self, known: Validators) -> Download | None:
        """
        Return what is there, ``None`` if it is still what ``known`` remembers.

        Raises:
            CollectionGoneError: there is no such station.
            OtherHostError: it is said to be on another server; nothing of that is taken.
            ProtocolError: a web page came, or another answer that is not documented.
            RetryableError: the server cannot be reached, or fails.
        """
        answer = self._answer(known)
        return None if answer.not_modified else self._taken(answer)

    def whole(self) -> Download:
        """Return what is there, whatever is remembered; errors are those of :meth:`get`."""
        return self._taken(self._answer(None))

    def _answer(self, known: Validators | None) -> Fetched:
        answer = self.client.fetch(self.address(), known=known, headers={"Accept": self.accept})
        if origin_of(answer.url) != origin_of(self.client.base_url):
            raise OtherHostError(
                "the station leads to another server",
                host=origin_of(answer.url)[1],
                where=self.where,
                remedy="Nothing was taken from there; look at the station in a browser",
            )
        return answer

    def _taken(self, answer: Fetched) -> Download:
        self._check(answer)
        return Download(data=answer.body, validators=answer.validators)

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


@attrs.frozen
class Noted:
    """What an earlier run noted of its reading."""

    validators: Validators
    digest: str


def cursor_of(download: Download) -> str:
    """Return what a later run is to be told of this reading."""
    mark = attrs.asdict(download.validators)
    return json.dumps(
        {"v": _CURSOR_VERSION, "body": download.digest, **mark}, separators=(",", ":")
    )


def read_cursor(cursor: str | None) -> Noted | None:
    """Return what :func:`cursor_of` noted, ``None`` if it is not of this version."""
    try:
        noted = json.loads(cursor or "null")
    except ValueError:
        return None
    if not isinstance(noted, dict) or noted.pop("v", None) != _CURSOR_VERSION:
        return None
    digest = str(noted.pop("body", ""))
    try:
        return Noted(Validators(**noted), digest)
    except TypeError:
        return None
