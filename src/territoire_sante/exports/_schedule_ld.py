# SPDX-License-Identifier: Apache-2.0
"""A recurrence rule as a schema.org Schedule, where that can say it without loss."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Final

from territoire_sante.exports._plain import without_empty
from territoire_sante.exports._recurrence import rule_parts, until_day
from territoire_sante.model import Event, When

_EACH: Final = {"DAILY": "D", "WEEKLY": "W", "MONTHLY": "M", "YEARLY": "Y"}
_DAYS: Final = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
_KNOWN: Final = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH"}
)
_ONE_DAY: Final = re.compile(r"[+-]?[1-5]?(?:MO|TU|WE|TH|FR|SA|SU)")


def schedule(event: Event) -> dict[str, Any] | None:
    """
    Return the Schedule of a recurring event, ``None`` if one cannot say its rule.

    >>> weekly = Event(id="event:1", start=dt.date(2027, 1, 5), rrule="FREQ=WEEKLY;COUNT=4")
    >>> schedule(weekly)["repeatFrequency"], schedule(weekly)["repeatCount"]
    ('P1W', 4)
    """
    parts = rule_parts(event.rrule)
    unit = _EACH.get(parts.get("FREQ", ""))
    if event.start is None or event.rdates or unit is None or not set(parts) <= _KNOWN:
        return None
    try:
        days = _by_day(parts)
        numbers = {
            "byMonthDay": _numbers(parts.get("BYMONTHDAY", "")),
            "byMonth": _numbers(parts.get("BYMONTH", "")),
            "repeatCount": int(parts["COUNT"]) if "COUNT" in parts else None,
        }
        interval = int(parts.get("INTERVAL", "1"))
    except ValueError:
        return None
    last = until_day(parts["UNTIL"]) if "UNTIL" in parts else None
    if interval < 1 or ("UNTIL" in parts and last is None):
        return None
    return without_empty(
        {
            "@type": "Schedule",
            "repeatFrequency": f"P{interval}{unit}",
            "byDay": days,
            **numbers,
            "startDate": event.start.isoformat()[:10],
            "endDate": last.isoformat() if last is not None else None,
            **_clock(event.start, event.end),
            "exceptDate": [one.isoformat() for one in event.exdates],
        }
    )


def _by_day(parts: Mapping[str, str]) -> list[str]:
    """Return the days of a week by their names, "second Tuesday" as calendars write it."""
    days = parts["BYDAY"].split(",") if "BYDAY" in parts else []
    if not all(_ONE_DAY.fullmatch(day) for day in days):
        raise ValueError(parts["BYDAY"])
    return [f"https://schema.org/{_DAYS[day]}" if day in _DAYS else day for day in days]


def _numbers(text: str) -> list[int]:
    return [int(one) for one in text.split(",")] if text else []


def _clock(start: When, end: When | None) -> dict[str, str]:
    """Return the times on the clock of the place, and which clock that is."""
    if not isinstance(start, dt.datetime):
        return {}
    times = {"startTime": start.strftime("%H:%M:%S")}
    if isinstance(end, dt.datetime) and end.date() == start.date():
        times["endTime"] = end.strftime("%H:%M:%S")
    zone = getattr(start.tzinfo, "key", "UTC" if start.tzinfo is dt.UTC else "")
    return {**times, **({"scheduleTimezone": zone} if zone else {})}
