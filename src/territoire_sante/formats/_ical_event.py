# SPDX-License-Identifier: Apache-2.0
"""The lens between VEVENT documents and events."""

from __future__ import annotations

import datetime as dt
from typing import Final

import attrs

from territoire_sante.formats._contentline_document import Component, ContentDocument
from territoire_sante.formats._contentline_edit import Edit
from territoire_sante.formats._contentline_line import make_line
from territoire_sante.formats._contentline_lists import put_categories
from territoire_sante.formats._contentline_text import escape
from territoire_sante.formats._document import Document
from territoire_sante.formats._ical_lists import put_users, put_whens
from territoire_sante.formats._ical_read import (
    read,
    recurrence_id,
    uid_of,
)
from territoire_sante.formats._ical_time import instant, when_text
from territoire_sante.formats._ical_write import Writer, put_enum, put_geo, put_span
from territoire_sante.model import Event, Occurrence, When

MEDIA_TYPE: Final = "text/calendar"
PRODID: Final = "-//territoire_sante//FR"

_FIELDS: Final = frozenset({
    "uid", "summary", "description", "location", "geo", "url", "categories", "status",
    "classification", "start", "end", "rrule", "rdates", "exdates", "occurrences",
})  # fmt: skip
_PEOPLE: Final = frozenset({"organizer", "attendees"})
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_SEQUENCE_MAX: Final = 2**31 - 1


@attrs.frozen(kw_only=True)
class EventLens:
    """
    VEVENT documents to :class:`Event` and back (RFC 5545, 3.6.1).

    A document holds one UID: the event, its changed instances and their time
    zones. ORGANIZER and ATTENDEE are always read; they are written only with
    ``people``, then with SCHEDULE-AGENT=CLIENT, because servers send mail otherwise.
    """

    people: bool = False

    @property
    def view(self) -> type[Event]:
        """Events."""
        return Event

    @property
    def media_type(self) -> str:
        """``text/calendar``."""
        return MEDIA_TYPE

    @property
    def fields(self) -> frozenset[str]:
        """What a VEVENT can carry, people only if they may be written."""
        return _FIELDS | _PEOPLE if self.people else _FIELDS

    def get(self, document: Document | ContentDocument) -> Event:
        """
        Return the event in ``document``.

        An end equal to the start is read as no end; occurrences are in the order of
        the instants they replace; text is without control characters.

        Raises:
            FormatError: no event, several UIDs, or a date that cannot be read, with its line.
            UnsupportedError: another kind of component, or a zone that is nowhere defined.
        """
        return read(document)[1]

    def put(
        self,
        view: Event,
        document: Document | ContentDocument | None = None,
        *,
        now: dt.datetime | None = None,
    ) -> Document:
        """
        Return ``document`` with the changed fields of ``view``, or a new document.

        ``now`` sets DTSTAMP and LAST-MODIFIED of each changed component, and raises SEQUENCE
        when its dates, recurrence or status changed (RFC 5545, 3.8.7.4).

        Raises:
            FormatError: the view cannot be said in this format, or the document not be read.
        """
        if document is None:
            source, stamp = Document(_skeleton(view, now), MEDIA_TYPE), None
        elif isinstance(document, ContentDocument):
            source, stamp = Document(document.to_bytes(), MEDIA_TYPE), now
        else:
            source, stamp = document, now
        parts, old = read(source)
        recurring = bool(view.rrule or view.rdates or view.occurrences)
        writer = Writer(edit=Edit(parts.content), parts=parts, recurring=recurring)
        self._put_main(writer, old, view, stamp)
        _put_occurrences(writer, old, view, now)
        if writer.edit.empty:
            return source
        writer.add_zones()
        data = writer.edit.apply(writer.owned).to_bytes()
        return Document(data, source.media_type)

    def _put_main(self, writer: Writer, old: Event, new: Event, now: dt.datetime | None) -> None:
        main = writer.parts.main
        before = writer.edit.size
        for component in (main, *writer.parts.overrides):
            writer.raw(component, "UID", old.uid, new.uid or old.uid)
        writer.text(main, "SUMMARY", old.summary, new.summary)
        significant = put_span(writer, main, (old.start, new.start), (old.end, new.end))
        writer.raw(main, "RRULE", old.rrule, new.rrule)
        significant |= old.rrule != new.rrule
        significant |= put_whens(writer, main, "RDATE", new.rdates)
        significant |= put_whens(writer, main, "EXDATE", new.exdates)
        writer.text(main, "LOCATION", old.location, new.location)
        put_geo(writer, main, old.geo, new.geo)
        writer.text(main, "DESCRIPTION", old.description, new.description)
        writer.raw(main, "URL", old.url, new.url)
        if new.categories != old.categories and put_categories(writer.edit, main, new.categories):
            writer.owned.add("CATEGORIES")
        significant |= put_enum(writer, main, "STATUS", (old.status, new.status))
        put_enum(writer, main, "CLASS", (old.classification, new.classification))
        if self.people:
            organizers = (new.organizer,) if new.organizer else ()
            put_users(writer, main, "ORGANIZER", organizers)
            put_users(writer, main, "ATTENDEE", new.attendees)
        if writer.edit.size != before:
            _stamp(writer, main, now, significant=significant)


def _skeleton(view: Event, now: dt.datetime | None) -> bytes:
    """Return a new document with no more than it must have."""
    stamp = when_text((now or _EPOCH).astimezone(dt.UTC))
    uid = make_line("UID", view.uid or view.id.partition(":")[2])
    start: When | None = view.start
    # A timed event always gets an end: some servers refuse one without.
    timed = isinstance(start, dt.datetime)
    end = b"DTSTART:19700101T000000Z\r\nDTEND:19700101T000000Z\r\n" if timed else b""
    return (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
        + f"PRODID:{PRODID}\r\n".encode()
        + b"BEGIN:VEVENT\r\n"
        + uid.raw
        + f"DTSTAMP:{stamp}\r\n".encode()
        + end
        + b"END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def _stamp(
    writer: Writer, component: Component, now: dt.datetime | None, *, significant: bool
) -> None:
    if now is None:
        return
    text = when_text(now.astimezone(dt.UTC).replace(microsecond=0))
    writer.value(component, "DTSTAMP", text, {"TZID": None})
    writer.value(component, "LAST-MODIFIED", text, {"TZID": None})
    if significant:
        line = component.first("SEQUENCE")
        digits = line.value.strip() if line is not None else ""
        count = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 12 else 0  # noqa: PLR2004
        writer.value(component, "SEQUENCE", str(min(count + 1, _SEQUENCE_MAX)), {})


def _put_occurrences(writer: Writer, old: Event, new: Event, now: dt.datetime | None) -> None:
    """Match changed instances by instant; patch, remove or add their components."""
    components: dict[tuple[int, dt.datetime], list[Component]] = {}
    for component in writer.parts.overrides:
        identity = recurrence_id(component, writer.zones)
        if identity is not None:
            components.setdefault(instant(identity), []).append(component)
    known: dict[tuple[int, dt.datetime], list[Occurrence]] = {}
    for occurrence in old.occurrences:
        known.setdefault(instant(occurrence.recurrence_id), []).append(occurrence)
    for occurrence in new.occurrences:
        key = instant(occurrence.recurrence_id)
        if components.get(key):
            _put_occurrence(writer, components[key].pop(0), known[key].pop(0), occurrence, now)
        else:
            _add_occurrence(writer, new, occurrence, now)
    for rest in components.values():
        for component in rest:
            writer.edit.substitute(component)


def _add_occurrence(writer: Writer, event: Event, new: Occurrence, now: dt.datetime | None) -> None:
    """Add a component for one changed instance behind the last one of its event."""
    edit, parts = writer.edit, writer.parts
    start = parts.main.first("DTSTART")
    hint = start.param("TZID") if start is not None else ""
    uid = event.uid or uid_of(parts.main)
    lines = [edit.line("BEGIN", "VEVENT")]
    if uid:
        lines.append(edit.line("UID", uid))
    stamp = parts.main.first("DTSTAMP")
    text = when_text((now or _EPOCH).astimezone(dt.UTC))
    lines.append(stamp if stamp is not None and now is None else edit.line("DTSTAMP", text))
    for name, when in (
        ("RECURRENCE-ID", new.recurrence_id),
        ("DTSTART", new.start),
        ("DTEND", new.end or (new.start if isinstance(new.start, dt.datetime) else None)),
    ):
        if when is not None:
            lines.append(writer.when_line(name, None, when, hint))
    for name, value in (
        ("SUMMARY", new.summary),
        ("LOCATION", new.location),
        ("DESCRIPTION", new.description),
        ("STATUS", new.status.value if new.status else ""),
    ):
        if value:
            lines.append(edit.line(name, escape(value)))
    lines.append(edit.line("END", "VEVENT"))
    last = max((parts.main, *parts.overrides), key=lambda component: component.stop)
    edit.need_closed(last)
    edit.insert(parts.content.lines[last.stop - 1], lines)


def _unmoved(old: When | None, new: When | None) -> When | None:
    """
    Return ``old`` if it is the wall time and the instant of ``new``.

    An instance happens once: what its zone says of other times does not matter. Which zone a
    document means can depend on the times in it, and those have perhaps just been changed.
    """
    if not isinstance(old, dt.datetime) or not isinstance(new, dt.datetime):
        return new
    same = old.replace(tzinfo=None) == new.replace(tzinfo=None) and instant(old) == instant(new)
    return old if same else new


def _put_occurrence(
    writer: Writer,
    component: Component,
    old: Occurrence,
    new: Occurrence,
    now: dt.datetime | None,
) -> None:
    before = writer.edit.size
    writer.text(component, "SUMMARY", old.summary, new.summary)
    start, end = _unmoved(old.start, new.start), _unmoved(old.end, new.end)
    significant = put_span(writer, component, (old.start, start), (old.end, end))
    writer.text(component, "LOCATION", old.location, new.location)
    writer.text(component, "DESCRIPTION", old.description, new.description)
    significant |= put_enum(writer, component, "STATUS", (old.status, new.status))
    if writer.edit.size != before:
        _stamp(writer, component, now, significant=significant)
