# SPDX-License-Identifier: Apache-2.0
"""Announcements out of the notices of a public page; nothing can be written there."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import attrs

from territoire_sante.errors import FormatError, UnsupportedError
from territoire_sante.formats import Document, Lens, feed
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
class PageLens:
    """
    Reads what :func:`notice_document` writes.

    The day of an ordinary notice is taken for the first one of its publication, that of a
    card of an event for the day of the event; the label itself stays in the document.
    """

    view: ClassVar[type[Announcement]] = Announcement
    media_type: ClassVar[str] = "application/json"
    fields: ClassVar[frozenset[str]] = frozenset(
        {"uid", "title", "body", "severity", "publish_from", "event_start", "url", "attachments"}
    )

    def get(self, document: Document) -> Announcement:
        """
        Return the announcement that a notice shows.

        Raises:
            FormatError: it is no notice.
        """
        told = document.parsed(_parsed)
        url, number = _text(told, "url"), _text(told, "id")
        entity = _ENTITY.search(url)
        if entity is None or not number:
            raise FormatError("a notice without address or number", where="url")
        # The name in the address changes when the entity is renamed; the numbers stay.
        uid = f"panneaupocket:{entity[1]}:{number}"
        event, day = told.get("event") is True, day_of(_text(told, "date"))
        title = _text(told, "title")
        files = told.get("files")
        return Announcement(
            id=make_id("announcement", uid),
            uid=uid,
            title=f"{CANCELLED} : {title}" if told.get("cancelled") is True else title,
            body=feed.text_from_html(_text(told, "content")),
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

    def put(
        self,
        view: Announcement,
        document: Document | None = None,
        *,
        now: dt.datetime | None = None,  # noqa: ARG002 - as every lens is asked
    ) -> Document:
        """
        Return ``document``, if it shows ``view`` already.

        Raises:
            UnsupportedError: it does not; the page is read only.
        """
        if document is not None:
            shown = self.get(document)
            if all(getattr(view, name) == getattr(shown, name) for name in self.fields):
                return document
        raise UnsupportedError(
            "the public page cannot be written",
            where=view.id,
            remedy="Publish through the connector panneaupocket, or in PanneauPocket's console",
        )


#: Reads notices of public pages.
PAGE_NOTICE: Final[Lens[Announcement]] = PageLens()


def _parsed(data: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError("not JSON", line=getattr(error, "lineno", 0)) from None
    if not isinstance(told, dict):
        raise FormatError("a notice is a JSON object", line=1)
    return told


def _text(told: Mapping[str, Any], key: str) -> str:
    value = told.get(key)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
