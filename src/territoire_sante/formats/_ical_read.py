# SPDX-License-Identifier: Apache-2.0
"""Reading of one VEVENT with its overrides into an Event (RFC 5545, 3.6.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from territoire_sante.errors import FormatError, InputError, InvalidValueError, UnsupportedError
from territoire_sante.formats._contentline_document import Component, ContentDocument, parse
from territoire_sante.formats._contentline_files import fingerprint
from territoire_sante.formats._contentline_line import Line
from territoire_sante.formats._contentline_lists import read_categories
from territoire_sante.formats._contentline_text import visible
from territoire_sante.formats._document import Document
from territoire_sante.formats._ical_time import (
    after,
    instant,
    read_when,
    read_whens,
    same_when,
)
from territoire_sante.formats._ical_tz import Zones
from territoire_sante.model import (
    CalendarUser,
    Classification,
    Event,
    EventStatus,
    Geo,
    Occurrence,
    When,
    make_id,
)

STATUSES: Final = {member.value: member for member in EventStatus}
CLASSES: Final = {member.value: member for member in Classification}

# What a feed that is generated anew at each reading changes without a reason (Doctolib …).
FLEETING: Final = frozenset({"DTSTAMP", "SEQUENCE", "LAST-MODIFIED", "CREATED"})

_WORDS: Final = {"VEVENT": "event", "VTODO": "task"}


@attrs.frozen(eq=False, repr=False)
class Parts:
    """
    The components of one event or task in a document.

    ``main`` is the event, or its first override in a document of overrides
    alone; ``overrides`` are the others with a RECURRENCE-ID. ``calendar`` is the
    VCALENDAR, ``None`` for a bare VEVENT.
    """

    content: ContentDocument
    calendar: Component | None
    main: Component
    overrides: tuple[Component, ...]
    zones: Zones


def content_of(document: Document | ContentDocument) -> ContentDocument:
    """Return the parsed content of either kind of document."""
    if isinstance(document, ContentDocument):
        return document
    return document.parsed(parse)


def text_of(component: Component, name: str) -> str:
    """Return the text of the first line ``name``, empty without one."""
    return component.text(name)


def uid_of(component: Component) -> str:
    """Return the UID, empty without one; white space around it is not part of it."""
    line = component.first("UID")
    return visible(line.value).strip() if line is not None else ""


def events_in(
    content: ContentDocument, name: str = "VEVENT"
) -> Iterator[tuple[Component | None, Component]]:
    """Yield (calendar, component) for each VEVENT, or VTODO, that is where it should be."""
    for outer in content.components:
        if outer.name == name:
            yield None, outer
        elif outer.name == "VCALENDAR":
            for component in outer.components:
                if component.name == name:
                    yield outer, component


def find_parts(content: ContentDocument, name: str = "VEVENT") -> Parts:
    """
    Return the components of the one event, or task (VTODO), in a document.

    Raises:
        FormatError: no such component, or several UIDs.
        UnsupportedError: only other components (VJOURNAL …), or a part outside of the calendar.
    """
    found = list(events_in(content, name))
    if not found:
        raise _none_found(content, name)
    calendar = found[0][0]
    for home, component in found:
        if (home is None) != (calendar is None):
            raise UnsupportedError(
                f"a part of the {_WORDS[name]} stands outside of its calendar and time zones",
                line=content.number(component.begin),
            )
    components = [component for _, component in found]
    uids = {uid_of(component) for component in components} if len(components) > 1 else ()
    if len(uids) > 1:
        raise FormatError(
            f"the document holds {len(uids)} {_WORDS[name]}s with different UIDs",
            line=content.number(components[1].begin),
            remedy="Cut it with territoire_sante.formats.icalendar.split first",
        )
    main = components[0]
    if len(components) > 1:
        masters = [c for c in components if c.first("RECURRENCE-ID") is None]
        main = masters[0] if masters else main
    overrides = [c for c in components if c is not main and c.first("RECURRENCE-ID") is not None]
    return Parts(content, calendar, main, tuple(overrides), Zones(calendar))


def _none_found(content: ContentDocument, name: str) -> FormatError:
    names = {component.name for component in content.walk()} - {"VCALENDAR", "VTIMEZONE"}
    known = sorted(names & {"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY"})
    if known:
        article = "an" if name == "VEVENT" else "a"
        return UnsupportedError(f"{', '.join(known)} is not read as {article} {_WORDS[name]}")
    head = b"".join([line.raw for line in content.lines[:3]]).lstrip()[:15].lower()
    if head.startswith((b"<!doctype", b"<html", b"<?xml")):
        return FormatError("this is a web page or XML, not a calendar", line=1)
    return FormatError(f"there is no {name} in the document", line=1)


def _geo(line: Line) -> Geo | None:
    latitude, _, longitude = line.value.partition(";")
    try:
        return Geo(latitude=float(latitude), longitude=float(longitude))
    except (ValueError, InvalidValueError):
        return None


def read_class(line: Line | None) -> Classification | None:
    """Return what a CLASS line says."""
    if line is None or not line.value.strip():
        return None
    # A class that is not known is to be treated as PRIVATE (RFC 5545, 3.8.1.3).
    return CLASSES.get(line.value.strip().upper(), Classification.PRIVATE)


def _status(line: Line | None) -> EventStatus | None:
    return STATUSES.get(line.value.strip().upper()) if line is not None else None


def read_end(component: Component, start: When | None, zones: Zones) -> When | None:
    """
    Return the exclusive end from DTEND, else DURATION; ``None`` if it equals the start.

    An end equal to the start says no more than no end (3.6.1), and an all-day event that
    "ends" on its first day is a common mistake for one day.
    """
    line = component.first("DTEND")
    end = read_when(line, zones)
    if line is None:
        duration = component.first("DURATION")
        if duration is None or start is None:
            return None
        line, end = duration, after(start, duration)
    if start is not None and end is not None and type(start) is not type(end):
        raise FormatError("DTSTART and the end are not both days or both times", where=line.name)
    return None if start is not None and same_when(start, end) else end


def read_user(line: Line) -> CalendarUser:
    """Return who an ORGANIZER or ATTENDEE line names."""
    return CalendarUser(
        address=visible(line.value).strip(),
        name=visible(line.param("CN")),
        role=line.param("ROLE"),
        status=line.param("PARTSTAT"),
    )


def _whens(lines: Sequence[Line], zones: Zones) -> tuple[When, ...]:
    return tuple([when for line in lines for when in read_whens(line, zones)]) if lines else ()


def recurrence_id(component: Component, zones: Zones) -> When | None:
    """Return the start that the rule gives this instance."""
    return read_when(component.first("RECURRENCE-ID"), zones)


def _occurrence(component: Component, zones: Zones) -> Occurrence | None:
    identity = recurrence_id(component, zones)
    if identity is None:
        return None
    start = read_when(component.first("DTSTART"), zones)
    return Occurrence(
        recurrence_id=identity,
        summary=text_of(component, "SUMMARY"),
        description=text_of(component, "DESCRIPTION"),
        location=text_of(component, "LOCATION"),
        status=_status(component.first("STATUS")),
        start=start,
        end=read_end(component, start, zones),
    )


def read_occurrences(parts: Parts) -> tuple[Occurrence, ...]:
    """Return the changed instances, by the instant they replace."""
    found = [_occurrence(component, parts.zones) for component in parts.overrides]
    return tuple(
        sorted((o for o in found if o is not None), key=lambda o: instant(o.recurrence_id))
    )


def read_event(parts: Parts) -> Event:
    """
    Return the event of a document.

    Raises:
        FormatError: a date, duration or zone cannot be read; it names the line.
    """
    try:
        return _read(parts)
    except FormatError as error:
        if not error.line:
            error.line = parts.content.number(culprit(parts, error.where))
        raise


def _parts_and_event(data: bytes) -> tuple[Parts, Event]:
    parts = find_parts(parse(data))
    return parts, read_event(parts)


def read(document: Document | ContentDocument) -> tuple[Parts, Event]:
    """Return the components of a document and the event they say; a Document keeps both."""
    if isinstance(document, ContentDocument):
        parts = find_parts(document)
        return parts, read_event(parts)
    return document.parsed(_parts_and_event)


def whole_content(document: Document | ContentDocument) -> ContentDocument:
    """Return the parsed content, that of the event where it can be read: cut into lines once."""
    try:
        return read(document)[0].content
    except InputError:
        return content_of(document)


def culprit(parts: Parts, name: str) -> Line:
    """Return the first line ``name`` of the components, else where they begin."""
    for component in (parts.main, *parts.overrides):
        line = component.first(name)
        if line is not None:
            return line
    return parts.main.begin


def _raw(lines: Sequence[Line]) -> str:
    """Return a value that has no escapes, without white space around it."""
    return visible(lines[0].value).strip()


# Fields that are the text of the first line of a property.
_TEXTS: Final = {"SUMMARY": "summary", "DESCRIPTION": "description", "LOCATION": "location"}

# For each other property without dates, its field, and what makes it of the lines.
_FIELDS: Final[Mapping[str, tuple[str, Callable[[Sequence[Line]], object]]]] = {
    "GEO": ("geo", lambda lines: _geo(lines[0])),
    "URL": ("url", _raw),
    "CATEGORIES": ("categories", read_categories),
    "STATUS": ("status", lambda lines: _status(lines[0])),
    "CLASS": ("classification", lambda lines: read_class(lines[0])),
    "RRULE": ("rrule", _raw),
    "ORGANIZER": ("organizer", lambda lines: read_user(lines[0])),
    "ATTENDEE": ("attendees", lambda lines: tuple([read_user(line) for line in lines])),
}


def _read(parts: Parts) -> Event:
    main, zones = parts.main, parts.zones
    uid = uid_of(main)
    start = read_when(main.first("DTSTART"), zones)
    # Most events have few of the properties: only those that are there cost anything.
    said: dict[str, Any] = {}
    for name, lines in main.index.items():
        if name in _TEXTS:
            said[_TEXTS[name]] = lines[0].unescaped()
        elif name in _FIELDS:
            field, read_field = _FIELDS[name]
            said[field] = read_field(lines)
    return Event(
        id=make_id("event", uid or fingerprint(parts.content, main, FLEETING)),
        uid=uid,
        start=start,
        end=read_end(main, start, zones),
        rdates=_whens(main.all("RDATE"), zones),
        exdates=_whens(main.all("EXDATE"), zones),
        occurrences=read_occurrences(parts) if parts.overrides else (),
        **said,
    )
