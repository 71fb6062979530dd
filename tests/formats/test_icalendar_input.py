# SPDX-License-Identifier: Apache-2.0
"""The event lens on times, bad input and real files, and what must not be lost in them."""

import datetime as dt
import subprocess
import sys
import zoneinfo

import attrs
import pytest

from territoire_sante.errors import FormatError, UnsupportedError
from territoire_sante.formats import Document, contentline
from territoire_sante.formats._ical_zones import VTIMEZONES
from territoire_sante.formats.icalendar import EVENT
from territoire_sante.model import (
    Classification,
    Event,
)

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
NOW = dt.datetime(2026, 11, 21, 20, 0, tzinfo=dt.UTC)
STAMPS = {"DTSTAMP", "LAST-MODIFIED", "SEQUENCE"}

ALARM = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Rappel\r\nTRIGGER:-PT30M\r\nEND:VALARM\r\n"


def ics(*lines, calendar=""):
    """Return a calendar of one event with these lines."""
    body = "".join(line + "\r\n" for line in lines)
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{calendar}BEGIN:VEVENT\r\n{body}{ALARM}"
    return Document((text + "END:VEVENT\r\nEND:VCALENDAR\r\n").encode(), "text/calendar")


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


# --- Time -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "start"),
    [
        ("DTSTART;VALUE=DATE:20260329", dt.date(2026, 3, 29)),
        ("DTSTART:20260329", dt.date(2026, 3, 29)),
        ("DTSTART:20260329T180000Z", dt.datetime(2026, 3, 29, 18, tzinfo=dt.UTC)),
        ("DTSTART;TZID=Europe/Paris:20260329T180000", dt.datetime(2026, 3, 29, 18, tzinfo=PARIS)),
        (
            "DTSTART;TZID=Romance Standard Time:20260329T180000",
            dt.datetime(2026, 3, 29, 18, tzinfo=PARIS),
        ),
        (
            "DTSTART;TZID=/freeassociation.sourceforge.net/Tzfile/Europe/Paris:20260329T180000",
            dt.datetime(2026, 3, 29, 18, tzinfo=PARIS),
        ),
        ('dtstart;tzid="Europe/Paris":20260329T180000', dt.datetime(2026, 3, 29, 18, tzinfo=PARIS)),
        # Both TZID and Z: the Z is in the value and wins; nothing is shifted.
        ("DTSTART;TZID=Europe/Paris:20260329T160000Z", dt.datetime(2026, 3, 29, 16, tzinfo=dt.UTC)),
        ("DTSTART;TZID=UTC:20260329T160000", dt.datetime(2026, 3, 29, 16, tzinfo=dt.UTC)),
    ],
)
def test_times_are_read(line, start):
    """Days, UTC, IANA, Windows and vendor zones are read, and untouched lines stay."""
    document = ics(line)
    event = EVENT.get(document)

    assert event.start == start
    assert type(event.start) is type(start)
    assert EVENT.put(event, document) is document


def test_floating_time():
    """A time without zone floats: it is naive, and stays so."""
    document = ics("DTSTART:20260329T180000")

    assert EVENT.get(document).start.tzinfo is None


def test_windows_name_stays_when_the_time_changes():
    """The document's own name for a zone is kept when the time moves within it."""
    document = ics("DTSTART;TZID=Romance Standard Time;X-A=1:20260329T180000")
    event = EVENT.get(document)
    start = dt.datetime(2026, 3, 29, 19, tzinfo=PARIS)
    written = EVENT.put(attrs.evolve(event, start=start), document)

    assert b"DTSTART;TZID=Romance Standard Time;X-A=1:20260329T190000\r\n" in written.data
    assert b"BEGIN:VTIMEZONE" not in written.data


def custom_zone(tzid, offset):
    """Return a VTIMEZONE with one offset."""
    return (
        f"BEGIN:VTIMEZONE\r\nTZID:{tzid}\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n"
        f"TZOFFSETFROM:{offset}\r\nTZOFFSETTO:{offset}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )


def test_custom_zones_belong_to_their_document():
    """Two documents that call different zones by one name are each read with their own."""
    line = "DTSTART;TZID=Customized Time Zone:20260329T180000"
    east = ics(line, calendar=custom_zone("Customized Time Zone", "+0400"))
    west = ics(line, calendar=custom_zone("Customized Time Zone", "-0300"))

    assert EVENT.get(east).start == dt.datetime(2026, 3, 29, 14, tzinfo=dt.UTC)
    assert EVENT.get(west).start == dt.datetime(2026, 3, 29, 21, tzinfo=dt.UTC)
    with pytest.raises(UnsupportedError, match="Customized Time Zone"):
        EVENT.get(ics(line))


def test_custom_zone_is_kept_when_the_time_changes():
    """A time of a zone that only the document knows is written back in that zone."""
    document = ics("DTSTART;TZID=Ici:20260329T180000", calendar=custom_zone("Ici", "+0400"))
    event = EVENT.get(document)
    later = attrs.evolve(event, start=event.start + dt.timedelta(hours=1))

    assert b"DTSTART;TZID=Ici:20260329T190000\r\n" in EVENT.put(later, document).data


def test_runaway_zone_rules_are_refused():
    """A VTIMEZONE with a rule by the second is refused at once, not expanded."""
    zone = custom_zone("Ici", "+0400").replace(
        "TZOFFSETFROM", "RRULE:FREQ=SECONDLY\r\nTZOFFSETFROM"
    )
    with pytest.raises(UnsupportedError, match="Ici"):
        EVENT.get(ics("DTSTART;TZID=Ici:20260329T180000", calendar=zone))


def test_second_pass_of_a_repeated_hour():
    """A time in the hour that the clocks repeat is never shifted: it is written in UTC."""
    start = dt.datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=1)
    written = EVENT.put(Event(id="event:a", uid="a", start=start))

    assert b"DTSTART:20261025T013000Z\r\n" in written.data


def test_utc_in_a_repeated_hour_stays_in_utc():
    """A time in UTC that a zone would say ambiguously is not moved into the zone of the event."""
    document = ics("DTSTART;TZID=Europe/Paris:20260329T180000")
    start = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)
    written = EVENT.put(attrs.evolve(EVENT.get(document), start=start), document)

    assert b"DTSTART:20261025T003000Z\r\n" in written.data
    assert EVENT.get(written).start == start


def test_move_to_another_french_zone_brings_its_definition():
    """A time in an overseas zone gets TZID and VTIMEZONE; the zone that was there stays."""
    document = ics("DTSTART;TZID=Europe/Paris:20260329T180000")
    start = dt.datetime(2026, 3, 29, 18, tzinfo=zoneinfo.ZoneInfo("Indian/Reunion"))
    written = EVENT.put(attrs.evolve(EVENT.get(document), start=start), document)

    assert b"TZID:Indian/Reunion\r\n" in written.data
    assert b"DTSTART;TZID=Indian/Reunion:20260329T180000\r\n" in written.data
    assert EVENT.get(written).start == start


def test_zone_without_definition():
    """A foreign zone is written in UTC for one date, and refused for a recurring event."""
    tokyo = dt.datetime(2026, 3, 29, 18, tzinfo=zoneinfo.ZoneInfo("Asia/Tokyo"))
    once = Event(id="event:a", uid="a", start=tokyo)

    assert EVENT.get(EVENT.put(once)).start == tokyo
    with pytest.raises(UnsupportedError, match="Asia/Tokyo"):
        EVENT.put(attrs.evolve(once, rrule="FREQ=DAILY"))


@pytest.mark.parametrize("tzid", VTIMEZONES)
def test_own_zones_agree_with_the_iana_base(tzid):
    """Our VTIMEZONEs give the offsets of zoneinfo from 1998 to 2050, but for skipped hours."""
    zone = zoneinfo.ZoneInfo(tzid)
    calendar = VTIMEZONES[tzid].replace(f"TZID:{tzid}".encode(), b"TZID:Elsewhere").decode()
    for year in range(1998, 2051, 2 if tzid in ("Europe/Paris", "America/Miquelon") else 13):
        for month, day in ((1, 15), (3, 7), (3, 28), (4, 3), (7, 1), (9, 28), (10, 24), (11, 8)):
            wall = dt.datetime(year, month, day, 12, tzinfo=zone)
            line = f"DTSTART;TZID=Elsewhere:{wall:%Y%m%dT%H%M%S}"

            assert EVENT.get(ics(line, calendar=calendar)).start == wall


# --- Bad input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["DTSTART:20260332"], "line 4: DTSTART: '20260332' is no date"),
        (["DTSTART:20260329T240000"], "no date or time"),
        (["DTSTART:00000101"], "no date or time"),
        (["DTSTART;TZID=Foo:20260329T180000"], "line 4: DTSTART: the time zone 'Foo'"),
        (["SUMMARY:x", "DTSTART:20260329T180000", "DURATION:soon"], "line 6: DURATION"),
        (["DTSTART:20260329T180000", "DURATION:P99999999999D"], "leaves the calendar"),
        (["DTSTART;VALUE=DATE:20260329", "DTEND:20260329T180000"], "not both days"),
        (["DTSTART:20260329", "EXDATE:x"], "line 5: EXDATE"),
    ],
)
def test_unreadable_dates_name_their_line(lines, message):
    """A date that cannot be read is an error with its line, never a silent absence."""
    with pytest.raises(FormatError, match=message):
        EVENT.get(ics(*lines))


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (b"", FormatError, "no VEVENT"),
        (b"<!DOCTYPE html><html>", FormatError, "web page"),
        (b"BEGIN:VCALENDAR\nBEGIN:VTODO\nEND:VTODO\nEND:VCALENDAR\n", UnsupportedError, "VTODO"),
        (ics("UID:a").data + ics("UID:b").data, FormatError, "different UIDs"),
        (
            ics("UID:a").data + b"BEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\n",
            UnsupportedError,
            "line 12: .* outside of its calendar",
        ),
    ],
)
def test_what_is_no_event(data, error, message):
    """Other components, several events and web pages are refused by name."""
    with pytest.raises(error, match=message):
        EVENT.get(Document(data, "text/calendar"))


def test_control_characters():
    """A control character is left out of the view, kept in the bytes, refused in a new text."""
    document = ics("UID:a", "SUMMARY:a\x07b")
    event = EVENT.get(document)

    assert event.summary == "ab"
    assert EVENT.put(event, document) is document
    with pytest.raises(FormatError, match="U\\+0007"):
        EVENT.put(attrs.evolve(event, summary="a\x07c"), document)


@pytest.mark.parametrize("text", ["a\r\nATTENDEE:mailto:x", "a\rb", "a\nEND:VEVENT"])
def test_injection(text):
    """A text with line breaks stays one value, whatever it looks like."""
    document = ics("UID:a", "SUMMARY:a")
    written = EVENT.put(attrs.evolve(EVENT.get(document), summary=text), document)

    assert len(contentline.parse(written.data).lines) == len(contentline.parse(document.data).lines)
    assert EVENT.get(written).summary == text.replace("\r\n", "\n").replace("\r", "\n")
    with pytest.raises(FormatError):
        EVENT.put(attrs.evolve(EVENT.get(document), url=text), document)


def test_unclosed_event_is_read_but_not_changed():
    """An event that is cut off can be read; a change is refused with the remedy."""
    document = Document(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:a\n", "text/calendar")

    assert EVENT.get(document).summary == "a"
    with pytest.raises(UnsupportedError, match="END:VEVENT"):
        EVENT.put(attrs.evolve(EVENT.get(document), location="b"), document)


def test_unknown_class_is_private():
    """A CLASS that is not known is treated as PRIVATE (RFC 5545, 3.8.1.3)."""
    assert EVENT.get(ics("CLASS:X-TEAM")).classification is Classification.PRIVATE


def test_unknown_status_and_bad_geo_are_left_alone():
    """A STATUS or GEO that cannot be read is absent from the view, and stays in the document."""
    document = ics("STATUS:X-MAYBE", "GEO:here")
    event = EVENT.get(document)

    assert (event.status, event.geo) == (None, None)
    assert EVENT.put(event, document) is document


def test_event_without_uid():
    """An event without UID has an id from its content, which renewed stamps do not change."""
    one = EVENT.get(ics("SUMMARY:a", "DTSTAMP:20260101T000000Z"))
    two = EVENT.get(ics("SUMMARY:a", "DTSTAMP:20260202T000000Z"))

    assert one.uid == ""
    assert one.id == two.id != EVENT.get(ics("SUMMARY:b")).id


# --- Losses measured in icalendar 7.3 ---------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "x-lower:1", "RRULE:COUNT=2;FREQ=DAILY", 'X-TITLE="A b":c', "GEO:44.500000;3.500000",
        "DURATION:PT0S", "DURATION:P1W2D", "CATEGORIES:", "SUMMARY;LANGUAGE=fr;LANGUAGE=de:a",
        "RRULE:FREQ=X;COUNT=1", "no colon at all", "SUMMARY:a, b; c", "DESCRIPTION:a\u2028b\x85c",
    ],
)  # fmt: skip
def test_kept_where_icalendar_loses(line):
    """Each line that icalendar rewrites, re-escapes or drops survives a change beside it."""
    document = (
        ics("UID:a", line, "LOCATION:x")
        if "X-TITLE" not in line
        else ics("UID:a", line.replace("=", ";V=", 1), "LOCATION:x")
    )
    written = EVENT.put(attrs.evolve(EVENT.get(document), location="y"), document)

    assert written.data == document.data.replace(b"LOCATION:x", b"LOCATION:y")


@pytest.mark.parametrize("codec", ["latin-1", "cp1252"])
def test_latin1(codec):
    """A calendar in Latin-1 is read, and its changed lines stay in its charset."""
    data = ics("UID:a", "SUMMARY:été", "LOCATION:x").data.decode().encode(codec)
    document = Document(data, "text/calendar")
    written = EVENT.put(attrs.evolve(EVENT.get(document), location="là"), document)

    assert EVENT.get(document).summary == "été"
    assert written.data == data.replace(b"LOCATION:x", b"LOCATION:l\xe0")


def test_reminder_with_a_bad_trigger():
    """A broken reminder does not spoil its event."""
    document = ics("UID:a", "SUMMARY:a")
    broken = Document(document.data.replace(b"-PT30M", b"soon"), "text/calendar")

    assert EVENT.get(broken).summary == "a"


# --- The corpus -------------------------------------------------------------------------------


def test_corpus_round_trips(ics_files):
    """Every real calendar of one event that is read comes back unchanged, and takes a change."""
    read = 0
    for path in ics_files:
        document = Document(path.read_bytes(), "text/calendar")
        try:
            event = EVENT.get(document)
        except FormatError:
            continue
        read += 1
        assert EVENT.put(event, document) is document, path.name
        try:
            written = EVENT.put(attrs.evolve(event, location="Salle, été"), document)
        except UnsupportedError as error:
            assert "never closed" in str(error), path.name  # noqa: PT017 - the only reason allowed
            continue
        assert EVENT.get(written).location == "Salle, été", path.name
        assert other_lines(written.data, "LOCATION") == other_lines(document.data, "LOCATION")

    assert read > 300


def test_no_heavy_import():
    """Importing the formats loads neither icalendar nor vobject."""
    code = (
        "import sys, territoire_sante.formats.icalendar, territoire_sante.formats.vcard\n"
        "bad = {'icalendar', 'vobject', 'dateutil', 'requests'} & set(sys.modules)\n"
        "print(*bad)"
    )
    done = subprocess.run(  # noqa: S603 - this interpreter, our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
