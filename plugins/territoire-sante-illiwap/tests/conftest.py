# SPDX-License-Identifier: Apache-2.0
"""A stand-in for a station, and its two connectors opened on it."""

from __future__ import annotations

import pytest

from territoire_sante.testing.illiwap import IlliwapServer


@pytest.fixture
def station():
    """Give a running stand-in."""
    with IlliwapServer(station="48000") as running:
        yield running
