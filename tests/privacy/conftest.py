# SPDX-License-Identifier: Apache-2.0
"""A store in memory for the tests of personal data."""

from __future__ import annotations

import pytest

from territoire_sante.store import Store


@pytest.fixture
def store():
    """Give an empty store in memory."""
    with Store.open("memory:") as opened:
        yield opened
