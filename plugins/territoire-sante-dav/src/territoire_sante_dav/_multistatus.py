# SPDX-License-Identifier: Apache-2.0
"""The answers inside an answer: 207 Multi-Status (RFC 4918 §13) and DAV:error (§16)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree import ElementTree as ET

import attrs

from territoire_sante.errors import ProtocolError
from territoire_sante.http import Response, redacted
from territoire_sante_dav._flavour import DAV
from territoire_sante_dav._xml import parse

_STATUS: Final = re.compile(r"HTTP/\S+\s+(\d{3})\b")
# What nearly every answer of a listing says.
_COMMON: Final = {"HTTP/1.1 200 OK": 200, "HTTP/1.1 404 Not Found": 404}
_ETAG: Final = f"{DAV}getetag"
_RESPONSE: Final = f"{DAV}response"
_HREF: Final = f"{DAV}href"
_PROPSTAT: Final = f"{DAV}propstat"
_PROP: Final = f"{DAV}prop"
_STATUS_LINE: Final = f"{DAV}status"
_MULTI_STATUS: Final = 207
_MAX_CONDITIONS_SIZE: Final = 1_000_000


@attrs.frozen(kw_only=True)
class Answer:
    """
    What a server says of one resource.

    ``status`` is that of the resource as a whole, 0 if only its properties have
    one; ``props`` are those that were found.
    """

    href: str
    status: int
    props: Mapping[str, ET.Element]

    @property
    def is_gone(self) -> bool:
        """Whether the server says explicitly that nothing is there."""
        return self.status in {404, 410}

    def text(self, name: str) -> str | None:
        """Return the text of a property, stripped; ``None`` if it is missing or empty."""
        found = self.props.get(name)
        return (found.text or "").strip() or None if found is not None else None

    @property
    def etag(self) -> str | None:
        """The version tag, ``None`` if none was given."""
        return self.text(_ETAG)

    def children(self, name: str) -> Iterator[ET.Element]:
        """Yield the elements inside a property."""
        found = self.props.get(name)
        if found is not None:
            yield from found

    def hrefs(self, name: str) -> tuple[str, ...]:
        """Return the texts of the ``DAV:href`` inside a property."""
        found = (child.text for child in self.children(name) if child.tag == f"{DAV}href")
        return tuple(href.strip() for href in found if href and href.strip())


@attrs.frozen(kw_only=True)
class MultiStatus:
    """A whole 207; ``url`` is what its relative hrefs are relative to."""

    answers: tuple[Answer, ...]
    token: str | None
    repaired: bool
    url: str


def multistatus(response: Response) -> MultiStatus:
    """
    Return the answers in ``response``.

    Raises:
        ProtocolError: it is no 207, or not what a 207 has to be.
    """
    where = redacted(response.url)
    if response.status != _MULTI_STATUS or response.looks_like_html:
        kind = "a web page" if response.looks_like_html else f"status {response.status}"
        raise ProtocolError(
            f"{kind} came where DAV's 207 was expected",
            where=where,
            remedy="Check that the address is that of a CalDAV or CardDAV server.",
        )
    parsed = parse(response.body, where=where)
    if parsed.root.tag != f"{DAV}multistatus":
        raise ProtocolError("the 207 holds no DAV:multistatus", where=where)
    token = parsed.root.findtext(f"{DAV}sync-token")
    return MultiStatus(
        answers=tuple(_answers(parsed.root, where)),
        token=(token or "").strip() or None,
        repaired=parsed.repaired,
        url=response.url,
    )


def _answers(root: ET.Element, where: str) -> Iterator[Answer]:
    # A listing may have a hundred thousand responses: one pass over each, by hand.
    for response in root:
        if response.tag != _RESPONSE:
            continue
        hrefs: list[str] = []
        status = 0
        props: dict[str, ET.Element] = {}
        for child in response:
            if child.tag == _HREF:
                hrefs.append((child.text or "").strip())
            elif child.tag == _PROPSTAT:
                props.update(_found(child))
            elif child.tag == _STATUS_LINE:
                status = _status(child)
        if not hrefs or not all(hrefs):
            raise ProtocolError("a response in the 207 names no resource", where=where)
        for href in hrefs:
            yield Answer(href=href, status=status, props=props)


def _found(propstat: ET.Element) -> dict[str, ET.Element]:
    """Return the properties in one ``propstat``, none if its status is no success."""
    if not 200 <= _status(propstat.find(_STATUS_LINE)) <= 299:  # noqa: PLR2004 - success
        return {}
    return {found.tag: found for prop in propstat if prop.tag == _PROP for found in prop}


def _status(element: ET.Element | None) -> int:
    """Return the status in ``element``; 500 if it cannot be understood, so that nothing follows."""
    text = element.text if element is not None else None
    return _COMMON.get(text or "") or _status_in(text or "")


def _status_in(text: str) -> int:
    match = _STATUS.search(text)
    return int(match.group(1)) if match else 500


@attrs.frozen
class Conditions:
    """
    The preconditions that a refusal names (``DAV:error``), and the hrefs inside them.

    ``DAV:no-uid-conflict`` and its like name the item that is in the way.
    """

    names: frozenset[str] = frozenset()
    hrefs: tuple[str, ...] = ()

    def has(self, *local_names: str) -> bool:
        """Return whether one of these is named, in whichever namespace."""
        return any(name.rpartition("}")[2] in local_names for name in self.names)

    def __str__(self) -> str:
        return ", ".join(sorted(name.rpartition("}")[2] for name in self.names))


def conditions(response: Response) -> Conditions:
    """Return what a refusal names; nothing if its body is something else."""
    if not response.body or len(response.body) > _MAX_CONDITIONS_SIZE or response.looks_like_html:
        return Conditions()
    try:
        root = parse(response.body, where="").root
    except ProtocolError:
        return Conditions()
    if root.tag != f"{DAV}error":
        return Conditions()
    hrefs = (href.text or "" for href in root.iter(f"{DAV}href"))
    names = frozenset(condition.tag for condition in root) - {f"{DAV}responsedescription"}
    return Conditions(names, tuple(href.strip() for href in hrefs if href.strip()))
