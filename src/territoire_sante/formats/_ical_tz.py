# SPDX-License-Identifier: Apache-2.0
"""
The time zones of one calendar document: TZID to tzinfo (RFC 5545, 3.2.19).

A zone is looked up per document, never in a process-wide cache: two calendars
may call different zones by the same TZID.
"""

from __future__ import annotations

import datetime as dt
import functools
import importlib
import re
import zoneinfo
from collections.abc import Iterator
from typing import Final

from territoire_sante.errors import FormatError, InvalidValueError, UnsupportedError
from territoire_sante.formats._contentline_document import Component, parse
from territoire_sante.formats._ical_vtimezone import CHECKED_YEARS, agrees, read_zone
from territoire_sante.model import CustomZone

#: Names of UTC, in upper case.
UTC_NAMES: Final = frozenset({"UTC", "ETC/UTC", "GMT", "ETC/GMT", "Z", "ZULU", "ETC/ZULU"})

_MOST_OF_NAME: Final = 64
_MACHINE_ZONES: Final = frozenset({"localtime", "posixrules", "Factory"})
_WALL = re.compile(r"[0-9]{8}T[0-9]{6}(?![0-9Z])")
# Of a rule, the years that are held against IANA's: no more than people plan ahead.
_MOST_YEARS: Final = 60
_EDGES: Final = (1, 9999)
# Many definitions change an hour or so late; a rule seldom has an instance just then.
_SLACK: Final = dt.timedelta(hours=3)


def _iana(name: str) -> dt.tzinfo | None:
    if name.upper() in UTC_NAMES:
        return dt.UTC
    if not name or name in _MACHINE_ZONES:
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def named_zone(tzid: str) -> dt.tzinfo | None:
    """Return the zone of an IANA, vendor-prefixed (``/x/y/Europe/Paris``) or Windows name."""
    return _kept_zone(tzid) if len(tzid) <= _MOST_OF_NAME else _look_up(tzid)


def _look_up(tzid: str) -> dt.tzinfo | None:
    zone = _iana(tzid)
    if zone is not None:
        return zone
    parts = tzid.split("/")
    for count in (3, 2, 1):
        if len(parts) > count:
            zone = _iana("/".join(parts[-count:]))
            if zone is not None:
                return zone
    # The table is icalendar's; a document without Windows names never loads it.
    table = importlib.import_module("icalendar.timezone.windows_to_olson").WINDOWS_TO_OLSON
    return _iana(table.get(tzid, ""))


# That a name is nobody's takes several files to find out, and a calendar says it in each event.
_kept_zone = functools.lru_cache(maxsize=128)(_look_up)


def _walls(component: Component, tzid: str) -> Iterator[tuple[dt.datetime, bool]]:
    """Yield the wall times in a zone that a component states, and whether it comes again."""
    recurring = component.first("RRULE") is not None
    for line in component.lines:
        if line.param("TZID") != tzid:
            continue
        for text in _WALL.findall(line.value.upper()):
            try:
                yield dt.datetime.fromisoformat(text), recurring
            except ValueError:
                continue


def _check_instant(when: dt.datetime) -> None:
    try:
        when.astimezone(dt.UTC)
    except OverflowError as error:
        raise FormatError(f"in UTC, {when} is outside of the years 1 to 9999") from error


@functools.lru_cache(maxsize=64)
def _definition(raw: bytes, tzid: str) -> CustomZone | None:
    """Read a VTIMEZONE; few different ones are in all calendars, and equal bytes mean the same."""
    try:
        return read_zone(parse(raw).components[0], tzid)
    except InvalidValueError:
        return None


class Zones:
    """
    The zones of one calendar: TZID to tzinfo, resolved when first asked for.

    A TZID that names an IANA zone is that zone, unless the document's own VTIMEZONE says
    otherwise; a zone that only the document defines is a :class:`CustomZone`.
    """

    def __init__(self, calendar: Component | None) -> None:
        self._calendar = calendar
        self._found: dict[str, dt.tzinfo | None] = {}
        self._definitions: dict[str, CustomZone | None] = {}

    def component(self, tzid: str) -> Component | None:
        """Return the VTIMEZONE of this TZID."""
        for component in self._calendar.components if self._calendar else ():
            if component.name == "VTIMEZONE":
                line = component.first("TZID")
                if line is not None and (
                    line.value.strip() == tzid or line.unescaped().strip() == tzid
                ):
                    return component
        return None

    def definition(self, tzid: str) -> CustomZone | None:
        """Return what the document's VTIMEZONE says, ``None`` without one that can be used."""
        if tzid not in self._definitions:
            component = self.component(tzid)
            zone = _definition(component.raw, tzid) if component is not None else None
            self._definitions[tzid] = zone
        return self._definitions[tzid]

    def find(self, tzid: str) -> dt.tzinfo | None:
        """Return the zone that ``tzid`` is in this document, ``None`` if nothing says."""
        if tzid not in self._found:
            self._found[tzid] = self._resolve(tzid)
        return self._found[tzid]

    def _resolve(self, tzid: str) -> dt.tzinfo | None:
        component = self.component(tzid)
        named = named_zone(tzid)
        if component is None:
            return named
        if named is None:
            hint = component.first("X-LIC-LOCATION")
            named = _iana(hint.value.strip()) if hint is not None else None
        definition = self.definition(tzid)
        if named is None or definition is None:
            return named or definition
        return named if self._agree(definition, named, tzid) else definition

    def _agree(self, definition: CustomZone, named: dt.tzinfo, tzid: str) -> bool:
        """
        Say whether the document means the IANA zone.

        It does if both have the same offsets in the years that definitions are written for, or
        else at every time that the document states, and while its rules go on.
        """
        if agrees(definition, named):
            return True
        years = []
        for component in self._users():
            for wall, recurring in _walls(component, tzid):
                offset = dt.timedelta(seconds=definition.offset_of(wall))
                if wall.replace(tzinfo=named).utcoffset() != offset:
                    return False
                if recurring:
                    years.append(wall.year)
        if not years:
            return True
        last = min(max(CHECKED_YEARS[1], *years), min(years) + _MOST_YEARS)
        return agrees(definition, named, (min(years), last), _SLACK)

    def _users(self) -> Iterator[Component]:
        stack = list(self._calendar.components) if self._calendar else []
        while stack:
            component = stack.pop()
            if component.name != "VTIMEZONE":
                yield component
                stack.extend(component.components)

    def localize(self, naive: dt.datetime, tzid: str) -> dt.datetime:
        """
        Return the wall time ``naive`` in the zone ``tzid`` (offset before a gap, RFC 3.3.5).

        Raises:
            UnsupportedError: nothing says what the zone is, or its VTIMEZONE cannot be used.
            FormatError: the instant lies outside of the years 1 to 9999.
        """
        zone = self.find(tzid)
        if zone is not None:
            # As replace(tzinfo=zone), in a third of its time.
            when = dt.datetime.combine(naive, naive.time(), zone)
            if naive.year in _EDGES:
                _check_instant(when)
            return when
        if self.component(tzid) is None:
            raise UnsupportedError(
                f"the time zone {tzid!r} is neither known nor defined in the document",
                remedy="Add its VTIMEZONE, or use a name such as Europe/Paris",
            )
        raise UnsupportedError(
            f"the VTIMEZONE of {tzid!r} cannot be used",
            remedy="Give it offsets and, at most, yearly rules",
        )

    def holds(self, naive: dt.datetime, tzid: str) -> bool:
        """Say whether the zone found and the document's own VTIMEZONE agree on ``naive``."""
        zone, definition = self.find(tzid), self.definition(tzid)
        if zone is None or definition is None or zone is definition:
            return True
        offset = dt.timedelta(seconds=definition.offset_of(naive))
        return naive.replace(tzinfo=zone).utcoffset() == offset
