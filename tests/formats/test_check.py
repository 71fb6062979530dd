# SPDX-License-Identifier: Apache-2.0
"""check: what is said of a file before anything is done with it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.formats import Checked, Fault, check

ZONE = (
    b"BEGIN:VTIMEZONE\r\nTZID:Ici\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    b"TZOFFSETFROM:+0400\r\nTZOFFSETTO:+0400\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)
LATER = b"BEGIN:VEVENT\r\nUID:a\r\nRECURRENCE-ID:20260405T160000Z\r\nDTSTART:soon\r\nEND:VEVENT\r\n"
FILE = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + ZONE + b"BEGIN:VEVENT\r\nUID:a\r\nSUMMARY:x\r\n y\r\n"
    b"DTSTART;TZID=Ici:20260329T180000\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:b\r\nEND:VEVENT\r\n"
)
CARDS = b"BEGIN:VCARD\r\nUID:1\r\nFN:a\r\nEND:VCARD\r\n"


def test_lines_are_those_of_the_file():
    """An item is cut out with its zone and its overrides; its problem has the file's own line."""
    data = FILE + LATER + b"END:VCALENDAR\r\n"
    found = check(data)

    assert (found.kind, found.items, found.round_trips, found.problems) == (
        "icalendar",
        1,
        True,
        (),
    )
    (fault,) = found.unreadable
    assert fault.item == "a"
    assert data.splitlines()[fault.line - 1].startswith(b"DTSTART")
    assert not fault.message.startswith("line")
    assert not found.clean


def test_twins_are_named_where_the_second_begins():
    """Two cards of one UID are one unreadable item, named where the second one begins."""
    found = check(CARDS.replace(b"UID:1", b"UID:2") + CARDS + CARDS)

    assert (found.kind, found.items) == ("vcard", 1)
    assert [(fault.line, fault.item) for fault in found.unreadable] == [(9, "1")]


def test_torn_file():
    """A file that is cut off is read as far as it goes, its problems named."""
    found = check(FILE)

    assert (found.items, found.round_trips, found.clean) == (2, True, False)
    assert [(fault.line, fault.message) for fault in found.problems] == [
        (1, "VCALENDAR is never closed")
    ]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "neither a calendar nor a card"),
        (b"hello", "neither a calendar nor a card"),
        (b"<html>", "web page"),
        ("BEGIN:VCARD".encode("utf-16-le"), "UTF-16"),
        (b"\xff\xfea", "UTF-16"),
        (b"BEGIN:VEVENT\n" * 100, "nested deeper"),
    ],
    ids=["empty", "text", "web", "no-mark", "lying-mark", "deep"],
)
def test_what_is_refused(data, why):
    """Bytes that are no calendar and no card are refused with the reason."""
    found = check(data)

    assert why in found.refused
    assert not found.clean


def test_tasks_are_read_too():
    """The tasks of a calendar are items like its events."""
    todo = b"BEGIN:VTODO\nUID:t\nDUE:soon\nEND:VTODO\n"
    found = check(b"BEGIN:VCALENDAR\n" + todo + b"END:VCALENDAR\n")
    read = check(b"BEGIN:VCALENDAR\n" + todo.replace(b"soon", b"20260329") + b"END:VCALENDAR\n")

    assert [(fault.line, fault.item) for fault in found.unreadable] == [(4, "t")]
    assert (read.items, read.clean) == (1, True)


def test_others_are_counted():
    """What stays in the file without being read is counted by name."""
    todo = b"BEGIN:VJOURNAL\nBEGIN:VALARM\nEND:VALARM\nEND:VJOURNAL\n"
    found = check(b"BEGIN:VCALENDAR\n" + todo + todo + b"END:VCALENDAR\n" + CARDS)

    assert found.others == (("VCARD", 1), ("VJOURNAL", 2))
    assert found.clean


def test_paths(tmp_path):
    """A path is read; one that cannot be is refused with the system's reason."""
    path = tmp_path / "a.vcf"
    path.write_bytes(CARDS)

    assert check(path) == check(str(path))
    assert check(path) == Checked(path=str(path), kind="vcard", items=1, round_trips=True)
    assert "No such file" in check(tmp_path / "b.vcf").refused
    assert "directory" in check(tmp_path).refused


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from([FILE, LATER, CARDS, b"\xff\xfe", b"END:VEVENT\r", b"\0", b"x"])
        | st.binary(max_size=20),
        max_size=5,
    ).map(b"".join)
)
def test_any_bytes(data):
    """Whatever the bytes, the answer is a Checked whose faults name lines of the file."""
    found = check(data)
    lines = data.count(b"\n") + data.count(b"\r") + 1

    assert found.round_trips != bool(found.refused)
    for fault in (*found.problems, *found.unreadable):
        assert isinstance(fault, Fault)
        assert 0 <= fault.line <= lines
