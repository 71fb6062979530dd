# SPDX-License-Identifier: Apache-2.0
"""The connectors keep the contract, in each of the three formats."""

from __future__ import annotations

import pytest

from territoire_sante.formats.feed import FeedFormat
from territoire_sante.testing import ConnectorSuite
from territoire_sante_feed import FEED, WEB_FEED


class FeedSuite(ConnectorSuite):
    format = ""

    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return FEED

    @pytest.fixture
    def config(self, tmp_path):
        """Name a file that is made with the first entry."""
        path = tmp_path / f"annonces.{self.format}"
        return {"path": str(path), "format": self.format, "title": "Annonces", "create": True}


class TestAtom(FeedSuite):
    format = "atom"


class TestRss(FeedSuite):
    format = "rss"


class TestJsonFeed(FeedSuite):
    format = "json"


class WebFeedSuite(ConnectorSuite):
    format = FeedFormat.ATOM

    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return WEB_FEED

    @pytest.fixture
    def config(self, web, published):
        """Publish something, behind a password."""
        web.publish(published([1, 2], self.format))
        return {"url": web.url, "username": "me", "password": "a secret word"}


class TestAtomOnTheWeb(WebFeedSuite):
    pass


class TestRssOnTheWeb(WebFeedSuite):
    format = FeedFormat.RSS


class TestJsonFeedOnTheWeb(WebFeedSuite):
    format = FeedFormat.JSON
