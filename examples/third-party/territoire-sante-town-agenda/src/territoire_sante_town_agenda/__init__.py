# SPDX-License-Identifier: Apache-2.0
"""The connector town-agenda: the agenda that a town hall keeps in a plain text file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from territoire_sante.model import Event
from territoire_sante.plugins import Capability, ConnectorSpec, SharedFile
from territoire_sante_town_agenda._config import AgendaConfig
from territoire_sante_town_agenda._lens import EntryLens
from territoire_sante_town_agenda._transport import Agenda


def _lens(config: AgendaConfig) -> EntryLens:
    return EntryLens(config.zone)


@contextmanager
def _open(config: AgendaConfig) -> Iterator[Agenda]:
    file = SharedFile.at(config.path, create=config.create)
    yield Agenda(file, _lens(config), config.encoding)


CONNECTOR: Final = ConnectorSpec(
    name="town-agenda",
    summary="The agenda that a town hall keeps in a plain text file, one line for each event",
    summary_fr="L'agenda qu'une mairie tient dans un fichier texte, une ligne par événement",
    view=Event,
    config=AgendaConfig,
    capabilities=frozenset({Capability.READ, Capability.WRITE}),
    lens=_lens,
    open=_open,
)

__all__ = ["CONNECTOR", "AgendaConfig", "EntryLens"]
