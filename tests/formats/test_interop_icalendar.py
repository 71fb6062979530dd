# SPDX-License-Identifier: Apache-2.0
"""Calendars as objects of icalendar and as jCal: exact, or told line by line what is lost."""

import datetime as dt
import json
import subprocess
import sys
import zoneinfo

import icalendar as peer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import FormatError, LossyConversionError
from territoire_sante.formats import Document, contentline
from territoire_sante.formats.icalendar import (
    EVENT,
    from_icalendar,
    from_jcal,
    to_icalendar,
    to_jcal,
)

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
GOOD = st.sampled_from([
    "SUMMARY;LANGUAGE=fr;X-Q=1:Soirée\\, ouverte", "DESCRIPTION:a\\nb, c; d", "LOCATION:x",
    "X-COLOUR:blue;a,b\\,c",
    'x-lower;x-p="a;b":c', 'ATTENDEE;CN="Roux, Anne";X-A=1:mailto:a@example.org',
    'COMMENT;ALTREP="http://example.org/?a,b":a\\, b', "PRIORITY:5", "CATEGORIES:a,b\\,c",
    "CATEGORIES;X-C=1:c", "EXDATE;TZID=Europe/Paris:20260405T180000,20260412T180000",
    "RDATE;VALUE=PERIOD:20260501T100000Z/PT1H", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU;COUNT=3",
    "GEO:44.5;3.5", "URL:https://example.org/?a=1,2;b", "RESOURCES:table,chaise",
    "ATTACH;VALUE=BINARY;ENCODING=BASE64:AAEC/w==", "DURATION:P1DT2H", "SEQUENCE:3",
    "X-LONG:" + "é" * 40 + "\r\n " + "é" * 20, "REQUEST-STATUS:2.0;Success;a\\,b",
    "DTSTART;TZID=Romance Standard Time:20260329T180000", "DTSTART;VALUE=DATE:20260329",
    "DTSTAMP:20260101T000000Z", "X-DATE;VALUE=DATE:20260329", "CLASS:PRIVATE", "",
    "X-TEXT;VALUE=TEXT:a\\;b", "TRIGGER;RELATED=END:-PT30M", "X-CARET;X-P=a^nb^'c^^d:1",
])  # fmt: skip
BAD = st.sampled_from([
    "nonsense", "GEO:44.500000;3.5", "X-A;X-B=1;X-B=2:c", "DTSTART;TZID=Nowhere:20260329T180000",
    "DURATION:PT24H", "SUMMARY:a\x07b", "X-BARE;WORD:c", "RRULE:W2 TU", "PRIORITY:x",
])  # fmt: skip


def ics(*lines, calendar=""):
    """Return a calendar of one event with these lines."""
    body = "".join(line + "\r\n" for line in lines)
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{calendar}BEGIN:VEVENT\r\nUID:a\r\n{body}"
    return Document((text + "END:VEVENT\r\nEND:VCALENDAR\r\n").encode(), "text/calendar")


def zone(tzid, offset):
    """Return a VTIMEZONE of one offset."""
    return (
        f"BEGIN:VTIMEZONE\r\nTZID:{tzid}\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        f"TZOFFSETFROM:{offset}\r\nTZOFFSETTO:{offset}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )


def shape(document):
    """Return what a calendar says: names, parameters and unescaped values, by component."""
    content = contentline.parse(document.data)
    return [
        (component.name, sorted(map(repr, map(words, component.lines))))
        for component in content.walk()
    ]


def words(line):
    """Return one line for comparison: order of parameters, escapes and rule parts apart."""
    if not line.name:
        return "", (), ""
    params = sorted(param for param in line.params if param != ("VALUE", ("DATE-TIME",)))
    value = line.value
    if line.name == "RRULE":
        value = ";".join(sorted(value.split(";")))
    return line.name, params, contentline.unescape(value)


def losses(convert, document):
    """Return what a conversion says it would lose."""
    try:
        convert(document)
    except LossyConversionError as error:
        return error.lost or ("nothing named",)
    return ()


def event_of(document, **options):
    """Return the first event that icalendar sees."""
    return to_icalendar(document, **options).events[0]


@given(st.lists(GOOD, max_size=8))
@settings(max_examples=100, deadline=None)
def test_both_ways_say_the_same(lines):
    """A calendar that converts says the same when icalendar writes it, and when we do."""
    document = ics(*[line for line in lines if line])
    calendar = to_icalendar(document)
    assert shape(Document(calendar.to_ical(sorted=False), "")) == shape(document)
    assert shape(from_icalendar(calendar)) == shape(document)


@given(st.lists(GOOD, max_size=8))
@settings(max_examples=100, deadline=None)
def test_jcal_says_the_same(lines):
    """A calendar that converts to jCal comes back from its JSON text saying the same."""
    document = ics(*[line for line in lines if line])
    data = json.loads(json.dumps(to_jcal(document)))
    assert shape(from_jcal(data)) == shape(document)
    assert to_jcal(from_jcal(data)) == data


@given(st.lists(GOOD, max_size=4), BAD, st.sampled_from([to_icalendar, to_jcal]))
@settings(max_examples=100, deadline=None)
def test_a_loss_is_named_with_its_line(lines, bad, convert):
    """What cannot be held is named by line, and lossy=True converts all the same."""
    document = ics(bad, *lines)
    lost = losses(convert, document)
    assert all(text.startswith("line 5: ") for text in lost)
    assert convert(document, lossy=True)


TRAPS = {
    "known zone contradicted": (["DTSTART;TZID=Europe/Paris:20260329T180000Z"], ""),
    "unknown zone": (["DTSTART;TZID=Nowhere:20260329T180000"], "'Nowhere' is known nowhere"),
    "hour 24": (["DTSTART:20260329T240000"], ""),
    "bad rule with semicolons": (["RRULE:FREQ=X;COUNT=,3"], ""),
    "bad position": (["GEO:a;b,c"], ""),
    "precision": (["GEO:44.500000;3.5"], "GEO: '44.500000;3.5' becomes '44.5;3.5'"),
    "duplicate parameter": (["X-A;X-B=1;X-B=2:c"], "X-A: the parameter X-B=2"),
    "unreadable line": (["no line"], "'no line' cannot be read"),
    "control character": (["SUMMARY:a\x07b"], "SUMMARY: 'a\\x07b' becomes 'ab'"),
    "exact time as a day": (["DURATION:PT24H"], "DURATION: 'PT24H' becomes 'P1D'"),
    "bare parameter": (["X-A;WORD:c"], "X-A: the parameter WORD="),
    "several resources": (["RESOURCES:a,b\\,c"], ""),
    "unknown type": (["DESCRIPTION;VALUE=X-FOO:a\\,b;c"], ""),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_traps_of_icalendar(trap):
    """Each loss measured in icalendar is either avoided or named."""
    lines, expected = TRAPS[trap]
    document = ics(*lines)
    if expected:
        with pytest.raises(LossyConversionError) as caught:
            to_icalendar(document)
        assert expected in caught.value.lost[0]
    else:
        calendar = to_icalendar(document)
        assert shape(Document(calendar.to_ical(sorted=False), "")) == shape(document)


def test_utc_wins_over_a_zone_beside_it():
    """A time with both TZID and Z is the instant that Z says."""
    event = event_of(ics("DTSTART;TZID=Europe/Paris:20260701T100000Z"))
    assert event["DTSTART"].dt == dt.datetime(2026, 7, 1, 10, tzinfo=dt.UTC)


def test_each_document_has_its_own_zones():
    """Two documents with one TZID and two offsets are both read by their own definition."""
    for offset in ("+0300", "+0500"):
        line = "DTSTART;TZID=Customized Time Zone:20260701T100000"
        event = event_of(ics(line, calendar=zone("Customized Time Zone", offset)))
        assert event["DTSTART"].dt.utcoffset() == dt.timedelta(hours=int(offset[1:3]))


def test_the_process_is_left_as_it_was():
    """Neither the zone cache nor the components of icalendar learn from a conversion."""
    line = "DTSTART;TZID=Our Zone:20260701T100000"
    extra = "BEGIN:X-OURS\r\nX-A:1\r\nEND:X-OURS\r\n"
    calendar = to_icalendar(ics(line, calendar=zone("Our Zone", "+0300") + extra))
    from_icalendar(calendar)
    assert calendar.walk("X-OURS")
    code = (
        "import icalendar, sys\n"
        "from icalendar.timezone import tzp\n"
        "from territoire_sante.formats import Document\n"
        "from territoire_sante.formats.icalendar import to_icalendar, from_icalendar\n"
        "from_icalendar(to_icalendar(Document(sys.stdin.buffer.read(), '')))\n"
        "factory = icalendar.Component._get_component_factory()\n"
        "assert tzp.timezone('Our Zone') is None\n"
        "assert factory.get('X-OURS') is None\n"
    )
    document = ics(line, calendar=zone("Our Zone", "+0300") + extra)
    subprocess.run([sys.executable, "-c", code], input=document.data, check=True)  # noqa: S603 - our own text


def test_charsets_and_split_characters_are_read_right():
    """Windows-1252, UTF-16 and a fold inside a character give the text that they mean."""
    text = ics("SUMMARY:Été").data.decode()
    split = ics("SUMMARY:Été").data.replace("É".encode(), b"\xc3\r\n \x89")
    for data in (text.encode("cp1252"), text.encode("utf-16"), split):
        assert str(event_of(Document(data, ""))["SUMMARY"]) == "Été"


def test_values_have_the_types_of_icalendar():
    """A host sees dates, rules, categories and bytes as if icalendar had read them."""
    event = event_of(
        ics(
            "DTSTART;TZID=Europe/Paris:20260329T180000",
            "DTEND:20260329T180000Z",
            "CATEGORIES:a,b",
            "RRULE:FREQ=WEEKLY;COUNT=3",
            "SUMMARY:a\\, b",
        )
    )
    assert event.start == dt.datetime(2026, 3, 29, 18, tzinfo=PARIS)
    assert event.categories == ["a", "b"]
    assert event["RRULE"]["COUNT"] == [3]
    assert event["SUMMARY"] == "a, b"


def test_only_one_calendar_fits():
    """Of several calendars the first is taken, if the loss of the others is accepted."""
    data = ics("SUMMARY:one").data + ics("SUMMARY:two").data
    with pytest.raises(LossyConversionError, match="line 8") as caught:
        to_icalendar(Document(data, ""))
    assert caught.value.lost == ("line 8: BEGIN: the whole VCALENDAR, only the first is converted",)
    assert event_of(Document(data, ""), lossy=True)["SUMMARY"] == "one"


def test_what_is_no_calendar_is_refused():
    """A document without VCALENDAR is no calendar, and a card is none."""
    for convert in (to_icalendar, to_jcal):
        with pytest.raises(FormatError, match="no VCALENDAR"):
            convert(Document(b"BEGIN:VCARD\r\nEND:VCARD\r\n", ""))


def made(**properties):
    """Return a calendar built with icalendar."""
    calendar, event = peer.Calendar(), peer.Event()
    for name, value in properties.items():
        event.add(name, value)
    calendar.add_component(event)
    return calendar


def test_what_a_host_built_can_be_read():
    """A calendar built with icalendar becomes a document that our lens reads."""
    start = dt.datetime(2026, 3, 29, 18, tzinfo=PARIS)
    event = EVENT.get(from_icalendar(made(uid="a", summary="Été, b", dtstart=start)))
    assert (event.summary, event.start) == ("Été, b", start)


def test_an_offset_without_a_name_is_lost():
    """A time at a bare offset has no spelling in iCalendar: it is named, not shifted."""
    start = dt.datetime(2026, 3, 29, 18, tzinfo=dt.timezone(dt.timedelta(hours=5)))
    with pytest.raises(LossyConversionError) as caught:
        from_icalendar(made(dtstart=start))
    assert "DTSTART" in caught.value.lost[0]
    assert from_icalendar(made(dtstart=start), lossy=True).data


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-A:b\r\nATTENDEE", peer.vText("c")),
        ("X-A", peer.vText("c", params={"X-B:mailto:x\r\nATTENDEE": "1"})),
        ("X-A", peer.vText("a\x00b")),
        ("X-A", peer.vText("a=", params={"ENCODING": "QUOTED-PRINTABLE"})),
    ],
    ids=["name", "parameter", "control", "soft-break"],
)
def test_nothing_can_be_smuggled_in(name, value):
    """No name, parameter or value of a host's object becomes a second line."""
    calendar = peer.Calendar()
    event = peer.Event()
    event[name] = value
    calendar.add_component(event)
    with pytest.raises(LossyConversionError):
        from_icalendar(calendar)
    document = from_icalendar(calendar, lossy=True)
    content = contentline.parse(document.data)
    assert {line.name for line in content.lines} <= {"BEGIN", "END", "X-A"}
    assert not content.problems


def test_lines_that_icalendar_dropped_are_named():
    """What icalendar noted as unreadable when it parsed is told when it comes back."""
    calendar = peer.Calendar.from_ical(ics("DTSTART;:x").data)
    with pytest.raises(LossyConversionError) as caught:
        from_icalendar(calendar)
    assert "icalendar dropped a line" in caught.value.lost[0]


def test_jcal_has_the_forms_of_the_standard():
    """Dates, rules, offsets, periods and structured values are as RFC 7265, 3.6 has them."""
    data = to_jcal(
        ics(
            "DTSTART;TZID=Europe/Paris:20260329T180000",
            "DTEND;VALUE=DATE:20260330",
            "RRULE:FREQ=WEEKLY;BYDAY=MO,TU;UNTIL=20260501T000000Z;INTERVAL=2",
            "GEO:44.5;3.25",
            "CATEGORIES:a,b\\,c",
            "FREEBUSY:20260329T160000Z/PT1H,20260330T160000Z/20260330T170000Z",
            "REQUEST-STATUS:2.0;Success",
            "TZOFFSETTO:+0200",
            "X-A:a\\,b",
            "ATTACH;VALUE=BINARY;ENCODING=BASE64:AAE=",
        )
    )
    assert data[2][0][1][1:] == [
        ["dtstart", {"tzid": "Europe/Paris"}, "date-time", "2026-03-29T18:00:00"],
        ["dtend", {}, "date", "2026-03-30"],
        ["rrule", {}, "recur", {
            "freq": "WEEKLY", "byday": ["MO", "TU"], "until": "2026-05-01T00:00:00Z", "interval": 2,
        }],
        ["geo", {}, "float", [44.5, 3.25]],
        ["categories", {}, "text", "a", "b,c"],
        ["freebusy", {}, "period", ["2026-03-29T16:00:00Z", "PT1H"],
         ["2026-03-30T16:00:00Z", "2026-03-30T17:00:00Z"]],
        ["request-status", {}, "text", ["2.0", "Success"]],
        ["tzoffsetto", {}, "utc-offset", "+02:00"],
        ["x-a", {}, "unknown", "a\\,b"],
        ["attach", {}, "binary", "AAE="],
    ]  # fmt: skip


def test_jcal_agrees_with_icalendar():
    """For ordinary properties our jCal is the one that icalendar makes."""
    document = ics(
        "DTSTART;TZID=Europe/Paris:20260329T180000", "DTEND:20260329T180000Z", "SUMMARY:a\\, b",
        "PRIORITY:5", "URL:https://example.org/", "TRANSP:OPAQUE", "EXDATE:20260412T160000Z",
        "RRULE:FREQ=DAILY;COUNT=2", "GEO:44.5;3.25", "X-A:b",
        "ATTENDEE;CN=Anne:mailto:a@example.org",
    )  # fmt: skip
    ours, theirs = to_jcal(document)[2][0][1], peer.Calendar.from_ical(document.data)
    assert sorted(map(repr, ours)) == sorted(map(repr, theirs.events[0].to_jcal()[1]))


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({}, "$"),
        (["vevent", []], "$"),
        (["vevent", [], []], "$[0]"),
        (["vcalendar", [["a", {}, "text"]], []], "$[1][0]"),
        (["vcalendar", [["a", {"b": 1}, "text", "c"]], []], "$[1][0][1]"),
        (["vcalendar", [["dtstart", {}, "date-time", "soon"]], []], "$[1][0][3]"),
        (["vcalendar", [["priority", {}, "integer", True]], []], "$[1][0][3]"),
        (["vcalendar", [["x-a", {}, "unknown", "b\r\nEND:VEVENT"]], []], "$[1][0]"),
        (["vcalendar", [["a:b", {}, "text", "c"]], []], "$[1][0]"),
        (["vcalendar", [], [["vevent\r\nx", [], []]]], ""),
    ],
    ids=str,
)
def test_what_is_no_jcal_is_refused_with_its_path(data, where):
    """A malformed or smuggling jCal is refused, and the place is named."""
    with pytest.raises(FormatError) as caught:
        from_jcal(data)
    assert caught.value.where == where


def test_endless_nesting_is_refused():
    """A jCal nested beyond the limits is refused, not followed."""
    data = ["vcalendar", [], []]
    for _ in range(500):
        data = ["vcalendar", [], [data]]
    with pytest.raises(FormatError, match="deeper than 32"):
        from_jcal(data)


def test_the_corpus_converts_or_tells(ics_files):
    """Every real calendar converts exactly, or the loss is named; nothing else is raised."""
    counts = {"exact": 0, "told": 0, "refused": 0}
    for path in ics_files[::3]:
        document = Document(path.read_bytes(), "text/calendar")
        for convert, back in ((to_icalendar, from_icalendar), (to_jcal, from_jcal)):
            try:
                lost = losses(convert, document)
            except FormatError:
                counts["refused"] += 1
                continue
            assert "nothing named" not in lost
            counts["told" if lost else "exact"] += 1
            made = convert(document, lossy=True)
            assert contentline.parse(back(made, lossy=True).data).components
    assert counts["exact"] > 6 * counts["told"]
    assert counts["exact"] > 6 * counts["refused"]
