# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    ALWAYS,
    Announcement,
    ContactPoint,
    ContactPointKind,
    Event,
    Geo,
    Money,
    Period,
    Quantity,
    Tri,
    Unit,
    Visibility,
)

DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2025, 3, 1))
PERIODS = st.tuples(st.none() | DAYS, st.none() | DAYS).filter(
    lambda ends: None in ends or ends[0] <= ends[1]
)


@given(PERIODS, PERIODS)
@settings(max_examples=100)
def test_periods_overlap_where_they_share_a_day(one, other):
    """Two periods overlap exactly if some day lies in both; an empty one overlaps none."""
    first, second = Period(start=one[0], end=one[1]), Period(start=other[0], end=other[1])
    span = [dt.date(2024, 12, 31) + dt.timedelta(days=n) for n in range(63)]
    shared = any(first.contains(day) and second.contains(day) for day in span)
    assert first.overlaps(second) is shared is second.overlaps(first)
    assert ALWAYS.overlaps(first) is any(map(first.contains, span))


@pytest.mark.parametrize(
    "value", ["", "abc", "1.005", "NaN", "Infinity", "1e400", "1e30", None, [1], "1,50"]
)
def test_amounts_are_in_cents(value):
    """What is not an amount in euros and cents is refused with an example."""
    with pytest.raises(InvalidValueError) as caught:
        Money(value)
    assert caught.value.where == "amount"


@given(st.integers(-(10**12), 10**12))
@settings(max_examples=50)
def test_amounts_are_exact(cents):
    """An amount is kept to the cent, whatever it is made of."""
    amount = Decimal(cents) / 100
    assert Money(amount) == Money(str(amount))
    assert Money(amount).amount * 100 == cents


def test_other_currencies_are_refused():
    """Amounts are in euros."""
    with pytest.raises(InvalidValueError, match="CHF"):
        Money("1", "CHF")


@pytest.mark.parametrize("value", ["-1", "NaN", "Infinity", "douze", None])
def test_quantities_are_numbers(value):
    """A negative or endless quantity, or a word, is refused."""
    with pytest.raises(InvalidValueError) as caught:
        Quantity(value, Unit.SEATS)
    assert caught.value.where == "value"
    assert Quantity(0).value == 0


@pytest.mark.parametrize(("latitude", "longitude"), [(91, 0), (0, -181), (float("nan"), 0)])
def test_places_are_on_earth(latitude, longitude):
    """Degrees out of range are refused, the field being named."""
    with pytest.raises(InvalidValueError) as caught:
        Geo(latitude=latitude, longitude=longitude)
    assert caught.value.where in ("latitude", "longitude")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (ContactPointKind.EMAIL, "accueil@msp.example.org", "accueil@msp"),
        (ContactPointKind.SECURE_EMAIL, "msp@medecin.example.org", "a@b@c.fr"),
        (ContactPointKind.URL, "https://example.org/rdv", "example.org"),
        (ContactPointKind.PHONE, "04 66 00 00 00 poste 12", "zéro quatre"),
        (ContactPointKind.FAX, "+33 (0)4 66 00 00 00", ""),
        (ContactPointKind.MOBILE, "+33600000000", "06\n00"),
    ],
)
def test_contact_points_have_the_form_of_their_kind(kind, good, bad):
    """A value of another form is refused with an example of the right one."""
    assert ContactPoint(kind=kind, value=good).value == good
    with pytest.raises(InvalidValueError, match="Write it like") as caught:
        ContactPoint(kind=kind, value=bad)
    assert caught.value.where == "value"


def test_visibility_is_an_order():
    """Each audience sees its own and everything wider, and nothing narrower."""
    order = list(Visibility)
    assert [level.name for level in order] == ["PUBLIC", "PARTNERS", "TEAM", "PRIVATE"]
    for thing in order:
        for audience in order:
            assert thing.may_be_seen_by(audience) is (order.index(thing) <= order.index(audience))


def test_flags_have_three_states():
    """True, false and not known stay apart."""
    assert [Tri.of(flag) for flag in (True, False, None)] == [Tri.YES, Tri.NO, Tri.UNKNOWN]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (dt.date(2026, 1, 1), dt.datetime(2026, 1, 1, 18, tzinfo=dt.UTC)),
        (dt.datetime(2026, 1, 1, 18, tzinfo=dt.UTC), dt.date(2026, 1, 2)),
    ],
)
def test_an_event_is_in_days_or_in_times(start, end):
    """An event that begins with a day and ends with a time is refused."""
    with pytest.raises(InvalidValueError) as caught:
        Event(id="event:1", start=start, end=end)
    assert caught.value.where == "end"


def test_an_event_of_days_says_so():
    """All-day events are told from timed ones, and from those without a start."""
    assert Event(id="event:1", start=dt.date(2026, 1, 1)).all_day
    assert not Event(id="event:1", start=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)).all_day
    assert not Event(id="event:1").all_day


def test_an_announcement_ends_after_it_begins():
    """An announcement whose last day is before its first is refused; approval names its author."""
    with pytest.raises(InvalidValueError) as caught:
        Announcement(
            id="announcement:1",
            publish_from=dt.date(2026, 1, 2),
            publish_until=dt.date(2026, 1, 1),
        )
    assert caught.value.where == "publish_until"
    approved = Announcement(id="announcement:1").approve(by="Maire", on=dt.date(2026, 1, 1))
    assert (approved.approved_by, approved.approved_on) == ("Maire", dt.date(2026, 1, 1))
