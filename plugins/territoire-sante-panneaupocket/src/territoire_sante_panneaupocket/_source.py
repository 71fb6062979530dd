# SPDX-License-Identifier: Apache-2.0
"""Fetching the public page: one server, no redirects, a small limit, little time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from territoire_sante.errors import CollectionGoneError, OtherHostError, ProtocolError
from territoire_sante.http import Fetched, HttpClient, Response, Validators
from territoire_sante_panneaupocket._page import Page, read_page

_PAGE_BYTES_MAX: Final = 1024 * 1024
_SECONDS: Final = 8.0
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_MOVED: Final = "the page has moved"
_MOVED_REMEDY: Final = (
    "Open it in a browser, check that it is still the same entity, and configure that address"
)


@contextmanager
def page_source(address: str) -> Iterator[PageSource]:
    """Give what fetches the page at ``address``."""
    with HttpClient(
        address,
        connect_timeout=_SECONDS,
        read_timeout=_SECONDS,
        deadline=_SECONDS,
        max_bytes=_PAGE_BYTES_MAX,
    ) as client:
        yield PageSource(client, address)


class PageSource:
    """Reads one page; nothing of a reading that failed is kept."""

    def __init__(self, client: HttpClient, address: str) -> None:
        self._client = client
        self.address = address

    def get(self, known: Validators | None = None) -> Fetched:
        """
        Return what is there, or that it is still what ``known`` remembers.

        Raises:
            CollectionGoneError: there is no such page any more.
            OtherHostError: it is said to be on another server.
            ProtocolError: too large, redirected, or no page.
            RetryableError: the server cannot be reached, or fails.
        """
        conditions = known.conditions(self.address) if known else {}
        answer = self._answer(conditions)
        not_modified = answer.status == HTTPStatus.NOT_MODIFIED and bool(conditions)
        if not not_modified:
            self._check(answer)
        return Fetched(
            status=answer.status,
            not_modified=not_modified,
            body=answer.body,
            validators=Validators(
                etag=answer.headers.get("ETag"),
                last_modified=answer.headers.get("Last-Modified"),
                url=self.address,
            ),
            url=self.address,
            content_type=answer.headers.get("Content-Type", ""),
        )

    def page(self, answer: Fetched) -> Page:
        """
        Return the notices of an answer.

        Raises:
            ProtocolError: it is no page of notices.
        """
        return read_page(answer.body.decode("utf-8", "replace"), self.address)

    def _answer(self, conditions: Mapping[str, str]) -> Response:
        try:
            answer = self._client.request("GET", headers={"Accept": "text/html", **conditions})
        except OtherHostError as error:
            raise OtherHostError(
                _MOVED, host=error.host, where=self.address, remedy=_MOVED_REMEDY
            ) from error
        if answer.url != self.address:
            raise ProtocolError(_MOVED, where=self.address, remedy=_MOVED_REMEDY)
        return answer

    def _check(self, answer: Response) -> None:
        if answer.status in _GONE:
            raise CollectionGoneError(
                f"there is no such page ({answer.status})",
                where=self.address,
                remedy="Look for the entity on app.panneaupocket.com, and configure its address",
            )
        if answer.status != HTTPStatus.OK or not answer.looks_like_html:
            raise ProtocolError(
                f"no page came, but {answer.media_type or 'something'} ({answer.status})",
                where=self.address,
                remedy="Nothing was concluded from it; open the address in a browser",
            )
