# SPDX-License-Identifier: Apache-2.0
"""Opening hours and recurrence rules as HSDS schedules, whole: as fields, or else as text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, Final

from territoire_sante.exports._plain import uid, without_empty
from territoire_sante.exports._recurrence import rule_parts, until_day
from territoire_sante.model import When

_WEEK: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_SHORT: Final = {"Mo": 0, "Tu": 1, "We": 2, "Th": 3, "Fr": 4, "Sa": 5, "Su": 6}
_SPAN: Final = r"\d\d:\d\d-\d\d:\d\d"
_RULE: Final = re.compile(rf"([A-Z][a-z](?:[-,][A-Z][a-z])*) ({_SPAN}(?:,\s?{_SPAN})*)", re.ASCII)
_KNOWN: Final = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYWEEKNO"}
)
_FREQUENCIES: Final = frozenset({"WEEKLY", "MONTHLY"})


def opening_schedules(key: str, hours: str) -> list[dict[str, Any]]:
    """
    Return opening hours (OpenStreetMap) as weekly schedules; in words where they say more.

    >>> [one] = opening_schedules("actor:1", "Mo,We-Fr 09:00-12:00")
    >>> one["byday"], one["opens_at"], one["closes_at"]
    ('MO,WE,TH,FR', '09:00', '12:00')
    >>> opening_schedules("actor:1", "Mo-Fr 09:00-12:00; PH off")[0]["description"]
    'Mo-Fr 09:00-12:00; PH off'
    """
    if not hours.strip():
        return []
    found = [_RULE.fullmatch(rule.strip()) for rule in hours.split(";")]
    spans: list[dict[str, Any]] = []
    for rule in found:
        days = _days(rule[1]) if rule is not None else ""
        if rule is None or not days:
            return [{"id": uid("schedule", key, hours), "description": hours}]
        for span in rule[2].split(","):
            opens, closes = span.strip().split("-")
            fields = {"freq": "WEEKLY", "byday": days, "opens_at": opens, "closes_at": closes}
            spans.append({"id": uid("schedule", key, days, span), **fields, "description": hours})
    return list({one["id"]: one for one in spans}.values())


def _days(text: str) -> str:
    numbers: dict[int, None] = {}
    for part in text.split(","):
        ends = [_SHORT.get(one) for one in part.split("-")]
        if None in ends or len(ends) > 2:  # noqa: PLR2004 - from, to
            return ""
        first, last = ends[0] or 0, ends[-1] or 0
        # From Saturday to Monday goes over the end of the week.
        numbers |= dict.fromkeys((first + n) % 7 for n in range((last - first) % 7 + 1))
    return ",".join(_WEEK[number] for number in sorted(numbers))


def rule_schedule(
    key: str, rrule: str, *, start: When | None = None, end: When | None = None
) -> dict[str, Any] | None:
    """
    Return a rule with the times of its first date as one schedule; ``None`` if there is nothing.

    What HSDS has no field for is in words: other frequencies, and the clock the times are on. A
    time has no offset there, because the offset of a place changes with summer time.
    """
    if not rrule.strip() and start is None:
        return None
    fields: dict[str, Any] = {}
    if rrule.strip():
        # Whole or not at all: half of a rule would be another rule.
        fields = {**_fields(rrule), "description": rrule}
    if start is not None:
        fields["dtstart"] = start.isoformat()[:10]
        if not rrule.strip():
            fields["until"] = fields["dtstart"]
        fields |= _clock(start, end)
    return without_empty({"id": uid("schedule", key, rrule, str(start)), **fields})


def _fields(rrule: str) -> dict[str, Any]:
    parts = dict(rule_parts(rrule))
    if parts.get("FREQ") == "DAILY" and parts.get("INTERVAL", "1") == "1" and "BYDAY" not in parts:
        parts |= {"FREQ": "WEEKLY", "BYDAY": ",".join(_WEEK)}
    numbers = [parts.get("INTERVAL", "1"), parts.get("COUNT", "1")]
    until = until_day(parts["UNTIL"]) if "UNTIL" in parts else None
    if (
        parts.get("FREQ") not in _FREQUENCIES
        or not set(parts) <= _KNOWN
        or not all(one.isascii() and one.isdigit() for one in numbers)
        or parts.get("WKST", "MO") not in _WEEK
        or ("UNTIL" in parts and until is None)
    ):
        return {}
    return {
        "freq": parts["FREQ"],
        "interval": int(parts["INTERVAL"]) if "INTERVAL" in parts else None,
        "count": int(parts["COUNT"]) if "COUNT" in parts else None,
        "until": until.isoformat() if until is not None else None,
        "wkst": parts.get("WKST"),
        "byday": parts.get("BYDAY"),
        "bymonthday": parts.get("BYMONTHDAY"),
        "byweekno": parts.get("BYWEEKNO"),
    }


def _clock(start: When, end: When | None) -> dict[str, Any]:
    if not isinstance(start, dt.datetime):
        return {}
    fields = {"opens_at": f"{start:%H:%M}"}
    if isinstance(end, dt.datetime):
        fields["closes_at"] = f"{end:%H:%M}"
    zone = getattr(start.tzinfo, "key", "") or (str(start.tzinfo) if start.tzinfo else "")
    return {**fields, "notes": zone}


def all_of(schedules: Iterator[dict[str, Any] | None]) -> list[dict[str, Any]]:
    """Return the schedules that are there, each once."""
    return list({one["id"]: one for one in schedules if one is not None}.values())
