# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Announcement,
    AnnouncementState,
    ends_before,
    has_begun,
    is_due,
    is_over,
    is_shown,
    publication_days,
    shown_from,
    shown_until,
)

PARIS = ZoneInfo("Europe/Paris")
REUNION = ZoneInfo("Indian/Reunion")
DAY = dt.date(2026, 3, 29)  # 23 hours long in Paris

DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
TIMES = st.datetimes(
    dt.datetime.combine(dt.date(2026, 1, 1), dt.time()),
    dt.datetime.combine(dt.date(2026, 12, 31), dt.time()),
    timezones=st.sampled_from([PARIS, REUNION, dt.UTC]),
)
PERIODS = st.tuples(st.none() | DAYS | TIMES, st.none() | DAYS | TIMES).filter(
    lambda pair: None in pair or not ends_before(*pair)
)


def _announcement(**fields) -> Announcement:
    return Announcement(id="announcement:1", **{"state": AnnouncementState.SCHEDULED, **fields})


def test_a_day_lasts_from_midnight_to_midnight_in_its_zone():
    """The day on which clocks change is shown for its 23 hours, in Paris unless told otherwise."""
    one = _announcement(publish_from=DAY, publish_until=DAY)

    assert shown_from(one) == dt.datetime(2026, 3, 28, 23, tzinfo=dt.UTC)
    assert shown_until(one) == dt.datetime(2026, 3, 29, 22, tzinfo=dt.UTC)
    assert shown_from(one, zone=REUNION) == dt.datetime(2026, 3, 28, 20, tzinfo=dt.UTC)


def test_a_time_is_an_instant_in_any_zone():
    """From 17:00 on, and no longer at 18:00."""
    one = _announcement(
        publish_from=dt.datetime(2026, 11, 14, 17, tzinfo=PARIS),
        publish_until=dt.datetime(2026, 11, 14, 18, tzinfo=PARIS),
    )
    clock = [dt.datetime(2026, 11, 14, hour, tzinfo=dt.UTC) for hour in (15, 16, 17)]

    assert [is_shown(one, now) for now in clock] == [False, True, False]
    assert [is_over(one, now, zone=REUNION) for now in clock] == [False, False, True]
    assert [has_begun(one, now) for now in clock] == [False, True, True]


@pytest.mark.parametrize(
    ("state", "shown", "due"),
    [
        (AnnouncementState.DRAFT, False, False),
        (AnnouncementState.APPROVED, True, True),
        (AnnouncementState.SCHEDULED, True, True),
        (AnnouncementState.PUBLISHED, True, False),
        (AnnouncementState.EXPIRED, False, False),
        (AnnouncementState.WITHDRAWN, False, False),
    ],
)
def test_only_what_was_approved_is_shown(state, shown, due):
    """A draft is never due, and what is published is not released again."""
    now = dt.datetime(2026, 11, 14, tzinfo=dt.UTC)

    assert is_shown(_announcement(state=state), now) is shown
    assert is_due(_announcement(state=state), now) is due


@settings(max_examples=150)
@given(period=PERIODS, now=TIMES, zone=st.none() | st.sampled_from([PARIS, REUNION]))
def test_shown_means_begun_and_not_over(period, now, zone):
    """The functions agree with the two instants, which are in order unless nothing is shown."""
    one = _announcement(publish_from=period[0], publish_until=period[1])
    start, end = shown_from(one, zone=zone), shown_until(one, zone=zone)

    inside = (start is None or start <= now) and (end is None or now < end)
    assert is_shown(one, now, zone=zone) is is_due(one, now, zone=zone) is inside
    assert is_over(one, now, zone=zone) is (end is not None and end <= now)


@settings(max_examples=150)
@given(period=PERIODS, zone=st.none() | st.sampled_from([PARIS, REUNION]))
def test_days_hold_the_whole_period(period, zone):
    """A channel of days shows at least as long as asked, less than a day more at each end."""
    one = _announcement(publish_from=period[0], publish_until=period[1])
    first, last = publication_days(one, zone=zone)
    rounded = attrs.evolve(one, publish_from=first, publish_until=last)
    pairs = (
        (shown_from(rounded, zone=zone), shown_from(one, zone=zone)),
        (shown_until(one, zone=zone), shown_until(rounded, zone=zone)),
    )

    for earlier, later in pairs:
        assert (earlier is None) is (later is None)
        assert earlier is None or earlier <= later
    assert first is None or last is None or first <= last


def test_periods_that_end_before_they_begin_are_refused():
    """Two days, two times, or a day and a time more than a day apart."""
    noon = dt.datetime(2026, 11, 14, 12, tzinfo=PARIS)
    for start, end in (
        (dt.date(2026, 11, 14), dt.date(2026, 11, 13)),
        (noon, noon - dt.timedelta(minutes=1)),
        (noon, dt.date(2026, 11, 12)),
        (dt.date(2026, 11, 16), noon),
    ):
        with pytest.raises(InvalidValueError) as caught:
            _announcement(publish_from=start, publish_until=end)
        assert caught.value.where == "publish_until"
    assert _announcement(publish_from=noon, publish_until=dt.date(2026, 11, 14)).publish_until


@pytest.mark.parametrize("field", ["publish_from", "publish_until"])
def test_a_time_of_publication_has_a_zone(field):
    """A naive time is refused and named: nobody could say when it is."""
    with pytest.raises(InvalidValueError, match="no time zone") as caught:
        _announcement(**{field: dt.datetime.combine(DAY, dt.time(17))})
    assert caught.value.where == field


def test_now_has_a_zone():
    """A naive clock is refused."""
    one = _announcement(publish_from=DAY, publish_until=DAY)
    for ask in (is_shown, is_due, is_over, has_begun):
        with pytest.raises(InvalidValueError, match="no time zone"):
            ask(one, dt.datetime.combine(DAY, dt.time(17)))


def test_the_ends_of_the_calendar_raise_nothing():
    """The last day that there is has no midnight after it, and the first no earlier zone."""
    last = _announcement(publish_until=dt.date.max)
    first = _announcement(publish_from=dt.datetime.min.replace(tzinfo=dt.timezone.max))

    assert shown_until(last) is None
    assert not is_over(last, dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert publication_days(first)[0] == dt.date.min
