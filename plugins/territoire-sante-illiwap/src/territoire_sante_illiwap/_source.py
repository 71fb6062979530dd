# SPDX-License-Identifier: Apache-2.0
"""Fetching from a station: conditional, bounded, from Illiwap's own server only; in windows."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

import attrs

from territoire_sante.errors import CollectionGoneError, OtherHostError, ProtocolError
from territoire_sante.http import Fetched, HttpClient, Validators, origin_of
from territoire_sante.plugins import Batch, Ref, Stored, Unreadable, published

Item = Stored | Unreadable

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


class Window(abc.ABC):
    """
    READ and DELTA on one address that shows a part of what was published.

    What the link knows and the address shows no longer is listed still, as it was read last, if
    :meth:`_is_kept` says so: vanished is not withdrawn.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._published = published.Published(source.get, self._split)
        self._known: dict[str, Stored] = {}

    def recognise(self, known: Iterable[Stored]) -> None:
        """Remember the items as they were last read."""
        followed = (item for item in known if item.ref.etag is not None)
        self._known = {item.ref.href: item for item in followed}

    def list(self) -> Iterator[Ref]:
        """
        Yield every item, those included that are kept.

        Raises:
            ConnectorError: it cannot be had.
        """
        for item in self._all().values():
            yield item.ref

    def read(self, hrefs: Sequence[str]) -> Iterator[Item]:
        """Yield the items that are there."""
        items = self._all()
        for href in dict.fromkeys(hrefs):
            if href in items:
                yield items[href]

    def changes(self, cursor: str | None) -> Batch:
        """Return nothing if it shows what it did, else all of it."""
        return self._published.changes(cursor, self.list)

    def _all(self) -> Mapping[str, Item]:
        kept = {href: one for href, one in self._known.items() if self._is_kept(one)}
        return {**kept, **self._published.contents()}

    @abc.abstractmethod
    def _split(self, answer: Fetched) -> Mapping[str, Item]:
        """Return the items of an answer by their hrefs."""

    @abc.abstractmethod
    def _is_kept(self, stored: Stored) -> bool:
        """Say whether an item is there still that may be shown no longer."""
