# SPDX-License-Identifier: Apache-2.0
"""The lens between VTODO documents and tasks."""

from __future__ import annotations

import datetime as dt
from typing import Final

import attrs

from territoire_sante.errors import FormatError
from territoire_sante.formats._contentline_document import Component, ContentDocument, parse
from territoire_sante.formats._contentline_edit import Edit
from territoire_sante.formats._contentline_line import Line
from territoire_sante.formats._contentline_lists import read_categories
from territoire_sante.formats._contentline_text import visible
from territoire_sante.formats._document import Document
from territoire_sante.formats._ical_fields import (
    MEDIA_TYPE,
    Field,
    new_document,
    put_categories_field,
    put_enum_field,
    put_fields,
    put_number,
    put_priority,
    put_raw,
    put_text,
    put_utc,
    stamp,
)
from territoire_sante.formats._ical_read import Parts, culprit, find_parts, read_class, uid_of
from territoire_sante.formats._ical_time import after, read_when, same_when
from territoire_sante.formats._ical_write import Writer, lasting
from territoire_sante.model import Task, TaskStatus, When

_STATUSES: Final = {member.value: member for member in TaskStatus}
_MAX_PRIORITY: Final = 9
_MAX_PERCENT: Final = 100

# Start and due stand apart: DURATION hangs on both.
_FIELDS: Final = (
    Field("summary", "SUMMARY", put_text),
    Field("status", "STATUS", put_enum_field, significant=True),
    Field("completed", "COMPLETED", put_utc, significant=True),
    Field("percent_complete", "PERCENT-COMPLETE", put_number, significant=True),
    Field("priority", "PRIORITY", put_priority),
    Field("rrule", "RRULE", put_raw, significant=True),
    Field("location", "LOCATION", put_text),
    Field("description", "DESCRIPTION", put_text),
    Field("url", "URL", put_raw),
    Field("categories", "CATEGORIES", put_categories_field),
    Field("classification", "CLASS", put_enum_field),
)


@attrs.frozen(kw_only=True)
class TodoLens:
    """
    VTODO documents to :class:`~territoire_sante.model.Task` and back (RFC 5545, 3.6.2).

    A document holds one UID. Changed instances of a recurring task are kept, not read.
    """

    @property
    def view(self) -> type[Task]:
        """Tasks."""
        return Task

    @property
    def media_type(self) -> str:
        """``text/calendar``."""
        return MEDIA_TYPE

    @property
    def fields(self) -> frozenset[str]:
        """All fields of a task."""
        return frozenset(field.name for field in attrs.fields(Task))

    def get(self, document: Document | ContentDocument) -> Task:
        """
        Return the task in ``document``.

        A due time given by DURATION is counted from the start. A status, priority, percentage or
        time of completion that is none is read as not said.

        Raises:
            FormatError: no task, several UIDs, or a date that cannot be read, with its line.
            UnsupportedError: another kind of component, or a zone that is nowhere defined.
        """
        return _read(document)[1]

    def put(
        self,
        view: Task,
        document: Document | ContentDocument | None = None,
        *,
        now: dt.datetime | None = None,
    ) -> Document:
        """
        Return ``document`` with the changed fields of ``view``, or a new document.

        ``now`` sets DTSTAMP and LAST-MODIFIED, and raises SEQUENCE when dates, recurrence or
        status changed (RFC 5545, 3.8.7.4).

        Raises:
            FormatError: the view cannot be said in this format, a new task has no uid, or the
                document cannot be read.
        """
        if document is None:
            if not view.uid:
                raise FormatError("a new task needs a UID", where="uid", remedy="Give it one")
            source, moment = new_document("VTODO", view.uid, now), None
        elif isinstance(document, ContentDocument):
            source, moment = Document(document.to_bytes(), MEDIA_TYPE), now
        else:
            source, moment = document, now
        parts, old = _read(source)
        writer = Writer(edit=Edit(parts.content), parts=parts, recurring=bool(view.rrule))
        for component in (parts.main, *parts.overrides):
            writer.raw(component, "UID", old.uid, view.uid or old.uid)
        significant = _put_span(writer, parts.main, old, view)
        significant |= put_fields(writer, parts.main, _FIELDS, old, view)
        if writer.edit.empty:
            return source
        stamp(writer, parts.main, moment, significant=significant)
        writer.add_zones()
        return Document(writer.edit.to_bytes(writer.owned), source.media_type)


def _parts_and_task(data: bytes) -> tuple[Parts, Task]:
    parts = find_parts(parse(data), "VTODO")
    return parts, _read_task(parts)


def _read(document: Document | ContentDocument) -> tuple[Parts, Task]:
    if isinstance(document, ContentDocument):
        parts = find_parts(document, "VTODO")
        return parts, _read_task(parts)
    return document.parsed(_parts_and_task)


def _read_task(parts: Parts) -> Task:
    try:
        return _task(parts)
    except FormatError as error:
        if not error.line:
            error.line = parts.content.number(culprit(parts, error.where))
        raise


def _task(parts: Parts) -> Task:
    main, zones = parts.main, parts.zones
    start = read_when(main.first("DTSTART"), zones)
    return Task(
        uid=uid_of(main),
        summary=main.text("SUMMARY"),
        description=main.text("DESCRIPTION"),
        location=main.text("LOCATION"),
        url=_plain(main.first("URL")),
        categories=read_categories(main.all("CATEGORIES")),
        status=_STATUSES.get(_plain(main.first("STATUS")).upper()),
        classification=read_class(main.first("CLASS")),
        priority=_number(main.first("PRIORITY"), _MAX_PRIORITY) or 0,
        start=start,
        due=_due(parts, start),
        completed=_completed(parts),
        percent_complete=_number(main.first("PERCENT-COMPLETE"), _MAX_PERCENT),
        rrule=_plain(main.first("RRULE")),
    )


def _plain(line: Line | None) -> str:
    return visible(line.value).strip() if line is not None else ""


def _number(line: Line | None, highest: int) -> int | None:
    digits = _plain(line)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(highest))):
        return None
    return int(digits) if int(digits) <= highest else None


def _due(parts: Parts, start: When | None) -> When | None:
    line, duration = parts.main.first("DUE"), parts.main.first("DURATION")
    if line is None and duration is not None and start is not None:
        return after(start, duration)
    return read_when(line, parts.zones)


def _completed(parts: Parts) -> dt.datetime | None:
    try:
        when = read_when(parts.main.first("COMPLETED"), parts.zones)
    except FormatError:
        return None
    return when if isinstance(when, dt.datetime) and when.tzinfo is not None else None


def _put_span(writer: Writer, main: Component, old: Task, new: Task) -> bool:
    """Set start and due; whichever of DUE and DURATION is there stays if it can."""
    moved = writer.set_when(main, "DTSTART", old.start, new.start)
    line = main.first("DURATION") if main.first("DUE") is None else None
    if line is None:
        return writer.set_when(main, "DUE", old.due, new.due) or moved
    if not moved and same_when(old.due, new.due):
        return False
    writer.owned.add("DURATION")
    if new.start is not None and new.due is not None:
        if same_when(after(new.start, line), new.due):
            return moved
        changed = lasting(writer, line, new.start, new.due)
        if changed is not None:
            writer.edit.replace(line, changed)
            return True
    writer.remove(main, "DURATION")
    if new.due is not None:
        writer.put_when(main, "DUE", new.due)
    return True
