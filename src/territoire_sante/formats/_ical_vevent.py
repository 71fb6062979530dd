# SPDX-License-Identifier: Apache-2.0
"""The work of the lens between VEVENT documents and events."""

from __future__ import annotations

import datetime as dt
from typing import Final

from territoire_sante.formats._contentline_document import Component, ContentDocument
from territoire_sante.formats._contentline_edit import Edit
from territoire_sante.formats._contentline_text import escape
from territoire_sante.formats._document import Document
from territoire_sante.formats._ical_fields import (
    EPOCH,
    MEDIA_TYPE,
    Field,
    new_document,
    put_categories_field,
    put_enum_field,
    put_fields,
    put_place,
    put_raw,
    put_text,
    stamp,
)
from territoire_sante.formats._ical_lists import put_users, put_whens
from territoire_sante.formats._ical_read import (
    read,
    recurrence_id,
    uid_of,
)
from territoire_sante.formats._ical_time import instant, when_text
from territoire_sante.formats._ical_write import Writer, put_enum, put_span
from territoire_sante.model import Event, Occurrence, When

# The dates stand apart, between the two: DURATION and the lists hang on several of them.
_AHEAD: Final = (Field("summary", "SUMMARY", put_text),)
_BEHIND: Final = (
    Field("location", "LOCATION", put_text),
    Field("geo", "GEO", put_place),
    Field("description", "DESCRIPTION", put_text),
    Field("url", "URL", put_raw),
    Field("categories", "CATEGORIES", put_categories_field),
    Field("status", "STATUS", put_enum_field, significant=True),
    Field("classification", "CLASS", put_enum_field),
)


def put(
    view: Event,
    document: Document | ContentDocument | None,
    now: dt.datetime | None,
    *,
    people: bool,
) -> Document:
    """Return ``document`` with the changed fields of ``view``; see :meth:`EventLens.put`."""
    if document is None:
        source, moment = _skeleton(view, now), None
    elif isinstance(document, ContentDocument):
        source, moment = Document(document.to_bytes(), MEDIA_TYPE), now
    else:
        source, moment = document, now
    parts, old = read(source)
    recurring = bool(view.rrule or view.rdates or view.occurrences)
    writer = Writer(edit=Edit(parts.content), parts=parts, recurring=recurring)
    _put_main(writer, old, view, moment, people=people)
    _put_occurrences(writer, old, view, now)
    if writer.edit.empty:
        return source
    writer.add_zones()
    data = writer.edit.to_bytes(writer.owned)
    return Document(data, source.media_type)


def _put_main(
    writer: Writer, old: Event, new: Event, now: dt.datetime | None, *, people: bool
) -> None:
    main = writer.parts.main
    before = writer.edit.size
    for component in (main, *writer.parts.overrides):
        writer.raw(component, "UID", old.uid, new.uid or old.uid)
    put_fields(writer, main, _AHEAD, old, new)
    significant = put_span(writer, main, (old.start, new.start), (old.end, new.end))
    writer.raw(main, "RRULE", old.rrule, new.rrule)
    significant |= old.rrule != new.rrule
    if new.rdates is not old.rdates:
        significant |= put_whens(writer, main, "RDATE", new.rdates)
    if new.exdates is not old.exdates:
        significant |= put_whens(writer, main, "EXDATE", new.exdates)
    significant |= put_fields(writer, main, _BEHIND, old, new)
    if people:
        organizers = (new.organizer,) if new.organizer else ()
        put_users(writer, main, "ORGANIZER", organizers)
        put_users(writer, main, "ATTENDEE", new.attendees)
    if writer.edit.size != before:
        stamp(writer, main, now, significant=significant)


def _skeleton(view: Event, now: dt.datetime | None) -> Document:
    """Return a new document with no more than it must have."""
    # A timed event always gets an end: some servers refuse one without.
    timed = isinstance(view.start, dt.datetime)
    span = b"DTSTART:19700101T000000Z\r\nDTEND:19700101T000000Z\r\n" if timed else b""
    return new_document("VEVENT", view.uid or view.id.partition(":")[2], now, span)


def _put_occurrences(writer: Writer, old: Event, new: Event, now: dt.datetime | None) -> None:
    """Match changed instances by instant; patch, remove or add their components."""
    if new.occurrences is old.occurrences:
        return
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
    text = when_text((now or EPOCH).astimezone(dt.UTC))
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
        stamp(writer, component, now, significant=significant)
