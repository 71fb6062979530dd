# SPDX-License-Identifier: Apache-2.0
"""Time that tests decide on."""

from __future__ import annotations

import datetime as dt
from typing import Final

import attrs

from territoire_sante.errors import InvalidValueError

_FIRST: Final = dt.datetime(2026, 3, 28, 9, tzinfo=dt.UTC)


@attrs.define(eq=False)
class Clock:
    """
    A clock that stands still until it is told otherwise, to pass where the present is asked for.

    Calling it gives the present, aware. ``step`` is added after each such look. It also stands in
    for ``time.monotonic`` and ``time.sleep``: sleeping takes no time and moves it on.

    >>> clock = Clock(dt.datetime(2026, 3, 29, 0, 30, tzinfo=dt.UTC))
    >>> clock.advance(hours=1)
    >>> clock().isoformat(), clock.today().isoformat()
    ('2026-03-29T01:30:00+00:00', '2026-03-29')
    >>> clock.sleep(90)
    >>> clock.monotonic()
    3690.0
    """

    _present: dt.datetime = attrs.field(default=_FIRST, alias="present")
    step: dt.timedelta = attrs.field(default=dt.timedelta(), kw_only=True)
    _passed: float = attrs.field(default=0.0, init=False)

    def __attrs_post_init__(self) -> None:
        if self._present.utcoffset() is None:
            raise InvalidValueError(
                "a clock needs a time zone", where="Clock", remedy="Give tzinfo=datetime.UTC"
            )

    def __call__(self) -> dt.datetime:
        """Return the present, then go on by ``step``."""
        now = self._present
        self._move(self.step)
        return now

    def today(self) -> dt.date:
        """Return the day, in the zone of the clock."""
        return self._present.date()

    def monotonic(self) -> float:
        """Return the seconds that passed on this clock."""
        return self._passed

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        self._move(dt.timedelta(seconds=seconds))

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> None:
        """Let time pass at once."""
        self._move(dt.timedelta(days=days, hours=hours, minutes=minutes))

    def _move(self, length: dt.timedelta) -> None:
        if length < dt.timedelta():
            raise InvalidValueError("time does not go back", where="Clock")
        # Over a clock change, hours pass as they do on the wall of somebody in UTC.
        zone = self._present.tzinfo
        self._present = (self._present.astimezone(dt.UTC) + length).astimezone(zone)
        self._passed += length.total_seconds()
