# SPDX-License-Identifier: Apache-2.0
"""The clock of tests does what it is told, and nothing by itself."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from territoire_sante.errors import InvalidValueError
from territoire_sante.testing import Clock

PARIS = ZoneInfo("Europe/Paris")


def test_it_stands_still(clock):
    """Without being told, it shows the same moment at each look."""
    assert clock() == clock() == dt.datetime(2026, 3, 28, 9, tzinfo=dt.UTC)


def test_it_steps_at_each_look():
    """A step is added after each look, and counted by the seconds that passed."""
    clock = Clock(step=dt.timedelta(minutes=1))

    assert [clock().minute for _ in range(3)] == [0, 1, 2]
    assert clock.monotonic() == 180


def test_hours_are_hours_over_a_clock_change():
    """Over the change of the clocks, an hour is 60 minutes and the day is that of its zone."""
    clock = Clock(dt.datetime(2026, 3, 29, 1, 30, tzinfo=PARIS))
    clock.advance(hours=1)

    assert clock().isoformat() == "2026-03-29T03:30:00+02:00"
    clock.advance(hours=21)
    assert clock.today() == dt.date(2026, 3, 30)


def test_sleeping_takes_no_time():
    """A sleep of a year is over at once, and later by a year."""
    clock = Clock()
    before = clock.today()
    clock.sleep(365 * 86_400)

    assert (clock.today() - before).days == 365


def test_time_has_a_zone_and_a_direction():
    """A clock without a zone, and a step back, are refused."""
    with pytest.raises(InvalidValueError, match="time zone"):
        Clock(dt.datetime(2026, 3, 28, 9))  # noqa: DTZ001 - that is the claim
    with pytest.raises(InvalidValueError, match="does not go back"):
        Clock().sleep(-1)


def test_the_fixture_guards_the_network(no_network):
    """The fixture gives the list of refused hosts, empty at first."""
    assert no_network == []
