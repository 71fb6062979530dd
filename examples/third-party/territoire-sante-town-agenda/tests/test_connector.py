# SPDX-License-Identifier: Apache-2.0
"""The connector keeps what every connector promises."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from territoire_sante_town_agenda import CONNECTOR

from territoire_sante.testing import ConnectorSuite, samples_for


class TestTownAgenda(ConnectorSuite):
    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return CONNECTOR

    @pytest.fixture
    def config(self, tmp_path):
        """Give an empty agenda."""
        return {"path": str(tmp_path / "empty.txt"), "create": True}

    @pytest.fixture
    def samples(self, spec):
        """Give the samples that a line can say: no other zone, no recurrence."""
        ordinary = samples_for(spec.view)
        return {name: ordinary[name] for name in ("zoned", "days", "clock change")}

    @pytest.fixture
    def cut_off(self, tmp_path):
        """Give a block in which the file is out of reach: a folder stands in its place."""

        @contextmanager
        def gone():
            (tmp_path / "empty.txt").rename(tmp_path / "elsewhere.txt")
            (tmp_path / "empty.txt").mkdir()
            yield

        return gone
