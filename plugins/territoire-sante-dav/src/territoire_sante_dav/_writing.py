# SPDX-License-Identifier: Apache-2.0
"""
Creating, replacing and deleting, always on condition of the version that was seen.

With a strong ETag the server checks the condition. A weak one never matches
(RFC 9110 §13.1.1), and some servers give none: then the item is read and compared, written
at once, and looked at again. Servers that ignore conditions are looked at first.
"""

from __future__ import annotations

import re
from typing import Final

from territoire_sante.errors import (
    ConflictError,
    ConnectorError,
    InvalidValueError,
    ItemNotFoundError,
    OutcomeUnknownError,
)
from territoire_sante.formats import Document
from territoire_sante.http import Response
from territoire_sante.plugins import Ref
from territoire_sante_dav._hrefs import canonical
from territoire_sante_dav._query import find_by_uid
from territoire_sante_dav._refusals import refused_create, refused_delete, refused_replace
from territoire_sante_dav._text import content_tag, is_content_tag
from territoire_sante_dav._wire import GONE, Wire

_HINT: Final = re.compile(r"[A-Za-z0-9_.-]{1,180}")
_STRONG: Final = re.compile(r'"[\x20\x21\x23-\x7e]*"')
_NO_CONTENT: Final = 204
_OK: Final = 200
_MULTI_STATUS: Final = 207


def create(wire: Wire, href_hint: str, document: Document) -> Ref:
    """Store a new item, named by ``href_hint`` if the server lets us choose."""
    if not _HINT.fullmatch(href_hint) or href_hint.startswith("."):
        raise InvalidValueError(
            "a name may have 1 to 180 of A-Z a-z 0-9 - _ . and no leading dot", where=href_hint
        )
    name = wire.names.child(href_hint + wire.flavour.suffix)
    if wire.careful and wire.look(name) is not None:
        raise _already_there(wire, name)
    response = _put(wire, name, document, {"If-None-Match": "*"})
    if not response.ok:
        raise refused_create(wire, name, response)
    if response.status == _NO_CONTENT:
        # 201 is for what is new: this server may have overwritten in spite of the condition.
        wire.careful = True
    location = response.headers.get("Location")
    moved = wire.names.moved(location) if location else None
    return _written(wire, moved or name, response, document)


def replace(wire: Wire, ref: Ref, document: Document) -> Ref:
    """Overwrite the version that ``ref`` names."""
    name = canonical(ref.href)
    condition = _condition(wire, name, ref)
    if wire.careful and "If-Match" in condition and wire.look(name) is None:
        raise ItemNotFoundError("nothing is there any more", href=name, where=wire.url(name))
    response = _put(wire, name, document, condition)
    if not response.ok:
        raise refused_replace(wire, name, ref.etag, response)
    return _written(wire, name, response, document)


def delete(wire: Wire, ref: Ref) -> None:
    """Remove the version that ``ref`` names."""
    name = canonical(ref.href)
    condition = _condition(wire, name, ref)
    if wire.careful:
        _compare(wire, name, ref)
    response = wire.send("DELETE", name, headers=condition)
    if response.status == _OK and response.looks_like_html:
        raise _answered_by_page(wire, name)
    partly = response.status == _MULTI_STATUS and wire.look(name) is not None
    if not response.ok or partly:
        raise refused_delete(wire, name, ref.etag, response)


def _put(wire: Wire, name: str, document: Document, condition: dict[str, str]) -> Response:
    headers = {"Content-Type": f"{wire.flavour.media_type}; charset=utf-8", **condition}
    response = wire.send("PUT", name, headers=headers, body=document.to_bytes())
    if response.status == _OK and response.looks_like_html:
        raise _answered_by_page(wire, name)
    return response


def _answered_by_page(wire: Wire, name: str) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        "a web page answered the write: perhaps a login page or a captive portal",
        where=wire.url(name),
        remedy="Read the item to see what is there.",
    )


def _written(wire: Wire, name: str, response: Response, document: Document) -> Ref:
    """Return the version written, asked for if the answer doesn't tell a strong one."""
    etag = response.headers.get("ETag")
    if etag is None or not _STRONG.fullmatch(etag):
        try:
            name, etag = _looked_up(wire, name, document)
        except ConnectorError:
            # The write itself is acknowledged; its version stays open until it is read.
            etag = None
    wire.seen[name] = etag
    return Ref(name, etag)


def _looked_up(wire: Wire, name: str, document: Document) -> tuple[str, str | None]:
    there = wire.look(name)
    if there is None:
        # The server put it under a name of its own, without a word.
        name = find_by_uid(wire, document.to_bytes()) or name
        there = wire.look(name)
    return name, there.etag if there is not None else None


def _condition(wire: Wire, name: str, ref: Ref) -> dict[str, str]:
    """
    Return the header that makes the server check ``ref``, having checked ourselves if it can't.

    Raises:
        ConflictError: another version is there, or ``ref`` names none.
        ItemNotFoundError: nothing is there.
    """
    if ref.etag is None:
        raise ConflictError(
            "no version of the item is known", where=wire.url(name), remedy="Read it first."
        )
    if _STRONG.fullmatch(ref.etag):
        return {"If-Match": ref.etag}
    response = wire.send("GET", name)
    if response.status in GONE:
        wire.check_collection()
        raise ItemNotFoundError("nothing is there any more", href=name, where=wire.url(name))
    now = response.headers.get("ETag")
    if is_content_tag(ref.etag):
        same = response.ok and content_tag(response.body) == ref.etag
    else:
        same = response.ok and now is not None and _bare(now) == _bare(ref.etag)
    if not same:
        raise _changed(wire, name)
    return {"If-Match": now} if now is not None and _STRONG.fullmatch(now) else {}


def _compare(wire: Wire, name: str, ref: Ref) -> None:
    """Look whether ``ref`` is still the version there, for servers that would not check it."""
    there = wire.look(name)
    if there is None:
        raise ItemNotFoundError("nothing is there any more", href=name, where=wire.url(name))
    comparable = ref.etag is not None and not is_content_tag(ref.etag)
    if comparable and (there.etag is None or _bare(there.etag) != _bare(ref.etag or "")):
        raise _changed(wire, name)


def _bare(etag: str) -> str:
    return etag.removeprefix("W/")


def _changed(wire: Wire, name: str) -> ConflictError:
    return ConflictError(
        "another version is there now", where=wire.url(name), remedy="Read it and merge again."
    )


def _already_there(wire: Wire, name: str) -> ConflictError:
    return ConflictError(
        "something is already there", where=wire.url(name), remedy="Read it and merge."
    )
