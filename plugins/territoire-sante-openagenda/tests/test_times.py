# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante_openagenda._times import LONGEST, lasts, read_slots, slots_of, span, written

PARIS = ZoneInfo("Europe/Paris")
BACK = dt.date(2026, 10, 25)
FORTH = dt.date(2026, 3, 29)
DAY = dt.timedelta(days=1)


def _texts(slots):
    return [(begin.isoformat(), end.isoformat()) for begin, end in slots]


def test_the_day_on_which_clocks_go_back_has_two_slots():
    """00:00 to 23:59 lasts 24 h 59 on that day, which is refused: it is split at noon."""
    slots = slots_of(BACK, None, PARIS)

    assert _texts(slots) == [
        ("2026-10-25T00:00:00+02:00", "2026-10-25T12:00:00+01:00"),
        ("2026-10-25T12:00:00+01:00", "2026-10-25T23:59:00+01:00"),
    ]
    assert span(slots, PARIS) == (BACK, BACK + DAY)


def test_the_day_on_which_clocks_go_forth_has_one_slot():
    """The short day needs no splitting."""
    (slot,) = slots_of(FORTH, FORTH + DAY, PARIS)
    assert lasts(slot) == dt.timedelta(hours=22, minutes=59)


@pytest.mark.parametrize(
    ("hours", "count"), [(23.99, 1), (24, 1), (24.01, 2)], ids=["less", "24 h", "more"]
)
def test_a_slot_lasts_24_hours_at_most(hours, count):
    """A span of exactly 24 hours is one slot; anything longer is cut at midnight."""
    start = dt.datetime(2026, 11, 13, 18, tzinfo=PARIS)
    slots = slots_of(start, start + dt.timedelta(hours=hours), PARIS)
    assert len(slots) == count


def test_a_span_over_the_clock_change_is_measured_by_what_it_lasts():
    """From noon to noon over the night that has an hour more, 25 hours pass: two slots."""
    start = dt.datetime(2026, 10, 24, 12, tzinfo=PARIS)
    assert len(slots_of(start, start + DAY, PARIS)) == 2


@pytest.mark.parametrize("days", [799, 800, 801])
def test_as_many_slots_as_days(days):
    """Up to one more than allowed are made, so that too many are noticed."""
    start = dt.date(2027, 1, 1)
    slots = slots_of(start, start + days * DAY, ZoneInfo("UTC"))
    assert len(slots) == days


def test_a_century_is_not_counted_out():
    """A mistyped year makes no millions of slots."""
    assert len(slots_of(dt.date(2026, 1, 1), dt.date(9999, 1, 1), PARIS)) == 801


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (dt.datetime(2026, 11, 14, 9, tzinfo=PARIS), None),
        (dt.datetime(2026, 11, 14, 9, tzinfo=PARIS), dt.datetime(2026, 11, 14, 9, tzinfo=PARIS)),
        (dt.datetime(2026, 11, 14, 9, tzinfo=PARIS), dt.date(2026, 11, 15)),
        (BACK, BACK),
        (None, None),
        (dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=PARIS)),
    ],
    ids=["no end", "no time", "mixed", "no day", "nothing", "all of time"],
)
def test_what_takes_no_time_has_no_slots(start, end):
    """Without an end, or with one that is not after the start, nothing is guessed."""
    assert len(slots_of(start, end, PARIS)) in {0, 801}
    assert slots_of(start, end, PARIS) == [] or end.year == dt.MAXYEAR


_DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2030, 12, 31))
_TIMES = st.datetimes(
    dt.datetime(2026, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    dt.datetime(2030, 12, 31),  # noqa: DTZ001 - likewise
    timezones=st.sampled_from([PARIS, dt.UTC, ZoneInfo("America/Guadeloupe")]),
)


@given(start=_DAYS, count=st.integers(1, 400))
@settings(max_examples=60, deadline=None)
def test_days_come_back(start, count):
    """Whole days are sent as slots of 24 hours at most without overlap, and read as those days."""
    slots = read_slots(written(slots_of(start, start + count * DAY, PARIS)))

    assert all(dt.timedelta() < lasts(one) <= LONGEST for one in slots)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(slots))
    assert span(slots, PARIS) == (start, start + count * DAY)


@given(start=_TIMES, minutes=st.integers(1, 60 * 24 * 40))
@settings(max_examples=100, deadline=None)
def test_times_come_back(start, minutes):
    """A span of times is sent in slots that fill it without a gap, and comes back whole."""
    end = (start.astimezone(dt.UTC) + dt.timedelta(minutes=minutes)).astimezone(start.tzinfo)
    slots = slots_of(start, end, PARIS)

    assert all(dt.timedelta() < lasts(one) <= LONGEST for one in slots)
    assert all(
        a[1].astimezone(dt.UTC) == b[0].astimezone(dt.UTC) for a, b in itertools.pairwise(slots)
    )
    assert slots[0][0].astimezone(dt.UTC) == start.astimezone(dt.UTC)
    assert slots[-1][1].astimezone(dt.UTC) == end.astimezone(dt.UTC)
