# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import Duration

PARTS = st.integers(0, 500)
DURATIONS = st.builds(
    Duration, years=st.integers(0, 50), months=PARTS, days=PARTS, hours=PARTS, minutes=PARTS
)
DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))


@given(DURATIONS)
@settings(max_examples=100)
def test_text_round_trips(duration):
    """What is written in ISO 8601 reads back as the same length, in one spelling."""
    assert Duration.parse(str(duration)) == duration
    assert str(Duration.parse(str(duration))) == str(duration)


@given(DAYS, DURATIONS)
@settings(max_examples=100)
def test_after_and_before_go_opposite_ways(day, duration):
    """Later is never earlier, earlier never later, and zero stays."""
    assert duration.before(day) <= day <= duration.after(day)
    assert (duration.after(day) == day) is (not duration)


@given(DAYS, st.integers(0, 600))
@settings(max_examples=100)
def test_months_stay_in_their_month(day, months):
    """Adding months lands in the month counted, on the same day or on its last."""
    later = Duration(months=months).after(day)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + dt.timedelta(1)).day == 1)


@pytest.mark.parametrize(
    ("text", "duration", "written"),
    [
        ("P1Y6M", Duration(years=1, months=6), "P1Y6M"),
        ("P18M", Duration(years=1, months=6), "P1Y6M"),
        ("p2w", Duration(days=14), "P14D"),
        ("PT48H", Duration(hours=48), "PT48H"),
        ("PT90M", Duration(hours=1, minutes=30), "PT1H30M"),
        ("P0D", Duration(), "P0D"),
    ],
)
def test_known_durations(text, duration, written):
    """Weeks become days, twelve months a year, sixty minutes an hour."""
    assert Duration.parse(text) == duration
    assert str(duration) == written


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1YT", "p1yt", "-P1D", "P1.5Y", "1Y", "P1S", "PT1S", "P٣D", "P1M1Y"]
)
def test_other_texts_are_refused(text):
    """What is signed, fractional, empty or in another order is refused with an example."""
    with pytest.raises(InvalidValueError) as caught:
        Duration.parse(text)
    assert "P1Y6M" in caught.value.remedy


@pytest.mark.parametrize(
    ("duration", "day", "later"),
    [
        (Duration(months=1), dt.date(2028, 1, 31), dt.date(2028, 2, 29)),
        (Duration(years=1), dt.date(2028, 2, 29), dt.date(2029, 2, 28)),
        (Duration(months=1, days=1), dt.date(2027, 1, 31), dt.date(2027, 3, 1)),
        (Duration(hours=48), dt.date(2027, 1, 1), dt.date(2027, 1, 3)),
        (Duration(hours=24, minutes=1), dt.date(2027, 1, 1), dt.date(2027, 1, 3)),
        (Duration(minutes=1), dt.date(2027, 1, 1), dt.date(2027, 1, 2)),
    ],
)
def test_days_that_do_not_exist_are_clamped(duration, day, later):
    """Months first, clamped to their end, then days; hours count as days once begun."""
    assert duration.after(day) == later


def test_the_calendar_has_ends():
    """A result outside of the years 1 to 9999, or an absurd length, is an error of ours."""
    with pytest.raises(InvalidValueError, match="leaves the calendar"):
        Duration(years=9000).after(dt.date(2026, 1, 1))
    with pytest.raises(InvalidValueError, match="leaves the calendar"):
        Duration(days=999_999).before(dt.date(2026, 1, 1))
    with pytest.raises(InvalidValueError, match="too long"):
        Duration(days=10**7)
    with pytest.raises(InvalidValueError, match="out of range"):
        Duration(days=-1)
