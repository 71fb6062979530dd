# SPDX-License-Identifier: Apache-2.0
"""The scripts for files and feeds do what they say, in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from territoire_sante.formats import icalendar
from territoire_sante.testing.feed import Fault, FeedServer

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(script, *arguments, status=0):
    """Run an example and return what it printed, errors behind."""
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-X", "utf8", str(EXAMPLES / script), *map(str, arguments)],
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def feed():
    """Publish a calendar on loopback."""
    with FeedServer(media_type="text/calendar") as server:
        yield server


def roster(*days, run_number=0):
    """Return a calendar whose UIDs are new at each download."""
    parts = "".join(
        f"BEGIN:VEVENT\r\nUID:{run_number}-{day}\r\nDTSTART;VALUE=DATE:209905{day:02}\r\n"
        f"SUMMARY:Garde {day}\r\nEND:VEVENT\r\n"
        for day in days
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{parts}END:VCALENDAR\r\n".encode()


def test_a_folder_of_files(tmp_path):
    """Two events become two files; an edit there and one here meet in both places."""
    told = run("folder_of_files.py", tmp_path)
    files = [path.read_bytes() for path in (tmp_path / "agenda").glob("*.ics")]

    assert "2 files written, 0 events changed here" in told
    assert "Merged: Comité de pilotage no 2, Foyer rural" in told
    assert len(files) == 2
    assert sum("Comité de pilotage no 2".encode() in data for data in files) == 1


def test_a_public_feed(tmp_path, feed):
    """A feed is followed: new, unchanged, changed, and a login page that empties nothing."""
    feed.publish(roster(1, 2, 3, 4))
    first = run("public_ics_feed.py", feed.url, tmp_path)
    second = run("public_ics_feed.py", feed.url, tmp_path)
    feed.publish(roster(1, 2, 3, run_number=12))
    third = run("public_ics_feed.py", feed.url, tmp_path)
    feed.always(Fault.HTML)
    refused = run("public_ics_feed.py", feed.url, tmp_path, status=3)

    assert first.count("create_local") == 4
    assert "Nothing changed." in second
    assert third.count("_local") == 1
    assert "delete_local: Garde 4" in third
    assert "a web page came" in refused


def test_a_calendar_of_deadlines(tmp_path):
    """The deadlines stand in a calendar file, the same after a second run."""
    path = tmp_path / "echeances.ics"
    first = run("calendar_of_deadlines.py", path)
    data = path.read_bytes()
    second = run("calendar_of_deadlines.py", path)

    assert (second, path.read_bytes()) == (first, data)
    titles = [icalendar.EVENT.get(one).summary for one in icalendar.split(data)]
    assert "Fin de convention : Locaux de la maison de santé" in titles
    assert "PCS à réviser (Exempleville)" in titles
    assert first.count("\n") == len(titles) == 4
