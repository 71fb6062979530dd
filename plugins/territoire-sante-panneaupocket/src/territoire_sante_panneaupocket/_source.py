# SPDX-License-Identifier: Apache-2.0
"""Fetching the public page: one server, no redirects, a small limit, little time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

import attrs

from territoire_sante.errors import CollectionGoneError, OtherHostError, ProtocolError
from territoire_sante.http import HttpClient, Response, Validators
from territoire_sante_panneaupocket._page import Page, read_page

_PAGE_BYTES_MAX: Final = 1024 * 1024
_SECONDS: Final = 8.0
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_MOVED: Final = "the page has moved"
_MOVED_REMEDY: Final = (
    "Open it in a browser, check that it is still the same entity, and configure that address"
)


@attrs.frozen(kw_only=True)
class Reading:
    """A page that was read; ``digest`` is of its bytes."""

    page: Page
    digest: str
    validators: Validators


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

    def read(self, known: Validators | None) -> Reading | None:
        """
        Return the page, ``None`` if it is still the one that ``known`` remembers.

        Raises:
            CollectionGoneError: there is no such page any more.
            OtherHostError: it is said to be on another server.
            ProtocolError: too large, redirected, or no page of notices.
            RetryableError: the server cannot be reached, or fails.
        """
        conditions = known.conditions(self.address) if known else {}
        answer = self._answer(conditions)
        if answer.status == HTTPStatus.NOT_MODIFIED and conditions:
            return None
        return self._read(answer)

    def read_whole(self) -> Reading:
        """Return the page, whatever is remembered; errors are those of :meth:`read`."""
        return self._read(self._answer({}))

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

    def _read(self, answer: Response) -> Reading:
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
        return Reading(
            page=read_page(answer.body.decode("utf-8", "replace"), self.address),
            digest=hashlib.sha256(answer.body).hexdigest(),
            validators=Validators(
                etag=answer.headers.get("ETag"),
                last_modified=answer.headers.get("Last-Modified"),
                url=self.address,
            ),
        )
