# SPDX-License-Identifier: Apache-2.0
"""The instances of a recurring event in a window of time (RFC 5545, 3.8.5)."""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Final

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.formats._contentline_document import Component, ContentDocument
from territoire_sante.formats._document import Document
from territoire_sante.formats._ical_read import Parts, read, recurrence_id
from territoire_sante.formats._ical_rule import Meter, Rule, follow, parse_rule
from territoire_sante.formats._ical_time import after, instant, parse_when
from territoire_sante.model import Event, EventStatus, Occurrence, When

#: Days tested, times made and dates listed that one expansion may cost unless told otherwise.
BUDGET: Final = 100_000

_DAY: Final = dt.timedelta(days=1)
_Key = tuple[int, dt.datetime]
_Span = Callable[[When], When]


@attrs.frozen(kw_only=True)
class Instance:
    """
    One occurrence of an event as it is shown.

    ``recurrence_id`` is the start that the rule gives it; ``end`` is exclusive, equal to ``start``
    for a time without length. ``changed`` tells an instance that the calendar changes.
    """

    uid: str
    recurrence_id: When
    start: When
    end: When
    summary: str = ""
    description: str = ""
    location: str = ""
    status: EventStatus | None = None
    changed: bool = False


def _wall(when: When) -> dt.datetime:
    if isinstance(when, dt.datetime):
        return when.replace(tzinfo=None, fold=0)
    return dt.datetime(when.year, when.month, when.day)  # noqa: DTZ001 - a day has no zone


def _comparable(one: When, other: When) -> tuple[dt.datetime, dt.datetime]:
    """Return two values as instants if both are, as wall times if one is a day or floats."""
    (kind, first), (other_kind, second) = instant(one), instant(other)
    return (first, second) if kind == other_kind == 2 else (_wall(one), _wall(other))  # noqa: PLR2004 - instants


def _later(when: When, delta: dt.timedelta) -> When:
    """Return a wall time moved, held within the calendar."""
    try:
        return when + delta
    except OverflowError:
        edge = dt.datetime.max if delta > dt.timedelta() else dt.datetime.min  # noqa: DTZ901 - the zone follows
        if isinstance(when, dt.datetime):
            return edge.replace(microsecond=0, tzinfo=when.tzinfo)
        return edge.date()


def _like(moment: dt.datetime, start: When) -> When:
    """Return a wall time as a day, or in the zone, of the start."""
    return moment.replace(tzinfo=start.tzinfo) if isinstance(start, dt.datetime) else moment.date()


def _length(start: When, end: When | None) -> _Span:
    """Return what gives an instance its end: days for days, else the exact time (3.8.5.3)."""
    if end is None:
        # Without an end, a day lasts a day and a time no time (3.6.1).
        days = _DAY if not isinstance(start, dt.datetime) else dt.timedelta()
        return lambda when: _later(when, days)
    first, last = _comparable(start, end)
    exact = max(last - first, dt.timedelta())

    def ends(when: When) -> When:
        if not isinstance(when, dt.datetime) or when.tzinfo is None:
            return _later(when, exact)
        try:
            return (when.astimezone(dt.UTC) + exact).astimezone(when.tzinfo)
        except OverflowError:
            return _later(when, exact)

    return ends


class _Ids:
    """Recurrence identities: by instant; a day or a floating time stands for that wall time."""

    def __init__(self, whens: list[When]) -> None:
        self._instants = {instant(when): at for at, when in enumerate(whens)}
        self._days = {when: at for at, when in enumerate(whens) if type(when) is dt.date}
        self._used: set[int] = set()

    def find(self, when: When) -> int | None:
        """Return the place of what names the instance ``when``, ``None`` if nothing does."""
        wall = _wall(when)
        kind = 1 if isinstance(when, dt.datetime) else 0
        for key in (instant(when), (kind, wall)):
            if key in self._instants:
                return self._instants[key]
        return self._days.get(wall.date())


@attrs.define
class _Series:
    """
    An event ready to be expanded.

    ``ranged`` are the changes with RANGE=THISANDFUTURE, ``identity`` is the RECURRENCE-ID
    of a document that has changes alone.
    """

    event: Event
    start: When
    ends: _Span
    rule: Rule | None
    periods: dict[_Key, When]
    ranged: list[tuple[_Key, Occurrence, _Span]]
    identity: When | None = None


def _series(source: Event | Document | ContentDocument) -> _Series | None:
    if isinstance(source, Event):
        event, parts = source, None
    else:
        parts, event = read(source)
    if event.start is None:
        return None
    rule = parse_rule(event.rrule) if event.rrule else None
    series = _Series(event, event.start, _length(event.start, event.end), rule, {}, [])
    if parts is not None:
        _add_document(series, parts)
    return series


def _add_document(series: _Series, parts: Parts) -> None:
    """Add what a document says and an event does not carry: periods, ranges, nominal length."""
    line = parts.main.first("DURATION")
    if line is not None and parts.main.first("DTEND") is None:
        duration = line
        series.ends = lambda when: after(when, duration)
    series.identity = recurrence_id(parts.main, parts.zones)
    for rdate in parts.main.all("RDATE"):
        for text in rdate.value.split(","):
            head, slash, tail = text.strip().partition("/")
            if slash:
                begin = parse_when(head, rdate.param("TZID"), parts.zones, rdate)
                end = (
                    after(begin, rdate.rewritten(tail))
                    if tail.lstrip("+-").upper().startswith("P")
                    else parse_when(tail, rdate.param("TZID"), parts.zones, rdate)
                )
                series.periods[instant(begin)] = end
    for component in parts.overrides:
        _add_range(series, parts, component)
    series.ranged.sort(key=lambda entry: entry[0])


def _add_range(series: _Series, parts: Parts, component: Component) -> None:
    line, identity = component.first("RECURRENCE-ID"), recurrence_id(component, parts.zones)
    if line is None or identity is None or line.param("RANGE").upper() != "THISANDFUTURE":
        return
    key = instant(identity)
    for occurrence in series.event.occurrences:
        if instant(occurrence.recurrence_id) == key:
            start = occurrence.start or identity
            ends = series.ends if occurrence.end is None else _length(start, occurrence.end)
            series.ranged.append((key, occurrence, ends))
            return


def _until(rule: Rule, start: When) -> dt.datetime:
    """Return the last wall time that UNTIL allows; a day is meant whole."""
    until = rule.until
    if until is None:
        return dt.datetime.max  # noqa: DTZ901 - a wall time
    if not isinstance(until, dt.datetime):
        return dt.datetime.combine(until, dt.time.max)
    zone = start.tzinfo if isinstance(start, dt.datetime) else None
    if until.tzinfo is not None and zone is not None:
        try:
            until = until.astimezone(zone)
        except OverflowError:
            return _wall(until)
    return _wall(until)


def _bound(bound: When, start: When, slack: dt.timedelta) -> dt.datetime:
    """Return the wall time of a window's bound where the event is, moved by ``slack``."""
    zone = start.tzinfo if isinstance(start, dt.datetime) else None
    if isinstance(bound, dt.datetime) and bound.tzinfo is not None and zone is not None:
        try:
            bound = bound.astimezone(zone)
        except OverflowError:
            slack *= 2
    moved = _later(_wall(bound), slack)
    return _wall(moved)


def _starts(series: _Series, low: When, high: When, meter: Meter) -> Iterator[When]:
    """Yield the start, what the rule makes and RDATE adds: a superset of what is in the window."""
    start, event = series.start, series.event
    yield start
    yield from event.rdates
    if series.rule is None:
        return
    # An instance before the window may last into it, or be moved into it with all that follow.
    reach = abs(_wall(series.ends(start)) - _wall(start)) + 2 * _DAY
    for _, occurrence, _ in series.ranged:
        moved, identity = occurrence.start or occurrence.recurrence_id, occurrence.recurrence_id
        length = abs(_wall(occurrence.end or moved) - _wall(moved))
        reach = max(reach, abs(_wall(moved) - _wall(identity)) + length + 2 * _DAY)
    first = _bound(low, start, -reach)
    last = min(_bound(high, start, reach), _until(series.rule, start))
    for moment in follow(series.rule, _wall(start), first, last, meter):
        yield _like(moment, start)


def _shown(series: _Series, when: When) -> Instance:
    """Return the instance that no component of its own changes."""
    event, key = series.event, instant(when)
    at = bisect.bisect_right([entry[0] for entry in series.ranged], key) - 1
    if at >= 0:
        _, change, ends = series.ranged[at]
        origin = change.recurrence_id
        moved = _later(when, _wall(change.start or origin) - _wall(origin))
        return _changed(event.uid, change, when, moved, ends(moved))
    return Instance(
        uid=event.uid,
        recurrence_id=series.identity or when,
        start=when,
        end=series.periods.get(key) or series.ends(when),
        summary=event.summary,
        description=event.description,
        location=event.location,
        status=event.status,
        changed=series.identity is not None,
    )


def _changed(uid: str, change: Occurrence, identity: When, start: When, end: When) -> Instance:
    return Instance(
        uid=uid,
        recurrence_id=identity,
        start=start,
        end=end,
        summary=change.summary,
        description=change.description,
        location=change.location,
        status=change.status,
        changed=True,
    )


def _meets(instance: Instance, low: When, high: When) -> bool:
    """Say whether an instance has a moment in the window [low, high)."""
    start, top = _comparable(instance.start, high)
    end, bottom = _comparable(instance.end, low)
    begin, bottom_start = _comparable(instance.start, low)
    return start < top and (end > bottom or begin >= bottom_start)


def _instances(series: _Series, low: When, high: When, meter: Meter) -> Iterator[Instance]:
    event = series.event
    changes = _Ids([occurrence.recurrence_id for occurrence in event.occurrences])
    excluded = _Ids(list(event.exdates))
    seen: set[_Key] = set()
    for occurrence in event.occurrences:
        meter.spend()
        start = occurrence.start or occurrence.recurrence_id
        ends = series.ends if occurrence.start is None else _length(start, None)
        end = occurrence.end or ends(start)
        yield _changed(event.uid, occurrence, occurrence.recurrence_id, start, end)
    for when in _starts(series, low, high, meter):
        meter.spend()
        key = instant(when)
        if key in seen:
            continue
        seen.add(key)
        if changes.find(when) is None and excluded.find(when) is None:
            yield _shown(series, when)


def expand(
    source: Event | Document | ContentDocument, start: When, end: When, *, budget: int = BUDGET
) -> Iterator[Instance]:
    r"""
    Return the instances of an event in the window ``[start, end)``, in order of their starts.

    Days and floating times are compared with the window by the clock, others by the instant if
    the window is in aware times. The start is always an instance, an excluded one apart. A
    document says more than its event: periods of RDATE, nominal durations, and changes to an
    instance and all that follow (RANGE=THISANDFUTURE), which shift those by the same wall time.

    >>> weekly = Event(
    ...     id="event:1", uid="1", start=dt.datetime(2026, 3, 23, 18), rrule="FREQ=WEEKLY"
    ... )
    >>> [i.start.day for i in expand(weekly, dt.date(2026, 4, 1), dt.date(2026, 5, 1))]
    [6, 13, 20, 27]

    Args:
        source: an event, or the document of one.
        start: first moment of the window: a day, a floating or an aware time.
        end: the moment after its last.
        budget: days tested, times made and dates listed before it gives up.

    Raises:
        FormatError: the document or its rule cannot be read.
        RecurrenceTooLargeError: the budget is spent; nothing is returned.
        InvalidValueError: the window ends before it starts.
    """
    first, last = _comparable(start, end)
    if last < first:
        raise InvalidValueError("the window ends before it starts", where="end")
    series = _series(source)
    if series is None:
        return iter(())
    meter = Meter(budget)
    found = [one for one in _instances(series, start, end, meter) if _meets(one, start, end)]
    found.sort(key=lambda one: (instant(one.start)[1], instant(one.recurrence_id)[1]))
    return iter(found)
