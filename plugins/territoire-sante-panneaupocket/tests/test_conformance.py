# SPDX-License-Identifier: Apache-2.0
"""The connector keeps the contract, as far as a service that cannot be read allows."""

from __future__ import annotations

import pytest

from territoire_sante.testing import ConnectorSuite
from territoire_sante.testing.panneaupocket import PanneauPocketServer
from territoire_sante_panneaupocket import PANNEAUPOCKET


class TestPanneauPocket(ConnectorSuite):
    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return PANNEAUPOCKET

    @pytest.fixture
    def config(self):
        """Start a stand-in for the service."""
        with PanneauPocketServer(token="jeton-tres-secret") as server:
            yield {"token": "jeton-tres-secret", "base_url": server.api_url}
