# SPDX-License-Identifier: Apache-2.0
"""Both connectors keep the contract."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.testing import ConnectorSuite, samples_for
from territoire_sante.testing.openagenda import OpenAgendaServer
from territoire_sante_openagenda import OPENAGENDA, OPENDATASOFT


class TestOpenAgenda(ConnectorSuite):
    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return OPENAGENDA

    @pytest.fixture
    def config(self, options):
        """Give options for an empty agenda."""
        return options

    @pytest.fixture
    def samples(self, spec, notice):
        """Give samples with what an agenda insists on: times and a place."""
        day = dt.date(2026, 11, 14)
        times = {"event_start": notice().event_start, "event_end": notice().event_end}
        return {
            "plain": notice(),
            **{
                name: attrs.evolve(
                    one, **times, place="Salle des fêtes", publish_from=None, publish_until=None
                )
                for name, one in samples_for(spec.view).items()
                if name != "plain"
            },
            "days": notice(
                uid="urn:example:days",
                event_start=day,
                event_end=day + dt.timedelta(days=3),
                url="https://example.org/semaine",
            ),
            "short": notice(uid="urn:example:short", body_short="Sans rendez-vous."),
        }


class TestOpendatasoft(ConnectorSuite):
    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return OPENDATASOFT

    @pytest.fixture
    def config(self, server):
        """Give options for a dataset of two events, of which one is near."""
        for number in (11, 12):
            server.contribute(
                title={"fr": "Marche"},
                description={"fr": "Tous niveaux"},
                locationUid=number,
                timings=[
                    {"begin": "2026-11-14T09:00:00+01:00", "end": "2026-11-14T12:00:00+01:00"}
                ],
            )
        return {
            "latitude": 44.5,
            "longitude": 3.5,
            "base_url": server.records_url,
            "timeout": 5.0,
        }


def test_the_stand_in_is_importable_by_users():
    """The stand-in is a public module of the testing package."""
    assert OpenAgendaServer.__module__ == "territoire_sante.testing.openagenda"
