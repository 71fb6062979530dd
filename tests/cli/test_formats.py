# SPDX-License-Identifier: Apache-2.0
"""formats check: what was read of files, and what is wrong in them."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:Mairie\r\nEND:VCARD\r\n"
EVENT = "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:{start}\r\nEND:VEVENT\r\n"
HEAD, TAIL = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "END:VCALENDAR\r\n"
TODO = "BEGIN:VJOURNAL\r\nUID:t\r\nEND:VJOURNAL\r\n"
GOOD = HEAD + EVENT.format(uid="a", start="20260329") + TODO + TAIL
BAD = HEAD + EVENT.format(uid="a", start="20260329") + EVENT.format(uid="b", start="soon") + TAIL


@pytest.fixture
def write(territory):
    """Return a function that writes a file below the territory's folder."""

    def write(name, text):
        path = territory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    return write


def test_clean_files(run, write):
    """Clean files are counted, what is not read is named, and the exit code is 0."""
    write("x/agenda.ICS", GOOD)
    write("x/deep/er/cards.vcf", CARD)
    write("x/notes.txt", "nothing")
    ran = run("formats", "check", "x")

    assert ran.code == 0
    assert ran.out.splitlines() == [
        "x/agenda.ICS: calendar; items read: 1; comes back byte for byte.",
        "  kept, not read: VJOURNAL (1)",
        "x/deep/er/cards.vcf: cards; items read: 1; comes back byte for byte.",
        "Files: 2, of which unreadable: 0; items read: 2, unreadable: 0; problems: 0.",
    ]


def test_problems_by_line(run, write):
    """A problem that stops nothing is told with its line; the exit code is 1."""
    write("a.vcf", CARD.replace("FN", "nonsense\r\nFN"))
    ran = run("formats", "check", "a.vcf", language="fr")

    assert ran.code == 1
    assert "  ligne 4 : not a content line" in ran.out
    assert "revient octet pour octet" in ran.out


def test_one_bad_file_stops_nothing(run, write):
    """Unreadable files and items are named with the reason; the others are read all the same."""
    write("x/a.ics", BAD)
    write("x/b.ics", "<!DOCTYPE html><html>")
    write("x/c.vcf", CARD)
    ran = run("formats", "check", "x", "absent.ics")

    assert ran.code == 3
    assert "  line 9: DTSTART: 'soon' is no date or time." in ran.out
    assert "(item unreadable: b)" in ran.out
    assert "x/b.ics: unreadable: this is a web page" in ran.out
    assert "x/c.vcf: cards; items read: 1;" in ran.out
    assert "absent.ics: unreadable: No such file" in ran.out
    assert "Files: 4, of which unreadable: 2; items read: 2, unreadable: 1;" in ran.out


def test_json(run, write):
    """A script gets the same as one document."""
    write("a.ics", BAD)
    ran = run("formats", "check", "a.ics", "--json")

    assert ran.code == 3
    (file,) = ran.json["files"]
    assert (file["path"], file["kind"], file["items"]) == ("a.ics", "icalendar", 1)
    assert (file["round_trips"], file["refused"], file["problems"]) == (True, "", [])
    (fault,) = file["unreadable"]
    assert (fault["line"], fault["item"]) == (9, "b")


def test_nothing_to_look_at(run, territory):
    """A folder without calendars and cards is a usage error that says what is wanted."""
    ran = run("formats", "check", territory)

    assert ran.code == 2
    assert ".vcard" in ran.err


def test_a_folder_that_cannot_be_entered(run, write, territory):
    """A folder that the system refuses is named, not passed over."""
    write("x/inner/a.vcf", CARD)
    (territory / "x" / "inner").chmod(0)
    try:
        ran = run("formats", "check", "x")
    finally:
        (territory / "x" / "inner").chmod(0o700)

    if os.geteuid():
        assert ran.code == 3
        assert "x/inner: unreadable: Permission denied" in ran.out
    else:
        assert ran.code == 0


def test_control_characters_do_not_reach_the_terminal(run, write):
    """What a file says cannot steer the terminal."""
    write("a.ics", BAD.replace("soon", "\x1b[2Jsoon").replace("UID:b", "UID:\x1bb"))

    assert "\x1b" not in run("formats", "check", "a.ics").out


def test_a_bar_for_people(write, territory):
    """On a terminal a bar runs on the error stream; the answer on the other stays clean."""
    for number in range(30):
        write(f"x/{number}.vcf", CARD)
    ours, theirs = pty.openpty()
    ran = subprocess.run(
        [sys.executable, "-m", "territoire_sante", "--lang", "en", "formats", "check", "x"],
        env={**os.environ, "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
    )
    os.close(theirs)
    seen = os.read(ours, 65536).decode()
    os.close(ours)

    assert ran.returncode == 0
    assert len(ran.stdout.splitlines()) == 31
    assert "Looking" in seen
    assert "30/30" in seen
