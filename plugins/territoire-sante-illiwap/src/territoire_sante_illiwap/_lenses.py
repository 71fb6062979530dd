# SPDX-License-Identifier: Apache-2.0
"""Announcements out of items of the news feed, events out of items of the agenda; read only."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import attrs

from territoire_sante.errors import FormatError
from territoire_sante.formats import Document, Lens, ReadOnlyLens, feed, record
from territoire_sante.model import Announcement, Attachment, Event, When, make_id
from territoire_sante_illiwap._config import PUBLIC

#: The member of an agenda item's document that names it here.
NAME: Final = "_territoire_sante_uid"

_PARIS: Final = ZoneInfo("Europe/Paris")
_IMAGES_MAX: Final = 5
_ATTRIBUTE: Final = re.compile(r"""\b(src|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_MARKUP: Final = re.compile(r"</?[A-Za-z]|&#?\w+;")


_REFUSAL: Final = ("a station of Illiwap cannot be written", "Publish in Illiwap's own console")


@attrs.frozen
class NewsLens(ReadOnlyLens[Announcement]):
    """
    Reads an item of the RSS feed.

    It has no enclosure: pictures are found in the HTML of the description. A ``pubDate`` that is
    missing or cannot be read leaves the first day empty.
    """

    view: ClassVar[type[Announcement]] = Announcement
    media_type: ClassVar[str] = feed.RSS.media_type
    refusal: ClassVar[tuple[str, str]] = _REFUSAL
    fields: ClassVar[frozenset[str]] = feed.RSS.fields

    def get(self, document: Document) -> Announcement:
        """
        Return the announcement that the item tells.

        Raises:
            FormatError: it is no item of RSS.
        """
        view = feed.RSS.get(document)
        if view.attachments:
            return view
        pictures = tuple(_pictures(document.parsed(_description)))
        return attrs.evolve(view, attachments=pictures)


def _description(data: bytes) -> str:
    # The RSS lens has read it before, and refuses any DOCTYPE: no entity can be declared.
    item = ET.fromstring(data)  # noqa: S314 - see above
    texts = ("".join(one.itertext()) for one in item if one.tag.rpartition("}")[2] == "description")
    return next(texts, "")


def _pictures(source: str) -> Iterator[Attachment]:
    """Yield the pictures of a text in HTML; what is opened and never closed ends the search."""
    # Cut into pieces, each of which is looked at once, however many are never closed.
    for piece in re.split(r"(?i)<img(?=[\s/])", source)[1 : _IMAGES_MAX + 1]:
        inner, closed, _ = piece.partition(">")
        if not closed:
            return
        given: dict[str, str] = {}
        for name, *values in _ATTRIBUTE.findall(inner):
            given.setdefault(name, feed.text_from_html("".join(values)))
        address = _resolved(given.get("src", ""))
        if address:
            yield Attachment(url=address, alt=given.get("alt", "").strip())


def _resolved(written: str) -> str:
    try:
        address = urljoin(f"{PUBLIC}/", written.strip())
        parts = urlsplit(address)
    except ValueError:
        return ""
    whole = bool(written.strip()) and parts.scheme in {"http", "https"} and bool(parts.hostname)
    return address if whole else ""


@attrs.frozen
class AgendaLens(ReadOnlyLens[Event]):
    """
    Reads an item of the agenda.

    Its address is left empty: it stands in the list of events only, and cannot be derived from
    the title, which several events may share.
    """

    view: ClassVar[type[Event]] = Event
    media_type: ClassVar[str] = "application/json"
    refusal: ClassVar[tuple[str, str]] = _REFUSAL
    fields: ClassVar[frozenset[str]] = frozenset(
        {"uid", "summary", "description", "start", "end", "categories"}
    )

    def get(self, document: Document) -> Event:
        """
        Return the event that the item tells.

        Raises:
            FormatError: it is no item of the agenda, or one without a start.
        """
        item = document.parsed(record.parse)
        uid, start = record.text(item, NAME), when_of(item.get("start"))
        if not uid or start is None:
            raise FormatError("an event without start", where="start" if uid else NAME)
        extended = item.get("extendedProps")
        more: Mapping[str, Any] = extended if isinstance(extended, dict) else {}
        category = record.text(more, "categorieLibelle").strip()
        return Event(
            id=make_id("event", uid),
            uid=uid,
            summary=_plain(record.text(item, "title")),
            description=_plain(record.text(more, "description")),
            start=start,
            end=_end(start, when_of(item.get("end"))),
            categories=(category,) if category else (),
        )


def when_of(told: object) -> When | None:
    """
    Return a day or a time; one whose offset is that of Paris is a time of Paris.

    >>> when_of("2026-11-14"), when_of("bientôt")
    (datetime.date(2026, 11, 14), None)
    >>> when_of("2026-11-14T09:00:00+01:00").tzinfo
    zoneinfo.ZoneInfo(key='Europe/Paris')
    """
    if not isinstance(told, str):
        return None
    text = told.strip()
    try:
        if "T" not in text and " " not in text:
            return dt.date.fromisoformat(text)
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return moment
        there = moment.astimezone(_PARIS)
    except (ValueError, OverflowError):
        return None
    return there if there.utcoffset() == moment.utcoffset() else moment


def _end(start: When, end: When | None) -> When | None:
    """Return the end, if it is of the kind of the start."""
    if end is None or isinstance(start, dt.datetime) != isinstance(end, dt.datetime):
        return None
    return end


def _plain(text: str) -> str:
    return feed.text_from_html(text) if _MARKUP.search(text) else text.strip()


#: Reads items of the news feed.
NEWS: Final[Lens[Announcement]] = NewsLens()
#: Reads events of the agenda.
AGENDA: Final[Lens[Event]] = AgendaLens()
