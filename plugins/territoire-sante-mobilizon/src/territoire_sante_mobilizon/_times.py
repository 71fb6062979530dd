# SPDX-License-Identifier: Apache-2.0
"""
Days and times of an event, and what the instance knows of them.

It knows instants, one zone, and whether the time of day is shown. A day without time is the whole
of it: from midnight, to one minute before the next.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from territoire_sante.errors import FormatError
from territoire_sante.model import When

_MINUTE: Final = dt.timedelta(minutes=1)


def zone_of(options: Mapping[str, Any], usual: ZoneInfo) -> ZoneInfo:
    """Return the zone of an event, the usual one if it has none that is known."""
    name = options.get("timezone")
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else usual
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return usual


def zone_for(start: When | None, usual: ZoneInfo) -> ZoneInfo:
    """Return the zone to write an event in: that of its start, if it has a name."""
    zone = start.tzinfo if isinstance(start, dt.datetime) else None
    if zone is dt.UTC:
        return ZoneInfo("Etc/UTC")
    return zone if isinstance(zone, ZoneInfo) and zone.key else usual


def instant(when: When, zone: ZoneInfo, *, ends: bool = False) -> str:
    """
    Return a time as the instance takes it, in UTC; an end that is a day is the last minute.

    Raises:
        FormatError: it has no zone, fractions of a second, or does not exist in its zone.
    """
    if not isinstance(when, dt.datetime):
        midnight = dt.datetime.combine(when, dt.time(), zone)
        return _utc(midnight.astimezone(dt.UTC) - (_MINUTE if ends else dt.timedelta()))
    if when.tzinfo is None or when.utcoffset() is None:
        raise FormatError(
            f"{when} has no time zone", where="event_start", remedy="Give it its zone, or a day"
        )
    back = when.astimezone(dt.UTC).astimezone(when.tzinfo)
    if when.microsecond or back.replace(tzinfo=None) != when.replace(tzinfo=None):
        raise FormatError(
            f"{when} is no time that a clock shows there",
            where="event_start",
            remedy="Write it to the second; in the night of a clock change, another hour",
        )
    return _utc(when.astimezone(dt.UTC))


def when_of(value: object, zone: ZoneInfo, *, timed: bool, ends: bool = False) -> When | None:
    """Return the day or time of an instant that the instance tells, ``None`` if it is none."""
    try:
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None:
        return None
    if timed:
        return moment.astimezone(zone)
    return (
        (moment.astimezone(dt.UTC) + (_MINUTE if ends else dt.timedelta())).astimezone(zone).date()
    )


def _utc(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
