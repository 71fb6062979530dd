# SPDX-License-Identifier: Apache-2.0
"""A stand-in for PanneauPocket, on 10 November 2026."""

from __future__ import annotations

import datetime as dt

import pytest

from territoire_sante.testing.panneaupocket import PanneauPocketServer

TODAY = dt.date(2026, 11, 10)


@pytest.fixture
def board():
    """Give a running stand-in."""
    with PanneauPocketServer(token="jeton-invente", today=lambda: TODAY) as running:
        yield running
