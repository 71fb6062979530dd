# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import pytest

from territoire_sante.model import Announcement
from territoire_sante.plugins import open_transport, structure_config
from territoire_sante.testing.openagenda import Location, OpenAgendaServer
from territoire_sante_openagenda import OPENAGENDA

PARIS = ZoneInfo("Europe/Paris")
NOTICE = Announcement(
    id="announcement:1",
    uid="urn:uuid:0f5f4f7e-5f5b-4a7e-9a52-0d2b7f1c2d3e",
    title="Dépistage gratuit du diabète",
    body="Sans rendez-vous, avec l'équipe de la maison de santé.",
    event_start=dt.datetime(2026, 11, 14, 9, tzinfo=PARIS),
    event_end=dt.datetime(2026, 11, 14, 12, tzinfo=PARIS),
    place="Salle des fêtes",
)


@pytest.fixture
def notice():
    """Give a function that makes an announcement from the ordinary one."""
    return lambda **changes: attrs.evolve(NOTICE, **changes)


@pytest.fixture
def server():
    """Give a running stand-in with two places and a field of its own."""
    with OpenAgendaServer(
        secret="cle-secrete-inventee",
        key="cle-publique-inventee",
        locations={
            11: Location(name="Salle des fêtes", city="Exempleville", latitude=44.5, longitude=3.5),
            12: Location(name="Mairie", city="Autreville", latitude=48.8, longitude=2.3),
        },
        fields={"thematique": {61: "sante", 8: "culture"}},
    ) as running:
        yield running


@pytest.fixture
def options(server):
    """Give options that open the stand-in for writing."""
    return {
        "agenda": server.agenda,
        "secret": "cle-secrete-inventee",
        "key": "cle-publique-inventee",
        "locations": {"Salle des fêtes": 11, "48001": 12},
        "base_url": server.api_url,
        "timeout": 5.0,
    }


@pytest.fixture
def lens(options):
    """Give the lens for these options."""
    return OPENAGENDA.lens_for(structure_config(OPENAGENDA, options))


@pytest.fixture
def agenda_with(options):
    """Give a function that opens the agenda, with other options if wanted."""
    return lambda **changes: open_transport(
        OPENAGENDA, structure_config(OPENAGENDA, {**options, **changes})
    )


@pytest.fixture
def agenda(agenda_with):
    """Give the open agenda."""
    with agenda_with() as transport:
        yield transport


@pytest.fixture
def publish(agenda, lens, notice):
    """Give a function that puts the ordinary announcement, with changes, into the agenda."""
    return lambda href, **changes: agenda.create(href, lens.put(notice(**changes)))
