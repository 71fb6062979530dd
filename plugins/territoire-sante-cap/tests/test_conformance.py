# SPDX-License-Identifier: Apache-2.0
"""The connector keeps the contract."""

from __future__ import annotations

import pytest

from territoire_sante.testing import ConnectorSuite
from territoire_sante_cap import CAP


class TestCap(ConnectorSuite):
    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return CAP

    @pytest.fixture
    def config(self, tmp_path):
        """Name a folder that is made when opened, and let all levels out."""
        return {
            "path": str(tmp_path / "alertes"),
            "sender": "msp.example.org",
            "severities": ["alert", "event", "info"],
            "create": True,
        }
