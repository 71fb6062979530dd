# SPDX-License-Identifier: Apache-2.0
"""When something is, as people write it in the agenda of a French town hall."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final
from zoneinfo import ZoneInfo

from territoire_sante.errors import FormatError
from territoire_sante.model import When

Span = tuple[When, When | None]
"""Start and end; the end is exclusive, and ``None`` where nothing is said of it."""

_DAY: Final = dt.timedelta(days=1)
_WEEKDAY: Final = r"(?:lun|mar|mer|jeu|ven|sam|dim)(?:\.|di|credi|dredi|edi|anche)"
_DATE: Final = r"(\d{1,2}/\d{1,2}/\d{4})"
_TIME: Final = r"(\d{1,2}(?:\s?h(?:\s?\d{2})?|:\d{2}))"
_WHEN: Final = re.compile(
    rf"(?:(?:le|du)\s+)?(?:{_WEEKDAY}\s+)?{_DATE}"
    rf"(?:\s*,?\s*(?:de\s+|à\s+)?{_TIME})?"
    rf"(?:\s*(?:-|–|—|à|au|jusqu'à|jusqu’à)\s*(?:(?:{_WEEKDAY}\s+)?{_DATE})?"
    rf"(?:\s*,?\s*(?:à\s+)?{_TIME})?)?"
    r"(\s+(?:toute\s+la\s+)?journée)?",
    re.IGNORECASE,
)
_STARTS: Final = re.compile(
    rf"\s*(?:(?:le|du)\s+)?(?:{_WEEKDAY}\s+)?\d{{1,2}}/\d{{1,2}}/\d", re.IGNORECASE
)
_REMEDY: Final = "Write it like 05/06/2027, 05/06/2027 14h-17h30 or 05/06/2027 - 07/06/2027"


def begins_with_a_day(text: str) -> bool:
    """
    Say whether a line begins as an entry does.

    >>> begins_with_a_day("Samedi 31/02/2027 | Loto"), begins_with_a_day("1/4 de finale")
    (True, False)
    """
    return _STARTS.match(text) is not None


def read_when(text: str, zone: ZoneInfo) -> Span:
    """
    Return start and end; times are of ``zone``.

    >>> paris = ZoneInfo("Europe/Paris")
    >>> read_when("05/06/2027 - 07/06/2027", paris)
    (datetime.date(2027, 6, 5), datetime.date(2027, 6, 8))
    >>> start, end = read_when("samedi 05/06/2027 de 22h30 à 2h", paris)
    >>> f"{start:%d %H:%M}", f"{end:%d %H:%M}"
    ('05 22:30', '06 02:00')

    Raises:
        FormatError: it is no day, no time and no span of either.
    """
    found = _WHEN.fullmatch(text.strip())
    if found is None:
        raise FormatError("it is not said in a known way when it is", line=1, remedy=_REMEDY)
    day, time, last_day, last_time, whole_day = found.groups()
    try:
        first = _date(day)
        last = _date(last_day) if last_day else None
        if time is None and last_time is None:
            return first, _end_of_days(first, last, whole_day=bool(whole_day))
        if time is None or whole_day or (last and not last_time):
            raise FormatError("a day and a time do not make a span", line=1, remedy=_REMEDY)
        start = _at(first, _clock(time), zone)
        return start, _end_of_times(start, last, _clock(last_time) if last_time else None)
    except (ValueError, OverflowError):
        raise FormatError("there is no such day or time", line=1, remedy=_REMEDY) from None


def write_when(start: When | None, end: When | None, zone: ZoneInfo) -> str:
    """
    Return the words for a span that :func:`read_when` reads as it is.

    >>> write_when(dt.date(2027, 6, 5), dt.date(2027, 6, 6), ZoneInfo("Europe/Paris"))
    '05/06/2027 journée'

    Raises:
        FormatError: a line cannot say it: another zone, seconds, an hour that comes twice.
    """
    if start is None:
        raise FormatError("an entry of the agenda has a day", where="start")
    try:
        text = _words(start, end)
        # Whatever the words do not say is found by reading them.
        if _same(read_when(text, zone), (start, end)):
            return text
    except (FormatError, OverflowError):
        pass
    raise FormatError(
        "an agenda line cannot say this time",
        where="start, end",
        remedy=f"It says days, or hours and minutes of {zone.key}, and ends after it starts",
    )


def _date(text: str) -> dt.date:
    day, month, year = map(int, text.split("/"))
    return dt.date(year, month, day)


def _clock(text: str) -> dt.time:
    hours, _, minutes = re.sub(r"\s", "", text.lower()).replace("h", ":").partition(":")
    return dt.time(int(hours), int(minutes or 0))


def _at(day: dt.date, clock: dt.time, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, clock, zone)


def _end_of_days(first: dt.date, last: dt.date | None, *, whole_day: bool) -> dt.date | None:
    if last is None:
        return first + _DAY if whole_day else None
    if last <= first or whole_day:
        raise FormatError("the last day is not after the first", line=1, remedy=_REMEDY)
    return last + _DAY


def _end_of_times(
    start: dt.datetime, last: dt.date | None, clock: dt.time | None
) -> dt.datetime | None:
    if clock is None:
        return None
    day = last or start.date()
    if last is None and clock < start.time():
        day += _DAY  # it goes on after midnight
    end = dt.datetime.combine(day, clock, start.tzinfo)
    if end < start:
        raise FormatError("it ends before it starts", line=1, remedy=_REMEDY)
    return end


def _words(start: When, end: When | None) -> str:
    day = f"{start:%d/%m}/{start.year:04}"
    if not isinstance(start, dt.datetime):
        if end is None:
            return day
        last = end - _DAY
        return f"{day} journée" if last == start else f"{day} - {last:%d/%m}/{last.year:04}"
    if not isinstance(end, dt.datetime):
        return f"{day} {_hours(start)}"
    soon = end.date() - start.date()
    if soon == dt.timedelta() or (soon == _DAY and end.time() < start.time()):
        return f"{day} {_hours(start)}-{_hours(end)}"
    return f"{day} {_hours(start)} - {end:%d/%m}/{end.year:04} {_hours(end)}"


def _hours(moment: dt.datetime) -> str:
    return f"{moment.hour}h{moment.minute:02}" if moment.minute else f"{moment.hour}h"


def _same(one: Span, other: Span) -> bool:
    """Say whether two spans are the same, zone and seconds included."""
    return all(_told(a) == _told(b) for a, b in zip(one, other, strict=True))


def _told(when: When | None) -> tuple[str, str]:
    zone = when.tzinfo if isinstance(when, dt.datetime) else None
    return "" if when is None else when.isoformat(), str(zone)
