# SPDX-License-Identifier: Apache-2.0
"""Both connectors keep the contract, as far as the service allows."""

from __future__ import annotations

import pytest

from territoire_sante.testing import ConnectorSuite
from territoire_sante.testing.panneaupocket import PanneauPocketServer
from territoire_sante_panneaupocket import PANNEAUPOCKET, PANNEAUPOCKET_PAGE


class TestPanneauPocket(ConnectorSuite):
    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return PANNEAUPOCKET

    @pytest.fixture
    def config(self):
        """Start a stand-in for the service."""
        with PanneauPocketServer(token="jeton-tres-secret") as server:
            yield {
                "token": "jeton-tres-secret",
                "base_url": server.api_url,
                "page": server.page_url,
            }


class TestPage(ConnectorSuite):
    @pytest.fixture
    def spec(self):
        """Give the connector that reads."""
        return PANNEAUPOCKET_PAGE

    @pytest.fixture
    def config(self):
        """Start a stand-in whose page shows two notices."""
        with PanneauPocketServer(token="jeton-tres-secret") as server:
            server.put_up("a", title="Dépistage", content="<p>Samedi</p>")
            server.put_up("b", title="Marche", content="<p>Dimanche</p>", event=True)
            yield {"page": server.page_url}
