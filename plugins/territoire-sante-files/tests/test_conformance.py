# SPDX-License-Identifier: Apache-2.0
"""All connectors, on a file, on a folder and on an address, keep the contract."""

from __future__ import annotations

import pytest

from territoire_sante.testing import ConnectorSuite
from territoire_sante_files import ICS, ICS_FEED, VCF, VCF_FEED


class FilesSuite(ConnectorSuite):
    name = ""

    @pytest.fixture
    def spec(self):
        """Give the connector that the name's ending asks for."""
        return VCF if "cards" in self.name else ICS

    @pytest.fixture
    def config(self, tmp_path):
        """Name something that is made when opened."""
        return {"path": str(tmp_path / self.name), "create": True}


class TestCalendarFile(FilesSuite):
    name = "agenda.ics"


class TestCalendarFolder(FilesSuite):
    name = "agenda"


class TestCardsFile(FilesSuite):
    name = "cards.vcf"


class TestCardsFolder(FilesSuite):
    name = "cards"


class FeedSuite(ConnectorSuite):
    connector = ICS_FEED
    published = b""

    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return self.connector

    @pytest.fixture
    def config(self, web):
        """Publish something, behind a password."""
        web.answer = (200, self.published, {"ETag": '"1"'})
        return {"url": web.url, "username": "me", "password": "a secret word"}


class TestEventFeed(FeedSuite):
    published = (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
        b"BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260504T090000Z\r\nSUMMARY:A\r\nEND:VEVENT\r\n"
        b"BEGIN:VEVENT\r\nDTSTART:20260505T090000Z\r\nSUMMARY:B\r\nEND:VEVENT\r\n"
        b"END:VCALENDAR\r\n"
    )


class TestCardFeed(FeedSuite):
    connector = VCF_FEED
    published = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Mairie\r\nEND:VCARD\r\n"
