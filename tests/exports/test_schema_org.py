# SPDX-License-Identifier: Apache-2.0
"""Events and organisations for a web page: what search engines need, nothing that ends a script."""

from __future__ import annotations

import datetime as dt
import html.parser
import zoneinfo

import attrs
import pytest

from territoire_sante.exports import embeddable
from territoire_sante.model import (
    Actor,
    ActorKind,
    Address,
    CalendarUser,
    Classification,
    Event,
    EventStatus,
    Geo,
    Occurrence,
)

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
REUNION = zoneinfo.ZoneInfo("Indian/Reunion")
MSP = Actor(
    id="actor:msp",
    kind=ActorKind.MSP,
    name="MSP des Quatre Chemins",
    addresses=(
        Address(
            street="1 rue de l'Église",
            postcode="01000",
            city="Bourg-en-Bresse",
            geo=Geo(latitude=46.2, longitude=5.22),
        ),
    ),
)
EVENING = Event(
    id="event:1",
    summary="Soirée MSP–élus",
    location="Salle polyvalente",
    geo=Geo(latitude=44.4, longitude=3.3),
    start=dt.datetime(2026, 12, 3, 19, tzinfo=PARIS),
    end=dt.datetime(2026, 12, 3, 21, tzinfo=PARIS),
    organiser_ids=(MSP.id,),
    organizer=CalendarUser(address="mailto:ada@example.org", name="Ada Exemple"),
)


def events(done):
    """Return the events of an export."""
    return [one for one in done.json["@graph"] if one["@type"] in ("Event", "EventSeries")]


def test_the_rules_hold(territory, picture, write, rules):
    """The example territory has what search engines require."""
    done = write("schema-org", picture(territory))
    rules["schema-org"](done.json)

    assert len(events(done)) == 20


def test_an_event(export, rules):
    """Name, times with their offset, place, status and who organises are there, no person is."""
    done = export("schema-org", MSP, EVENING)
    rules["schema-org"](done.json)
    (one,) = events(done)

    assert one["startDate"] == "2026-12-03T19:00:00+01:00"
    assert one["endDate"] == "2026-12-03T21:00:00+01:00"
    assert one["eventStatus"] == "https://schema.org/EventScheduled"
    assert one["location"]["geo"] == {
        "@type": "GeoCoordinates",
        "longitude": 3.3,
        "latitude": 44.4,
    }
    assert one["organizer"][0]["name"] == MSP.name
    assert "Ada" not in done.text


def test_an_organisation(export):
    """An address is a PostalAddress with its leading zero, a position has its order."""
    (one,) = export("schema-org", MSP).json["@graph"]

    assert one["address"] == [
        {
            "@type": "PostalAddress",
            "streetAddress": "1 rue de l'Église",
            "postalCode": "01000",
            "addressLocality": "Bourg-en-Bresse",
            "addressCountry": "FR",
        }
    ]
    assert one["location"][0]["geo"]["longitude"] == 5.22


@pytest.mark.parametrize(
    ("start", "end", "dates"),
    [
        (dt.date(2026, 12, 5), dt.date(2026, 12, 6), ("2026-12-05", "2026-12-05")),
        (dt.date(2026, 12, 5), dt.date(2026, 12, 8), ("2026-12-05", "2026-12-07")),
        (dt.date(2026, 12, 5), None, ("2026-12-05", None)),
        (dt.date(2026, 12, 5), dt.date(2026, 12, 5), ("2026-12-05", None)),
        (
            dt.datetime(2026, 12, 5, 9, tzinfo=REUNION),
            None,
            ("2026-12-05T09:00:00+04:00", None),
        ),
        (dt.datetime(2026, 12, 5, 9, tzinfo=dt.UTC), None, ("2026-12-05T09:00:00+00:00", None)),
        (dt.datetime(2026, 12, 5, 9), None, ("2026-12-05T09:00:00", None)),  # noqa: DTZ001 - floats
    ],
    ids=["day", "days", "no end", "no length", "overseas", "utc", "floating"],
)
def test_days_and_times(start, end, dates, export):
    """Days stay days, a last day is named itself, times keep the offset of their zone."""
    (one,) = events(export("schema-org", attrs.evolve(EVENING, start=start, end=end)))

    assert (one["startDate"], one.get("endDate")) == dates


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (None, "https://schema.org/EventScheduled"),
        (EventStatus.CONFIRMED, "https://schema.org/EventScheduled"),
        (EventStatus.CANCELLED, "https://schema.org/EventCancelled"),
        (EventStatus.TENTATIVE, None),
    ],
)
def test_the_status(status, shown, export):
    """A cancelled event is shown as such, of an uncertain one nothing is said."""
    (one,) = events(export("schema-org", attrs.evolve(EVENING, status=status)))

    assert one.get("eventStatus") == shown


def test_a_recurring_event(export, rules):
    """A series has its rule as a Schedule; each date is an event that names it, moved ones too."""
    weekly = attrs.evolve(
        EVENING,
        rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TH;COUNT=4",
        exdates=(dt.datetime(2026, 12, 31, 19, tzinfo=PARIS),),
        occurrences=(
            Occurrence(
                recurrence_id=dt.datetime(2026, 12, 17, 19, tzinfo=PARIS),
                summary=EVENING.summary,
                location="Mairie",
                start=dt.datetime(2026, 12, 17, 20, tzinfo=PARIS),
                end=dt.datetime(2026, 12, 17, 22, tzinfo=PARIS),
            ),
        ),
    )
    done = export("schema-org", MSP, weekly)
    rules["schema-org"](done.json)
    series, *dates = events(done)

    assert series["eventSchedule"] == {
        "@type": "Schedule",
        "repeatFrequency": "P2W",
        "byDay": ["https://schema.org/Thursday"],
        "repeatCount": 4,
        "startDate": "2026-12-03",
        "startTime": "19:00:00",
        "endTime": "21:00:00",
        "scheduleTimezone": "Europe/Paris",
        "exceptDate": ["2026-12-31T19:00:00+01:00"],
    }
    assert [one["startDate"][:16] for one in dates] == [
        "2026-12-03T19:00",
        "2026-12-17T20:00",
        "2027-01-14T19:00",
    ]
    assert {one["superEvent"]["@id"] for one in dates} == {series["@id"]}
    moved = dates[1]
    assert moved["eventStatus"] == "https://schema.org/EventRescheduled"
    assert moved["previousStartDate"] == "2026-12-17T19:00:00+01:00"
    assert moved["location"] == {"@type": "Place", "name": "Mairie", "address": "Mairie"}


def test_an_instance_that_became_whole_days(export, rules):
    """A changed instance whose start is a time and whose end is a day is no error."""
    odd = Occurrence(recurrence_id=EVENING.start, start=EVENING.start, end=dt.date(2026, 12, 5))
    done = export("schema-org", attrs.evolve(EVENING, rrule="FREQ=WEEKLY", occurrences=(odd,)))
    rules["schema-org"](done.json)

    assert events(done)[1]["endDate"] == "2026-12-04"


def test_a_rule_that_a_schedule_cannot_say(export):
    """Where a Schedule would say another rule, only the dates are there, and that is said."""
    done = export("schema-org", attrs.evolve(EVENING, rrule="FREQ=MONTHLY;BYDAY=TH;BYSETPOS=1"))
    series, *dates = events(done)

    assert "eventSchedule" not in series
    assert len(dates) == 12
    assert done.codes() == {"rule_as_dates": (EVENING.id,)}


def test_a_rule_that_nobody_can_follow(export):
    """A rule that cannot be read leaves the first date, and that is said."""
    done = export("schema-org", attrs.evolve(EVENING, rrule="FREQ=SOMETIMES"))

    assert len(events(done)) == 1
    assert done.codes() == {"rule_not_followed": (EVENING.id,)}


def test_more_dates_than_anybody_reads(export):
    """Of a daily event the next hundred dates are there, and that is said."""
    done = export("schema-org", attrs.evolve(EVENING, rrule="FREQ=DAILY"))

    assert len(events(done)) == 101
    assert done.codes() == {"more_dates": (EVENING.id,)}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"location": " "}, "no_place"),
        ({"summary": ""}, "no_start"),
        ({"start": None, "end": None}, "no_start"),
        ({"classification": Classification.PRIVATE}, "private"),
        ({"classification": Classification.CONFIDENTIAL}, "private"),
    ],
)
def test_what_search_engines_refuse(change, code, export):
    """An event without name, date or place is left out, and so is a private one."""
    done = export("schema-org", attrs.evolve(EVENING, **change))

    assert events(done) == []
    assert done.codes() == {code: (EVENING.id,)}


def test_what_is_over(export, today):
    """Yesterday's event is not there, today's is."""
    past = attrs.evolve(EVENING, start=today - dt.timedelta(days=1), end=today)
    last = attrs.evolve(EVENING, start=today, end=None)

    assert len(events(export("schema-org", last))) == 1
    late = attrs.evolve(past, end=today - dt.timedelta(days=1))
    assert events(export("schema-org", late)) == []


class Scripts(html.parser.HTMLParser):
    """What a browser takes for the content of a script."""

    def __init__(self):
        super().__init__()
        self.tags, self.data = [], []

    def handle_starttag(self, tag, _attrs):
        """Note an element."""
        self.tags.append(tag)

    def handle_data(self, data):
        """Note text."""
        self.data.append(data)


@pytest.mark.parametrize(
    "text",
    ["</script><script>alert(1)//", "<!--<script>", "]]>", "a\u2028b\u2029c & d 👩🏽‍⚕️ l'été"],
)
def test_a_page_around_it_stays_whole(text, export):
    """Inside of a script element, no text ends it or opens another, and all of it reads back."""
    done = export("schema-org", attrs.evolve(EVENING, description=text))
    page = Scripts()
    page.feed(f'<script type="application/ld+json">{done.text}</script><p>after')
    page.close()

    assert page.tags == ["script", "p"]
    assert page.data == [done.text, "after"]
    assert events(done)[0]["description"] == text
    assert not set(embeddable(text).decode()) & set("<>&\u2028\u2029")
