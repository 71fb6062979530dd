# SPDX-License-Identifier: Apache-2.0
"""Announcements out of the notices of a public page; nothing can be written there."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import ClassVar, Final

import attrs

from territoire_sante.errors import FormatError
from territoire_sante.formats import Document, Lens, ReadOnlyLens, feed, record
from territoire_sante.model import Announcement, Attachment, Severity, make_id
from territoire_sante_panneaupocket._page import Notice

#: What stands on the page as a stamp across the notice stands here before its title.
CANCELLED: Final = "ANNULÉ"

_ENTITY: Final = re.compile(r"/ville/(\d+)")
_DAY: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\s*\Z")


def notice_document(notice: Notice) -> Document:
    """Return a notice as JSON with sorted keys; the same notice gives the same bytes."""
    told = {
        "id": notice.number,
        "url": notice.url,
        "title": notice.title,
        "content": notice.content,
        "files": list(notice.files),
        "date": notice.label,
        "event": notice.event,
        "cancelled": notice.cancelled,
        "city": notice.city,
        "postcode": notice.postcode,
    }
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1)
    return Document(text.encode("utf-8", "replace"), PageLens.media_type)


def day_of(label: str) -> dt.date | None:
    """
    Return the day that a label ends in; it tells no time and no zone.

    >>> day_of("Publié le 14/11/2026"), day_of("Demain")
    (datetime.date(2026, 11, 14), None)
    """
    found = _DAY.search(label)
    if found is None:
        return None
    day, month, year = map(int, found.groups())
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


@attrs.frozen
class PageLens(ReadOnlyLens[Announcement]):
    """
    Reads what :func:`notice_document` writes.

    The day of an ordinary notice is taken for the first one of its publication, that of a
    card of an event for the day of the event; the label itself stays in the document.
    """

    view: ClassVar[type[Announcement]] = Announcement
    media_type: ClassVar[str] = "application/json"
    refusal: ClassVar[tuple[str, str]] = (
        "the public page cannot be written",
        "Publish through the connector panneaupocket, or in PanneauPocket's console",
    )
    fields: ClassVar[frozenset[str]] = frozenset(
        {"uid", "title", "body", "severity", "publish_from", "event_start", "url", "attachments"}
    )

    def get(self, document: Document) -> Announcement:
        """
        Return the announcement that a notice shows.

        Raises:
            FormatError: it is no notice.
        """
        told = document.parsed(record.parse)
        url, number = record.text(told, "url"), record.text(told, "id")
        entity = _ENTITY.search(url)
        if entity is None or not number:
            raise FormatError("a notice without address or number", where="url")
        # The name in the address changes when the entity is renamed; the numbers stay.
        uid = f"panneaupocket:{entity[1]}:{number}"
        event, day = told.get("event") is True, day_of(record.text(told, "date"))
        title = record.text(told, "title")
        files = told.get("files")
        return Announcement(
            id=make_id("announcement", uid),
            uid=uid,
            title=f"{CANCELLED} : {title}" if told.get("cancelled") is True else title,
            body=feed.text_from_html(record.text(told, "content")),
            severity=Severity.EVENT if event else Severity.INFO,
            publish_from=None if event else day,
            event_start=day if event else None,
            url=url,
            attachments=tuple(
                Attachment(url=one)
                for one in (files if isinstance(files, list) else ())
                if isinstance(one, str)
            ),
        )


#: Reads notices of public pages.
PAGE_NOTICE: Final[Lens[Announcement]] = PageLens()
