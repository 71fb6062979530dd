# SPDX-License-Identifier: Apache-2.0
"""Calendar files: one document per event, and one event changed in a file."""

from __future__ import annotations

from typing import Final

from territoire_sante.errors import FormatError
from territoire_sante.formats._contentline_document import Component, ContentDocument, parse
from territoire_sante.formats._contentline_edit import Edit
from territoire_sante.formats._contentline_files import adapted, fill, keyed
from territoire_sante.formats._contentline_line import Line
from territoire_sante.formats._document import Document
from territoire_sante.formats._ical_fields import MEDIA_TYPE
from territoire_sante.formats._ical_read import FLEETING, content_of, events_in, uid_of

# What an event needs of its calendar. METHOD must not be stored (RFC 4791, 4.1), and the
# names and dates that feeds put here would make every event look changed.
_HEADER: Final = frozenset({"VERSION", "PRODID", "CALSCALE"})


def _by_key(content: ContentDocument, name: str = "VEVENT") -> dict[str, list[Component]]:
    components = [component for _, component in events_in(content, name)]
    return keyed(content, components, uid_of, FLEETING)


def _zones(content: ContentDocument, calendar: Component) -> dict[str, list[Line]]:
    """Return the lines of each VTIMEZONE of a calendar, the first of each TZID."""
    zones: dict[str, list[Line]] = {}
    for component in calendar.components:
        line = component.first("TZID") if component.name == "VTIMEZONE" else None
        if line is not None and component.closed:
            zones.setdefault(line.value.strip(), list(content.span(component)))
    return zones


def _tzids(lines: list[Line]) -> dict[str, None]:
    return {line.param("TZID"): None for line in lines if b"TZID" in line.raw.upper()}


def items(data: bytes) -> dict[str, Document]:
    """
    Return the events of a calendar file by key, each as a document of its own.

    The key is the UID; an event without one is known by a hash of its lines. A
    document has all components of its UID and the time zones they use. Other components
    (VTODO, VJOURNAL …) are not listed.

    Raises:
        FormatError: the bytes are no content lines.
    """
    return {
        key: Document(b"".join([line.raw for line in lines]), MEDIA_TYPE)
        for key, lines in lines_by_key(parse(data)).items()
    }


def lines_by_key(content: ContentDocument, name: str = "VEVENT") -> dict[str, list[Line]]:
    """
    Return what :func:`items` makes documents of: lines of the file, but for ends it lacks.

    ``name`` may be that of other components with a UID, such as VTODO.
    """
    calendars = {id(event): calendar for calendar, event in events_in(content, name)}
    zones = {id(c): _zones(content, c) for c in calendars.values() if c is not None}
    found: dict[str, list[Line]] = {}
    for key, components in _by_key(content, name).items():
        lines = [line for component in components for line in content.span(component)]
        homes = [calendars[id(component)] for component in components]
        if homes[0] is not None and None not in homes:
            lines = _wrapped(content, homes[0], zones[id(homes[0])], lines)
        found[key] = lines
    return found


def _wrapped(
    content: ContentDocument, calendar: Component, zones: dict[str, list[Line]], body: list[Line]
) -> list[Line]:
    head = [line for line in calendar.lines if line.name in _HEADER]
    used = [line for tzid in _tzids(body) for line in zones.get(tzid, ())]
    if calendar.closed:
        end = content.lines[calendar.stop - 1]
    else:
        end = Line.of(b"END:VCALENDAR" + content.eol)
    lines = [calendar.begin, *head, *used, *body]
    return [*(line if line.eol else Line.of(line.raw + content.eol) for line in lines), end]


def split(data: bytes) -> list[Document]:
    """Return the documents of :func:`items`, in the order of the file."""
    return list(items(data).values())


def key(document: Document | ContentDocument) -> str:
    """
    Return the key of the one event in ``document``: its UID, else a hash of its lines.

    Raises:
        FormatError: no event, or several.
    """
    keys = list(_by_key(content_of(document)))
    if len(keys) != 1:
        raise FormatError(f"a document of one event was wanted, this one has {len(keys)}")
    return keys[0]


def merge_into(data: bytes, uid: str, document: Document | None) -> bytes:
    """
    Return the calendar file with the event ``uid`` as in ``document``, ``None`` removing it.

    ``uid`` is a key of :func:`items`; one that is not there is added behind the
    last component. Every other byte stays. Time zones are added when missing, never removed.

    Raises:
        FormatError: the file is no calendar, or is not closed where something is to be added.
    """
    content = parse(data)
    old = _by_key(content).get(uid, [])
    edit = Edit(content)
    if document is None:
        fill(edit, old, [])
    else:
        if not data.strip():
            return document.data
        _put(edit, old, content_of(document))
    return edit.to_bytes(frozenset())


def _put(edit: Edit, old: list[Component], source: ContentDocument) -> None:
    content = edit.content
    new = [adapted(source.span(event), edit, source) for _, event in events_in(source)]
    if old:
        homes = {id(event): calendar for calendar, event in events_in(content)}
        home = homes[id(old[0])]
        fill(edit, old, new)
    else:
        home = next((c for c in content.components if c.name == "VCALENDAR"), None)
        if home is None:
            raise FormatError("there is no VCALENDAR to put the event into", line=1)
        edit.need_closed(home)
        edit.insert(content.lines[home.stop - 2], [line for component in new for line in component])
    if home is not None:
        _add_zones(edit, home, source)


def _add_zones(edit: Edit, home: Component, source: ContentDocument) -> None:
    known = _zones(edit.content, home)
    missing = [
        line
        for calendar in source.components
        if calendar.name == "VCALENDAR"
        for tzid, lines in _zones(source, calendar).items()
        if tzid not in known
        for line in adapted(lines, edit, source)
    ]
    if not missing:
        return
    zones = [component for component in home.components if component.name == "VTIMEZONE"]
    if zones:
        edit.insert(edit.content.lines[zones[-1].stop - 1], missing)
    else:
        edit.append(home, *missing)
