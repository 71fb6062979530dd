# SPDX-License-Identifier: Apache-2.0
"""Recurrences: the instances people expect, and an end for whatever strangers write."""

import datetime as dt
import sys
import tracemalloc
import zoneinfo

import icalendar as peer
import pytest
import recurring_ical_events
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from territoire_sante.errors import (
    FormatError,
    InvalidValueError,
    RecurrenceTooLargeError,
    UnsupportedError,
)
from territoire_sante.formats import Document, contentline
from territoire_sante.formats._ical_rule import Meter, follow, parse_rule
from territoire_sante.formats.icalendar import EVENT, expand
from territoire_sante.model import Event, EventStatus

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
SPRING = (dt.date(2026, 3, 1), dt.date(2026, 5, 1))
EVERYTHING = (dt.date(1, 1, 1), dt.date(9999, 12, 31))
CLOCK = "BYHOUR={};BYMINUTE={};BYSECOND={}".format(
    *(",".join(map(str, range(count))) for count in (24, 60, 60))
)


def ics(*lines, overrides=()):
    """Return a calendar of one event and its changed instances."""
    parts = [["UID:a@example.org", *lines], *(["UID:a@example.org", *each] for each in overrides)]
    body = "".join(
        "BEGIN:VEVENT\r\n" + "".join(f"{line}\r\n" for line in part) + "END:VEVENT\r\n"
        for part in parts
    )
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{body}END:VCALENDAR\r\n"
    return Document(text.encode(), "text/calendar")


def weekly(*lines, overrides=()):
    """Return a meeting each Thursday evening in Paris from 5 March 2026 on."""
    zone = "TZID=Europe/Paris"
    start = (f"DTSTART;{zone}:20260305T180000", f"DTEND;{zone}:20260305T200000")
    return ics(*start, "RRULE:FREQ=WEEKLY", "SUMMARY:Point", *lines, overrides=overrides)


def days_of(instances):
    """Return month and day of each start."""
    return [(one.start.month, one.start.day) for one in instances]


def event(rule, start, **fields):
    """Return a recurring event."""
    return Event(id="event:1", uid="1", start=start, rrule=rule, **fields)


def test_wall_clock_across_summer_time():
    """A weekly meeting keeps its hour when the clocks change, in the zone of its start."""
    found = list(expand(weekly(), *SPRING))

    assert [one.start.hour for one in found] == [18] * 9
    assert {one.start.utcoffset() for one in found} == {dt.timedelta(hours=h) for h in (1, 2)}
    assert {one.end - one.start for one in found} == {dt.timedelta(hours=2)}
    assert all(one.start.tzinfo is PARIS for one in found)


def test_gap_is_shown_with_the_offset_before_it():
    """An instance at a time that does not exist is shown an hour later, and not dropped."""
    night = event("FREQ=DAILY", dt.datetime(2026, 3, 27, 2, 30, tzinfo=PARIS))

    found = list(expand(night, dt.date(2026, 3, 28), dt.date(2026, 3, 31)))

    assert [one.start.astimezone(dt.UTC).hour for one in found] == [1, 1, 0]


def test_exact_length_across_summer_time():
    """DTEND gives each instance the same exact time, DURATION the same days (3.8.5.3)."""
    zone = "TZID=Europe/Paris"
    ending = ics(
        f"DTSTART;{zone}:20260321T120000", f"DTEND;{zone}:20260322T120000", "RRULE:FREQ=WEEKLY"
    )
    lasting = ics(f"DTSTART;{zone}:20260321T120000", "DURATION:P1D", "RRULE:FREQ=WEEKLY")
    window = dt.date(2026, 3, 28), dt.date(2026, 3, 29)

    assert [one.end.hour for one in expand(ending, *window)] == [13]
    assert [one.end.hour for one in expand(lasting, *window)] == [12]


def test_all_day_instances_are_days():
    """Instances of an all-day event are days, without zones, each a day long."""
    found = list(expand(event("FREQ=MONTHLY;BYDAY=1MO", dt.date(2026, 1, 5)), *SPRING))

    assert [(one.start, one.end) for one in found] == [
        (dt.date(2026, 3, 2), dt.date(2026, 3, 3)),
        (dt.date(2026, 4, 6), dt.date(2026, 4, 7)),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "EXDATE;TZID=Europe/Paris:20260312T180000",
        "EXDATE:20260312T170000Z",
        "EXDATE:20260312T180000",
        "EXDATE;VALUE=DATE:20260312",
    ],
    ids=["zoned", "utc", "floating", "day"],
)
def test_exdate_in_any_spelling(line):
    """An excluded instance is not shown, whatever form the exclusion has."""
    assert (3, 12) not in days_of(expand(weekly(line), *SPRING))


def test_rdate_and_its_periods():
    """Added dates are shown, once, and a period with its own end."""
    added = weekly(
        "RDATE;TZID=Europe/Paris:20260307T100000,20260312T180000",
        "RDATE;VALUE=PERIOD:20260308T090000Z/PT30M,20260309T090000Z/20260309T091500Z",
    )

    found = list(expand(added, dt.date(2026, 3, 6), dt.date(2026, 3, 13)))

    lengths = [(one.end - one.start).seconds // 60 for one in found]
    assert days_of(found) == [(3, 7), (3, 8), (3, 9), (3, 12)]
    assert lengths == [120, 30, 15, 120]


@pytest.mark.parametrize(
    "identity",
    [
        "RECURRENCE-ID;TZID=Europe/Paris:20260312T180000",
        "RECURRENCE-ID:20260312T170000Z",
        "RECURRENCE-ID;VALUE=DATE:20260312",
    ],
    ids=["zoned", "utc", "day"],
)
def test_changed_instance(identity):
    """A changed instance replaces the one that it names, by instant or by day."""
    moved = [identity, "DTSTART:20260313T090000Z", "DTEND:20260313T100000Z", "SUMMARY:Ailleurs"]

    found = list(expand(weekly(overrides=[moved]), *SPRING))

    assert days_of(found)[:3] == [(3, 5), (3, 13), (3, 19)]
    assert [one.summary for one in found if one.changed] == ["Ailleurs"]


def test_changed_instance_moves_into_and_out_of_the_window():
    """The window is that of where the instance has gone, not of where it was."""
    away = ["RECURRENCE-ID:20260312T170000Z", "DTSTART:20270101T090000Z"]
    series = weekly(overrides=[away])

    assert (3, 12) not in days_of(expand(series, *SPRING))
    january = list(expand(series, dt.date(2027, 1, 1), dt.date(2027, 1, 2)))
    assert [one.changed for one in january] == [True]


def test_orphan_and_cancelled_instances():
    """A change of an instance that the rule does not make is shown; cancelled ones say so."""
    orphan = ["RECURRENCE-ID:20260314T100000Z", "DTSTART:20260314T100000Z", "SUMMARY:Seul"]
    off = ["RECURRENCE-ID:20260312T170000Z", "DTSTART:20260312T170000Z", "STATUS:CANCELLED"]

    found = {one.start.day: one for one in expand(weekly(overrides=[orphan, off]), *SPRING)}

    assert found[14].summary == "Seul"
    assert found[12].status is EventStatus.CANCELLED


def test_this_and_future():
    """RANGE=THISANDFUTURE moves all that follow by the same wall time, up to the next change."""
    later = [
        "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Paris:20260319T180000",
        "DTSTART;TZID=Europe/Paris:20260320T190000",
        "DTEND;TZID=Europe/Paris:20260320T193000",
        "SUMMARY:Vendredi",
    ]

    found = list(expand(weekly(overrides=[later]), *SPRING))

    assert days_of(found)[:4] == [(3, 5), (3, 12), (3, 20), (3, 27)]
    assert {one.summary for one in found[2:]} == {"Vendredi"}
    assert {(one.start.hour, (one.end - one.start).seconds) for one in found[2:]} == {(19, 1800)}


def test_document_of_changes_alone():
    """A document of changed instances without their event shows these instances."""
    lines = "RECURRENCE-ID:20260312T170000Z", "DTSTART:20260313T170000Z", "SUMMARY:x"

    (found,) = expand(ics(*lines), *SPRING)

    assert (found.changed, found.recurrence_id.day, found.start.day) == (True, 12, 13)


def test_window_of_instants():
    """A window in aware times is a window of instants; its end is not part of it."""
    noon = dt.datetime(2026, 3, 5, 17, tzinfo=dt.UTC)

    assert not list(expand(weekly(), noon - dt.timedelta(days=1), noon))
    assert len(list(expand(weekly(), noon, noon + dt.timedelta(seconds=1)))) == 1
    assert len(list(expand(weekly(), noon + dt.timedelta(hours=1), SPRING[1]))) == 9
    with pytest.raises(InvalidValueError):
        expand(weekly(), noon, noon - dt.timedelta(seconds=1))


@pytest.mark.parametrize(
    ("until", "last"),
    [("20260319", 19), ("20260319T170000Z", 19), ("20260319T165959Z", 12), ("20260319T180000", 19)],
)
def test_until_in_any_spelling(until, last):
    """UNTIL is a whole day, an instant, or a wall time, as it is written."""
    lines = "DTSTART;TZID=Europe/Paris:20260305T180000", f"RRULE:FREQ=WEEKLY;UNTIL={until}"

    assert [one.start.day for one in expand(ics(*lines), *SPRING)][-1] == last


def test_an_event_without_rule_or_start():
    """A single event is its own instance; one without start has none."""
    single = event("", dt.datetime(2026, 3, 5, 18))  # noqa: DTZ001 - a floating time
    dateless = Event(id="event:1", uid="1")

    assert len(list(expand(single, *SPRING))) == 1
    assert not list(expand(dateless, *SPRING))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=FORTNIGHTLY", "COUNT=3", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;BYHOUR=24", "FREQ=DAILY;BYDAY=XX", "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;UNTIL=x", "FREQ=DAILY;UNTIL=20260231",
        "FREQ=DAILY;BYFOO=1", "FREQ=DAILY;INTERVAL=" + "9" * 5000,
        "FREQ=DAILY;BYMONTH=" + "1," * 50_000, "FREQ=YEARLY;RSCALE=HEBREW", "FREQ=X\\;COUNT=1",
    ],
)  # fmt: skip
def test_bad_rules_are_named(rule):
    """A rule that is none ends with an error that quotes little of it."""
    with pytest.raises(FormatError) as caught:
        expand(event(rule, dt.date(2026, 1, 1)), *SPRING)
    assert len(str(caught.value)) < 300
    assert isinstance(caught.value, UnsupportedError) == ("RSCALE" in rule)


BOMBS = [
    ("FREQ=SECONDLY", SPRING),
    ("FREQ=MINUTELY", EVERYTHING),
    ("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", EVERYTHING),
    ("FREQ=SECONDLY;BYSECOND=1;BYMINUTE=1;BYHOUR=1;BYSETPOS=2", EVERYTHING),
    ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", EVERYTHING),
    ("FREQ=DAILY;COUNT=1000000000", EVERYTHING),
    ("FREQ=SECONDLY;COUNT=1000000000", SPRING),
    ("FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;" + CLOCK, SPRING),
    ("FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=-1;" + CLOCK, SPRING),
    ("FREQ=MONTHLY;BYSETPOS=366;" + CLOCK, SPRING),
    ("FREQ=HOURLY;BYSETPOS=-366;" + CLOCK, EVERYTHING),
]


@pytest.mark.parametrize(("rule", "window"), BOMBS, ids=[rule[:50] for rule, _ in BOMBS])
@pytest.mark.parametrize("year", [1, 2020])
def test_bombs_end(rule, window, year):
    """A rule made to hang ends with its error after work and memory in step with the budget."""
    budget, lines = 2000, 0

    def count(frame, kind, _):
        nonlocal lines
        lines += kind == "line"
        return count

    bomb = event(rule, dt.datetime(year, 1, 1, tzinfo=dt.UTC))
    before = sys.gettrace()
    tracemalloc.start()
    sys.settrace(count)
    try:
        with pytest.raises(RecurrenceTooLargeError):
            expand(bomb, *window, budget=budget)
    finally:
        sys.settrace(before)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert lines < 60 * budget
    assert peak < 2000 * budget


def test_old_starts_cost_nothing():
    """A rule without COUNT is followed from the window on, even from the year 1."""
    since = dt.datetime(1, 1, 2, 18, tzinfo=PARIS)
    for rule in ("FREQ=DAILY", "FREQ=SECONDLY;INTERVAL=86400", "FREQ=HOURLY;BYHOUR=18"):
        assert len(list(expand(event(rule, since), *SPRING, budget=2000))) == 61


def test_added_dates_are_bounded_too():
    """Dates that are listed, not ruled, cost their part of the budget."""
    listed = "RDATE:" + ",".join(
        f"2026{m:02}{d:02}T100000Z" for m in range(1, 13) for d in range(1, 29)
    )
    with pytest.raises(RecurrenceTooLargeError):
        expand(weekly(listed), *SPRING, budget=100)


names = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])


def several(numbers):
    """Draw one to three different numbers as text."""
    return st.lists(numbers.map(str), min_size=1, max_size=3, unique=True).map(",".join)


@st.composite
def rules(draw):
    """Draw an ordinary rule, its parts such that dateutil follows the standard on them."""
    frequency = draw(st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"]))
    parts = [f"FREQ={frequency}"]

    def maybe(name, values):
        if draw(st.booleans()):
            parts.append(f"{name}={draw(values)}")

    maybe("INTERVAL", st.integers(1, 5))
    maybe("WKST", names)
    maybe("BYMONTH", several(st.integers(1, 12)))
    # Rules that never match take dateutil to the year 9999.
    maybe("BYMONTHDAY", several(st.integers(1, 28) | st.integers(-28, -1)))
    if frequency in ("YEARLY", "MONTHLY"):
        ordinals = st.builds("{}{}".format, st.sampled_from([1, 2, 5, -1, -2]), names)
        maybe("BYDAY", several(ordinals))
    else:
        maybe("BYDAY", several(names))
    if frequency == "YEARLY" and not {part[:7] for part in parts} & {"BYMONTH"}:
        maybe("BYYEARDAY", several(st.integers(1, 366) | st.integers(-366, -1)))
    if frequency != "HOURLY":  # dateutil refuses hours that the interval never reaches
        maybe("BYHOUR", several(st.integers(0, 23)))
    if frequency in ("MONTHLY", "DAILY") and len(parts) > 2:
        maybe("BYSETPOS", several(st.sampled_from([1, 2, -1])))
    maybe("COUNT", st.integers(1, 30))
    return ";".join(parts)


starts = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2030, 1, 1)).map(  # noqa: DTZ001 - floating
    lambda moment: moment.replace(microsecond=0)
)


@given(rules(), starts, st.integers(0, 800))
def test_rules_agree_with_dateutil(rule, start, skip):
    """On ordinary rules the wall times are those that dateutil makes."""
    low = start + dt.timedelta(days=skip)
    high = low + dt.timedelta(days=40 if "HOURLY" in rule else 700)
    bounded = rule if "COUNT" in rule else f"{rule};UNTIL={high:%Y%m%dT%H%M%S}"
    theirs = [m for m in rrulestr(bounded, dtstart=start) if low <= m <= high]

    assert list(follow(parse_rule(rule), start, low, high, Meter(1_000_000))) == theirs


@st.composite
def series(draw):
    """Draw a recurring event of an ordinary kind, with added and excluded dates."""
    day = draw(st.dates(dt.date(2024, 1, 1), dt.date(2027, 1, 1)))
    hour = draw(st.integers(6, 20))
    rule = draw(
        st.sampled_from([
            "FREQ=DAILY;COUNT=20", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;BYDAY=-1FR",
            "FREQ=YEARLY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY;BYMONTHDAY=-1",
        ])
    )  # fmt: skip
    if draw(st.booleans()):
        return ics(f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"RRULE:{rule}")
    zone = draw(st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Miquelon"]))
    texts = [
        f"{day + dt.timedelta(days=each):%Y%m%d}T{hour:02}0000"
        for each in draw(st.lists(st.integers(1, 60), min_size=2, max_size=4, unique=True))
    ]
    return ics(
        f"DTSTART;TZID={zone}:{day:%Y%m%d}T{hour:02}0000",
        "DURATION:PT90M",
        f"RRULE:{rule}",
        f"RDATE;TZID={zone}:{texts[0]}",
        *(f"EXDATE;TZID={zone}:{text}" for text in texts[1:]),
    )


@given(series(), st.dates(dt.date(2024, 1, 1), dt.date(2028, 1, 1)), st.integers(1, 120))
def test_instances_agree_with_recurring_ical_events(document, first, days):
    """On ordinary events the instances are those of recurring-ical-events."""
    last = first + dt.timedelta(days=days)
    query = recurring_ical_events.of(peer.Calendar.from_ical(document.data))
    theirs = sorted((each.start, each.end) for each in query.between(first, last))

    assert [(one.start, one.end) for one in expand(document, first, last)] == theirs


@given(rules(), starts, st.integers(1, 60))
def test_event_and_document_agree(rule, start, days):
    """An event has the instances of the document that it was read from."""
    document = ics(f"DTSTART;TZID=Europe/Paris:{start:%Y%m%dT%H%M%S}", f"RRULE:{rule}")
    window = start.date(), start.date() + dt.timedelta(days=days)

    ours = list(expand(EVENT.get(document), *window))

    assert ours == list(expand(document, *window))
    assert ours == list(expand(contentline.parse(document.data), *window))
