# SPDX-License-Identifier: Apache-2.0
"""The connector keeps the contract, as far as a channel that only people read allows."""

from __future__ import annotations

import pytest

from territoire_sante.testing import ConnectorSuite
from territoire_sante_copy import COPY


class TestCopy(ConnectorSuite):
    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return COPY

    @pytest.fixture
    def config(self, tmp_path):
        """Name a folder that is made when opened."""
        return {"path": str(tmp_path / "a-copier"), "shape": "panneaupocket", "create": True}
