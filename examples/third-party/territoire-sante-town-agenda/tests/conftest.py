# SPDX-License-Identifier: Apache-2.0
"""An agenda as a town hall keeps it, and the connector opened on it."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from territoire_sante_town_agenda import CONNECTOR

from territoire_sante.plugins import open_transport, structure_config

AGENDA = """\
AGENDA DE LA COMMUNE
====================

# tenu par le secrétariat, merci de prévenir avant de modifier

Juin 2027
---------
05/06/2027 14h-17h30 | Salle polyvalente | Journée de prévention
Samedi 12/06/2027 20h30 | Foyer | Loto des aînés | complet !
   14/06/2027 - 18/06/2027   |   Maison de santé   |   Semaine de la vaccination

Juillet 2027
13/07/2027 22h-2h | Feu d'artifice et bal

La mairie sera fermée le 14/07/2027.
"""


@pytest.fixture
def text():
    """Give the words of the agenda."""
    return AGENDA


@pytest.fixture
def path(tmp_path, text):
    """Give the file."""
    file = tmp_path / "agenda.txt"
    file.write_bytes(text.encode())
    return file


@pytest.fixture
def opened(path):
    """Give a function that opens the connector on the file."""

    @contextmanager
    def use(**options):
        settings = structure_config(CONNECTOR, {"path": str(path), **options})
        with open_transport(CONNECTOR, settings) as transport:
            yield transport, CONNECTOR.lens_for(settings)

    return use
