# SPDX-License-Identifier: Apache-2.0
"""
Times as slots of at most 24 hours, and back.

A day is shown from 00:00 to 23:59, as agendas have it. On the day on which clocks go back that
lasts 24 h 59, which the service refuses: such a day is given in two slots.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from territoire_sante.model import When
from territoire_sante_openagenda._limits import SLOTS_MAX

Slot = tuple[dt.datetime, dt.datetime]

LONGEST: Final = dt.timedelta(hours=24)
_DAY: Final = dt.timedelta(days=1)
_MIDNIGHT: Final = dt.time()
_NOON: Final = dt.time(12)
_LAST_MINUTE: Final = dt.time(23, 59)


def lasts(slot: Slot) -> dt.timedelta:
    """
    Return how long a slot really lasts, whatever the clocks do meanwhile.

    >>> paris = ZoneInfo("Europe/Paris")
    >>> day = dt.date(2026, 10, 25)
    >>> str(lasts(tuple(dt.datetime.combine(day, t, paris) for t in (_MIDNIGHT, _LAST_MINUTE))))
    '1 day, 0:59:00'
    """
    begin, end = slot
    return end.astimezone(dt.UTC) - begin.astimezone(dt.UTC)


def slots_of(start: When | None, end: When | None, zone: ZoneInfo) -> list[Slot]:
    """
    Return the slots of an event, in order; none if its end is missing or not after its start.

    Days, of which one without end is a single one, begin in ``zone``; so do times without zone.
    At most one slot more than allowed is made.
    """
    if start is None:
        return []
    try:
        if not isinstance(start, dt.datetime):
            return list(itertools.islice(_of_days(start, end, zone), SLOTS_MAX + 1))
        if not isinstance(end, dt.datetime):
            return []
        begin, stop = _aware(start, zone), _aware(end, zone)
        return list(itertools.islice(_of_times((begin, stop), zone), SLOTS_MAX + 1))
    except OverflowError:
        # The first and the last days of the calendar have no other zones.
        return []


def _aware(when: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    return when if when.utcoffset() is not None else when.replace(tzinfo=zone)


def _of_days(start: dt.date, end: When | None, zone: ZoneInfo) -> Iterator[Slot]:
    if isinstance(end, dt.datetime):
        return
    stop = start + _DAY if end is None else end
    day = start
    while day < stop:
        yield from _short((_at(day, _MIDNIGHT, zone), _at(day, _LAST_MINUTE, zone)))
        day += _DAY


def _of_times(whole: Slot, zone: ZoneInfo) -> Iterator[Slot]:
    begin, stop = whole
    if lasts(whole) <= dt.timedelta():
        return
    if lasts(whole) <= LONGEST:
        yield whole
        return
    home = begin.tzinfo if isinstance(begin.tzinfo, ZoneInfo) else zone
    begin, stop = begin.astimezone(home), stop.astimezone(home)
    while lasts((begin, stop)) > dt.timedelta():
        midnight = _at(begin.date() + _DAY, _MIDNIGHT, home)
        until = midnight if lasts((midnight, stop)) > dt.timedelta() else stop
        yield from _short((begin, until))
        begin = until


def _short(slot: Slot) -> Iterator[Slot]:
    """Yield the slot, in two where it is too long."""
    begin, end = slot
    if lasts(slot) <= LONGEST:
        yield slot
        return
    noon = begin.replace(hour=_NOON.hour, minute=0, second=0, microsecond=0)
    yield begin, noon
    yield noon, end


def _at(day: dt.date, time: dt.time, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(day, time, zone)


def written(slots: Sequence[Slot]) -> list[dict[str, str]]:
    """Return slots as the service takes them, with their offsets."""
    return [{"begin": begin.isoformat(), "end": end.isoformat()} for begin, end in slots]


def read_slots(timings: object) -> list[Slot]:
    """Return the readable ones of the service's slots, in order."""
    found = []
    for one in timings if isinstance(timings, list) else ():
        if isinstance(one, Mapping):
            begin, end = _moment(one.get("begin")), _moment(one.get("end"))
            if begin is not None and end is not None:
                found.append((begin, end))
    return sorted(found)


def _moment(text: Any) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.utcoffset() is not None else None


def zone_named(name: object) -> ZoneInfo | None:
    """Return the zone of this name, ``None`` if there is none."""
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def span(slots: Sequence[Slot], zone: ZoneInfo | None) -> tuple[When | None, When | None]:
    """Return the start and the exclusive end of all slots: days if they are whole days."""
    if not slots:
        return None, None
    try:
        local = [(_in(begin, zone), _in(end, zone)) for begin, end in slots]
    except OverflowError:
        return slots[0][0], slots[-1][1]
    days = _days(local)
    if days:
        return days[0], days[-1] + _DAY
    return local[0][0], max(end for _, end in local)


def _in(moment: dt.datetime, zone: ZoneInfo | None) -> dt.datetime:
    return moment if zone is None else moment.astimezone(zone)


def _days(slots: Sequence[Slot]) -> list[dt.date]:
    """Return the days that the slots fill from 00:00 to 23:59, none if they do not."""
    days: list[dt.date] = []
    open_at: dt.time | None = None
    for begin, end in slots:
        starts = begin.time() == (_MIDNIGHT if open_at is None else open_at)
        follows = not days or open_at is not None or begin.date() == days[-1] + _DAY
        if not starts or not follows or begin.date() != end.date():
            return []
        if open_at is None:
            days.append(begin.date())
        elif begin.date() != days[-1]:
            return []
        open_at = None if end.time() == _LAST_MINUTE else end.time()
    return days if open_at is None else []
