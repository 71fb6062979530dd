# SPDX-License-Identifier: Apache-2.0
"""The connector keeps the whole contract: it reads, writes and confirms."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import pytest

from territoire_sante.testing import ConnectorSuite, samples_for
from territoire_sante.testing.mobilizon import MobilizonServer
from territoire_sante_mobilizon import MOBILIZON

PARIS = ZoneInfo("Europe/Paris")


class TestMobilizon(ConnectorSuite):
    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return MOBILIZON

    @pytest.fixture
    def config(self):
        """Start a stand-in for an instance."""
        with MobilizonServer(email="mairie@example.org", password="tres-secret") as server:
            yield {
                "base_url": server.origin,
                "email": "mairie@example.org",
                "password": "tres-secret",
            }

    @pytest.fixture
    def samples(self, spec):
        """Give samples with what an event insists on: a beginning."""
        nine = dt.datetime(2026, 3, 28, 9, tzinfo=PARIS)
        day = dt.date(2026, 3, 29)
        dates = [(nine, nine + dt.timedelta(hours=3)), (day, day + dt.timedelta(days=2)),
                 (nine, None), (day, None)]  # fmt: skip
        views = [*samples_for(spec.view).values()] * 2
        return {
            f"{n}": attrs.evolve(
                view,
                id=f"announcement:urn:example:{n}",
                uid=f"urn:example:{n}",
                event_start=dates[n % 4][0],
                event_end=dates[n % 4][1],
                place="Salle des fêtes" if n else "",
                url="https://example.org/une-page" if n else "",
                publish_from=None,
                publish_until=None,
            )
            for n, view in enumerate(views)
        }
