# SPDX-License-Identifier: Apache-2.0
"""The connector keeps the contract, as far as a service that names no announcement allows."""

from __future__ import annotations

import pytest

from territoire_sante.testing import ConnectorSuite
from territoire_sante.testing.mastodon import MastodonServer
from territoire_sante_mastodon import MASTODON


class TestMastodon(ConnectorSuite):
    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return MASTODON

    @pytest.fixture
    def config(self):
        """Start a stand-in for an instance."""
        with MastodonServer(token="jeton-tres-secret") as server:
            yield {"token": "jeton-tres-secret", "base_url": server.origin}
