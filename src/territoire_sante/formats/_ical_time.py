# SPDX-License-Identifier: Apache-2.0
"""
Dates, times, durations and the zones of one calendar document (RFC 5545, 3.3.4-3.3.6, 3.2.19).

A zone is looked up per document, never in a process-wide cache: two calendars
may call different zones by the same TZID.
"""

from __future__ import annotations

import datetime as dt
import importlib
import io
import re
import zoneinfo
from typing import Any, Final

from territoire_sante.errors import FormatError, UnsupportedError
from territoire_sante.formats._contentline_document import Component
from territoire_sante.formats._contentline_line import Line
from territoire_sante.model import When

_WHEN = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:[Tt]([0-9]{2})([0-9]{2})([0-9]{2})([Zz]?))?")
_DURATION = re.compile(
    r"([+-]?)P(?:([0-9]+)W)?(?:([0-9]+)D)?"
    r"(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?",
    re.IGNORECASE,
)
_ZONE_RULE = re.compile(
    r"(?:(?:FREQ=YEARLY|INTERVAL=1|BY(?:MONTH|HOUR|MINUTE|SECOND)=[0-9]{1,2}|BYDAY=[+-]?[1-5]?[A-Z]{2}|UNTIL=[0-9TZ]+"
    r"|BYMONTHDAY=-?[0-9,]+|WKST=[A-Z]{2})(?:;|\Z))+",
    re.IGNORECASE,
)
_UTC_NAMES: Final = frozenset({"UTC", "ETC/UTC", "GMT", "ETC/GMT", "Z", "ZULU", "ETC/ZULU"})
_MACHINE_ZONES: Final = frozenset({"localtime", "posixrules", "Factory"})
_DAY: Final = 86_400
_LEAP: Final = 60
_LOCAL_LENGTH: Final = len("20260329T180000")


def _iana(name: str) -> dt.tzinfo | None:
    if name.upper() in _UTC_NAMES:
        return dt.UTC
    if not name or name in _MACHINE_ZONES:
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _named(tzid: str) -> dt.tzinfo | None:
    """Return the zone of an IANA, vendor-prefixed (``/x/y/Europe/Paris``) or Windows name."""
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


def _zone_text(component: Component) -> str:
    """Return a VTIMEZONE with only what its offsets need, refusing rules that could run away."""
    lines = ["BEGIN:VTIMEZONE", "TZID:X"]
    for part in component.components:
        if part.name not in ("STANDARD", "DAYLIGHT"):
            continue
        lines.append(f"BEGIN:{part.name}")
        for line in part.lines:
            value = line.value.strip()
            if line.name == "RRULE" and not _ZONE_RULE.fullmatch(value):
                raise ValueError(value)
            if line.name in ("DTSTART", "RRULE", "RDATE", "TZOFFSETFROM", "TZOFFSETTO"):
                lines.append(f"{line.name}:{value}")
        lines.append(f"END:{part.name}")
    return "\r\n".join([*lines, "END:VTIMEZONE"])


def _custom(component: Component) -> dt.tzinfo:
    tz: Any = importlib.import_module("dateutil.tz")
    zone: dt.tzinfo = tz.tzical(io.StringIO(_zone_text(component))).get("X")
    return zone


class Zones:
    """
    The zones of one calendar: TZID to tzinfo, resolved when first asked for.

    ``named`` zones are :class:`zoneinfo.ZoneInfo` or UTC. A zone that only the document
    defines is *custom*: its times are read with the fixed offset that
    its VTIMEZONE gives them, and written back in it.
    """

    def __init__(self, calendar: Component | None) -> None:
        self._calendar = calendar
        self._named: dict[str, dt.tzinfo | None] = {}
        self._customs: dict[str, dt.tzinfo] = {}

    def component(self, tzid: str) -> Component | None:
        """Return the VTIMEZONE of this TZID."""
        for component in self._calendar.components if self._calendar else ():
            if component.name == "VTIMEZONE":
                line = component.first("TZID")
                if line is not None and line.value.strip() == tzid:
                    return component
        return None

    def named(self, tzid: str) -> dt.tzinfo | None:
        """Return the IANA zone that ``tzid`` names, ``None`` if it names none."""
        if tzid not in self._named:
            zone = _named(tzid)
            if zone is None:
                component = self.component(tzid)
                hint = component.first("X-LIC-LOCATION") if component else None
                zone = _iana(hint.value.strip()) if hint else None
            self._named[tzid] = zone
        return self._named[tzid]

    def custom(self, tzid: str) -> dt.tzinfo:
        """
        Return the zone that only the document's VTIMEZONE defines.

        Raises:
            UnsupportedError: it has no VTIMEZONE, or one with rules beyond yearly ones.
        """
        if tzid not in self._customs:
            component = self.component(tzid)
            if component is None:
                raise UnsupportedError(
                    f"the time zone {tzid!r} is neither known nor defined in the document",
                    remedy="Add its VTIMEZONE, or use a name such as Europe/Paris",
                )
            try:
                self._customs[tzid] = _custom(component)
            except (ValueError, TypeError, AttributeError, IndexError, OverflowError) as error:
                raise UnsupportedError(
                    f"the VTIMEZONE of {tzid!r} cannot be used",
                    remedy="Give it offsets and, at most, yearly rules",
                ) from error
        return self._customs[tzid]

    def localize(self, naive: dt.datetime, tzid: str) -> dt.datetime:
        """Return the wall time ``naive`` in the zone ``tzid`` (offset before a gap, RFC 3.3.5)."""
        zone = self.named(tzid)
        if zone is not None:
            return naive.replace(tzinfo=zone)
        try:
            offset = naive.replace(tzinfo=self.custom(tzid)).utcoffset()
        except OverflowError as error:
            raise UnsupportedError(f"the zone {tzid!r} has no offset at {naive}") from error
        return naive.replace(tzinfo=dt.timezone(offset or dt.timedelta()))


def _parse(text: str) -> When:
    """Return a day, a floating time or a time in UTC; ``ValueError`` if it is none."""
    # The usual forms by the fast reader of the standard library, which knows many more.
    if len(text) == _LOCAL_LENGTH and text[8] == "T" and text[:8].isdigit() and text[9:].isdigit():
        return dt.datetime.fromisoformat(text)
    found = _WHEN.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, day, hour, minute, second, utc = found.groups()
    if hour is None:
        return dt.date(int(year), int(month), int(day))
    # A leap second is read as the second before (RFC 5545, 3.3.12).
    return dt.datetime(
        int(year),
        int(month),
        int(day),
        int(hour),
        int(minute),
        min(int(second), 59) if int(second) <= _LEAP else int(second),
        tzinfo=dt.UTC if utc else None,
    )


def parse_when(text: str, tzid: str, zones: Zones, line: Line) -> When:
    """
    Return the day or time that ``text`` says; UTC (``Z``) wins over a TZID beside it.

    RFC 5545, 3.2.19 forbids the two together; ``Z`` is the part that is in the value.

    Raises:
        FormatError: no date or time, or one that does not exist.
    """
    try:
        when = _parse(text)
    except ValueError as error:
        raise FormatError(
            f"{text[:40]!r} is no date or time",
            where=line.name,
            remedy="Write it like 20260329, 20260329T180000 or 20260329T160000Z",
        ) from error
    if not tzid or not isinstance(when, dt.datetime) or when.tzinfo is not None:
        return when
    try:
        return zones.localize(when, tzid)
    except UnsupportedError as error:
        error.where = error.where or line.name
        raise


def read_whens(line: Line, zones: Zones) -> list[When]:
    """Return the values of a date property; of a period, its start."""
    tzid = line.param("TZID")
    return [
        parse_when(text.partition("/")[0].strip(), tzid, zones, line)
        for text in line.value.split(",")
        if text.strip()
    ]


def read_when(line: Line | None, zones: Zones) -> When | None:
    """Return the first value of a date property, ``None`` without a line."""
    if line is None:
        return None
    return parse_when(line.value.strip(), line.param("TZID"), zones, line)


def after(start: When, line: Line) -> When:
    """
    Return the end that a DURATION line gives: days by the calendar, the rest exact (3.3.6).

    Raises:
        FormatError: no duration, or an end beyond year 9999.
    """
    found = _DURATION.fullmatch(line.value.strip())
    if found is None:
        raise FormatError(
            f"{line.value[:40]!r} is no duration", where=line.name, remedy="Write it like PT1H30M"
        )
    sign = -1 if found[1] == "-" else 1
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    try:
        day_part = dt.timedelta(days=sign * (weeks * 7 + days))
        time_part = dt.timedelta(seconds=sign * (hours * 3600 + minutes * 60 + seconds))
        if not isinstance(start, dt.datetime):
            return start + day_part + time_part
        end = start + day_part
        if start.tzinfo is None or not time_part:
            return end + time_part
        return (end.astimezone(dt.UTC) + time_part).astimezone(start.tzinfo)
    except OverflowError as error:
        raise FormatError("the duration leaves the calendar", where=line.name) from error


def duration_text(start: When, end: When) -> str:
    """Return the DURATION from ``start`` to ``end``: days for days, else exact seconds."""
    if not isinstance(start, dt.datetime) or not isinstance(end, dt.datetime):
        return f"P{max(end.toordinal() - start.toordinal(), 0)}D"
    delta = end - start
    if start.tzinfo is not None:
        delta = end.astimezone(dt.UTC) - start.astimezone(dt.UTC)
    seconds = delta.days * _DAY + delta.seconds
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if n]
    return f"{sign}PT{''.join(parts) or '0S'}"


def zone_key(when: dt.datetime) -> str:
    """Return the zone's IANA name, ``"UTC"``, or empty for floating times and bare offsets."""
    if when.tzinfo is None:
        return ""
    key = str(getattr(when.tzinfo, "key", ""))
    if when.tzinfo is dt.UTC or key.upper() in _UTC_NAMES:
        return "UTC"
    return key


def same_when(one: When | None, other: When | None) -> bool:
    """
    Say whether two values need no change between them.

    Same wall time and zone; an aware time without a named zone is the same when it
    is the same instant.
    """
    if not isinstance(one, dt.datetime) or not isinstance(other, dt.datetime):
        return type(one) is type(other) and one == other
    if (one.tzinfo is None) != (other.tzinfo is None):
        return False
    if one.tzinfo is other.tzinfo:
        return one == other and one.fold == other.fold
    keys = {zone_key(one), zone_key(other)}
    if len(keys) > 1 and not keys & {"", "UTC"}:
        return False
    return one.astimezone(dt.UTC) == other.astimezone(dt.UTC)


def same_whens(ones: tuple[When, ...], others: tuple[When, ...]) -> bool:
    """Say whether two sequences need no change between them."""
    return len(ones) == len(others) and all(map(same_when, ones, others))


def instant(when: When) -> tuple[int, dt.datetime]:
    """
    Return what matches occurrences: kind (0 day, 1 floating, 2 instant) and a comparable time.

    UTC and zoned spellings of one instant are equal.
    """
    if not isinstance(when, dt.datetime):
        return 0, dt.datetime(when.year, when.month, when.day)  # noqa: DTZ001 - a day has no zone
    if when.tzinfo is None:
        return 1, when
    try:
        return 2, when.astimezone(dt.UTC).replace(tzinfo=None)
    except OverflowError:
        return 2, when.replace(tzinfo=None)


def when_text(when: When) -> str:
    """Return the value text: ``Z`` for UTC, wall time else."""
    if not isinstance(when, dt.datetime):
        return f"{when.year:04}{when.month:02}{when.day:02}"
    text = (
        f"{when.year:04}{when.month:02}{when.day:02}T{when.hour:02}{when.minute:02}{when.second:02}"
    )
    return text + "Z" if zone_key(when) == "UTC" else text
