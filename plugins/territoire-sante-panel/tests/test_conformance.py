# SPDX-License-Identifier: Apache-2.0
"""The connector keeps the contract."""

from __future__ import annotations

import pytest

from territoire_sante.testing import ConnectorSuite
from territoire_sante_panel import PANEL


class TestPanel(ConnectorSuite):
    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return PANEL

    @pytest.fixture
    def config(self, tmp_path):
        """Name a folder that is made when opened, for a panel with room for the samples."""
        return {"path": str(tmp_path / "panneau"), "size": "8x32", "pages": 3, "create": True}
