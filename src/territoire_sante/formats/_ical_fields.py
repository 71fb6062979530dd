# SPDX-License-Identifier: Apache-2.0
"""
What the lenses of one component each have in common: fields by table, stamps, new documents.

A table names, for each field of a view, its property and how it is set.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, Final

import attrs

from territoire_sante.formats._contentline_document import Component
from territoire_sante.formats._contentline_line import make_line
from territoire_sante.formats._contentline_lists import put_categories
from territoire_sante.formats._document import Document
from territoire_sante.formats._ical_time import when_text
from territoire_sante.formats._ical_write import Writer, put_enum, put_geo

MEDIA_TYPE: Final = "text/calendar"
PRODID: Final = "-//territoire_sante//FR"
#: What a document that must have a stamp gets when no time is given.
EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

_SEQUENCE_MAX: Final = 2**31 - 1
_DIGITS_MAX: Final = 11

# (writer, component, property, old value, new value)
_Put = Callable[[Writer, Component, str, Any, Any], object]


@attrs.frozen(eq=False, repr=False)
class Field:
    """
    A field of a view: its name, its property, and what sets it.

    A change of a ``significant`` one raises SEQUENCE (RFC 5545, 3.8.7.4).
    """

    name: str
    property: str
    put: _Put
    significant: bool = attrs.field(default=False, kw_only=True)


def put_text(writer: Writer, component: Component, name: str, old: str, new: str) -> None:
    """Set a text property."""
    writer.text(component, name, old, new)


def put_raw(writer: Writer, component: Component, name: str, old: str, new: str) -> None:
    """Set a property whose value has no escapes."""
    writer.raw(component, name, old, new)


def put_utc(
    writer: Writer, component: Component, name: str, _: dt.datetime | None, new: dt.datetime | None
) -> None:
    """Set a time that the standard wants in UTC."""
    if new is None:
        writer.remove(component, name)
    else:
        text = when_text(new.astimezone(dt.UTC).replace(microsecond=0))
        writer.value(component, name, text, {"TZID": None, "VALUE": None})


def put_number(writer: Writer, component: Component, name: str, _: object, new: int | None) -> None:
    """Set a whole number; ``None`` removes it."""
    if new is None:
        writer.remove(component, name)
    else:
        writer.value(component, name, str(new), {})


def put_priority(writer: Writer, component: Component, name: str, old: int, new: int) -> None:
    """Set PRIORITY, which is 0 when nothing is said."""
    put_number(writer, component, name, old, new or None)


def put_place(writer: Writer, component: Component, _: str, old: Any, new: Any) -> None:
    """Set GEO."""
    put_geo(writer, component, old, new)


def put_enum_field(writer: Writer, component: Component, name: str, old: Any, new: Any) -> None:
    """Set STATUS or CLASS."""
    put_enum(writer, component, name, (old, new))


def put_categories_field(
    writer: Writer,
    component: Component,
    name: str,
    old: tuple[str, ...],
    new: tuple[str, ...],
) -> None:
    """Set CATEGORIES, which may be on several lines."""
    if new != old and put_categories(writer.edit, component, new):
        writer.owned.add(name)


def put_fields(
    writer: Writer, component: Component, fields: Iterable[Field], old: Any, new: Any
) -> bool:
    """Set the fields that differ; return whether a significant one did."""
    significant = False
    for field in fields:
        before, wanted = getattr(old, field.name), getattr(new, field.name)
        if before != wanted:
            field.put(writer, component, field.property, before, wanted)
            significant |= field.significant
    return significant


def stamp(
    writer: Writer, component: Component, now: dt.datetime | None, *, significant: bool
) -> None:
    """Say in a component when it changed; ``significant`` raises its SEQUENCE too."""
    if now is None:
        return
    text = when_text(now.astimezone(dt.UTC).replace(microsecond=0))
    writer.value(component, "DTSTAMP", text, {"TZID": None})
    writer.value(component, "LAST-MODIFIED", text, {"TZID": None})
    if significant:
        line = component.first("SEQUENCE")
        digits = line.value.strip() if line is not None else ""
        known = digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS_MAX
        count = int(digits) if known else 0
        writer.value(component, "SEQUENCE", str(min(count + 1, _SEQUENCE_MAX)), {})


def new_document(kind: str, uid: str, now: dt.datetime | None, lines: bytes = b"") -> Document:
    """Return a calendar of one component with no more than it must have, and ``lines``."""
    moment = when_text((now or EPOCH).astimezone(dt.UTC))
    data = (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODID}\r\nBEGIN:{kind}\r\n".encode()
        + make_line("UID", uid).raw
        + f"DTSTAMP:{moment}\r\n".encode()
        + lines
        + f"END:{kind}\r\nEND:VCALENDAR\r\n".encode()
    )
    return Document(data, MEDIA_TYPE)
