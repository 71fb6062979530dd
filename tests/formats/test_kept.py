# SPDX-License-Identifier: Apache-2.0
"""
What icalendar 7.3 and vobject 0.9.9 were measured to lose: one test for each loss.

The expectations are ours alone; how the libraries read the same is on the page about agreement.
"""

import datetime as dt
import time
import zoneinfo

import attrs
import pytest

from territoire_sante.errors import FormatError, LimitExceededError, UnsupportedError
from territoire_sante.formats import Document, contentline
from territoire_sante.formats.icalendar import EVENT, items
from territoire_sante.formats.vcard import CONTACT
from territoire_sante.model import ContactKind, Event, Reach

PARIS = zoneinfo.ZoneInfo("Europe/Paris")


def zone(tzid, offset):
    """Return a VTIMEZONE of one offset."""
    return (
        f"BEGIN:VTIMEZONE\r\nTZID:{tzid}\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n"
        f"TZOFFSETFROM:{offset}\r\nTZOFFSETTO:{offset}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )


def ics(*lines, before=""):
    """Return a calendar of one event, whose place is ``x``."""
    body = "".join(line + "\r\n" for line in ("UID:a", *lines, "LOCATION:x"))
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{before}BEGIN:VEVENT\r\n{body}END:VEVENT\r\n"
    return Document((text + "END:VCALENDAR\r\n").encode(), "text/calendar")


def vcf(*lines, version="3.0"):
    """Return a card, whose note is ``x``."""
    body = "".join(line + "\r\n" for line in ("FN:Mairie", *lines, "NOTE:x"))
    text = f"BEGIN:VCARD\r\nVERSION:{version}\r\n{body}END:VCARD\r\n"
    return Document(text.encode(), "text/vcard")


def with_place(document, place="y"):
    """Return the document with another place."""
    return EVENT.put(attrs.evolve(EVENT.get(document), location=place), document)


def with_note(document, note="y"):
    """Return the document with another note."""
    return CONTACT.put(attrs.evolve(CONTACT.get(document), note=note), document)


def assert_event_kept(*lines, before=""):
    """Hold the lines of an event to a change beside them."""
    document = ics(*lines, before=before)

    assert EVENT.put(EVENT.get(document), document) is document
    wanted = document.data.replace(b"LOCATION:x\r\n", b"LOCATION:y\r\n")
    assert with_place(document).data == wanted


def assert_card_kept(*lines, version="3.0"):
    """Hold the lines of a card to a change beside them."""
    document = vcf(*lines, version=version)

    assert CONTACT.put(CONTACT.get(document), document) is document
    assert with_note(document).data == document.data.replace(b"NOTE:x\r\n", b"NOTE:y\r\n")


class TestIcalendar:
    """The losses of icalendar, row by row."""

    @pytest.mark.parametrize(
        "line",
        [
            "x-lower;p=1:a", "RRULE:COUNT=2;FREQ=DAILY", 'X-TITLE;V="A":c', "X-TITLE;V=A:c",
            "DURATION:PT0S", "DURATION:P1W2D", "GEO:44.500000;3.500000",
            "SUMMARY:" + "é" * 30 + "\r\n\té" + "è" * 40,
        ],
    )  # fmt: skip
    def test_spelling(self, line):
        """Case, order of parts, quotes, precision, durations and folds stay as written."""
        assert_event_kept(line)

    @pytest.mark.parametrize("tzid", ["Customized Time Zone", "Romance Standard Time"])
    def test_one_tzid_for_two_zones(self, tzid):
        """Two documents with one TZID are each read by their own VTIMEZONE, in whatever order."""
        line = f"DTSTART;TZID={tzid}:20260615T180000"
        east, west = (ics(line, before=zone(tzid, offset)) for offset in ("+0400", "-0300"))
        read = [EVENT.get(d).start.astimezone(dt.UTC).hour for d in (east, west, east)]

        assert read == [14, 21, 14]

    def test_no_zone_is_inherited(self):
        """A document without VTIMEZONE does not take that of the document read before."""
        line = "DTSTART;TZID=Customized Time Zone:20260615T180000"
        EVENT.get(ics(line, before=zone("Customized Time Zone", "+0400")))

        with pytest.raises(UnsupportedError, match=r"line 5: .*Customized"):
            EVENT.get(ics(line))

    def test_contradictory_definition(self):
        """A known TZID whose VTIMEZONE says otherwise follows the document."""
        document = ics(
            "DTSTART;TZID=Europe/Paris:20260615T180000", before=zone("Europe/Paris", "+0900")
        )

        assert EVENT.get(document).start.astimezone(dt.UTC).hour == 9
        assert with_place(document).data.count(b"+0900") == 2

    def test_tzid_beside_z(self):
        """``TZID`` beside ``Z`` is the instant in UTC, and both stay in the line."""
        assert EVENT.get(ics("DTSTART;TZID=Europe/Paris:20260329T100000Z")).start == dt.datetime(
            2026, 3, 29, 10, tzinfo=dt.UTC
        )
        assert_event_kept("DTSTART;TZID=Europe/Paris:20260329T100000Z")

    def test_unknown_tzid(self):
        """A TZID that nothing explains is an error with its line, not a time without zone."""
        with pytest.raises(UnsupportedError, match=r"line 5: .*'Nowhere'"):
            EVENT.get(ics("DTSTART;TZID=Nowhere:20260329T100000"))

    def test_tzid_utc(self):
        """``TZID=UTC`` is read as UTC and stays written as it was."""
        assert EVENT.get(ics("DTSTART;TZID=UTC:20260329T100000")).start.tzinfo is dt.UTC
        assert_event_kept("DTSTART;TZID=UTC:20260329T100000")

    @pytest.mark.parametrize("text", ["20260329T240000", "00000101", "00000101T000000Z"])
    def test_impossible_times(self, text):
        """A time that does not exist is named with its line; the item is kept, not rewritten."""
        document = ics(f"DTSTART:{text}")

        with pytest.raises(FormatError, match=f"line 5: DTSTART: '{text}'"):
            EVENT.get(document)
        assert items(document.data)["a"].data == document.data

    def test_leap_second(self):
        """A leap second is the second before it, and stays written as it was."""
        assert EVENT.get(ics("DTSTART:20261231T235960Z")).start.second == 59
        assert_event_kept("DTSTART:20261231T235960Z")

    @pytest.mark.parametrize(
        "line", ["RRULE:FREQ=X;COUNT=1", "RRULE:W2 TU #3", "GEO:here;there", "GEO:91;200"]
    )
    def test_bad_rule_or_position(self, line):
        """A rule or position that means nothing is not escaped again, nor touched."""
        assert_event_kept(line)

    def test_duplicate_parameter(self):
        """A parameter that stands twice stands twice, also when its line gets another value."""
        assert_event_kept("SUMMARY;LANGUAGE=fr;LANGUAGE=de:a")
        document = ics("SUMMARY;LANGUAGE=fr;LANGUAGE=de:a")
        written = EVENT.put(attrs.evolve(EVENT.get(document), summary="b"), document)

        assert b"SUMMARY;LANGUAGE=fr;LANGUAGE=de:b\r\n" in written.data

    @pytest.mark.parametrize("line", ["no colon at all", "=;:", "é:x", ";X=1", "X;Y"])
    def test_line_that_cannot_be_read(self, line):
        """A line that is none is named with its number and stays where it is."""
        document = ics(line)

        assert [problem.path for problem in contentline.parse(document.data).problems] == ["line 5"]
        assert_event_kept(line)

    def test_bad_trigger(self):
        """A reminder that cannot be understood does not spoil its event, and stays."""
        assert_event_kept("BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:soon\r\nEND:VALARM")

    def test_missing_end(self):
        """What is not closed is read as far as it goes and stays; nothing is added to it."""
        data = ics().data.replace(b"END:VEVENT\r\n", b"")
        document = Document(data, "text/calendar")

        assert EVENT.get(document).location == "x"
        assert with_place(document).data == data.replace(b":x", b":y")
        with pytest.raises(UnsupportedError, match="never closed"):
            EVENT.put(attrs.evolve(EVENT.get(document), summary="a"), document)

    def test_junk_after_the_end(self):
        """What follows the calendar does not hinder reading it, and stays."""
        document = Document(ics().data + b"-- \r\nsent by a mail program\r\n", "text/calendar")

        assert with_place(document).data == document.data.replace(b":x", b":y")

    @pytest.mark.parametrize("codec", ["latin-1", "cp1252", "utf-16", "utf-8-sig"])
    def test_charsets(self, codec):
        """Latin-1, Windows-1252, UTF-16 and byte order marks are read, and written as they came."""
        data = ics("SUMMARY:été à Mende").data.decode().encode(codec)
        document = Document(data, "text/calendar")
        text = data.decode(codec).replace("LOCATION:x", "LOCATION:là")

        assert EVENT.get(document).summary == "été à Mende"
        assert with_place(document, "là").data.decode(codec) == text

    def test_lines_that_end_in_cr(self):
        """A file whose lines end in CR alone is read and stays so."""
        document = Document(ics("SUMMARY:a").data.replace(b"\r\n", b"\r"), "text/calendar")

        assert EVENT.get(document).summary == "a"
        assert with_place(document).data == document.data.replace(b":x", b":y")

    def test_character_cut_by_a_fold(self):
        """A character of UTF-8 that a fold cuts in two is one character."""
        data = ics("SUMMARY:caf{}").data.replace(b"{}", b"\xc3\r\n \xa9")
        document = Document(data, "text/calendar")

        assert EVENT.get(document).summary == "café"
        assert with_place(document).data == data.replace(b":x", b":y")

    def test_control_characters(self):
        """A control character reaches no view, stays in the bytes, and is never written anew."""
        document = ics("SUMMARY:a\x07b")

        assert EVENT.get(document).summary == "ab"
        assert_event_kept("SUMMARY:a\x07b")
        with pytest.raises(FormatError, match=r"U\+0007"):
            with_place(document, "a\x07")

    def test_reading_adds_nothing(self):
        """Reading categories, or anything, puts no empty line into the document."""
        document = ics()

        assert EVENT.get(document).categories == ()
        assert b"CATEGORIES" not in with_place(document).data

    def test_parameters_of_a_changed_line(self):
        """A new summary or start keeps LANGUAGE, TZID and the parameters of other programs."""
        document = ics(
            "SUMMARY;LANGUAGE=fr;X-A=1:a", "DTSTART;X-B=2;TZID=Europe/Paris:20260329T180000"
        )
        event = EVENT.get(document)
        later = event.start + dt.timedelta(hours=1)
        written = EVENT.put(attrs.evolve(event, summary="b", start=later), document)

        assert b"SUMMARY;LANGUAGE=fr;X-A=1:b\r\n" in written.data
        assert b"DTSTART;X-B=2;TZID=Europe/Paris:20260329T190000\r\n" in written.data

    def test_definitions_are_short_and_change_in_time(self):
        """A VTIMEZONE that we add is short, and right on the day on which the clocks change."""
        start = dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC).astimezone(PARIS)
        written = EVENT.put(Event(id="event:a", uid="a", start=start, rrule="FREQ=DAILY"))
        renamed = written.data.replace(b"Europe/Paris", b"Ici")

        assert len(written.data) < 1_000
        assert (
            EVENT.get(Document(renamed, "text/calendar")).start.isoformat()[11:] == "03:30:00+02:00"
        )

    @pytest.mark.parametrize(
        "line",
        [
            "DESCRIPTION:" + "x" * 1_000_000,
            "DESCRIPTION;X-A=" + "x" * 1_000_000 + ":a",
            "EXDATE:" + ",".join(["20260329T180000Z"] * 20_000),
        ],
        ids=["value", "parameter", "dates"],
    )
    def test_large_lines(self, line):
        """A line of a megabyte is read and kept in well under two seconds of processor time."""
        begun = time.process_time()
        assert_event_kept(line)

        assert time.process_time() - begun < 2

    def test_too_many_parameters(self):
        """A line of 200,000 parameters is refused at once, with the limit that it breaks."""
        begun = time.process_time()
        with pytest.raises(LimitExceededError, match="parameters"):
            EVENT.get(ics("X" + ";a=1" * 200_000 + ":b"))

        assert time.process_time() - begun < 2


class TestVobject:
    """The losses of vobject, row by row."""

    @pytest.mark.parametrize(
        ("line", "field", "value"),
        [
            ("TITLE:a,b", "title", "a,b"),
            ("ROLE:a,b;c", "role", "a,b;c"),
            (
                "URL:https://example.org/?a,b;c",
                "urls",
                (Reach(value="https://example.org/?a,b;c"),),
            ),
            ("X-URI:http://example.org/?a,b;c", "note", "x"),
            ("NICKNAME:A,B\\,C", "note", "x"),
        ],
        ids=["title", "role", "url", "x-uri", "nickname"],
    )
    def test_commas(self, line, field, value):
        """A comma that is not escaped cuts no text, neither in the view nor in the bytes."""
        assert getattr(CONTACT.get(vcf(line)), field) == value
        assert_card_kept(line)

    def test_comma_of_a_note(self):
        """A note is read whole, and only its own line changes."""
        document = Document(vcf().data.replace(b"NOTE:x", b"NOTE:a,b"), "text/vcard")

        assert CONTACT.get(document).note == "a,b"
        assert with_note(document, "c,d").data == document.data.replace(b":a,b", b":c\\,d")

    @pytest.mark.parametrize(
        "line",
        [
            "PHOTO:data:image/jpeg;base64,/9j/4AAQSkZJRg==",
            "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ\r\n SkZJRg==",
            "PHOTO;VALUE=uri:https://example.org/a,b.jpg",
        ],
        ids=["data", "base64", "uri"],
    )
    def test_photos(self, line):
        """A photo stays, in each of its three forms."""
        assert_card_kept(line)

    def test_bare_types(self):
        """Types of vCard 2.1 are read and stay as bare words."""
        (phone,) = CONTACT.get(vcf("TEL;HOME;VOICE:1", version="2.1")).telephones

        assert phone == Reach(value="1", types=("home", "voice"))
        assert_card_kept("TEL;HOME;VOICE:1", version="2.1")
        assert_card_kept("TEL;HOME;VOICE:1")

    def test_organisation_with_a_comma(self):
        """An organisation with a comma is read and written."""
        document = vcf("ORG:CPTS;Pôle,y")
        contact = CONTACT.get(document)
        written = CONTACT.put(attrs.evolve(contact, organisation=("CPTS", "Pôle,z")), document)

        assert contact.organisation == ("CPTS", "Pôle,y")
        assert_card_kept("ORG:CPTS;Pôle,y")
        assert CONTACT.get(written).organisation == ("CPTS", "Pôle,z")

    @pytest.mark.parametrize(
        "line",
        [
            "GENDER:F;x",
            "CLIENTPIDMAP:1;urn:uuid:1",
            "TEL;VALUE=uri:tel:+33-4-66;ext=1",
            "URL:https://example.org/?x=1,2",
        ],
    )
    def test_no_escape_is_added(self, line):
        """The semicolons and commas of values that are no text get no backslash."""
        assert_card_kept(line, version="4.0")

    def test_groups_and_case(self):
        """Groups, case and order of the lines stay; a label is read with its line."""
        lines = (
            "item1.Email;type=INTERNET:a@example.org",
            "item1.X-ABLabel:accueil",
            "adr:;;;a;;;",
        )

        assert CONTACT.get(vcf(*lines)).emails[0].label == "accueil"
        assert_card_kept(*lines)

    @pytest.mark.parametrize(
        ("line", "field", "value"),
        [
            ("KIND:org", "kind", ContactKind.ORG),
            ("MEMBER:urn:uuid:1", "members", ("urn:uuid:1",)),
            ("RELATED;TYPE=friend:urn:uuid:1", "related", ("urn:uuid:1",)),
            ("LANG;PREF=1:fr", "note", "x"),
            ("IMPP:xmpp:a@example.org", "note", "x"),
            ("KEY:https://example.org/k", "note", "x"),
            ("ORG-DIRECTORY;INDEX=1:https://example.org/d", "note", "x"),
            ("ANNIVERSARY:20260329", "note", "x"),
        ],
    )
    def test_version_four(self, line, field, value):
        """What version 4.0 added is read where the view has a word for it, and kept."""
        assert getattr(CONTACT.get(vcf(line, version="4.0")), field) == value
        assert_card_kept(line, version="4.0")

    @pytest.mark.parametrize(
        "line",
        [
            'ADR;LABEL="12, rue X^n48000 Mende":;;12 rue X;Mende;;48000;',
            'N;SORT-AS="Roux,Anne":Roux;Anne;;;',
            "X-A;V=a^^b^'c:1",
        ],
    )
    def test_quoted_and_caret_parameters(self, line):
        """Quoted parameters and those with carets (RFC 6868) stay as they are."""
        assert_card_kept(line, version="4.0")

    def test_quoted_printable(self):
        """Quoted-printable is read in its charset; a new value has no charset that lies."""
        line = "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:caf=E9=\r\n s"
        data = vcf(version="2.1").data.replace(b"NOTE:x", line.encode())
        document = Document(data, "text/vcard")
        written = with_note(document, "thé")

        assert CONTACT.get(document).note == "cafés"
        assert CONTACT.put(CONTACT.get(document), document) is document
        assert CONTACT.get(written).note == "thé"
        assert b"8859" not in written.data

    def test_name_with_a_slash(self):
        """A line whose name is none spoils nothing and stays."""
        assert_card_kept("X-MESSAGING/XMPP-ALL:a@example.org")

    def test_odd_line_breaks(self):
        """U+2028, NEL and folds among emoji are read whole and stay."""
        lines = ("TITLE:a\u2028b\x85c", "ROLE:" + "😀" * 17 + "\r\n " + "😀" * 17)
        contact = CONTACT.get(vcf(*lines))

        assert (contact.title, contact.role) == ("a\u2028b\x85c", "😀" * 34)
        assert_card_kept(*lines)

    def test_no_formatted_name(self):
        """A card without FN is read and changed all the same."""
        document = Document(vcf().data.replace(b"FN:Mairie\r\n", b""), "text/vcard")

        assert CONTACT.get(document).formatted_name == ""
        assert with_note(document).data == document.data.replace(b":x", b":y")

    def test_large_photo(self):
        """A photo of five megabytes is kept in well under two seconds of processor time."""
        photo = "\r\n ".join(["A" * 74] * 70_000)
        begun = time.process_time()
        assert_card_kept("PHOTO;ENCODING=b:" + photo)

        assert time.process_time() - begun < 2
