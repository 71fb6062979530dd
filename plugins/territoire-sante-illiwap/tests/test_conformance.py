# SPDX-License-Identifier: Apache-2.0
"""Both connectors keep the contract."""

from __future__ import annotations

import datetime as dt

import pytest

from territoire_sante.testing import ConnectorSuite
from territoire_sante_illiwap import ILLIWAP, ILLIWAP_AGENDA


class TestNews(ConnectorSuite):
    @pytest.fixture
    def spec(self):
        """Give the connector of the news."""
        return ILLIWAP

    @pytest.fixture
    def config(self, station):
        """Start a stand-in with two pieces of news."""
        station.post("a", "Dépistage", "<p>Samedi</p>")
        station.post("b", "Marche", "<p>Dimanche</p>")
        return {"station": "48000", "origin": station.origin}


class TestAgenda(ConnectorSuite):
    @pytest.fixture
    def spec(self):
        """Give the connector of the agenda."""
        return ILLIWAP_AGENDA

    @pytest.fixture
    def config(self, station):
        """Start a stand-in with an event, and one that has no start."""
        start = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(days=3)
        station.add_event({"title": "Marche", "start": start.isoformat()})
        station.add_event({"title": "Un jour"})
        return {"station": "48000", "origin": station.origin}
