# SPDX-License-Identifier: Apache-2.0
"""Time zones: each document's own, our definitions against IANA's, and nothing shifted silently."""

import copy
import datetime as dt
import pickle
import random
import subprocess
import sys
import zoneinfo

import attrs
import icalendar as peer
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from territoire_sante.errors import FormatError, InvalidValueError, UnsupportedError
from territoire_sante.formats import Document, contentline
from territoire_sante.formats._ical_vtimezone import read_zone, zone_bytes
from territoire_sante.formats._ical_zones import VTIMEZONES, definition_of
from territoire_sante.formats.icalendar import EVENT, expand
from territoire_sante.model import CustomZone, Event, Onset
from territoire_sante.serialization import from_plain, to_plain, view_from_plain, view_to_plain

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
NOW = dt.datetime(2026, 11, 21, 20, tzinfo=dt.UTC)
FIRST, LAST = dt.datetime(1990, 1, 1), dt.datetime(2051, 1, 1)  # noqa: DTZ001 - instants, in UTC
SPELLINGS = [
    "Europe/Paris",
    "Romance Standard Time",
    "/freeassociation.sourceforge.net/Europe/Paris",
]


def part(kind, before, after, start, rule=""):
    """Return one part of a VTIMEZONE."""
    rule = f"RRULE:{rule}\r\n" if rule else ""
    return (
        f"BEGIN:{kind}\r\nDTSTART:{start}\r\nTZOFFSETFROM:{before}\r\nTZOFFSETTO:{after}\r\n{rule}"
        f"END:{kind}\r\n"
    )


def vtimezone(tzid, winter="+0100", summer="+0200", *, extra=""):
    """Return a VTIMEZONE with the European rules and these offsets."""
    daylight = part(
        "DAYLIGHT", winter, summer, "19700329T020000", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"
    )
    standard = part(
        "STANDARD", summer, winter, "19701025T030000", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"
    )
    return f"BEGIN:VTIMEZONE\r\nTZID:{tzid}\r\n{extra}{daylight}{standard}END:VTIMEZONE\r\n"


def fixed(tzid, offset):
    """Return a VTIMEZONE of one offset."""
    one = part("STANDARD", offset, offset, "19700101T000000")
    return f"BEGIN:VTIMEZONE\r\nTZID:{tzid}\r\n{one}END:VTIMEZONE\r\n"


def ics(*lines, zone=""):
    """Return a calendar of one event, after its time zones."""
    body = "".join(f"{line}\r\n" for line in ("UID:a@example.org", *lines))
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{zone}BEGIN:VEVENT\r\n{body}END:VEVENT\r\n"
    return Document((text + "END:VCALENDAR\r\n").encode(), "text/calendar")


def at(tzid, *lines, zone="", when="20260714T180000"):
    """Return an event that starts in the zone ``tzid``, in summer unless told otherwise."""
    param = f'"{tzid}"' if set(tzid) & set(",;:") else tzid
    return ics(f"DTSTART;TZID={param}:{when}", *lines, zone=zone)


def instant_of(document):
    """Return the start of the document's event in UTC, as text."""
    return EVENT.get(document).start.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")


def zone_of(data):
    """Return the zone of the first VTIMEZONE in these bytes."""
    return read_zone(contentline.parse(data).components[0], "X")


@pytest.mark.parametrize("name", sorted(VTIMEZONES))
def test_own_zones_against_iana(name):
    """Our definitions have every change and every offset of IANA's from 1990 to 2050."""
    ours, theirs = zone_of(VTIMEZONES[name]), zoneinfo.ZoneInfo(name)
    utc = dt.UTC

    def offset(moment):
        return moment.replace(tzinfo=utc).astimezone(theirs).utcoffset().total_seconds()

    changes, moment, step = [], FIRST, dt.timedelta(days=7)
    while moment < LAST:
        low, high = moment, moment + step
        if offset(low) != offset(high):
            while high - low > dt.timedelta(seconds=1):
                middle = low + (high - low) // 2
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            changes.append(high.replace(microsecond=0))
        moment += step
    listed = [
        m
        for m, _ in ours.changes(FIRST.year, LAST.year - 1)
        if ours.offset_at(m) != ours.offset_at(m - step)
    ]
    assert listed == changes

    chance = random.Random(name)  # noqa: S311 - an ordinary sample
    seconds = int((LAST - FIRST).total_seconds())
    for moment in [FIRST + dt.timedelta(seconds=chance.randrange(seconds)) for _ in range(500)]:
        wall, other = (moment.replace(tzinfo=utc).astimezone(zone) for zone in (ours, theirs))
        assert (wall.replace(tzinfo=None), wall.fold) == (other.replace(tzinfo=None), other.fold)


@pytest.mark.parametrize("name", sorted(VTIMEZONES))
def test_short_definitions_have_the_years_that_are_asked_for(name):
    """From each year on, the definition for it tells the same times as the longest one."""
    whole = zone_of(VTIMEZONES[name])
    for year in range(1990, 2030):
        ours, moment = zone_of(definition_of(name, year)), dt.datetime(year, 1, 1)  # noqa: DTZ001 - wall time
        while moment.year < year + 3:
            assert moment.replace(tzinfo=ours).utcoffset() == (
                moment.replace(tzinfo=whole).utcoffset()
            )
            moment += dt.timedelta(days=3, hours=7)


@pytest.mark.parametrize(
    ("years", "parts"), [((2027,), 2), ((1994,), 3), ((2027, 1994), 3), ((1994, 2027), 3)]
)
def test_new_documents_define_no_more_than_they_need(years, parts):
    """A new event has the rules of its zone from its earliest time on, and no older ones."""
    first, *others = (dt.datetime(year, 8, 3, 9, tzinfo=PARIS) for year in years)
    event = Event(id="event:1", uid="1", start=first, rdates=tuple(others))

    written = EVENT.put(event, now=NOW)

    assert written.data.count(b"TZOFFSETTO") == parts
    assert written.data.count(b"TZID=Europe/Paris") == 1 + len(years)  # the end as well
    assert EVENT.get(written).rdates == tuple(others)


def test_every_french_zone_is_there():
    """There is a definition for Paris and every inhabited or staffed place overseas."""
    overseas = {
        "America": "Guadeloupe Martinique Cayenne Miquelon St_Barthelemy Marigot",
        "Indian": "Reunion Mayotte Kerguelen",
        "Pacific": "Noumea Tahiti Marquesas Gambier Wallis",
    }
    names = {f"{area}/{place}" for area, places in overseas.items() for place in places.split()}
    assert set(VTIMEZONES) == names | {"Europe/Paris"}
    assert all(len(data) < 800 for data in VTIMEZONES.values())


near_changes = st.builds(
    lambda change, seconds: change + dt.timedelta(seconds=seconds),
    st.sampled_from([m for m, _ in zone_of(VTIMEZONES["Europe/Paris"]).changes(1990, 2050)]),
    st.integers(-8000, 8000),
)


@given(near_changes, st.sampled_from([0, 1]))
def test_gaps_and_folds_are_those_of_iana(wall, fold):
    """Around each change, in gaps and repeated hours, a zone reads the clock as IANA does."""
    custom = zone_of(VTIMEZONES["Europe/Paris"])

    assert wall.replace(tzinfo=custom, fold=fold).utcoffset() == (
        wall.replace(tzinfo=PARIS, fold=fold).utcoffset()
    )
    ours, theirs = (wall.replace(tzinfo=dt.UTC).astimezone(zone) for zone in (custom, PARIS))
    assert (ours.replace(tzinfo=None), ours.fold) == (theirs.replace(tzinfo=None), theirs.fold)


onsets = st.builds(
    Onset,
    start=st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2040, 1, 1)).map(  # noqa: DTZ001 - wall time
        lambda moment: moment.replace(microsecond=0)
    ),
    before=st.integers(-50_000, 50_000),
    after=st.integers(-50_000, 50_000),
    month=st.integers(1, 12),
    weekday=st.integers(0, 6),
    nth=st.sampled_from([0, 1, 2, 5, -1]),
    days=st.lists(st.integers(-31, 31).filter(bool), max_size=3).map(tuple),
    until=st.none() | st.just(dt.datetime(2030, 1, 1)),  # noqa: DTZ001 - in UTC
) | st.builds(
    Onset,
    start=st.just(dt.datetime(2000, 1, 1)),  # noqa: DTZ001 - wall time
    before=st.just(0),
    after=st.integers(-9000, 9000),
)
customs = st.builds(
    CustomZone, st.text(max_size=20), st.lists(onsets, min_size=1, max_size=4).map(tuple)
)


@given(customs, st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2045, 1, 1)))  # noqa: DTZ001 - in UTC
def test_custom_zones_are_values(zone, moment):
    """A zone is equal to its copies and to its text, and times come back through it."""
    for again in (
        CustomZone.parse(str(zone)),
        pickle.loads(pickle.dumps(zone)),  # noqa: S301 - our own
        copy.deepcopy(zone),
    ):
        assert (again, hash(again)) == (zone, hash(zone))
    aware = moment.replace(tzinfo=dt.UTC)
    assert zone.fromutc(moment.replace(tzinfo=zone)).utcoffset() is not None
    assert aware.astimezone(zone).replace(tzinfo=None) - moment == dt.timedelta(
        seconds=zone.offset_at(moment)
    )


# 29 February on a Sunday: in 1880, 1920, 1948 and so on.
LEAP_SUNDAYS = Onset(
    start=dt.datetime(1880, 1, 1),  # noqa: DTZ001 - wall time
    before=0,
    after=3600,
    month=2,
    weekday=6,
    days=(29,),
)
ONCE = Onset(start=dt.datetime(1880, 2, 10), before=3600, after=0)  # noqa: DTZ001 - wall time


@given(customs, st.datetimes(dt.datetime(1890, 1, 1), dt.datetime(2045, 1, 1)))  # noqa: DTZ001 - in UTC
@example(CustomZone("Odd", (LEAP_SUNDAYS, ONCE)), dt.datetime(1919, 7, 1))  # noqa: DTZ001 - in UTC
def test_an_offset_holds_from_one_change_to_the_next(zone, moment):
    """At any moment the offset is that of the last change, also where a rule skips decades."""
    before = [offset for change, offset in zone.changes(1880, 2046) if change <= moment]
    first = min(zone.onsets, key=lambda one: one.start - dt.timedelta(seconds=one.before))
    assert zone.offset_at(moment) == (before[-1] if before else first.before)


@given(customs.filter(lambda zone: zone.tzid.isprintable()))
def test_custom_zones_as_vtimezone(zone):
    """What is written of a zone is read as the same zone."""
    component = contentline.parse(zone_bytes(zone, "Ours")).components[0]
    assert read_zone(component, zone.tzid) == zone


@pytest.mark.parametrize(
    "text", ["", "X", "X~", "X~1970", "X~19700101T000000+0100+9900", "X~" * 2000]
)
def test_bad_zone_texts(text):
    """A text that is no zone is refused."""
    with pytest.raises(InvalidValueError):
        CustomZone.parse(text)


@pytest.mark.parametrize("tzid", SPELLINGS)
@pytest.mark.parametrize("defined", [True, False])
def test_names_of_paris(tzid, defined):
    """IANA, Windows and vendor-prefixed names are Europe/Paris, with a definition or not."""
    document = at(tzid, zone=vtimezone(tzid) if defined else "")
    assert EVENT.get(document).start.tzinfo is PARIS


# sync.md 6.1, by name.


def test_same_tzid_in_two_documents():
    """Two documents that call different zones by one TZID are each read by their own definition."""
    for tzid in ("Customized Time Zone", "Romance Standard Time", "Europe/Paris"):
        east, west = (
            at(tzid, zone=vtimezone(tzid, *o)) for o in (("+0500", "+0600"), ("-0500", "-0400"))
        )
        found = [instant_of(document) for document in (east, west, east)]
        assert found == ["20260714T120000Z", "20260714T220000Z", "20260714T120000Z"]
    with pytest.raises(UnsupportedError):
        EVENT.get(at("Customized Time Zone"))


def test_reading_order_changes_nothing():
    """What a document means does not depend on what the process read before it."""
    data = at("Europe/Paris", zone=vtimezone("Europe/Paris", "+0500", "+0600")).data
    peer.Calendar.from_ical(data)
    program = (
        "import sys; from territoire_sante.formats import Document;"
        "from territoire_sante.formats.icalendar import EVENT;"
        "print(EVENT.get(Document(sys.stdin.buffer.read(), 'text/calendar')).start.isoformat())"
    )
    fresh = subprocess.run(  # noqa: S603 - this Python
        [sys.executable, "-c", program], input=data, capture_output=True, check=True
    )
    assert fresh.stdout.decode().strip() == EVENT.get(Document(data, "")).start.isoformat()


def test_iana_name_with_contradictory_definition():
    """A known name with a definition that says something else follows the document."""
    document = at("Europe/Paris", zone=vtimezone("Europe/Paris", "+0500", "+0600"))
    assert instant_of(document) == "20260714T120000Z"


def test_definition_for_the_moment_alone():
    """A definition that is right only when the event takes place stands for IANA's zone."""
    moment = part("DAYLIGHT", "+0100", "+0200", "20260329T020000")
    zone = f"BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\n{moment}END:VTIMEZONE\r\n"

    assert EVENT.get(at("Europe/Paris", zone=zone)).start.tzinfo is PARIS
    assert isinstance(
        EVENT.get(at("Europe/Paris", "RRULE:FREQ=DAILY", zone=zone)).start.tzinfo, CustomZone
    )
    winter = at("Europe/Paris", zone=zone, when="20261224T180000")
    assert instant_of(winter) == "20261224T160000Z"


def test_changes_an_hour_late():
    """The definitions that icalendar makes, an hour late, do not move a recurring event."""
    late = vtimezone("Europe/Paris").replace("T020000", "T030000")
    document = at("Europe/Paris", "RRULE:FREQ=WEEKLY", zone=late)
    assert EVENT.get(document).start.tzinfo is PARIS


def test_tzid_and_z():
    """A time with TZID and Z is in UTC, and stays written as it was."""
    document = ics("DTSTART;TZID=Europe/Paris:20260714T160000Z")
    event = EVENT.get(document)
    assert event.start == dt.datetime(2026, 7, 14, 16, tzinfo=dt.UTC)
    changed = EVENT.put(attrs.evolve(event, summary="x"), document)
    assert b"DTSTART;TZID=Europe/Paris:20260714T160000Z\r\n" in changed.data


@pytest.mark.parametrize("tzid", ["Nowhere", "localtime", "../../etc/passwd", "Europe"])
def test_unknown_tzid_without_definition(tzid):
    """A zone that nothing defines makes the item unreadable, with its line; no time is guessed."""
    with pytest.raises(UnsupportedError) as caught:
        EVENT.get(at(tzid))
    assert (caught.value.line, caught.value.where) == (5, "DTSTART")


def test_tzid_utc():
    """TZID=UTC is UTC and stays written as it was."""
    document = at("UTC")
    assert EVENT.get(document).start.tzinfo is dt.UTC
    assert EVENT.put(EVENT.get(document), document).data == document.data


def test_tzid_with_a_comma():
    """A name with a comma, escaped in TZID and quoted in the parameter, finds its definition."""
    zone = fixed("(UTC+05:30) Chennai\\, Kolkata", "+0530")
    assert instant_of(at("(UTC+05:30) Chennai, Kolkata", zone=zone)) == "20260714T123000Z"


def test_lic_location():
    """X-LIC-LOCATION names the zone of a TZID that says nothing, if the definition agrees."""
    hint = "X-LIC-LOCATION:Europe/Paris\r\n"
    assert EVENT.get(at("12", zone=vtimezone("12", extra=hint))).start.tzinfo is PARIS
    lying = at("12", zone=vtimezone("12", "+0500", "+0600", extra=hint))
    assert instant_of(lying) == "20260714T120000Z"


@pytest.mark.parametrize(
    ("rule", "right"),
    [
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;BYHOUR=2;BYMINUTE=0", True),
        ("FREQ=YEARLY;BYDAY=SU;BYMONTHDAY=25,26,27,28,29,30,31;BYMONTH=3", True),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL=20500101", True),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;COUNT=200", True),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;COUNT=2", False),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL=19990101T000000Z", False),
    ],
)
def test_rules_of_definitions(rule, right):
    """The yearly rules that programs write are understood, with their ends."""
    zone = vtimezone("Ours").replace("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", rule)
    assert (instant_of(at("Ours", zone=zone)) == "20260714T160000Z") is right


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=DAILY", "FREQ=YEARLY;BYMONTH=99", "FREQ=YEARLY;INTERVAL=2", "X"]
)
def test_definitions_that_run_away(rule):
    """A definition with a rule that no law needs makes its own zone unreadable, not Paris."""
    for tzid, readable in (("Ours", False), ("Europe/Paris", True)):
        zone = vtimezone(tzid).replace("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", rule)
        if readable:
            assert EVENT.get(at(tzid, zone=zone)).start.tzinfo is PARIS
        else:
            with pytest.raises(UnsupportedError, match="cannot be used"):
                EVENT.get(at(tzid, zone=zone))


def test_definitions_too_large():
    """A definition of thousands of changes is refused in bounded time."""
    many = "".join(
        part("STANDARD", "+0100", "+0200", f"{1000 + n:04}0101T000000") for n in range(3000)
    )
    zone = f"BEGIN:VTIMEZONE\r\nTZID:Ours\r\n{many}END:VTIMEZONE\r\n"
    with pytest.raises(UnsupportedError):
        EVENT.get(at("Ours", zone=zone))


def test_floating_and_all_day():
    """A floating time has no zone, a day no time; both stay so in new documents and plain data."""
    for line, start in (
        ("DTSTART:20260714T180000", dt.datetime(2026, 7, 14, 18)),  # noqa: DTZ001 - the point
        ("DTSTART;VALUE=DATE:20260714", dt.date(2026, 7, 14)),
    ):
        event = EVENT.get(ics(line))
        assert (type(event.start), event.start) == (type(start), start)
        assert EVENT.get(EVENT.put(event)).start == start
        assert view_from_plain(Event, view_to_plain(event, EVENT.fields)).start == start


def test_gap_is_read_with_the_offset_before():
    """A time that does not exist is the instant by the offset before the gap (RFC 5545, 3.3.5)."""
    assert instant_of(at("Europe/Paris", when="20260329T023000")) == "20260329T013000Z"
    custom = at("Ours", zone=vtimezone("Ours"), when="20260329T023000")
    assert instant_of(custom) == "20260329T013000Z"


def test_repeated_hour():
    """A time in a repeated hour is the first; the second is written in UTC and read back."""
    document = at("Europe/Paris", when="20261025T023000")
    assert instant_of(document) == "20261025T003000Z"
    second = dt.datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=1)
    written = EVENT.put(attrs.evolve(EVENT.get(document), start=second), document)
    assert b"DTSTART:20261025T013000Z" in written.data
    assert EVENT.get(written).start.astimezone(dt.UTC) == second.astimezone(dt.UTC)


@pytest.mark.parametrize("when", ["00010101T000000", "99991231T235959"])
@pytest.mark.parametrize("tzid", ["Europe/Paris", "America/Cayenne", "Ours", "UTC"])
def test_the_ends_of_the_calendar(tzid, when):
    """A time at either end of the calendar is read and kept, or refused with its line."""
    document = at(tzid, zone=vtimezone("Ours"), when=when)
    try:
        event = EVENT.get(document)
    except FormatError as error:
        assert error.line  # noqa: PT017 - either outcome is right
    else:
        assert EVENT.put(event, document) is document
        assert EVENT.get(EVENT.put(attrs.evolve(event, summary="x"), document)).start == event.start


@pytest.mark.parametrize("tzid", ["Customized Time Zone", "Europe/Paris", "a~b%c", "Екатеринбург"])
def test_custom_zone_survives_the_store_and_another_calendar(tzid):
    """A recurring event in a document's own zone keeps its hours through plain data and copying."""
    document = at(tzid, "RRULE:FREQ=MONTHLY", zone=vtimezone(tzid, "+0500", "+0600"))
    event = EVENT.get(document)

    stored = from_plain(to_plain(event))
    assert stored == event
    assert EVENT.put(stored, document) is document
    copied = EVENT.put(stored)
    window = dt.date(2026, 7, 1), dt.date(2027, 7, 1)
    hours = [one.start.astimezone(dt.UTC) for one in expand(document, *window)]
    assert len(hours) == 12
    assert [one.start.astimezone(dt.UTC) for one in expand(copied, *window)] == hours
    assert (b"TZID:Europe/Paris" in copied.data) is False


def test_edits_leave_lines_of_time_alone():
    """Changing another field touches no line of time, whatever the zone."""
    zones = vtimezone("Ours", "+0500", "+0600") + vtimezone("Europe/Paris", "+0300", "+0400")
    for tzid in ("Ours", "Europe/Paris", "UTC", "Romance Standard Time"):
        document = at(tzid, f"DTEND;X-A=1;TZID={tzid}:20260714T190000", "SUMMARY:a", zone=zones)
        stored = view_from_plain(Event, view_to_plain(EVENT.get(document), EVENT.fields))
        written = EVENT.put(attrs.evolve(stored, summary="b"), document, now=NOW).data
        assert document.data.replace(b"SUMMARY:a", b"SUMMARY:b").split(b"SUMMARY")[0] in written


def test_moving_an_event_in_its_own_zone():
    """An event that is moved stays in the zone that its document defines."""
    document = at("Ours", zone=vtimezone("Ours", "+0500", "+0600"))
    event = EVENT.get(document)
    moved = EVENT.put(attrs.evolve(event, start=event.start.replace(hour=9)), document)
    assert b"DTSTART;TZID=Ours:20260714T090000\r\n" in moved.data
    bare = event.start.replace(tzinfo=dt.timezone(dt.timedelta(hours=6)), hour=9)
    assert EVENT.put(attrs.evolve(event, start=bare), document).data == moved.data


def test_paris_beside_a_lying_paris():
    """A real Paris time in a document that lies about Paris gets a definition of its own."""
    document = at(
        "Europe/Paris", "RRULE:FREQ=DAILY", zone=vtimezone("Europe/Paris", "+0500", "+0600")
    )
    start = dt.datetime(2026, 7, 14, 18, tzinfo=PARIS)

    written = EVENT.put(attrs.evolve(EVENT.get(document), start=start), document)

    assert b"DTSTART;TZID=/territoire-sante/Europe/Paris:20260714T180000\r\n" in written.data
    assert EVENT.get(written).start == start
    assert EVENT.get(written).start.tzinfo is PARIS


def test_two_zones_of_one_name():
    """Copying an event into a document whose zone of that name is another keeps both apart."""
    one = EVENT.get(at("Ours", "RRULE:FREQ=DAILY", zone=vtimezone("Ours", "+0500", "+0600")))
    other = at("Ours", zone=vtimezone("Ours", "-0500", "-0400"))

    written = EVENT.put(one, other)

    assert b"DTSTART;TZID=Ours (2):20260714T180000\r\n" in written.data
    assert EVENT.get(written).start == one.start
