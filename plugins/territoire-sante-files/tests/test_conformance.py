# SPDX-License-Identifier: Apache-2.0
"""Both connectors, on a file and on a folder, keep the contract."""

from __future__ import annotations

import pytest

from territoire_sante.testing import ConnectorSuite
from territoire_sante_files import ICS, VCF


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
