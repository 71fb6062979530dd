# SPDX-License-Identifier: Apache-2.0
"""Entries of whatever format a feed turns out to have: one lens for all, and when each was told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

import attrs

from territoire_sante.errors import FormatError
from territoire_sante.formats._document import Document, Lens
from territoire_sante.formats.feed._atom import AtomLens, atom
from territoire_sante.formats.feed._edit import text_of
from territoire_sante.formats.feed._json_feed import JsonFeedLens, parse_item
from territoire_sante.formats.feed._rss import RssLens
from territoire_sante.formats.feed._values import parse_rfc822, parse_rfc3339
from territoire_sante.formats.feed._vocabulary import EXTENSION, FIELDS, NAMESPACE
from territoire_sante.formats.feed._xml import XML, Node, parse_xml
from territoire_sante.model import Announcement

_DC_DATE: Final = ("http://purl.org/dc/elements/1.1/", "date")


@attrs.frozen
class AnyLens:
    """
    Reads and writes an entry in the format that its document has; a new one is Atom.

    ``zone`` is where the days of publication begin (IANA name).
    """

    zone: str = "Europe/Paris"

    view: ClassVar[type[Announcement]] = Announcement
    fields: ClassVar[frozenset[str]] = frozenset(FIELDS)
    media_type: ClassVar[str] = AtomLens.media_type

    def get(self, document: Document) -> Announcement:
        """
        Return the announcement that the entry tells.

        Raises:
            FormatError: it is no entry of a feed; it names the line.
        """
        return self._lens(document).get(document)

    def put(
        self,
        view: Announcement,
        document: Document | None = None,
        *,
        now: dt.datetime | None = None,
    ) -> Document:
        """
        Return the entry with the changed fields of ``view``, or a new one.

        Raises:
            FormatError: a text cannot stand in the format, or the contact is not public.
        """
        lens = AtomLens(self.zone) if document is None else self._lens(document)
        return lens.put(view, document, now=now)

    def _lens(self, document: Document) -> Lens[Announcement]:
        kind = _KINDS.get(document.media_type)
        if kind is None:
            raise FormatError(f"{document.media_type!r} is no entry of a feed")
        return kind(self.zone)


_KINDS: Final[Mapping[str, Callable[[str], Lens[Announcement]]]] = {
    kind.media_type: kind for kind in (AtomLens, RssLens, JsonFeedLens)
}


def told_at(document: Document) -> dt.datetime | None:
    """
    Return when an entry was told, or changed if only that is known; ``None`` without a date.

    Aware; a time without zone is taken for UTC.

    Raises:
        FormatError: it is no entry of a feed.
    """
    if document.media_type == JsonFeedLens.media_type:
        _, item = document.parsed(parse_item)
        told = [parse_rfc3339(str(item.get(one))) for one in ("date_published", "date_modified")]
    else:
        root = document.parsed(parse_xml).root
        told = [
            parse_rfc3339(_line(root.first(atom("published")))),
            parse_rfc822(_line(root.first((root.name[0], "pubDate")))),
            parse_rfc3339(_line(root.first(_DC_DATE))),
            parse_rfc3339(_line(root.first(atom("updated")))),
        ]
    first = next((one for one in told if one is not None), None)
    if first is None:
        return None
    return first if first.utcoffset() is not None else first.replace(tzinfo=dt.UTC)


def language_of(document: Document) -> str | None:
    """
    Return the language that an entry names for itself, ``None`` if it has that of its feed.

    Raises:
        FormatError: it is no entry of a feed.
    """
    if document.media_type == JsonFeedLens.media_type:
        _, item = document.parsed(parse_item)
        own = item.get(EXTENSION)
        named = item.get("language", own.get("language") if isinstance(own, dict) else None)
        return named if isinstance(named, str) else None
    root = document.parsed(parse_xml).root
    node = root.first((NAMESPACE, "language"))
    return root.attributes.get((XML, "lang")) if node is None else _line(node)


def _line(node: Node | None) -> str:
    return text_of(node, one_line=True)
