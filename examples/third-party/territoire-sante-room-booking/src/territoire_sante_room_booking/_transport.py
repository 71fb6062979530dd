# SPDX-License-Identifier: Apache-2.0
"""The service: bookings listed, read and written over HTTP, on condition of the version seen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import attrs

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConflictError,
    ConnectorError,
    ItemNotFoundError,
    ItemRefusedError,
    ProtocolError,
    ReadOnlyError,
)
from territoire_sante.formats import Document
from territoire_sante.http import HttpClient, Response, bearer, encode_json, redacted
from territoire_sante.plugins import Batch, Incremental, Readable, Ref, Stored, Writable
from territoire_sante_room_booking._config import BookingConfig
from territoire_sante_room_booking._lens import BookingLens

_PLACE: Final = "bookings"
_TOGETHER: Final = 50
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_FORGOTTEN: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.GONE})
_STALE: Final = frozenset({HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED})
_WORDS_MAX: Final = 200


@contextmanager
def opened(config: BookingConfig) -> Iterator[Bookings]:
    """Give the bookings of a service, and close its connections."""
    auth = bearer(config.token.reveal(), origins=[config.base])
    with HttpClient(config.base, auth=auth, read_timeout=config.timeout) as client:
        yield Bookings(client)


@attrs.frozen
class Bookings:
    """READ, WRITE and DELTA on the bookings of a service; an href is the id of a booking."""

    _client: HttpClient = attrs.field(repr=False)

    def list(self) -> Iterator[Ref]:
        """Yield every booking."""
        yield from self._everything()[0]

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored]:
        """Yield the bookings that are there."""
        wanted = [*dict.fromkeys(hrefs)]
        for some in (wanted[n : n + _TOGETHER] for n in range(0, len(wanted), _TOGETHER)):
            for told in _bookings(self._page({"ids": ",".join(some)})):
                if told.get("id") in some:
                    yield Stored(_ref(told), _document(told))

    def create(self, href_hint: str, document: Document) -> Ref:
        """Make a booking; the service gives it its id, and knows it by its uid from then on."""
        answer = self._sent("POST", _PLACE, document, href_hint)
        if answer.status != HTTPStatus.CREATED:
            raise _refusal(answer, href_hint)
        return _ref(_told(answer))

    def replace(self, ref: Ref, document: Document) -> Ref:
        """Overwrite the version that was seen."""
        answer = self._sent("PUT", _place(ref), document, ref.href, {"If-Match": ref.etag or "*"})
        if answer.status != HTTPStatus.OK:
            raise _refusal(answer, ref.href)
        return _ref(_told(answer))

    def delete(self, ref: Ref) -> None:
        """Delete the version that was seen."""
        answer = self._client.send_json(
            "DELETE", _place(ref), headers={"If-Match": ref.etag or "*"}
        )
        if answer.status != HTTPStatus.NO_CONTENT:
            raise _refusal(answer, ref.href)

    def changes(self, cursor: str | None) -> Batch:
        """Return what changed since a cursor; everything if the service knows it no more."""
        if cursor is None:
            return self._anew(reset=False)
        answer = self._asked({"updated_since": cursor})
        if answer.status in _FORGOTTEN and not answer.looks_like_html:
            return self._anew(reset=True)
        page = self._checked(answer)
        entries = _bookings(page)
        return Batch(
            changed=tuple(_ref(one) for one in entries if not one.get("deleted")),
            removed=tuple(str(one.get("id")) for one in entries if one.get("deleted")),
            complete=not page.get("more"),
            cursor=_cursor(page),
        )

    def _anew(self, *, reset: bool) -> Batch:
        refs, cursor = self._everything()
        return Batch(changed=tuple(refs), cursor=cursor, reset=reset)

    def _everything(self) -> tuple[Sequence[Ref], str]:
        """Return all refs, and the cursor of the first page: what changes meanwhile is after it."""
        page = self._page({})
        refs, cursor = [_ref(one) for one in _bookings(page)], _cursor(page)
        while page.get("after") is not None:
            page = self._page({"after": str(page["after"])})
            refs += [_ref(one) for one in _bookings(page)]
        return list({ref.href: ref for ref in refs}.values()), cursor

    def _page(self, query: dict[str, str]) -> dict[str, Any]:
        return self._checked(self._asked(query))

    def _asked(self, query: dict[str, str]) -> Response:
        return self._client.send_json("GET", f"{_PLACE}?{urlencode(query)}" if query else _PLACE)

    def _checked(self, answer: Response) -> dict[str, Any]:
        where = redacted(answer.url)
        if answer.status == HTTPStatus.FORBIDDEN:
            raise AuthError("the token may not read the bookings (403)", where=where)
        if answer.status in _GONE and not answer.looks_like_html:
            raise CollectionGoneError("no bookings are there", where=where, remedy="Correct url")
        if not answer.ok:
            raise ProtocolError(f"an answer without bookings ({answer.status})", where=where)
        return _told(answer)

    def _sent(
        self,
        method: str,
        place: str,
        document: Document,
        href: str,
        headers: dict[str, str] | None = None,
    ) -> Response:
        try:
            value = json.loads(document.data)
        except (ValueError, RecursionError):
            raise ItemRefusedError("the document is no booking", href=href) from None
        return self._client.send_json(method, place, value, headers=headers)


def _place(ref: Ref) -> str:
    return f"{_PLACE}/{quote(ref.href, safe='')}"


def _told(answer: Response) -> dict[str, Any]:
    told = answer.json()
    if not isinstance(told, dict):
        raise ProtocolError("the answer is no JSON object", where=redacted(answer.url))
    return told


def _bookings(page: dict[str, Any]) -> Sequence[dict[str, Any]]:
    entries = page.get("bookings")
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise ProtocolError("the answer has no list of bookings")
    return entries


def _cursor(page: dict[str, Any]) -> str:
    cursor = page.get("cursor")
    if not isinstance(cursor, str):
        raise ProtocolError("the answer has no cursor")
    return cursor


def _ref(told: dict[str, Any]) -> Ref:
    href, etag = told.get("id"), told.get("etag")
    if not (isinstance(href, str) and href and isinstance(etag, str)):
        raise ProtocolError("a booking came without id or version")
    return Ref(href, etag)


def _document(told: dict[str, Any]) -> Document:
    # What is no booking is refused by the lens, which harms no other one.
    return Document(encode_json(told.get("booking")), BookingLens.media_type)


def _refusal(answer: Response, href: str) -> ConnectorError:
    """Return what the refusal of a write means."""
    where = redacted(answer.url)
    told = _told(answer)
    code = str(told.get("error", ""))[:_WORDS_MAX]
    if answer.status == HTTPStatus.FORBIDDEN:
        return ReadOnlyError("the token may read and not write (403)", where=where)
    if answer.status in _GONE:
        return ItemNotFoundError("there is no such booking", href=href, where=where)
    if answer.status in _STALE or code == "exists":
        return ConflictError(f"another version is there ({answer.status})", where=where)
    if code == "room_taken":
        return ItemRefusedError(
            "the room is taken at that time",
            href=href,
            where=where,
            remedy="Choose another room or another time",
        )
    fields = told.get("fields")
    named = [
        f"{one.get('field')} {one.get('message')}"[:_WORDS_MAX]
        for one in (fields if isinstance(fields, list) else [])
        if isinstance(one, dict)
    ]
    cause = "; ".join(named) or code or "no reason given"
    return ItemRefusedError(f"the service refuses it ({answer.status}): {cause}", href=href)


if TYPE_CHECKING:

    def _keeps_the_contract(bookings: Bookings) -> tuple[Readable, Writable, Incremental]:
        return bookings, bookings, bookings
