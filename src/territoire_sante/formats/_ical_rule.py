# SPDX-License-Identifier: Apache-2.0
"""
Recurrence rules (RFC 5545, 3.3.10): read, and followed within a budget.

Rules come from strangers. Every day tested and every time made costs a unit of the
budget, so a rule ends with an error in bounded time and memory, whatever it asks for;
libraries check their bounds only when a rule yields something.
"""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import attrs

from territoire_sante.errors import FormatError, RecurrenceTooLargeError, UnsupportedError

FREQUENCIES: Final = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY, SECONDLY = range(7)

_WEEKDAYS: Final = {name: n for n, name in enumerate(("MO", "TU", "WE", "TH", "FR", "SA", "SU"))}
_UNTIL = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z?))?")
_BYDAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?[0-9]{1,12}")
_LONGEST: Final = 20_000
_LAST_SECOND: Final = 59
_WEEK: Final = 7
_SECONDS: Final = {HOURLY: 3600, MINUTELY: 60, SECONDLY: 1}
# Name: lowest and highest value; whether it may be negative, counted from the end.
_RANGES: Final = {
    "BYSECOND": (0, 60, False),
    "BYMINUTE": (0, 59, False),
    "BYHOUR": (0, 23, False),
    "BYMONTHDAY": (1, 31, True),
    "BYYEARDAY": (1, 366, True),
    "BYWEEKNO": (1, 53, True),
    "BYMONTH": (1, 12, False),
    "BYSETPOS": (1, 366, True),
}


@attrs.define
class Meter:
    """What may still be spent on following rules."""

    left: int

    def spend(self, units: int = 1) -> None:
        """
        Take ``units`` from the budget.

        Raises:
            RecurrenceTooLargeError: there is not so much left.
        """
        self.left -= units
        if self.left < 0:
            raise RecurrenceTooLargeError(
                "the rule has more instances than may be looked at",
                where="RRULE",
                remedy="Ask for a shorter time, or raise the budget if you trust the calendar",
            )


@attrs.frozen(kw_only=True)
class Rule:
    """
    A rule as read; empty tuples and 0 stand for what it does not say.

    ``by_day`` has pairs of ordinal (0: each) and weekday (0 is Monday).
    """

    frequency: int
    interval: int = 1
    count: int = 0
    until: dt.date | dt.datetime | None = None
    week_start: int = 0
    by_month: tuple[int, ...] = ()
    by_week: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_day: tuple[tuple[int, int], ...] = ()
    by_hour: tuple[int, ...] = ()
    by_minute: tuple[int, ...] = ()
    by_second: tuple[int, ...] = ()
    by_position: tuple[int, ...] = ()


def _bad(text: str) -> FormatError:
    return FormatError(
        f"{text[:60]!r} is no part of a recurrence rule",
        where="RRULE",
        remedy="Write it like FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261231T230000Z",
    )


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise _bad(text)
    return int(text)


def _numbers(parts: dict[str, str], name: str) -> tuple[int, ...]:
    lowest, highest, signed = _RANGES[name]
    values = {_number(text.strip()) for text in parts.pop(name, "").split(",") if text.strip()}
    for value in values:
        if not lowest <= (abs(value) if signed else value) <= highest:
            raise _bad(f"{name}={value}")
    return tuple(sorted(values))


def _by_day(text: str) -> tuple[tuple[int, int], ...]:
    days = set()
    for part in filter(None, text.replace(" ", "").split(",")):
        found = _BYDAY.fullmatch(part)
        if found is None:
            raise _bad(f"BYDAY={part}")
        days.add((int(found[1] or 0), _WEEKDAYS[found[2]]))
    return tuple(sorted(days))


def _until(text: str) -> dt.date | dt.datetime | None:
    found = _UNTIL.fullmatch(text)
    if not text:
        return None
    try:
        if found is None:
            raise _bad(f"UNTIL={text}")
        if not found[2]:
            return dt.date.fromisoformat(found[1])
        return dt.datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3]}")
    except ValueError as error:
        raise _bad(f"UNTIL={text}") from error


def parse_rule(text: str) -> Rule:
    """
    Return the rule of an RRULE value.

    Raises:
        FormatError: a part that is not of the standard.
        UnsupportedError: a calendar that is not Gregorian (RFC 7529).
    """
    if len(text) > _LONGEST:
        raise _bad(text)
    pairs = [part.partition("=") for part in text.upper().split(";") if part.strip()]
    parts = {name.strip(): value.strip() for name, _, value in pairs}
    if len(parts) < len(pairs):
        raise _bad(text)
    frequency = parts.pop("FREQ", "")
    if frequency not in FREQUENCIES:
        raise _bad(f"FREQ={frequency}")
    if parts.pop("RSCALE", "GREGORIAN") != "GREGORIAN" or parts.pop("SKIP", "OMIT") != "OMIT":
        raise UnsupportedError("only rules in the Gregorian calendar are followed", where="RRULE")
    interval, count = _number(parts.pop("INTERVAL", "1")), _number(parts.pop("COUNT", "-1"))
    week_start = parts.pop("WKST", "MO")
    # Some programs write COUNT=-1 for a rule without end.
    if interval < 1 or count == 0 or count < -1 or week_start not in _WEEKDAYS:
        raise _bad(text)
    seconds = _numbers(parts, "BYSECOND")
    rule = Rule(
        frequency=FREQUENCIES.index(frequency),
        interval=interval,
        count=max(count, 0),
        until=_until(parts.pop("UNTIL", "")),
        week_start=_WEEKDAYS[week_start],
        by_month=_numbers(parts, "BYMONTH"),
        by_week=_numbers(parts, "BYWEEKNO"),
        by_year_day=_numbers(parts, "BYYEARDAY"),
        by_month_day=_numbers(parts, "BYMONTHDAY"),
        by_day=_by_day(parts.pop("BYDAY", "")),
        by_hour=_numbers(parts, "BYHOUR"),
        by_minute=_numbers(parts, "BYMINUTE"),
        # A leap second is read as the second before (RFC 5545, 3.3.12).
        by_second=tuple(sorted({min(second, _LAST_SECOND) for second in seconds})),
        by_position=_numbers(parts, "BYSETPOS"),
    )
    unknown = [name for name in parts if not name.startswith("X-")]
    if unknown:
        raise _bad(unknown[0])
    return rule


def _completed(rule: Rule, start: dt.datetime) -> Rule:
    """Return the rule with what the standard takes from the start when it is not said."""
    changes: dict[str, Any] = {}
    if not (rule.by_week or rule.by_year_day or rule.by_month_day or rule.by_day):
        if rule.frequency == YEARLY and not rule.by_month:
            changes["by_month"] = (start.month,)
        if rule.frequency in (YEARLY, MONTHLY):
            changes["by_month_day"] = (start.day,)
        elif rule.frequency == WEEKLY:
            changes["by_day"] = ((0, start.weekday()),)
    clock = {"by_hour": start.hour, "by_minute": start.minute, "by_second": start.second}
    for frequency, (name, value) in zip((HOURLY, MINUTELY, SECONDLY), clock.items(), strict=True):
        if rule.frequency < frequency and not getattr(rule, name):
            changes[name] = (value,)
    return attrs.evolve(rule, **changes)


def _weeks_of(year: int, week_start: int) -> tuple[dt.date, int]:
    """Return the first day of week 1 of ``year`` and how many weeks it has (ISO 8601, any WKST)."""
    first = _first_week(year, week_start)
    following = _first_week(year + 1, week_start)
    return dt.date.fromordinal(max(first, 1)), (following - first) // _WEEK


def _first_week(year: int, week_start: int) -> int:
    new_year = dt.date(min(year, 9999), 1, 1).toordinal() + (365 if year > 9999 else 0)  # noqa: PLR2004 - the last year
    ahead = (week_start - (new_year + 6)) % _WEEK
    # A week belongs to the year that has at least four of its days.
    return new_year + ahead - (_WEEK if ahead > 3 else 0)  # noqa: PLR2004 - likewise


@attrs.define
class _Days:
    """Which days a rule allows."""

    rule: Rule
    months: frozenset[int] = attrs.field(init=False)
    weekdays: frozenset[int] = attrs.field(init=False)
    ordinal: bool = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        rule = self.rule
        self.months = frozenset(rule.by_month)
        self.ordinal = rule.frequency <= MONTHLY and not rule.by_week
        self.weekdays = frozenset(day for nth, day in rule.by_day if not (nth and self.ordinal))

    def allows(self, day: dt.date) -> bool:
        """Say whether ``day`` is one of the rule's, whatever its period."""
        rule = self.rule
        return (
            (not self.months or day.month in self.months)
            and (not rule.by_month_day or self._in_month(day))
            and (not rule.by_day or self._in_week(day))
            and (not rule.by_year_day or self._in_year(day))
            and (not rule.by_week or self._in_weeks(day))
        )

    def _in_month(self, day: dt.date) -> bool:
        days = self.rule.by_month_day
        back = day.day - calendar.monthrange(day.year, day.month)[1] - 1
        return day.day in days or back in days

    def _in_year(self, day: dt.date) -> bool:
        number = day.timetuple().tm_yday
        length = 366 if calendar.isleap(day.year) else 365
        days = self.rule.by_year_day
        return number in days or number - length - 1 in days

    def _in_week(self, day: dt.date) -> bool:
        weekday = day.weekday()
        if weekday in self.weekdays:
            return True
        if not self.ordinal:
            return False
        if self.rule.frequency == YEARLY and not self.months:
            at = day.timetuple().tm_yday
            length = 366 if calendar.isleap(day.year) else 365
        else:
            at, length = day.day, calendar.monthrange(day.year, day.month)[1]
        nths = (at - 1) // _WEEK + 1, -((length - at) // _WEEK) - 1
        return any((nth, weekday) in self.rule.by_day for nth in nths)

    def _in_weeks(self, day: dt.date) -> bool:
        for year in (day.year, day.year + 1, day.year - 1):
            if not 1 <= year <= 9999:  # noqa: PLR2004 - the calendar
                continue
            first, count = _weeks_of(year, self.rule.week_start)
            number = (day.toordinal() - first.toordinal()) // _WEEK + 1
            if 1 <= number <= count:
                weeks = self.rule.by_week
                return number in weeks or number - count - 1 in weeks
        return False


def _period_days(rule: Rule, start: dt.date, number: int) -> tuple[int, int] | None:
    """Return the ordinals [first, stop) of the period ``number``, ``None`` past the year 9999."""
    step = number * rule.interval
    last = dt.date.max.toordinal()
    if rule.frequency == YEARLY:
        year = start.year + step
        if year > 9999:  # noqa: PLR2004 - the calendar
            return None
        first = dt.date(year, 1, 1).toordinal()
        return first, first + (366 if calendar.isleap(year) else 365)
    if rule.frequency == MONTHLY:
        year, month = divmod(start.year * 12 + start.month - 1 + step, 12)
        if year > 9999:  # noqa: PLR2004 - the calendar
            return None
        first = dt.date(year, month + 1, 1).toordinal()
        return first, first + calendar.monthrange(year, month + 1)[1]
    first, length = start.toordinal() + step, 1
    if rule.frequency == WEEKLY:
        first = start.toordinal() - (start.weekday() - rule.week_start) % _WEEK + step * _WEEK
        length = _WEEK
    return (max(first, 1), min(first + length, last + 1)) if first <= last else None


def _first_period(rule: Rule, start: dt.date, low: dt.date) -> int:
    """Return a period not after the one that ``low`` is in, as near as is cheap."""
    if rule.count or low <= start:
        return 0
    if rule.frequency == YEARLY:
        gone = low.year - start.year
    elif rule.frequency == MONTHLY:
        gone = (low.year - start.year) * 12 + low.month - start.month
    else:
        gone = (low - start).days // (_WEEK if rule.frequency == WEEKLY else 1)
    return max(gone // rule.interval - 1, 0)


def _chosen(candidates: Iterator[dt.datetime], positions: Sequence[int]) -> Iterator[dt.datetime]:
    """Yield what BYSETPOS leaves of one period's candidates."""
    if not positions:
        yield from candidates
        return
    found = list(candidates)
    wanted = {at - 1 if at > 0 else len(found) + at for at in positions}
    yield from (found[at] for at in sorted(wanted) if 0 <= at < len(found))


def _by_days(
    rule: Rule, start: dt.datetime, low: dt.datetime, high: dt.datetime, meter: Meter
) -> Iterator[dt.datetime]:
    """Follow a rule whose periods are days or longer."""
    days = _Days(rule)
    meter.spend(len(rule.by_hour) * len(rule.by_minute) * len(rule.by_second))
    times = [
        dt.time(*clock) for clock in itertools.product(rule.by_hour, rule.by_minute, rule.by_second)
    ]
    skip = 0 if rule.count or rule.by_position else low.toordinal()

    def candidates(first: int, stop: int) -> Iterator[dt.datetime]:
        for ordinal in range(first, stop):
            day = dt.date.fromordinal(ordinal)
            meter.spend()
            if days.allows(day):
                for time in times:
                    meter.spend()
                    yield dt.datetime.combine(day, time)

    for number in itertools.count(_first_period(rule, start.date(), low.date())):
        meter.spend()
        period = _period_days(rule, start.date(), number)
        if period is None or period[0] > high.toordinal():
            return
        first, stop = _narrowed(rule, period)
        yield from _chosen(candidates(max(first, skip), stop), rule.by_position)


def _narrowed(rule: Rule, period: tuple[int, int]) -> tuple[int, int]:
    """Return the part of a year that its rule's only month is, to test fewer days."""
    if rule.frequency != YEARLY or len(rule.by_month) != 1:
        return period
    year, month = dt.date.fromordinal(period[0]).year, rule.by_month[0]
    first = dt.date(year, month, 1).toordinal()
    return first, first + calendar.monthrange(year, month)[1]


def _by_clock(
    rule: Rule, start: dt.datetime, low: dt.datetime, high: dt.datetime, meter: Meter
) -> Iterator[dt.datetime]:
    """Follow a rule whose periods are hours, minutes or seconds, leaping over closed ones."""
    days, unit = _Days(rule), _SECONDS[rule.frequency]
    step = unit * rule.interval
    base = start.replace(
        minute=0 if unit > 60 else start.minute,  # noqa: PLR2004 - seconds of a minute
        second=0 if unit > 1 else start.second,
    )
    gone = _between(base, low) // step - 1 if not rule.count and low > base else 0
    number = max(gone, 0)
    meter.spend(len(rule.by_minute) * len(rule.by_second) if unit > 60 else len(rule.by_second))  # noqa: PLR2004 - likewise
    while True:
        meter.spend()
        moment = _later(base, number * step)
        if moment is None or moment > high:
            return
        closed = _closed(rule, moment, days.allows)
        if closed:
            midnight = moment.replace(hour=0, minute=0, second=0)
            rest = closed - _between(midnight, moment) % closed
            number += max(-(-rest // step), 1)
            continue
        yield from _chosen(_within(rule, moment, meter), rule.by_position)
        number += 1


def _between(one: dt.datetime, other: dt.datetime) -> int:
    delta = other - one
    return delta.days * 86_400 + delta.seconds


def _later(base: dt.datetime, seconds: int) -> dt.datetime | None:
    try:
        return base + dt.timedelta(seconds=seconds)
    except OverflowError:
        return None


def _closed(rule: Rule, moment: dt.datetime, allows: Callable[[dt.date], bool]) -> int:
    """Return the seconds of the day, hour, minute or second that the rule leaves out, or 0."""
    if not allows(moment.date()):
        return 86_400
    if rule.by_hour and moment.hour not in rule.by_hour:
        return 3600
    if rule.frequency >= MINUTELY and rule.by_minute and moment.minute not in rule.by_minute:
        return 60
    if rule.frequency == SECONDLY and rule.by_second and moment.second not in rule.by_second:
        return 1
    return 0


def _within(rule: Rule, moment: dt.datetime, meter: Meter) -> Iterator[dt.datetime]:
    minutes = rule.by_minute if rule.frequency == HOURLY else (moment.minute,)
    seconds = rule.by_second if rule.frequency < SECONDLY else (moment.second,)
    for minute, second in itertools.product(minutes, seconds):
        meter.spend()
        yield moment.replace(minute=minute, second=second)


def follow(
    rule: Rule, start: dt.datetime, low: dt.datetime, high: dt.datetime, meter: Meter
) -> Iterator[dt.datetime]:
    """
    Yield the wall times of a rule from ``low`` to ``high`` (both included), in order.

    ``start`` is naive, as all are; ``rule.until`` is left to the caller, who knows the zone. What
    is neither yielded nor needed for counting is leapt over.

    Raises:
        RecurrenceTooLargeError: the budget of ``meter`` is spent.
    """
    whole = _completed(rule, start)
    found = (_by_days if whole.frequency <= DAILY else _by_clock)(whole, start, low, high, meter)
    number = 0
    for moment in found:
        if moment < start:
            continue
        number += 1
        if moment > high or (whole.count and number > whole.count):
            return
        if moment >= low:
            yield moment
        if number == whole.count:
            return
