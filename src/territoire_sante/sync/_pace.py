# SPDX-License-Identifier: Apache-2.0
"""How much time a run may take, and how it waits."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import Final

import attrs

#: Seconds that a run without a deadline waits, all in all, for servers that ask for patience.
PATIENCE: Final = 60.0


@attrs.define(kw_only=True)
class Pace:
    """
    The time of one run.

    ``now`` is when it started, ``started`` the same on ``clock`` (monotonic seconds);
    ``limit`` is how many seconds it may take, ``None`` for as long as it needs. ``sleep``
    waits for a number of seconds.

    >>> pace = Pace(now=dt.datetime(2027, 1, 1), limit=60, clock=lambda: 12.0, started=10.0)
    >>> pace.left, pace.is_over, pace.may_wait(30), pace.may_wait(58)
    (58.0, False, True, False)
    """

    now: dt.datetime
    limit: float | None
    clock: Callable[[], float]
    started: float
    sleep: Callable[[float], object] = lambda _: None
    waited: float = 0.0

    @property
    def passed(self) -> float:
        """Seconds since the start."""
        return self.clock() - self.started

    @property
    def present(self) -> dt.datetime:
        """The time of the day, as far as the run knows it."""
        return self.now + dt.timedelta(seconds=self.passed)

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return math.inf if self.limit is None else self.limit - self.passed

    @property
    def is_over(self) -> bool:
        """Whether nothing new may be begun."""
        return self.left <= 0

    def may_wait(self, seconds: float) -> bool:
        """Say whether a wait ends before the deadline, or without one before patience does."""
        if self.limit is None:
            return self.waited + seconds <= PATIENCE
        return seconds < self.left

    def wait(self, seconds: float) -> None:
        """Wait."""
        self.waited += seconds
        self.sleep(seconds)
