# SPDX-License-Identifier: Apache-2.0
"""The connector keeps the contract, in each of its three formats."""

from __future__ import annotations

import pytest

from territoire_sante.testing import ConnectorSuite
from territoire_sante_feed import FEED


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
