# SPDX-License-Identifier: Apache-2.0
"""Folders, files and items to put in them."""

from __future__ import annotations

import http.server
import threading

import pytest

from territoire_sante.formats import Document
from territoire_sante.plugins import open_transport, structure_config
from territoire_sante_files import FeedConfig


@pytest.fixture
def use(tmp_path):
    """Give a function that opens a connector on a path below a folder of the test's own."""

    def run(spec, path, **options):
        return open_transport(
            spec, structure_config(spec, {"path": str(path), **options}, base=tmp_path)
        )

    return run


@pytest.fixture
def event():
    """Give a function that makes a calendar of one event."""

    def make(uid, summary="Réunion", extra=""):
        text = (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//test\r\n"
            f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n"
            f"DTSTART;VALUE=DATE:20260504\r\nSUMMARY:{summary}\r\n{extra}"
            "END:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        return Document(text.encode(), "text/calendar")

    return make


@pytest.fixture
def card():
    """Give a function that makes a card."""

    def make(uid, name="Camille Exemple", extra=""):
        text = (
            f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:{name};;;;\r\n{extra}"
            "END:VCARD\r\n"
        )
        return Document(text.encode(), "text/vcard")

    return make


class Web(http.server.ThreadingHTTPServer):
    """A web server on loopback that publishes one feed; ``seen`` has the headers it was sent."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = (404, b"", {})
        self.seen = []
        self.redirect = ""

    @property
    def url(self):
        """Return the address of the feed."""
        return f"http://127.0.0.1:{self.server_port}/agenda.ics"

    def config(self, **options):
        """Return the configuration for the feed."""
        return FeedConfig(url=self.url, **options)

    def serve(self, *parts, etag="", modified=""):
        """Publish a whole calendar, or one of these events; 304 follows the validators."""
        data = b"".join(parts)
        if not data.startswith(b"BEGIN:VCALENDAR"):
            head = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//x\r\n"
            data = head + data + b"END:VCALENDAR\r\n"
        headers = {"ETag": etag, "Last-Modified": modified}
        self.answer = (200, data, {name: value for name, value in headers.items() if value})


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Web

    def do_GET(self):
        """Answer as the test said; 304 if the ETag is the one asked with."""
        status, body, headers = self.server.answer
        self.server.seen.append(dict(self.headers))
        if self.server.redirect:
            status, body, headers = 302, b"", {"Location": self.server.redirect}
        etag = headers.get("ETag")
        if status == 200 and etag is not None and self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Stay quiet."""


@pytest.fixture
def web():
    """Give a web server."""
    yield from _running()


@pytest.fixture
def other_web():
    """Give another one, to redirect to."""
    yield from _running()


def _running():
    server = Web()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def event_lines():
    """Give a function that makes a VEVENT of lines; its day is 4 May 2026 unless told."""

    def make(*lines):
        day = [] if any(line.startswith("DTSTART") for line in lines) else ["DTSTART:20260504"]
        everything = ["BEGIN:VEVENT", *(line.replace(":2026", ";VALUE=DATE:2026") for line in day)]
        return "".join(f"{line}\r\n" for line in (*everything, *lines, "END:VEVENT")).encode()

    return make


@pytest.fixture
def calendar(event):
    """Give a function that makes the bytes of a calendar of one event."""
    return lambda **fields: event(**fields).data
