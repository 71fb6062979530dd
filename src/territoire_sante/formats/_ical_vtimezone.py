# SPDX-License-Identifier: Apache-2.0
"""VTIMEZONE components (RFC 5545, 3.6.5): read as zones, compared with IANA's, written."""

from __future__ import annotations

import bisect
import datetime as dt
import functools
import itertools
import operator
import re
from collections.abc import Iterator
from typing import Final

from territoire_sante.errors import InvalidValueError
from territoire_sante.formats._contentline_document import Component
from territoire_sante.formats._contentline_line import make_line
from territoire_sante.formats._contentline_text import escape
from territoire_sante.model import CustomZone, Onset

_MOMENT = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z?))?")
_OFFSET = re.compile(r"[+-][0-9]{4}(?:[0-9]{2})?")
_BYDAY = re.compile(r"([+-]?[1-5])?([A-Z]{2})")
_DAYS = re.compile(r"-?[0-9]{1,2}(?:,-?[0-9]{1,2})*")
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_IDLE: Final = frozenset({"FREQ", "INTERVAL", "WKST", "BYHOUR", "BYMINUTE", "BYSECOND"})
_KNOWN: Final = _IDLE | {"BYMONTH", "BYDAY", "BYMONTHDAY", "UNTIL", "COUNT"}
_LAST_YEAR: Final = 9999

#: The years over which a definition is held against IANA's: those that programs write it for.
CHECKED_YEARS: Final = (2010, 2037)

# The shortest time between two changes that people have made law is about four weeks (Morocco).
_SAMPLE: Final = dt.timedelta(days=14)


def _text(component: Component, name: str) -> str:
    line = component.first(name)
    return line.value.strip().upper() if line is not None else ""


def _utc(text: str, before: str) -> str:
    """Return an UNTIL, which ends what comes later, as an instant; a day is meant whole."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise InvalidValueError(f"{text[:20]!r} is no end of a rule")
    moment = dt.datetime.fromisoformat(f"{found[1]}T{found[2] or '235959'}")
    if not found[3]:
        moment -= dt.datetime.strptime(before, "%z").utcoffset() or dt.timedelta()
    return _stamp(moment)


def _stamp(moment: dt.datetime) -> str:
    return moment.isoformat().replace("-", "").replace(":", "")


def _rule(text: str, start: str, before: str) -> str:
    """
    Return a yearly RRULE in the form of :class:`Onset`.

    Raises:
        InvalidValueError: a rule that no law on time has ever needed.
    """
    parts = dict(part.partition("=")[::2] for part in text.split(";") if part)
    clock = {"BYHOUR": start[9:11], "BYMINUTE": start[11:13], "BYSECOND": start[13:15]}
    yearly = parts.get("FREQ") == "YEARLY" and parts.get("INTERVAL", "1") == "1"
    timed = all(parts.get(name, value).zfill(2) == value for name, value in clock.items())
    day = _BYDAY.fullmatch(parts.get("BYDAY", "MO"))
    days = parts.get("BYMONTHDAY", "")
    month = parts.get("BYMONTH", "" if "BYDAY" in parts or days else start[4:6])
    if not (
        yearly
        and timed
        and parts.keys() <= _KNOWN
        and day
        and month.isdigit()
        and (not days or _DAYS.fullmatch(days))
    ):
        raise InvalidValueError(f"the rule {text[:60]} is not yearly and simple")
    weekday = f"{int(day[1]) if day[1] else ''}{day[2]}" if "BYDAY" in parts else ""
    if not weekday and not days:
        days = str(int(start[6:8]))
    rule = f"_{int(month)}_{weekday}_{days.replace(',', '.')}"
    until = _utc(parts["UNTIL"], before) if "UNTIL" in parts else ""
    if "COUNT" in parts:
        until = _counted(start, before, rule, parts["COUNT"]) or until
    return f"{rule}_{until}Z" if until else rule


def _counted(start: str, before: str, rule: str, count: str) -> str:
    """Return the UNTIL that a COUNT makes, empty if that is never."""
    if not count.isdigit() or len(count) > 4:  # noqa: PLR2004 - no more years
        return ""
    onset = Onset.parse(f"{start}{before}{before}{rule}")
    for number, moment in enumerate(onset.between(1, _LAST_YEAR), 1):
        if number >= int(count):
            return _utc(_stamp(moment), before)
    return ""


def _onsets(part: Component) -> Iterator[str]:
    after = _text(part, "TZOFFSETTO")
    before = _text(part, "TZOFFSETFROM") or after
    start = (_text(part, "DTSTART") or "19700101T000000").removesuffix("Z")
    if not (_OFFSET.fullmatch(before) and _OFFSET.fullmatch(after)):
        raise InvalidValueError("a part has no UTC offset")
    if not _MOMENT.fullmatch(start):
        raise InvalidValueError(f"{start[:20]!r} is no start")
    start = start if "T" in start else f"{start}T000000"
    rule = _text(part, "RRULE")
    yield f"{start}{before}{after}{_rule(rule, start, before) if rule else ''}"
    for line in part.all("RDATE"):
        for value in line.value.upper().split(","):
            found = _MOMENT.fullmatch(value.partition("/")[0].strip())
            if found is None:
                raise InvalidValueError(f"{value[:20]!r} is no date")
            wall = f"{found[1]}T{found[2] or start[9:]}"
            if found[3]:
                offset = dt.datetime.strptime(before, "%z").utcoffset() or dt.timedelta()
                wall = _stamp(dt.datetime.fromisoformat(wall) + offset)
            yield f"{wall}{before}{after}"


def read_zone(component: Component, tzid: str) -> CustomZone:
    """
    Return the zone that a VTIMEZONE defines; the same content gives the same object.

    Raises:
        InvalidValueError: no part that can be used, or rules beyond yearly ones.
    """
    parts = [part for part in component.components if part.name in ("STANDARD", "DAYLIGHT")]
    try:
        onsets = tuple(dict.fromkeys(text for part in parts for text in _onsets(part)))
        return _made(tzid, onsets)
    except (ValueError, OverflowError) as error:
        raise InvalidValueError(str(error)) from error


@functools.lru_cache(maxsize=256)
def _made(tzid: str, onsets: tuple[str, ...]) -> CustomZone:
    # Twice, so that one zone read from a document and from its text is one object.
    return CustomZone.parse(str(CustomZone(tzid, tuple(map(Onset.parse, onsets)))))


@functools.lru_cache(maxsize=512)
def agrees(
    custom: CustomZone,
    zone: dt.tzinfo,
    years: tuple[int, int] = CHECKED_YEARS,
    slack: dt.timedelta = dt.timedelta(),
) -> bool:
    """
    Say whether two zones have the same offsets from the first of ``years`` to the last.

    They are compared every two weeks, and just before and at each change of ``custom``, or
    ``slack`` away from it. It is a matter of the contents alone: what is remembered is no
    document's.
    """
    first, last = years
    # A clock of the zone that shows UTC is what fromutc wants; astimezone is slower.
    begin = dt.datetime(first, 1, 1, tzinfo=zone)
    end = dt.datetime(last, 12, 31, tzinfo=zone)
    changes = custom.changes(first - 1, last + 1)
    instants = [instant.replace(tzinfo=zone) for instant, _ in changes]
    seconds = custom.offset_at(begin.replace(tzinfo=None)), *(offset for _, offset in changes)
    offsets = [dt.timedelta(seconds=offset) for offset in seconds]
    samples = itertools.repeat(_SAMPLE, (end - begin) // _SAMPLE)
    moments = [*itertools.accumulate(samples, operator.add, initial=begin)]
    for instant in instants[bisect.bisect(instants, begin) : bisect.bisect(instants, end)]:
        moments += [instant - slack - dt.timedelta(seconds=1), instant + slack]
    ours = (offsets[bisect.bisect(instants, moment)] for moment in moments)
    theirs = map(operator.sub, map(zone.fromutc, moments), moments)
    return all(map(operator.eq, ours, theirs))


def zone_bytes(zone: CustomZone, tzid: str) -> bytes:
    """Return the VTIMEZONE of ``zone`` under the name ``tzid``."""
    lines = [make_line("BEGIN", "VTIMEZONE"), make_line("TZID", escape(tzid))]
    for onset in zone.onsets:
        kind = "DAYLIGHT" if onset.after > onset.before else "STANDARD"
        before, after = onset.offsets
        lines += [
            make_line("BEGIN", kind),
            make_line("DTSTART", _stamp(onset.start)),
            make_line("TZOFFSETFROM", before),
            make_line("TZOFFSETTO", after),
            *([make_line("RRULE", _rule_text(onset))] if onset.month else []),
            make_line("END", kind),
        ]
    return b"".join([line.raw for line in (*lines, make_line("END", "VTIMEZONE"))])


def _rule_text(onset: Onset) -> str:
    parts = [f"FREQ=YEARLY;BYMONTH={onset.month}"]
    if onset.weekday >= 0:
        parts.append(f"BYDAY={onset.nth or ''}{_WEEKDAYS[onset.weekday]}")
    if onset.days:
        parts.append(f"BYMONTHDAY={','.join(map(str, onset.days))}")
    if onset.until is not None:
        parts.append(f"UNTIL={_stamp(onset.until)}Z")
    return ";".join(parts)
