# SPDX-License-Identifier: Apache-2.0
"""The lens keeps the laws, and the members that it does not know."""

from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from territoire_sante_room_booking import BookingLens

from territoire_sante.errors import FormatError
from territoire_sante.formats import Document
from territoire_sante.model import Event, EventStatus
from territoire_sante.testing import LensSuite, samples_for

PARIS = ZoneInfo("Europe/Paris")
LENS = BookingLens("salles.example.org")


def document(held):
    """Return the document of a booking."""
    return Document(json.dumps(held, ensure_ascii=False).encode(), LENS.media_type)


class TestBookingLens(LensSuite):
    @pytest.fixture
    def lens(self):
        """Give the lens."""
        return LENS

    @pytest.fixture
    def views(self):
        """Give what the service can say."""
        ordinary = samples_for(Event)
        return {name: ordinary[name] for name in ("utc", "days", "clock change", "zoned")}

    @pytest.fixture
    def documents(self, booking):
        """Give bookings as others make them."""
        whole = {"starts_at": "2027-06-05", "ends_at": "2027-06-07", "all_day": True}
        return [
            document(booking(id="b1", status="option", note="Vidéoprojecteur")),
            document(booking(external_id="a@example.org", ends_at=None, status="waiting")),
            document(booking(id="b2", **whole)),
        ]


def test_a_booking_is_read(booking):
    """Local time and zone make a time; a booking without UID is known by its id and the service."""
    event = LENS.get(document(booking(id="b1", status="option")))
    assert (event.uid, event.summary) == ("b1@salles.example.org", "Conseil")
    assert (event.location, event.status) == ("Salle des fêtes", EventStatus.TENTATIVE)
    assert event.start == dt.datetime(2027, 6, 5, 14, tzinfo=PARIS)
    assert event.start.tzinfo.key == "Europe/Paris"


def test_whole_days_end_with_the_last(booking):
    """The service tells the last day, an event the day after it."""
    told = document(booking(id="b1", starts_at="2027-06-05", ends_at="2027-06-05", all_day=True))
    event = LENS.get(told)
    assert (event.start, event.end) == (dt.date(2027, 6, 5), dt.date(2027, 6, 6))
    longer = LENS.put(attrs.evolve(event, end=dt.date(2027, 6, 8)), told)
    assert json.loads(longer.data)["ends_at"] == "2027-06-07"


def test_members_that_are_not_known_stay(booking):
    """A change keeps unknown members, their order and a state that has no name here."""
    held = booking(id="b1", status="waiting", updated_at="2027-01-01T00:00:00+00:00")
    event = LENS.get(document(held))
    after = json.loads(LENS.put(attrs.evolve(event, summary="Bilan"), document(held)).data)
    assert after == {**held, "title": "Bilan"}
    assert list(after) == list(held)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": None},
        {"title": 3},
        {"starts_at": "tomorrow"},
        {"starts_at": "2027-06-05T14:00+02:00"},
        {"time_zone": "Paris"},
        {"time_zone": None},
        {"time_zone": "../etc"},
        {"all_day": "yes"},
        {"all_day": True, "ends_at": "9999-12-31", "starts_at": "2027-06-05"},
        {"ends_at": "2027-06-31T00:00"},
    ],
)
def test_what_is_no_booking_is_refused(booking, wrong):
    """A member of another form is refused by its name, and never guessed."""
    with pytest.raises(FormatError):
        LENS.get(document({**booking(id="b1"), **wrong}))


@pytest.mark.parametrize(
    "times",
    [
        {"start": None},
        {"start": dt.datetime(2027, 6, 5, 14)},  # noqa: DTZ001 - it floats
        {"start": dt.datetime(2027, 6, 5, 14, tzinfo=dt.timezone(dt.timedelta(hours=2)))},
        {"start": dt.datetime(2027, 6, 5, 14, 0, 1, tzinfo=PARIS)},
        {"start": dt.datetime(2027, 10, 31, 2, 30, tzinfo=PARIS, fold=1)},
        {
            "start": dt.datetime(2027, 6, 5, 14, tzinfo=PARIS),
            "end": dt.datetime(2027, 6, 5, 14, tzinfo=dt.UTC),
        },
        {"start": dt.date(2027, 6, 5), "end": dt.date(2027, 6, 5)},
    ],
)
def test_times_that_cannot_be_told_are_refused(times):
    """Floating times, bare offsets, seconds, two zones: refused in so many words."""
    with pytest.raises(FormatError):
        LENS.put(Event(id="event:a", uid="a", summary="Bilan", **times))


zones = st.sampled_from(["Europe/Paris", "America/Cayenne", "Indian/Reunion", "Asia/Kathmandu"])
days = st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1))
clocks = st.builds(dt.time, st.integers(0, 23), st.integers(0, 59))


@given(days, clocks, zones.map(ZoneInfo), st.integers(0, 5000))
def test_each_time_that_is_written_is_read_as_it_is(day, clock, zone, minutes):
    """Whatever the zone, the wall clock and the zone come back."""
    start = dt.datetime.combine(day, clock, zone)
    end = start + dt.timedelta(minutes=minutes)
    back = LENS.get(LENS.put(Event(id="event:a", uid="a", summary="x", start=start, end=end)))
    assert [str(back.start), str(back.end)] == [str(start), str(end)]
    assert back.start.tzinfo is zone
