# SPDX-License-Identifier: Apache-2.0
"""Durations that know months and years: terms, notices, review periods."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Self

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.model._checks import between

_ISO = re.compile(
    r"P(?:(?P<years>[0-9]{1,6})Y)?(?:(?P<months>[0-9]{1,6})M)?(?:(?P<weeks>[0-9]{1,6})W)?"
    r"(?:(?P<days>[0-9]{1,6})D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,6})H)?(?:(?P<minutes>[0-9]{1,6})M)?)?"
)
_MOST = 999_999
_REMEDY = "Write an ISO 8601 duration such as P1Y6M, P3M, P15D or PT2H"


def _shift_months(day: dt.date, months: int) -> dt.date:
    """Return the same day ``months`` later, or the last of that month where it has no such day."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month0 + 1)[1]
    return dt.date(year, month0 + 1, min(day.day, last))


@attrs.frozen(kw_only=True)
class Duration:
    """
    A length of time in calendar units, never negative (ISO 8601, 5.5.2).

    Years, months and days are kept apart, because a month has no fixed
    length; weeks are kept as days, seconds do not exist.

    >>> str(Duration.parse("P18M"))
    'P1Y6M'
    >>> Duration(months=1).after(dt.date(2027, 1, 31))
    datetime.date(2027, 2, 28)
    """

    years: int = attrs.field(default=0, validator=between(0))
    months: int = attrs.field(default=0, validator=between(0))
    days: int = attrs.field(default=0, validator=between(0))
    hours: int = attrs.field(default=0, validator=between(0))
    minutes: int = attrs.field(default=0, validator=between(0))

    def __attrs_post_init__(self) -> None:
        # One spelling per length, so that equal terms compare equal.
        more_years, months = divmod(self.months, 12)
        more_hours, minutes = divmod(self.minutes, 60)
        object.__setattr__(self, "years", self.years + more_years)
        object.__setattr__(self, "months", months)
        object.__setattr__(self, "hours", self.hours + more_hours)
        object.__setattr__(self, "minutes", minutes)
        if max(attrs.astuple(self)) > _MOST:
            raise InvalidValueError(
                "the duration is too long", where="duration", remedy=f"Give at most {_MOST} of each"
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read an ISO 8601 duration in whole units.

        Raises:
            InvalidValueError: it is empty, signed, fractional, or no duration at all.
        """
        match = _ISO.fullmatch(text.strip().upper())
        if match is None or not any(match.groupdict().values()):
            message = f"{text!r} is not a duration"
            raise InvalidValueError(message, where="duration", remedy=_REMEDY)
        part = {name: int(digits or 0) for name, digits in match.groupdict().items()}
        weeks = part.pop("weeks")
        return cls(**{**part, "days": part["days"] + 7 * weeks})

    def after(self, day: dt.date) -> dt.date:
        """
        Return ``day`` plus this duration; hours count as days once begun.

        The end of a month is kept within its month: one month after
        31 January is 28 or 29 February.

        Raises:
            InvalidValueError: the result is outside of the years 1 to 9999.
        """
        return self._moved(day, 1)

    def before(self, day: dt.date) -> dt.date:
        """Return ``day`` minus this duration, by the same rules as :meth:`after`."""
        return self._moved(day, -1)

    def _moved(self, day: dt.date, sign: int) -> dt.date:
        begun = -(-(self.hours * 60 + self.minutes) // (24 * 60))
        try:
            moved = _shift_months(day, sign * (12 * self.years + self.months))
            return moved + dt.timedelta(days=sign * (self.days + begun))
        except (ValueError, OverflowError) as error:
            message = f"{self} counted from {day} leaves the calendar"
            raise InvalidValueError(message, where="duration", remedy=_REMEDY) from error

    def __bool__(self) -> bool:
        return any(attrs.astuple(self))

    def __str__(self) -> str:
        date = "".join(
            f"{count}{unit}"
            for count, unit in ((self.years, "Y"), (self.months, "M"), (self.days, "D"))
            if count
        )
        time = "".join(
            f"{count}{unit}" for count, unit in ((self.hours, "H"), (self.minutes, "M")) if count
        )
        return f"P{date}{'T' + time if time else ''}" if date or time else "P0D"
