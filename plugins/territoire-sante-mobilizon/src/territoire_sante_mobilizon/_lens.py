# SPDX-License-Identifier: Apache-2.0
"""
Announcements as the JSON of an event, with the names of the instance's schema.

Our id stands in the metadata of the event, as one more line of facts: the service has no field for
ids of others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

import attrs

from territoire_sante.errors import FormatError
from territoire_sante.formats import Document, record
from territoire_sante.formats.feed import html_from_text, text_from_html
from territoire_sante.model import Announcement, Attachment, make_id
from territoire_sante_mobilizon._times import instant, when_of, zone_for, zone_of

Event = Mapping[str, Any]

#: Under which key, and with which words for people, our id is noted.
MARK: Final = "territoire-sante:uid"
MARK_TITLE: Final = "Référence"

#: The member of a document that names the files; it is there to refuse them, and never sent.
FILES: Final = "_attachments"

MEDIA_TYPE: Final = "application/json"
_TIMES: Final = frozenset({"event_start", "event_end"})


@attrs.frozen
class MobilizonLens:
    """
    Reads and writes the JSON object of one event.

    Attributes:
        zone: where days begin, and where times stand that have no zone of a name.
    """

    zone: ZoneInfo = attrs.field(factory=lambda: ZoneInfo("Europe/Paris"))

    view: ClassVar[type[Announcement]] = Announcement
    media_type: ClassVar[str] = MEDIA_TYPE
    fields: ClassVar[frozenset[str]] = frozenset(
        {*("uid", "title", "body", "url", "place", "event_start", "event_end"), "attachments"}
    )

    def get(self, document: Document) -> Announcement:
        """
        Return the announcement that an event tells.

        Raises:
            FormatError: it is no JSON object, or one without any id.
        """
        event = document.parsed(record.parse)
        uid = uid_of(event) or record.text(event, "uuid")
        if not uid:
            raise FormatError("an event without id", where="metadata")
        options = _part(event, "options")
        zone = zone_of(options, self.zone)
        timed = options.get("showStartTime") is not False
        ends_timed = options.get("showEndTime") is not False
        return Announcement(
            id=make_id("announcement", uid),
            uid=uid,
            title=record.text(event, "title"),
            body=text_from_html(record.text(event, "description")),
            url=record.text(event, "onlineAddress"),
            place=record.text(_part(event, "physicalAddress"), "description"),
            event_start=when_of(event.get("beginsOn"), zone, timed=timed),
            event_end=when_of(event.get("endsOn"), zone, timed=ends_timed, ends=True),
            attachments=_files(event.get(FILES)),
        )

    def put(
        self,
        view: Announcement,
        document: Document | None = None,
        *,
        now: dt.datetime | None = None,  # noqa: ARG002 - the protocol's; the instance dates changes
    ) -> Document:
        """
        Return the event with the changed fields of ``view``, or a new one.

        Raises:
            FormatError: a time cannot be said, or a text is no Unicode text.
        """
        wanted = view if view.uid else attrs.evolve(view, uid=view.id.partition(":")[2])
        event: dict[str, Any] = {}
        changed = set(self.fields)
        if document is not None:
            event = dict(document.parsed(record.parse))
            before = self.get(document)
            changed = {name for name in changed if getattr(before, name) != getattr(wanted, name)}
            if not changed:
                return document
        self._write(event, wanted, changed)
        return document_of(event)

    def _write(self, event: dict[str, Any], view: Announcement, changed: set[str]) -> None:
        if "title" in changed:
            event["title"] = view.title
        if "body" in changed:
            event["description"] = description_of(view.body)
        if "url" in changed:
            event["onlineAddress"] = view.url or None
        if "place" in changed:
            event["physicalAddress"] = {"description": view.place} if view.place else None
        if changed & _TIMES:
            self._write_times(event, view)
        if "attachments" in changed:
            event.pop(FILES, None)
            if view.attachments:
                event[FILES] = [attrs.asdict(one) for one in view.attachments]
        if "uid" in changed:
            told = event.get("metadata")
            others = [one for one in told if isinstance(one, dict)] if told else []
            mark = {"key": MARK, "title": MARK_TITLE, "value": view.uid, "type": "STRING"}
            event["metadata"] = [*(one for one in others if one.get("key") != MARK), mark]

    def _write_times(self, event: dict[str, Any], view: Announcement) -> None:
        start, end = view.event_start, view.event_end
        zone = zone_for(start, self.zone)
        event["beginsOn"] = None if start is None else instant(start, zone)
        event["endsOn"] = None if end is None else instant(end, zone, ends=True)
        event["options"] = {
            **_part(event, "options"),
            "timezone": zone.key,
            "showStartTime": start is None or isinstance(start, dt.datetime),
            "showEndTime": end is None or isinstance(end, dt.datetime),
        }


def _files(told: object) -> tuple[Attachment, ...]:
    files = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    return tuple(
        Attachment(
            url=record.text(one, "url"),
            media_type=record.text(one, "media_type"),
            size=one["size"] if isinstance(one.get("size"), int) else 0,
            alt=record.text(one, "alt"),
        )
        for one in files
    )


def description_of(body: str) -> str:
    """
    Return a text as the HTML of a description.

    >>> description_of("Prix < 5 €")
    '<p>Prix &lt; 5 €</p>'
    """
    return f"<p>{html_from_text(body)}</p>" if body else ""


def uid_of(event: Event) -> str:
    """Return our id of an event, empty if it is none of ours."""
    told = event.get("metadata")
    for one in told if isinstance(told, list) else ():
        if isinstance(one, dict) and one.get("key") == MARK:
            return record.text(one, "value")
    return ""


def document_of(event: Event) -> Document:
    """
    Return the document of an event.

    Raises:
        FormatError: a text is no Unicode text.
    """
    return record.document(event, MEDIA_TYPE)


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = whole.get(name)
    return value if isinstance(value, dict) else {}
