# SPDX-License-Identifier: Apache-2.0
"""The scripts for files and feeds do what they say, in a process of their own."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from territoire_sante.formats import icalendar

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
    """Publish a calendar on loopback; give its address, and a list with the answer in it."""
    answer = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            """Send the answer, or 304 for those who have it."""
            kind, body = answer[0]
            etag = f'"{len(body)}"'
            known = self.headers.get("If-None-Match") == etag
            self.send_response(304 if known else 200)
            self.send_header("ETag", etag)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", "0" if known else str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if known else body)

        def log_message(self, *_):
            """Stay quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/garde.ics", answer
    server.shutdown()
    server.server_close()
    thread.join(5)


def roster(*days, run_number=0):
    """Return a calendar whose UIDs are new at each download."""
    parts = "".join(
        f"BEGIN:VEVENT\r\nUID:{run_number}-{day}\r\nDTSTART;VALUE=DATE:209905{day:02}\r\n"
        f"SUMMARY:Garde {day}\r\nEND:VEVENT\r\n"
        for day in days
    )
    return "text/calendar", f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{parts}END:VCALENDAR\r\n".encode()


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
    address, answer = feed
    answer[:] = [roster(1, 2, 3, 4)]
    first = run("public_ics_feed.py", address, tmp_path)
    second = run("public_ics_feed.py", address, tmp_path)
    answer[:] = [roster(1, 2, 3, run_number=12)]
    third = run("public_ics_feed.py", address, tmp_path)
    answer[:] = [("text/html", b"<html>Sign in</html>")]
    refused = run("public_ics_feed.py", address, tmp_path, status=3)

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
