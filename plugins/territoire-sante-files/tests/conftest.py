# SPDX-License-Identifier: Apache-2.0
"""Folders, files and items to put in them."""

from __future__ import annotations

import pytest

from territoire_sante.formats import Document
from territoire_sante.plugins import open_transport, structure_config
from territoire_sante.testing.stand_in import Answer, StandIn
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


class Web(StandIn):
    """A web server on loopback that publishes one feed; ``seen`` has the headers it was sent."""

    def __init__(self):
        super().__init__()
        self.answer = (404, b"", {})
        self.seen = []
        self.redirect = ""

    @property
    def url(self):
        """Return the address of the feed."""
        return f"{self.origin}/agenda.ics"

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

    def routed(self, asked):
        """Answer as the test said; 304 if the ETag is the one asked with."""
        self.seen.append(asked.headers)
        status, body, headers = self.answer
        if self.redirect:
            return Answer(status=302, headers={"Location": self.redirect})
        if status == 200 and asked.headers.get("if-none-match") == headers.get("ETag", ""):
            status = 304
        return Answer(status=status, body=body, headers=headers, content_type="")


@pytest.fixture
def web():
    """Give a web server."""
    with Web() as server:
        yield server


@pytest.fixture
def other_web():
    """Give another one, to redirect to."""
    with Web() as server:
        yield server


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
