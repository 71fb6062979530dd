# SPDX-License-Identifier: Apache-2.0
"""
Announcements as the JSON of an event.

What an event does not say, or says in another form (several empty lines, a time in UTC, which
communes it is for), is kept beside it in a member that is never sent. It counts only as long as
the event still says what was made of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

import attrs

from territoire_sante.errors import FormatError, InputError
from territoire_sante.formats import AnnouncementJson, Document
from territoire_sante.model import Announcement, Attachment, make_id
from territoire_sante_openagenda import _event as events
from territoire_sante_openagenda._event import KEPT, MEDIA_TYPE, Event, parse_event
from territoire_sante_openagenda._places import Places
from territoire_sante_openagenda._texts import bodies_of, texts_of
from territoire_sante_openagenda._times import read_slots, slots_of, span, written, zone_named

_WHOLE: Final = AnnouncementJson()

_FIELDS: Final = (
    *("uid", "title", "body", "body_short", "event_start", "event_end"),
    *("place", "audience", "url", "attachments"),
)


#: What an event says itself; and, in what is kept, of what it was kept.
_OWNED: Final = (
    *("extIds", "title", "description", "longDescription", "timings", "timezone"),
    *("attendanceMode", "location", "locationUid", "registration", "onlineAccessLink", "image"),
)
_OF: Final = "_of"
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@attrs.frozen
class OpenAgendaLens:
    """
    Reads and writes the JSON object of one event.

    Attributes:
        places: how the agenda calls its places.
        ext_key: under which name our ids are noted.
        language: in which the texts are written.
        zone: where days begin.
    """

    places: Places = attrs.field(factory=Places)
    ext_key: str = "territoire-sante"
    language: str = "fr"
    zone: ZoneInfo = attrs.field(factory=lambda: ZoneInfo("Europe/Paris"))

    view: ClassVar[type[Announcement]] = Announcement
    media_type: ClassVar[str] = MEDIA_TYPE
    fields: ClassVar[frozenset[str]] = frozenset(_FIELDS)

    @property
    def uid_key(self) -> str:
        """The name under which the announcement's own id is noted."""
        return f"{self.ext_key}-uid"

    def get(self, document: Document) -> Announcement:
        """
        Return the announcement of an event.

        Raises:
            FormatError: it is no JSON object, or one without any id.
        """
        event = document.parsed(parse_event)
        told = self._told(event)
        return _kept(event, told) or told

    def put(
        self,
        view: Announcement,
        document: Document | None = None,
        *,
        now: dt.datetime | None = None,  # noqa: ARG002 - the service dates its events itself
    ) -> Document:
        """
        Return the event with the changed fields of ``view``, or a new event.

        Whether the service would take it is another matter; the transport looks at that.

        Raises:
            FormatError: a text is no Unicode text.
        """
        wanted = _bare(view)
        if document is None:
            event: dict[str, Any] = {}
            changed = self.fields
        else:
            event = dict(document.parsed(parse_event))
            before = self.get(document)
            changed = frozenset(
                name
                for name in self.fields
                if not _same(getattr(before, name), getattr(wanted, name))
            )
            if not changed:
                return document
        event.pop(KEPT, None)
        for group, write in _WRITERS.items():
            if group & changed:
                write(self, event, wanted)
        if not _equal(self._told(event), wanted):
            event[KEPT] = {**json.loads(_WHOLE.put(wanted).data), _OF: _digest(event)}
        return events.document_of(event)

    def _told(self, event: Event) -> Announcement:
        uid = self._uid(event)
        body, short = bodies_of(
            events.text_in(event, "description", self.language),
            events.text_in(event, "longDescription", self.language),
        )
        start, end = span(read_slots(event.get("timings")), zone_named(event.get("timezone")))
        place = self.places.told(event)
        return Announcement(
            id=make_id("announcement", uid),
            uid=uid,
            title=events.text_in(event, "title", self.language),
            body=body,
            body_short=short,
            event_start=start,
            event_end=end,
            place=place.words,
            audience=place.communes,
            url=_link(event),
            attachments=_attachments(event),
        )

    def _uid(self, event: Event) -> str:
        known = dict(events.external_ids(event))
        number = event.get("uid")
        uid = known.get(self.uid_key) or known.get(self.ext_key)
        if uid and self.uid_key not in known and _UUID.fullmatch(uid):
            # Under such a name the sync puts an announcement whose uid is this one.
            uid = f"urn:uuid:{uid}"
        if not uid and number is not None:
            uid = f"openagenda:{number}"
        if not uid:
            raise FormatError("an event without id", where="uid")
        return uid

    def write_uid(self, event: dict[str, Any], view: Announcement) -> None:
        """Note the announcement's own id."""
        others = [one for one in events.external_ids(event) if one[0] != self.uid_key]
        ids = [*others, (self.uid_key, view.uid)]
        event["extIds"] = [{"key": key, "value": value} for key, value in ids]

    def write_title(self, event: dict[str, Any], view: Announcement) -> None:
        """Write the title."""
        event["title"] = events.with_text(event, "title", self.language, view.title)

    def write_texts(self, event: dict[str, Any], view: Announcement) -> None:
        """Write both texts."""
        for field, text in zip(("description", "longDescription"), texts_of(view), strict=True):
            event[field] = events.with_text(event, field, self.language, text)

    def write_times(self, event: dict[str, Any], view: Announcement) -> None:
        """Write the slots and their zone."""
        start = view.event_start
        event["timings"] = written(slots_of(start, view.event_end, self.zone))
        zone = start.tzinfo if isinstance(start, dt.datetime) else self.zone
        if zone is None or isinstance(zone, ZoneInfo):
            event["timezone"] = (zone or self.zone).key
        else:
            event.pop("timezone", None)

    def write_place(self, event: dict[str, Any], view: Announcement) -> None:
        """Write place and link."""
        _write_link(event, view.url)
        self.places.write(event, view)

    def write_image(self, event: dict[str, Any], view: Announcement) -> None:
        """Write where the picture is to be fetched."""
        url = view.attachments[0].url if view.attachments else ""
        if not url:
            event.pop("image", None)
        elif events.image_url(event) != url:
            event["image"] = {"url": url}


_Writer = Callable[[OpenAgendaLens, dict[str, Any], Announcement], None]

_WRITERS: Final[Mapping[frozenset[str], _Writer]] = {
    frozenset({"uid"}): OpenAgendaLens.write_uid,
    frozenset({"title"}): OpenAgendaLens.write_title,
    frozenset({"body", "body_short"}): OpenAgendaLens.write_texts,
    frozenset({"event_start", "event_end"}): OpenAgendaLens.write_times,
    frozenset({"place", "audience", "url"}): OpenAgendaLens.write_place,
    frozenset({"attachments"}): OpenAgendaLens.write_image,
}


def _bare(view: Announcement) -> Announcement:
    """Return what an event can say of an announcement, under its uid."""
    values = {name: getattr(view, name) for name in _FIELDS}
    values["uid"] = view.uid or view.id.partition(":")[2]
    return Announcement(id=view.id, **values)


def _kept(event: Event, told: Announcement) -> Announcement | None:
    kept = event.get(KEPT)
    if not isinstance(kept, dict) or kept.get(_OF) != _digest(event):
        return None
    try:
        whole = _WHOLE.get(Document(json.dumps(kept).encode(), MEDIA_TYPE))
    except (InputError, TypeError, ValueError):
        return None
    return attrs.evolve(_bare(whole), id=told.id)


def _digest(event: Event) -> str:
    """Return a digest of all that an announcement is read from."""
    owned = {name: event[name] for name in _OWNED if name in event}
    return hashlib.sha256(json.dumps(owned, sort_keys=True).encode()).hexdigest()


def _equal(one: Announcement, other: Announcement) -> bool:
    return all(_same(getattr(one, name), getattr(other, name)) for name in _FIELDS)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dt.datetime) and isinstance(other, dt.datetime):
        return _spelt(one) == _spelt(other)
    # A time is a day to Python too.
    return type(one) is type(other) and bool(one == other)


def _spelt(moment: dt.datetime) -> tuple[str, str]:
    zone = moment.tzinfo
    return moment.isoformat(), zone.key if isinstance(zone, ZoneInfo) else ""


def _link(event: Event) -> str:
    online = event.get("onlineAccessLink")
    found = [*events.links_of(event), *([online] if isinstance(online, str) else [])]
    return found[0] if found else ""


def _write_link(event: dict[str, Any], url: str) -> None:
    before = events.links_of(event)[:1]
    if before == [url] or not (before or url):
        return
    others = [one for one in events.registrations(event) if one != ("link", *before)]
    ways = [*([("link", url)] if url else []), *others]
    event["registration"] = [{"type": kind, "value": value} for kind, value in ways]


def _attachments(event: Event) -> tuple[Attachment, ...]:
    url = events.image_url(event)
    return (Attachment(url=url),) if url else ()
