# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from territoire_sante.plugins import Secret, open_transport
from territoire_sante.testing.mobilizon import MobilizonServer
from territoire_sante_mobilizon import MOBILIZON, MobilizonConfig


@pytest.fixture
def account():
    """Give the made-up account of the stand-ins."""
    return {"email": "mairie@example.org", "password": "mot-de-passe-invente"}


@pytest.fixture
def server(account):
    """Give a running stand-in."""
    with MobilizonServer(**account, group="msp_trois_vallees") as running:
        yield running


@pytest.fixture
def settings(server, account):
    """Give a function that makes the configuration for the stand-in, or for another server."""

    def make(other=None, **options):
        told = {**account, "password": Secret(account["password"]), "timeout": 5, **options}
        return MobilizonConfig(base_url=(other or server).origin, **told)

    return make


@pytest.fixture
def events(settings):
    """Give the open transport."""
    with open_transport(MOBILIZON, settings()) as transport:
        yield transport
