# SPDX-License-Identifier: Apache-2.0
"""The suite of lenses on those of this library."""

from __future__ import annotations

import json

import pytest

from territoire_sante.errors import UnsupportedError
from territoire_sante.formats import Document, cap, feed, icalendar, vcard
from territoire_sante.model import Announcement, Contact, Event
from territoire_sante.testing import LensSuite, PlainLens

EVENT = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Mairie//FR\r\nX-WR-CALNAME:Agenda\r\n"
    b"BEGIN:VEVENT\r\nUID:a@example.org\r\nDTSTAMP:20260101T000000Z\r\n"
    b"DTSTART;TZID=Europe/Paris:20260504T090000\r\nsummary;LANGUAGE=fr:R\xc3\xa9uni\r\n on\r\n"
    b'X-COLOR;X-A="b;c":#ff0000\r\nTRANSP:OPAQUE\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\n'
    b"TRIGGER:-PT15M\r\nDESCRIPTION:R\xc3\xa9union\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
CARD = (
    b"BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Apple//FR\r\nUID:urn:uuid:a\r\nN:Exemple;Camille;;Dr;\r\n"
    b"FN:Dr Camille Exemple\r\nitem1.TEL;TYPE=cell:+33 6 00 00 00 00\r\nitem1.X-ABLabel:Cabinet\r\n"
    b"X-SOCIALPROFILE;TYPE=example:https://example.org/camille\r\nBDAY:1970-01-01\r\n"
    b"NOTE:Le matin\\, de pr\r\n \xc3\xa9f\xc3\xa9rence\r\nEND:VCARD\r\n"
)


class TestEvents(LensSuite):
    @pytest.fixture
    def lens(self):
        """Give the lens of calendars."""
        return icalendar.EVENT

    @pytest.fixture
    def documents(self, lens, views):
        """Give an event as another program writes it, and our own."""
        return [Document(EVENT, "text/calendar"), *(lens.put(view) for view in views.values())]


class TestContacts(LensSuite):
    @pytest.fixture
    def lens(self):
        """Give the lens of cards."""
        return vcard.CONTACT

    @pytest.fixture
    def documents(self, lens, views):
        """Give a card as another program writes it, and our own."""
        return [Document(CARD, "text/vcard"), *(lens.put(view) for view in views.values())]


class FeedSuite(LensSuite):
    format = feed.ATOM

    @pytest.fixture
    def lens(self):
        """Give the lens of a format of feeds."""
        return self.format


class TestAtom(FeedSuite):
    pass


class TestRss(FeedSuite):
    format = feed.RSS


class TestJsonFeed(FeedSuite):
    format = feed.JSON_FEED


class TestAlerts(LensSuite):
    @pytest.fixture
    def lens(self):
        """Give the lens of alerts."""
        return cap.ALERT


class PlainSuite(LensSuite):
    view: type = Event
    fields = icalendar.EVENT.fields

    @pytest.fixture
    def lens(self):
        """Give the lens of plain JSON, for the fields that a format of the world carries."""
        return PlainLens(self.view, fields=self.fields)

    @pytest.fixture
    def documents(self, lens, views):
        """Give objects with a member that the lens does not know."""
        made = [json.loads(lens.put(view).data) for view in views.values()]
        return [
            Document(json.dumps({**one, "x": {"y": [1]}}).encode(), lens.media_type) for one in made
        ]


class TestPlainEvents(PlainSuite):
    pass


class ReadingLens(PlainLens):
    """A lens of documents that cannot be written."""

    def put(self, view, document=None, *, now=None):  # noqa: ARG002 - the protocol's
        """Refuse."""
        raise UnsupportedError("this can only be read", where=view.uid)


class TestReadOnly(PlainSuite):
    reads_only = True

    @pytest.fixture
    def lens(self):
        """Give a lens that only reads."""
        return ReadingLens(self.view, fields=self.fields)

    @pytest.fixture
    def documents(self, views):
        """Give what others wrote."""
        return [PlainLens(self.view, fields=self.fields).put(view) for view in views.values()]


class TestPlainContacts(PlainSuite):
    view = Contact
    fields = vcard.CONTACT.fields


class TestPlainAnnouncements(PlainSuite):
    view = Announcement
    fields = feed.ATOM.fields
