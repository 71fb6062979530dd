# SPDX-License-Identifier: Apache-2.0
"""
Writing of an Event into a document, touching the lines of changed fields only.

Each step compares the wanted value with the one the document gives, and does
nothing when they are the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

import attrs

from territoire_sante.errors import UnsupportedError
from territoire_sante.formats._contentline_document import Component, parse
from territoire_sante.formats._contentline_edit import Edit
from territoire_sante.formats._contentline_line import Line
from territoire_sante.formats._contentline_text import escape, line_breaks
from territoire_sante.formats._ical_read import Parts
from territoire_sante.formats._ical_time import (
    after,
    duration_text,
    instant,
    read_when,
    same_when,
    when_text,
    zone_key,
)
from territoire_sante.formats._ical_tz import Zones, named_zone
from territoire_sante.formats._ical_vtimezone import zone_bytes
from territoire_sante.formats._ical_zones import VTIMEZONES, definition_of
from territoire_sante.model import CustomZone, Geo, LabelledEnum, When

_VENDOR: Final = "territoire-sante"
_Changes = dict[str, Sequence[str] | None]

# ALTREP is another form of the *old* text; kept, it would hide the new one (Thunderbird shows it).
_TEXT_PARAMS: Final[Mapping[str, None]] = dict.fromkeys(("ALTREP", "ENCODING", "CHARSET"))


@attrs.frozen(eq=False, repr=False)
class Spelled:
    """A date as a document says it: VALUE (``DATE`` or empty), TZID or empty, the text."""

    kind: str
    tzid: str
    text: str

    @property
    def params(self) -> tuple[tuple[str, str], ...]:
        """VALUE and TZID, empty where they must not stand."""
        return ("VALUE", self.kind), ("TZID", self.tzid)


@attrs.define(eq=False, repr=False)
class Writer:
    """A document under change: its edit, its zones, and which properties changed so far."""

    edit: Edit
    parts: Parts
    recurring: bool
    owned: set[str] = attrs.Factory(set)
    zones_needed: dict[str, bytes] = attrs.Factory(dict)

    @property
    def zones(self) -> Zones:
        """The zones of the document."""
        return self.parts.zones

    def value(
        self, component: Component, name: str, value: str, params: Mapping[str, None] | _Changes
    ) -> None:
        """Set the first line ``name``, keeping its other parameters, or add it."""
        self.owned.add(name)
        line = component.first(name)
        if line is not None:
            self.edit.replace(
                line, line.rewritten(value, params=params, fallback=self.edit.fallback)
            )
            return
        given = [(key, values) for key, values in params.items() if values is not None]
        self.edit.append(component, self.edit.line(name, value, given))

    def remove(self, component: Component, *names: str) -> None:
        """Remove all lines of these names."""
        for name in names:
            self.owned.add(name)
            self.edit.remove(component.all(name))

    def text(self, component: Component, name: str, old: str, new: str) -> None:
        """Set a text property."""
        if new == old:
            return
        wanted = line_breaks(new)
        if wanted == old:
            return
        if wanted:
            self.value(component, name, escape(wanted), _TEXT_PARAMS)
        else:
            self.remove(component, name)

    def raw(self, component: Component, name: str, old: str, new: str) -> None:
        """Set a property whose value has no escapes (UID, URL, RRULE)."""
        if new == old:
            return
        if new:
            self.value(component, name, new, {})
        else:
            self.remove(component, name)

    def spell(self, when: When, hint: str = "") -> Spelled:
        """
        Return how this document says ``when``; ``hint`` is the TZID to keep if it can be.

        A time without a named zone takes the hint's. Of a repeated hour, a time in UTC or in the
        second pass is written in UTC, where it is not ambiguous.
        """
        if not isinstance(when, dt.datetime):
            return Spelled("DATE", "", when_text(when))
        if when.tzinfo is None:
            return Spelled("", "", when_text(when))
        zone = self.zones.find(hint) if hint else None
        tzid, text = hint, self._wall(when, hint, zone)
        if text and hint in self.zones_needed:
            self._need(hint, zone_key(when.replace(tzinfo=zone)), int(text[:4]))
        if not text:
            tzid = self._tzid(when)
            text = self._wall(when, tzid, when.tzinfo)
        if text:
            return Spelled("", tzid, text)
        return Spelled("", "", when_text(when.astimezone(dt.UTC)))

    def _wall(self, when: dt.datetime, tzid: str, zone: dt.tzinfo | None) -> str:
        """Return the wall time in the zone ``tzid``, empty if that would say another time."""
        if not tzid or zone is None:
            return ""
        if zone_key(when) not in ("", "UTC", zone_key(when.replace(tzinfo=zone))):
            return ""
        try:
            naive = when.astimezone(zone).replace(tzinfo=None, fold=0)
        except OverflowError:
            return ""
        if not self.zones.holds(naive, tzid):
            return ""
        # In a repeated hour, times of two zones are never equal (PEP 495): that one stays in UTC.
        local = naive.replace(tzinfo=zone)
        return when_text(naive) if local == when and same_when(local, when) else ""

    def when_line(self, name: str, line: Line | None, when: When, hint: str = "") -> Line:
        """Return ``line`` saying ``when``, keeping its other parameters, or a new line."""
        said = self.spell(when, line.param("TZID") if line is not None else hint)
        if line is None:
            given = [(key, [text]) for key, text in said.params if text]
            return self.edit.line(name, said.text, given)
        changes: _Changes = {
            key: [text] if text else None
            for key, text in said.params
            if text != line.param(key).upper() or key == "TZID"
        }
        if said.tzid == line.param("TZID"):
            changes.pop("TZID")
        if not said.kind and line.param("VALUE").upper() == "DATE-TIME":
            changes.pop("VALUE")
        return line.rewritten(said.text, params=changes, fallback=self.edit.fallback)

    def _tzid(self, when: dt.datetime) -> str:
        """Return the TZID for a zone in this document, empty if UTC must do."""
        key, zone = zone_key(when), when.tzinfo
        if not key or key == "UTC":
            return ""
        for tzid in _names(zone) if isinstance(zone, CustomZone) else (key, f"/{_VENDOR}/{key}"):
            if self.zones.component(tzid) is not None:
                there = self.zones.find(tzid)
                if there is not None and zone_key(when.replace(tzinfo=there)) == key:
                    return tzid
            elif isinstance(zone, CustomZone):
                self.zones_needed[tzid] = zone_bytes(zone, tzid)
                return tzid
            elif key in VTIMEZONES:
                self._need(tzid, key, when.year)
                return tzid
            elif any(line.param("TZID") == tzid for line in self.parts.main.lines):
                return tzid
        if self.recurring:
            raise UnsupportedError(
                f"no definition of the zone {key} is at hand for a recurring event",
                where="start",
                remedy="Give the times in Europe/Paris, an overseas zone or UTC",
            )
        return ""

    def _need(self, tzid: str, key: str, year: int) -> None:
        """Have the zone ``key`` defined as ``tzid``, right for the earliest ``year`` asked for."""
        if key not in VTIMEZONES:
            return
        name = f"\r\nTZID:{key}\r\n".encode()
        own = definition_of(key, year).replace(name, f"\r\nTZID:{tzid}\r\n".encode())
        self.zones_needed[tzid] = max(self.zones_needed.get(tzid, b""), own, key=len)

    def set_when(self, component: Component, name: str, old: When | None, new: When | None) -> bool:
        """Set a single date property; return whether it changed."""
        if same_when(old, new):
            return False
        if new is None:
            self.remove(component, name)
        else:
            self.put_when(component, name, new)
        return True

    def put_when(self, component: Component, name: str, new: When) -> None:
        """Write a single date property in the place of the old one, or add it."""
        self.owned.add(name)
        line, start = component.first(name), component.first("DTSTART")
        written = self.when_line(name, line, new, start.param("TZID") if start else "")
        if line is not None:
            self.edit.replace(line, written)
        else:
            self.edit.append(component, written)

    def add_zones(self) -> None:
        """Add the VTIMEZONEs that new times need, in front of the first component."""
        calendar = self.parts.calendar
        if calendar is None:
            return
        for data in self.zones_needed.values():
            self.edit.append(calendar, *parse(data.replace(b"\r\n", self.edit.eol)).lines)


def _names(zone: CustomZone) -> Iterator[str]:
    """Yield what a custom zone may be called; other programs must not take it for IANA's."""
    name = zone.tzid
    if not name or named_zone(name) is not None:
        name = f"Custom {name.replace('/', '-')}".strip()
    yield name
    for number in range(2, 10):
        yield f"{name} ({number})"


def put_span(
    writer: Writer,
    component: Component,
    start: tuple[When | None, When | None],
    end: tuple[When | None, When | None],
) -> bool:
    """
    Set start and end, each as (old, new); whichever of DTEND and DURATION is there stays.

    Returns:
        Whether something changed.
    """
    moved = writer.set_when(component, "DTSTART", *start)
    if not moved and same_when(*end):
        return False
    wanted = end[1]
    if wanted is not None and start[1] is not None and same_when(start[1], wanted):
        wanted = None
    line = component.first("DTEND")
    if line is not None:
        _put_dtend(writer, component, line, start[1], wanted)
    elif component.first("DURATION") is not None and start[1] is not None:
        _put_duration(writer, component, start[1], wanted)
    elif wanted is not None:
        writer.remove(component, "DURATION")
        writer.put_when(component, "DTEND", wanted)
    return True


def _put_dtend(
    writer: Writer, component: Component, line: Line, start: When | None, wanted: When | None
) -> None:
    if wanted is None and isinstance(start, dt.datetime):
        wanted = start
    if wanted is None:
        writer.remove(component, "DTEND", "DURATION")
    elif not same_when(read_when(line, writer.zones), wanted):
        writer.put_when(component, "DTEND", wanted)


def _put_duration(writer: Writer, component: Component, start: When, wanted: When | None) -> None:
    line = component.all("DURATION")[0]
    if wanted is None:
        writer.remove(component, "DURATION")
        return
    if same_when(after(start, line), wanted):
        return
    writer.owned.add("DURATION")
    changed = lasting(writer, line, start, wanted)
    if changed is not None:
        writer.edit.replace(line, changed)
        return
    begin = component.first("DTSTART")
    hint = begin.param("TZID") if begin is not None else ""
    writer.edit.remove(component.all("DURATION"))
    writer.edit.replace(line, writer.when_line("DTEND", None, wanted, hint))


def lasting(writer: Writer, line: Line, start: When, end: When) -> Line | None:
    """Return the DURATION line from ``start`` to ``end``, ``None`` if none can say it."""
    if instant(start)[0] != instant(end)[0]:
        return None
    changed = line.rewritten(duration_text(start, end), fallback=writer.edit.fallback)
    return changed if same_when(after(start, changed), end) else None


def put_geo(writer: Writer, component: Component, old: Geo | None, new: Geo | None) -> None:
    """Set GEO."""
    if old == new:
        return
    if new is None:
        writer.remove(component, "GEO")
    else:
        value = f"{Decimal(repr(new.latitude)):f};{Decimal(repr(new.longitude)):f}"
        writer.value(component, "GEO", value, {})


def put_enum(
    writer: Writer,
    component: Component,
    name: str,
    values: tuple[LabelledEnum | None, LabelledEnum | None],
) -> bool:
    """Set STATUS or CLASS, given as (old, new); return whether it changed."""
    old, new = values
    if old is new:
        return False
    if new is None:
        writer.remove(component, name)
    else:
        writer.value(component, name, new.value, {})
    return True
