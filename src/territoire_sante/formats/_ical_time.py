# SPDX-License-Identifier: Apache-2.0
"""Dates, times and durations of calendar documents (RFC 5545, 3.3.4-3.3.6)."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from territoire_sante.errors import FormatError
from territoire_sante.formats._contentline_line import Line
from territoire_sante.formats._ical_tz import UTC_NAMES, Zones
from territoire_sante.model import CustomZone, When

_WHEN = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:[Tt]([0-9]{2})([0-9]{2})([0-9]{2})([Zz]?))?")
# Compiled when the first one comes.
_DURATION: Final = (
    "(?i:([+-]?)P(?:([0-9]+)W)?(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?)"
)
_DAY: Final = 86_400
_LEAP: Final = 60
_LOCAL_LENGTH: Final = len("20260329T180000")


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
    except FormatError as error:
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
    found = re.fullmatch(_DURATION, line.value.strip())
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
    """
    Return what names the zone: IANA's name, ``"UTC"``, or all the rules of a custom zone.

    It is empty for floating times and bare offsets.
    """
    if when.tzinfo is None:
        return ""
    if isinstance(when.tzinfo, CustomZone):
        return when.tzinfo.rules
    key = str(getattr(when.tzinfo, "key", ""))
    if when.tzinfo is dt.UTC or key.upper() in UTC_NAMES:
        return "UTC"
    return key


def same_when(one: When | None, other: When | None) -> bool:
    """
    Say whether two values need no change between them.

    Same wall time and zone; an aware time without a named zone is the same when it
    is the same instant.
    """
    if one is other:
        return True
    if not isinstance(one, dt.datetime) or not isinstance(other, dt.datetime):
        return type(one) is type(other) and one == other
    if (one.tzinfo is None) != (other.tzinfo is None):
        return False
    if one.tzinfo is other.tzinfo:
        return one == other and one.fold == other.fold
    keys = {zone_key(one), zone_key(other)}
    if len(keys) > 1 and not keys & {"", "UTC"}:
        return False
    return instant(one) == instant(other)


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
