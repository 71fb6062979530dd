# SPDX-License-Identifier: Apache-2.0
"""A running service, and the connector opened on it."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from territoire_sante_room_booking import CONNECTOR
from territoire_sante_room_booking.server import BookingServer

from territoire_sante.plugins import open_transport, structure_config

TOKEN = "jeton-de-la-msp"
READER = "jeton-qui-lit"


@pytest.fixture
def reader_token():
    """Give a token that may read and not write."""
    return READER


@pytest.fixture
def start():
    """Give a function that makes a service, to be run in a ``with`` block."""

    def make(**options):
        return BookingServer(tokens=[TOKEN], reading=[READER], **options)

    return make


@pytest.fixture
def service(start):
    """Give a running service."""
    with start(single=["Salle du conseil"], page=3) as running:
        yield running


@pytest.fixture
def options():
    """Give a function that returns the options for a service."""

    def told(service, token=TOKEN):
        return {"url": service.url, "token": token}

    return told


@pytest.fixture
def opened(options):
    """Give a function that opens the connector on a service."""

    @contextmanager
    def use(service, **more):
        settings = structure_config(CONNECTOR, {**options(service), **more})
        with open_transport(CONNECTOR, settings) as transport:
            yield transport, CONNECTOR.lens_for(settings)

    return use


@pytest.fixture
def booking():
    """Give a function that returns a booking as others make them."""

    def make(title="Conseil", **more):
        return {
            "title": title,
            "room": "Salle des fêtes",
            "starts_at": "2027-06-05T14:00",
            "ends_at": "2027-06-05T17:30",
            "time_zone": "Europe/Paris",
            "seats": 40,
            "contact": {"name": "Accueil", "extras": ["vidéo"]},
            **more,
        }

    return make
