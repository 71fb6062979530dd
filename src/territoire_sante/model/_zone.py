# SPDX-License-Identifier: Apache-2.0
"""
Time zones that have no IANA name, as a document defines them (RFC 5545, 3.6.5).

A zone is a value: equal when the rules are, the same on every machine and whatever was
read before. It has a text form, so that a time in it survives as plain data.
"""

from __future__ import annotations

import bisect
import calendar
import datetime as dt
import functools
import itertools
import re
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Self

import attrs

from territoire_sante.errors import InvalidValueError

_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# The whole IANA history of a place has fewer.
_MAX_ONSETS: Final = 1000

_DAY: Final = 86_400
# 29 February falls on one weekday every 28 years, and after 40 around a year such as 1900.
_YEARS_BACK: Final = 40
_OFFSET = r"[+-][0-9]{4}(?:[0-9]{2})?"
_ONSET = re.compile(
    rf"([0-9]{{8}}T[0-9]{{6}})({_OFFSET})({_OFFSET})"
    r"(?:_([0-9]{1,2})_(-?[0-9])?([A-Z]{2})?_(-?[0-9]{1,2}(?:\.-?[0-9]{1,2})*)?"
    r"(?:_([0-9]{8}T[0-9]{6})Z)?)?"
)


def _offset_text(seconds: int) -> str:
    sign, seconds = ("-", -seconds) if seconds < 0 else ("+", seconds)
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{sign}{hours:02}{minutes:02}" + (f"{rest:02}" if rest else "")


def _seconds(offset: str) -> int:
    seconds = int(offset[1:3]) * 3600 + int(offset[3:5]) * 60 + int(offset[5:] or 0)
    return -seconds if offset[0] == "-" else seconds


def _stamp(moment: dt.datetime) -> str:
    return moment.isoformat().replace("-", "").replace(":", "")


def _moved(moment: dt.datetime, seconds: int) -> dt.datetime:
    """Return ``moment`` later by ``seconds``, held within the years 1 to 9999."""
    try:
        return moment + dt.timedelta(seconds=seconds)
    except OverflowError:
        return dt.datetime.max if seconds > 0 else dt.datetime.min  # noqa: DTZ901 - wall times


@attrs.frozen(kw_only=True)
class Onset:
    """
    A change of offset: when it happens first, and how it comes again.

    ``start`` is in wall time before the change, ``before`` and ``after`` are offsets in
    seconds. With ``month`` (1 to 12) it happens yearly, on the ``nth`` ``weekday`` (0 is
    Monday, -1 any; ``nth`` 0 each, -1 the last) that is one of ``days`` of the month (empty:
    any), up to the instant ``until`` (naive, UTC). Without, it happens once.
    """

    start: dt.datetime
    before: int
    after: int
    month: int = 0
    weekday: int = -1
    nth: int = 0
    days: tuple[int, ...] = ()
    until: dt.datetime | None = None

    def __attrs_post_init__(self) -> None:
        clean = self.start.tzinfo is None and not self.start.microsecond
        if not clean or (self.until is not None and self.until.tzinfo is not None):
            raise InvalidValueError("the start of an onset is a naive time in whole seconds")
        if max(abs(self.before), abs(self.after)) >= _DAY:
            raise InvalidValueError("a UTC offset is less than a day")
        if not 0 <= self.month <= 12 or not -1 <= self.weekday <= 6 or not -5 <= self.nth <= 5:  # noqa: PLR2004 - the calendar
            raise InvalidValueError("the rule of an onset is not in the calendar")

    def __str__(self) -> str:
        text = f"{_stamp(self.start)}{_offset_text(self.before)}{_offset_text(self.after)}"
        if not self.month:
            return text
        day = _WEEKDAYS[self.weekday] if self.weekday >= 0 else ""
        text += f"_{self.month}_{self.nth or ''}{day}_{'.'.join(map(str, self.days))}"
        return text + (f"_{_stamp(self.until)}Z" if self.until else "")

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read what ``str()`` writes.

        Raises:
            InvalidValueError: it is written otherwise.
        """
        found = _ONSET.fullmatch(text)
        if found is None:
            raise InvalidValueError(f"{text[:60]!r} is no change of offset")
        start, before, after, month, nth, weekday, days, until = found.groups()
        try:
            return cls(
                start=dt.datetime.fromisoformat(start),
                before=_seconds(before),
                after=_seconds(after),
                month=int(month or 0),
                weekday=_WEEKDAYS.index(weekday) if weekday else -1,
                nth=int(nth or 0),
                days=tuple(map(int, days.split("."))) if days else (),
                until=dt.datetime.fromisoformat(until) if until else None,
            )
        except ValueError as error:
            raise InvalidValueError(f"{text[:60]!r} is no change of offset") from error

    @property
    def offsets(self) -> tuple[str, str]:
        """The offsets before and after as iCalendar writes them (``+0100``)."""
        return _offset_text(self.before), _offset_text(self.after)

    def dates(self, year: int) -> tuple[dt.date, ...]:
        """Return the days of ``year`` on which the rule sets in, whatever start and until say."""
        return _dates(self.month, self.weekday, self.nth, self.days, year)

    def latest(self, limit: dt.datetime) -> dt.datetime | None:
        """Return the last time not after ``limit`` that it sets in; both in wall time before."""
        if limit < self.start:
            return None
        if not self.month:
            return self.start
        top = limit if self.until is None else min(limit, _moved(self.until, self.before))
        clock = self.start.time()
        for year in range(top.year, max(self.start.year, top.year - _YEARS_BACK) - 1, -1):
            for day in reversed(self.dates(year)):
                moment = dt.datetime.combine(day, clock)
                if self.start <= moment <= top:
                    return moment
        return self.start

    def between(self, first: int, last: int) -> Iterator[dt.datetime]:
        """Yield when it sets in, in wall time before, in the years ``first`` to ``last``."""
        if first <= self.start.year <= last:
            yield self.start
        if not self.month:
            return
        top = _moved(self.until, self.before) if self.until else dt.datetime.max  # noqa: DTZ901 - wall time
        for year in range(max(first, self.start.year), min(last, top.year) + 1):
            for day in self.dates(year):
                moment = dt.datetime.combine(day, self.start.time())
                if self.start < moment <= top:
                    yield moment


@functools.lru_cache(maxsize=4096)
def _dates(
    month: int, weekday: int, nth: int, days: tuple[int, ...], year: int
) -> tuple[dt.date, ...]:
    begins, length = calendar.monthrange(year, month)
    found: Sequence[int] = range(1, length + 1)
    if weekday >= 0:
        found = found[(weekday - begins) % 7 :: 7]
    if nth:
        found = found[nth - 1 :][:1] if nth > 0 else found[nth:][:1] if -nth <= len(found) else []
    allowed = {day if day > 0 else length + 1 + day for day in days}
    return tuple(dt.date(year, month, day) for day in found if not days or day in allowed)


@attrs.frozen(init=False, str=False, eq=False, slots=False)
class CustomZone(dt.tzinfo):
    """
    A time zone by its changes of offset.

    ``tzid`` is the document's name for it; it is no IANA name, or the document says
    something else about it. Before the first change the offset is the one that it ends.
    Times in a gap are read with the offset before it (RFC 5545, 3.3.5); ``fold`` chooses in
    a repeated hour (PEP 495).

    >>> zone = CustomZone("Ours", (
    ...     Onset(start=dt.datetime(1970, 3, 29, 2), before=3600, after=7200, month=3,
    ...           weekday=6, nth=-1),
    ...     Onset(start=dt.datetime(1970, 10, 25, 3), before=7200, after=3600, month=10,
    ...           weekday=6, nth=-1),
    ... ))
    >>> dt.datetime(2026, 7, 14, 12, tzinfo=zone).isoformat()
    '2026-07-14T12:00:00+02:00'
    >>> zone == CustomZone.parse(str(zone))
    True

    Raises:
        InvalidValueError: no change of offset at all, or more than 1000.
    """

    tzid: str
    onsets: tuple[Onset, ...]
    _rules: tuple[Onset, ...] = attrs.field(repr=False)
    _once: tuple[tuple[dt.datetime, int], ...] = attrs.field(repr=False)
    _walls: tuple[tuple[dt.datetime, ...], tuple[dt.datetime, ...]] = attrs.field(repr=False)
    _initial: int = attrs.field(repr=False)
    _hash: int = attrs.field(repr=False)

    def __init__(self, tzid: str, onsets: tuple[Onset, ...]) -> None:
        if not 0 < len(onsets) <= _MAX_ONSETS:
            raise InvalidValueError(
                f"a time zone has 1 to {_MAX_ONSETS} changes of offset, this one {len(onsets)}"
            )
        ordered = tuple(sorted(set(onsets), key=_order))
        once = [onset for onset in ordered if not onset.month]
        walls = [
            itertools.accumulate(
                (_moved(onset.start, choose(0, onset.after - onset.before)) for onset in once), max
            )
            for choose in (max, min)
        ]
        self.__attrs_init__(
            tzid,
            ordered,
            tuple(onset for onset in ordered if onset.month),
            tuple((_moved(onset.start, -onset.before), onset.after) for onset in once),
            (tuple(walls[0]), tuple(walls[1])),
            ordered[0].before,
            hash((tzid, ordered)),
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CustomZone):
            return NotImplemented
        return self is other or (self.tzid, self.onsets) == (other.tzid, other.onsets)

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        name = urllib.parse.quote(self.tzid, safe="").replace("~", "%7E")
        return f"{name}~{self.rules}"

    @property
    def rules(self) -> str:
        """The text of its changes of offset: the same for two names of one zone."""
        return "~".join(map(str, self.onsets))

    def __reduce__(self) -> tuple[Callable[[str], CustomZone], tuple[str]]:
        return CustomZone.parse, (str(self),)

    @staticmethod
    def parse(text: str) -> CustomZone:
        """
        Read what ``str()`` writes; the same text gives the same object.

        Raises:
            InvalidValueError: it is written otherwise.
        """
        return _zone(text)

    def offset_at(self, instant: dt.datetime) -> int:
        """Return the offset in seconds at ``instant`` (naive, UTC)."""
        at = bisect.bisect_right(self._once, (instant, _DAY)) - 1
        found = self._once[at] if at >= 0 else None
        for rule in self._rules:
            wall = rule.latest(_moved(instant, rule.before))
            if wall is not None:
                start = _moved(wall, -rule.before)
                if found is None or start >= found[0]:
                    found = start, rule.after
        return self._initial if found is None else found[1]

    def offset_of(self, wall: dt.datetime, fold: int = 0) -> int:
        """Return the offset in seconds at the naive wall time ``wall``."""
        at = bisect.bisect_right(self._walls[fold], wall) - 1
        found = self._once[at] if at >= 0 else None
        for rule in self._rules:
            step = rule.after - rule.before
            last = rule.latest(_moved(wall, -(min(0, step) if fold else max(0, step))))
            if last is not None:
                start = _moved(last, -rule.before)
                if found is None or start >= found[0]:
                    found = start, rule.after
        return self._initial if found is None else found[1]

    def changes(self, first: int, last: int) -> list[tuple[dt.datetime, int]]:
        """
        Return all changes in the years ``first`` to ``last``: instants (naive, UTC) and offsets.

        From each of them to the next one :meth:`offset_at` is the offset in seconds beside it.
        """
        found = {
            _moved(wall, -onset.before): onset.after
            # Of changes at one instant the last one holds, and a rule before what happens once.
            for onset in (*(one for one in self.onsets if not one.month), *self._rules)
            for wall in onset.between(first, last)
        }
        return sorted(found.items())

    def utcoffset(self, when: dt.datetime | None) -> dt.timedelta | None:
        """Return the offset at the wall time ``when``."""
        if when is None:
            return None
        return dt.timedelta(seconds=self.offset_of(when.replace(tzinfo=None, fold=0), when.fold))

    def dst(self, _when: dt.datetime | None) -> None:
        """Return nothing: which part of an offset is summer time is not kept."""
        return

    def tzname(self, _when: dt.datetime | None) -> str:
        """Return the document's name of the zone."""
        return self.tzid

    def fromutc(self, when: dt.datetime) -> dt.datetime:
        """Return the wall time of an instant given as ``when``, with its fold."""
        offset = self.offset_at(when.replace(tzinfo=None, fold=0))
        local = (when + dt.timedelta(seconds=offset)).replace(fold=0)
        wall = local.replace(tzinfo=None)
        second = self.offset_of(wall) != offset and self.offset_of(wall, 1) == offset
        return local.replace(fold=1) if second else local


def _order(onset: Onset) -> tuple[dt.datetime, str]:
    return _moved(onset.start, -onset.before), str(onset)


@functools.lru_cache(maxsize=256)
def _zone(text: str) -> CustomZone:
    name, *onsets = text.split("~", _MAX_ONSETS + 1)
    return CustomZone(urllib.parse.unquote(name), tuple(map(Onset.parse, onsets)))
