# SPDX-License-Identifier: Apache-2.0
"""The event lens: its laws, time, and every loss measured in other libraries."""

import datetime as dt
import zoneinfo

import attrs
import icalendar as peer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.formats import Document, Lens, contentline
from territoire_sante.formats.icalendar import EVENT, EVENT_WITH_PEOPLE
from territoire_sante.model import (
    CalendarUser,
    Classification,
    Event,
    EventStatus,
    Geo,
    Occurrence,
)

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
NOW = dt.datetime(2026, 11, 21, 20, 0, tzinfo=dt.UTC)
STAMPS = {"DTSTAMP", "LAST-MODIFIED", "SEQUENCE"}

NOISE = st.sampled_from([
    "X-COLOUR:blue", 'x-lower;x-p="a;b":c', "ATTENDEE;CN=Anne;X-A=1:mailto:a@example.org",
    "COMMENT:a\\, b", "ATTACH;ENCODING=BASE64;VALUE=BINARY:AAAA", "nonsense", "",
    "X-LONG:" + "é" * 40 + "\r\n " + "é" * 20, "CREATED:20260101T000000Z", "PRIORITY:5",
    "RELATED-TO:other", "TRANSP:OPAQUE",
])  # fmt: skip
OWNED = st.sampled_from([
    "SUMMARY;LANGUAGE=fr;X-Q=1:Soirée", "DESCRIPTION:a\\nb", "LOCATION:x", "STATUS:TENTATIVE",
    "CATEGORIES:a,b", "CATEGORIES;X-C=1:c", "EXDATE;TZID=Europe/Paris:20260405T180000",
    "EXDATE:20260412T160000Z,20260419T160000Z", "RDATE;VALUE=PERIOD:20260501T100000Z/PT1H",
    "RRULE:FREQ=WEEKLY", "GEO:44.5;3.5", "URL:https://example.org/a", "CLASS:PRIVATE",
    "SEQUENCE:3", "LAST-MODIFIED:20260101T000000Z",
])  # fmt: skip
SPANS = st.sampled_from([
    "DTSTART;TZID=Europe/Paris:20260329T180000\r\nDTEND;TZID=Europe/Paris:20260329T200000",
    "DTSTART;TZID=Romance Standard Time:20260329T180000\r\nDURATION:PT2H",
    "DTSTART:20260329T160000Z", "DTSTART;VALUE=DATE:20260329\r\nDTEND;VALUE=DATE:20260331",
    "DTSTART;VALUE=DATE:20260329\r\nDURATION:P2D", "DTSTART:20260329T180000\r\nX-A:b",
    "DTSTART;X-P=1;TZID=Europe/Paris:20260329T180000\r\nDTEND:20260329T180000Z",
])  # fmt: skip
ALARM = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Rappel\r\nTRIGGER:-PT30M\r\nEND:VALARM\r\n"


def ics(*lines, calendar=""):
    """Return a calendar of one event with these lines."""
    body = "".join(line + "\r\n" for line in lines)
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{calendar}BEGIN:VEVENT\r\n{body}{ALARM}"
    return Document((text + "END:VEVENT\r\nEND:VCALENDAR\r\n").encode(), "text/calendar")


@st.composite
def documents(draw):
    """Draw an event with unknown properties, parameters, folds and a reminder."""
    head = ["UID:a@example.org", draw(SPANS)]
    lines = head + draw(st.lists(NOISE | OWNED, max_size=8))
    return ics(*draw(st.permutations(lines)))


texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t\x85"), max_size=60
)
words = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12)
zones = st.sampled_from([
    None, dt.UTC, PARIS, zoneinfo.ZoneInfo("Indian/Reunion"), zoneinfo.ZoneInfo("America/Miquelon"),
])  # fmt: skip
times = st.builds(
    lambda naive, zone: naive.replace(microsecond=0, tzinfo=zone, fold=0),
    st.datetimes(dt.datetime(1990, 1, 2), dt.datetime(2049, 1, 1)),  # noqa: DTZ001 - zone follows
    zones,
)
days = st.dates(dt.date(1990, 1, 2), dt.date(2049, 1, 1))
whens = times | days
geos = st.builds(
    Geo,
    latitude=st.floats(-90, 90, allow_nan=False),
    longitude=st.floats(-180, 180, allow_nan=False),
)


@st.composite
def spans(draw):
    """Draw a start and an end after it, both days or both times, or no end."""
    start = draw(whens)
    if draw(st.booleans()):
        return start, None
    if isinstance(start, dt.datetime):
        minutes = draw(st.integers(1, 5000))
        if start.tzinfo is None:
            return start, start + dt.timedelta(minutes=minutes)
        end = start.astimezone(dt.UTC) + dt.timedelta(minutes=minutes)
        end = end.astimezone(start.tzinfo)
        # The second pass of a repeated hour is written in UTC: tested on its own.
        return start, None if end.fold else end
    return start, start + dt.timedelta(days=draw(st.integers(1, 30)))


@st.composite
def occurrences(draw):
    """Draw changed instances, in the order of what they replace."""
    base = dt.datetime(2026, 4, 5, 18, tzinfo=PARIS)
    weeks = draw(st.lists(st.integers(0, 50), max_size=3, unique=True))
    found = []
    for week in sorted(weeks):
        start, end = draw(spans())
        found.append(
            Occurrence(
                recurrence_id=base + dt.timedelta(weeks=week),
                summary=draw(texts),
                location=draw(texts),
                status=draw(st.none() | st.sampled_from(EventStatus)),
                start=start,
                end=end,
            )
        )
    return tuple(found)


@st.composite
def events(draw):
    """Draw an event view with everything a calendar can carry."""
    start, end = draw(spans())
    return Event(
        id="event:a@example.org",
        uid="a@example.org",
        summary=draw(texts),
        description=draw(texts),
        location=draw(texts),
        geo=draw(st.none() | geos),
        url=draw(st.sampled_from(["", "https://example.org/?a=1,2;b=\\"])),
        categories=tuple(draw(st.lists(words, max_size=4))),
        status=draw(st.none() | st.sampled_from(EventStatus)),
        classification=draw(st.none() | st.sampled_from(Classification)),
        start=start,
        end=end,
        rrule=draw(st.sampled_from(["", "FREQ=WEEKLY;COUNT=4"])),
        rdates=tuple(draw(st.lists(whens, max_size=3))),
        exdates=tuple(draw(st.lists(whens, max_size=3))),
        occurrences=draw(occurrences()),
    )


def on_fields(event, lens=EVENT):
    """Return what the lens promises of an event."""
    return {name: getattr(event, name) for name in lens.fields}


def other_lines(data, *names):
    """Return the raw lines whose property is not one of ``names``, zones left out."""
    content = contentline.parse(data)
    return [
        line.raw
        for component in content.walk()
        if component.name in ("VCALENDAR", "VEVENT", "VALARM")
        for line in component.lines
        if line.name not in names
    ]


@settings(deadline=None)
@given(documents())
def test_put_of_get_is_identity(document):
    """Writing back what was read changes no byte."""
    assert EVENT.put(EVENT.get(document), document).data == document.data
    assert EVENT.put(EVENT.get(document), document, now=NOW).data == document.data


@settings(deadline=None)
@given(events(), documents())
def test_get_of_put_is_the_view(event, document):
    """What was written into somebody's document is read back, field by field."""
    written = EVENT.put(event, document, now=NOW)

    assert on_fields(EVENT.get(written)) == on_fields(event)
    assert EVENT.put(event, written, now=NOW) is written


@settings(deadline=None)
@given(events())
def test_new_documents(event):
    """A new document holds the view and is read by icalendar too."""
    written = EVENT.put(event, now=NOW)

    assert on_fields(EVENT.get(written)) == on_fields(event)
    assert not contentline.parse(written.data).problems
    assert peer.Calendar.from_ical(written.data).events


@settings(deadline=None)
@given(documents(), st.sampled_from(["summary", "description", "location"]), texts)
def test_one_field_touches_its_lines_alone(document, name, text):
    """After a change of one field every other line is byte-identical and in its place."""
    event = EVENT.get(document)
    written = EVENT.put(attrs.evolve(event, **{name: text}), document)

    prop = name.upper()
    assert other_lines(written.data, prop) == other_lines(document.data, prop) or (
        # The reminder has a DESCRIPTION of its own, never touched.
        prop == "DESCRIPTION" and written.data.count(b"DESCRIPTION:Rappel") == 1
    )


def test_lens_protocol():
    """Both lenses are lenses, and only one may write people."""
    assert isinstance(EVENT, Lens)
    assert EVENT.view is Event
    assert EVENT_WITH_PEOPLE.fields - EVENT.fields == {"organizer", "attendees"}


def test_parameters_stay():
    """A new summary keeps LANGUAGE and X- parameters; ALTREP, the old text's twin, goes."""
    document = ics('SUMMARY;LANGUAGE=fr;ALTREP="cid:1";X-A="b;c":Vieux')
    written = EVENT.put(attrs.evolve(EVENT.get(document), summary="Neuf, été"), document)

    assert b'SUMMARY;LANGUAGE=fr;X-A="b;c":Neuf\\, \xc3\xa9t\xc3\xa9\r\n' in written.data


def test_empty_removes_and_new_stands_before_alarms():
    """An emptied field loses its lines; a new one is put before the reminders."""
    document = ics("UID:a", "SUMMARY:a", "SUMMARY;LANGUAGE=en:b")
    written = EVENT.put(attrs.evolve(EVENT.get(document), summary="", location="Gymnase"), document)

    assert b"SUMMARY" not in written.data
    assert written.data.index(b"LOCATION:Gymnase") < written.data.index(b"BEGIN:VALARM")


@pytest.mark.parametrize("eol", [b"\n", b"\r\n", b"\r"])
def test_line_end_of_the_document(eol):
    """New and changed lines end as the document's lines do."""
    document = Document(ics("UID:a", "SUMMARY:a").data.replace(b"\r\n", eol), "text/calendar")
    written = EVENT.put(
        attrs.evolve(EVENT.get(document), summary="b" * 100, location="c"), document
    )

    rest = written.data.replace(eol, b"")
    assert b"\r" not in rest
    assert b"\n" not in rest


def test_duration_stays_a_duration():
    """A document with DURATION keeps it; a move of the whole leaves it untouched."""
    document = ics("DTSTART;TZID=Europe/Paris:20260329T180000", "DURATION:PT2H")
    event = EVENT.get(document)
    hour = dt.timedelta(hours=1)
    moved = EVENT.put(attrs.evolve(event, start=event.start + hour, end=event.end + hour), document)
    longer = EVENT.put(attrs.evolve(event, end=event.end + hour), document)

    assert b"DTSTART;TZID=Europe/Paris:20260329T190000\r\nDURATION:PT2H\r\n" in moved.data
    assert b"DTSTART;TZID=Europe/Paris:20260329T180000\r\nDURATION:PT3H\r\n" in longer.data


def test_end_equal_to_start_is_no_end():
    """A timed or all-day end equal to the start is read as none, and moves with the start."""
    timed = ics("DTSTART:20260329T160000Z", "DTEND:20260329T160000Z")
    day = ics("DTSTART;VALUE=DATE:20260329", "DTEND;VALUE=DATE:20260329")

    assert EVENT.get(timed).end is None
    assert EVENT.get(day).end is None
    later = attrs.evolve(EVENT.get(timed), start=dt.datetime(2026, 3, 30, 8, tzinfo=dt.UTC))
    assert b"DTEND:20260330T080000Z" in EVENT.put(later, timed).data


def test_new_timed_event_has_an_end():
    """A new timed event without an end gets DTEND, because some servers ask for one."""
    event = Event(id="event:a", uid="a", start=dt.datetime(2026, 3, 29, 18, tzinfo=PARIS))
    data = EVENT.put(event, now=NOW).data

    assert b"DTEND;TZID=Europe/Paris:20260329T180000\r\n" in data
    assert data.index(b"TZID:Europe/Paris") < data.index(b"BEGIN:VEVENT")
    assert b"DTSTAMP:20261121T200000Z" in data


def test_duration_across_the_clock_change():
    """A duration of a day keeps the wall time, one of 24 hours is exact (RFC 5545, 3.3.6)."""
    nominal = ics("DTSTART;TZID=Europe/Paris:20260328T180000", "DURATION:P1D")
    exact = ics("DTSTART;TZID=Europe/Paris:20260328T180000", "DURATION:PT24H")

    assert EVENT.get(nominal).end == dt.datetime(2026, 3, 29, 18, tzinfo=PARIS)
    assert EVENT.get(exact).end == dt.datetime(2026, 3, 29, 19, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("change", "sequence"),
    [
        ({"summary": "b"}, b"SEQUENCE:3\r\n"),
        ({"status": EventStatus.CANCELLED}, b"SEQUENCE:4\r\n"),
        ({"start": dt.datetime(2026, 3, 30, 18, tzinfo=PARIS)}, b"SEQUENCE:4\r\n"),
        ({"rrule": "FREQ=DAILY"}, b"SEQUENCE:4\r\n"),
        ({"exdates": (dt.date(2026, 4, 1),)}, b"SEQUENCE:4\r\n"),
    ],
)
def test_stamps(change, sequence):
    """With ``now``, a change sets the stamps; SEQUENCE rises on significant changes only."""
    document = ics("UID:a", "DTSTAMP:20260101T000000Z", "SEQUENCE:3", "SUMMARY:a")
    written = EVENT.put(attrs.evolve(EVENT.get(document), **change), document, now=NOW)

    assert b"DTSTAMP:20261121T200000Z\r\n" in written.data
    assert b"LAST-MODIFIED:20261121T200000Z\r\n" in written.data
    assert sequence in written.data


def test_exdates_change_one_line():
    """One more exception is one more line; one less leaves the other lines as they were."""
    document = ics(
        "DTSTART;TZID=Europe/Paris:20260329T180000",
        "EXDATE;TZID=Europe/Paris;X-A=1:20260405T180000,20260412T180000",
        "EXDATE:20260419T160000Z",
    )
    event = EVENT.get(document)
    extra = dt.datetime(2026, 4, 26, 18, tzinfo=PARIS)
    more = EVENT.put(attrs.evolve(event, exdates=(*event.exdates, extra)), document)
    less = EVENT.put(attrs.evolve(event, exdates=event.exdates[1:]), document)

    assert b"EXDATE:20260419T160000Z\r\nEXDATE;TZID=Europe/Paris:20260426T180000" in more.data
    assert b"X-A=1:20260412T180000\r\nEXDATE:20260419T160000Z\r\n" in less.data


def test_periods_of_rdate_keep_their_end():
    """A period stays whole when another date is added."""
    document = ics("DTSTART:20260329T160000Z", "RDATE;VALUE=PERIOD:20260501T100000Z/PT1H")
    event = EVENT.get(document)
    more = (*event.rdates, dt.datetime(2026, 6, 1, 10, tzinfo=dt.UTC))

    written = EVENT.put(attrs.evolve(event, rdates=more), document).data
    assert b"RDATE;VALUE=PERIOD:20260501T100000Z/PT1H\r\nRDATE:20260601T100000Z\r\n" in written


def override(recurrence, *lines):
    """Return the lines of a changed instance of ``UID:a``."""
    body = "".join(line + "\r\n" for line in lines)
    return f"BEGIN:VEVENT\r\nUID:a\r\n{recurrence}\r\n{body}END:VEVENT\r\n"


def test_overrides_match_by_instant():
    """A changed instance in UTC is the one of the view in Paris time; others stay untouched."""
    first = override("RECURRENCE-ID:20260405T160000Z", "SUMMARY:a", "X-A:1")
    second = override("RECURRENCE-ID;TZID=Europe/Paris:20260412T180000", "SUMMARY:b")
    data = ics("UID:a", "DTSTART;TZID=Europe/Paris:20260329T180000", "RRULE:FREQ=WEEKLY").data
    data = data.replace(b"END:VCALENDAR", (second + first).encode() + b"END:VCALENDAR")
    document = Document(data, "text/calendar")
    event = EVENT.get(document)
    wanted = attrs.evolve(
        event.occurrences[0],
        recurrence_id=dt.datetime(2026, 4, 5, 18, tzinfo=PARIS),
        summary="neu",
    )
    written = EVENT.put(attrs.evolve(event, occurrences=(wanted, event.occurrences[1])), document)

    assert [o.summary for o in event.occurrences] == ["a", "b"]
    assert written.data == data.replace(b"SUMMARY:a\r\nX-A", b"SUMMARY:neu\r\nX-A")


def test_overrides_come_and_go():
    """A dropped instance loses its component alone; a new one gets one with its RECURRENCE-ID."""
    data = ics("UID:a", "DTSTART;TZID=Europe/Paris:20260329T180000", "RRULE:FREQ=WEEKLY").data
    extra = override("RECURRENCE-ID:20260405T160000Z", "SUMMARY:a")
    both = Document(data.replace(b"END:VCALENDAR", extra.encode() + b"END:VCALENDAR"), "")
    event = EVENT.get(both)

    assert EVENT.put(attrs.evolve(event, occurrences=()), both).data == data
    again = EVENT.put(event, Document(data, ""))
    assert EVENT.get(again).occurrences == event.occurrences
    assert b"RECURRENCE-ID;TZID=Europe/Paris:20260405T180000\r\n" in again.data


def test_override_in_a_zone_that_is_understood_anew():
    """A moved series changes what its zone means; an instance at the same moment stays as it is."""
    zone = "BEGIN:VTIMEZONE\r\nTZID:Europe/London\r\nBEGIN:STANDARD\r\nTZOFFSETTO:+0000\r\n"
    series = ics(
        "UID:a",
        "DTSTART;TZID=Europe/London:20230101T180000",
        "RRULE:FREQ=DAILY",
        calendar=zone + "END:STANDARD\r\nEND:VTIMEZONE\r\n",
    ).data
    identity = "RECURRENCE-ID;TZID=Europe/London:20240113T180000"
    instance = override(identity, "DTEND;TZID=Europe/London:20240113T230000").encode()
    document = Document(series.replace(b"END:VCALENDAR", instance + b"END:VCALENDAR"), "")
    event = attrs.evolve(EVENT.get(document), start=NOW, rrule="")
    written = EVENT.put(event, document, now=NOW)

    assert instance in written.data
    assert EVENT.put(event, written, now=NOW) is written


def test_document_of_overrides_alone():
    """An invitation to one instance of somebody's series is read as that instance."""
    data = override("RECURRENCE-ID:20260405T160000Z", "DTSTART:20260405T170000Z", "SUMMARY:x")
    document = Document(f"BEGIN:VCALENDAR\r\n{data}END:VCALENDAR\r\n".encode(), "")

    assert EVENT.get(document).summary == "x"
    assert EVENT.get(document).occurrences == ()
    written = EVENT.put(attrs.evolve(EVENT.get(document), summary="y"), document)
    assert b"RECURRENCE-ID:20260405T160000Z" in written.data


def test_people_are_read_but_not_written():
    """ATTENDEE and ORGANIZER are read; the usual lens leaves their lines alone."""
    document = ics(
        "ORGANIZER;CN=Mairie:mailto:m@example.org", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a"
    )
    event = EVENT.get(document)

    assert event.organizer == CalendarUser(address="mailto:m@example.org", name="Mairie")
    assert event.attendees == (CalendarUser(address="mailto:a", status="ACCEPTED"),)
    assert EVENT.put(attrs.evolve(event, organizer=None, attendees=()), document) is document
    assert b"ATTENDEE" not in EVENT.put(event).data


def test_people_are_written_without_mail():
    """The lens with people says SCHEDULE-AGENT=CLIENT on each line it writes, no other."""
    document = ics("ATTENDEE;X-A=1;CN=Anne:mailto:a", "ATTENDEE:mailto:b")
    event = EVENT_WITH_PEOPLE.get(document)
    anne = attrs.evolve(event.attendees[0], status="ACCEPTED")
    people = (anne, event.attendees[1], CalendarUser(address="mailto:c", name='A "b"; c'))
    written = EVENT_WITH_PEOPLE.put(attrs.evolve(event, attendees=people), document)

    assert EVENT_WITH_PEOPLE.get(written).attendees == people
    assert (
        b"ATTENDEE;X-A=1;CN=Anne;PARTSTAT=ACCEPTED;SCHEDULE-AGENT=CLIENT:mailto:a\r\n"
        b"ATTENDEE:mailto:b\r\n"
    ) in written.data
