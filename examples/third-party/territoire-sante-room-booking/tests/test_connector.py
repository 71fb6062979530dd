# SPDX-License-Identifier: Apache-2.0
"""The connector keeps what every connector promises."""

from __future__ import annotations

import attrs
import pytest
from territoire_sante_room_booking import CONNECTOR

from territoire_sante.testing import ConnectorSuite, samples_for


class TestRoomBooking(ConnectorSuite):
    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return CONNECTOR

    @pytest.fixture
    def config(self, service, options):
        """Give a service without bookings."""
        return options(service)

    @pytest.fixture
    def samples(self, spec):
        """Give the samples that can be booked: in a room, in a named zone, once."""
        names = ("zoned", "utc", "days", "clock change")
        ordinary = samples_for(spec.view)
        return {name: attrs.evolve(ordinary[name], location="Salle des fêtes") for name in names}
