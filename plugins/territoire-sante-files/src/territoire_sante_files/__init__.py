# SPDX-License-Identifier: Apache-2.0
"""Connectors ics and vcf: calendars and address books in a file or a folder."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Final

from territoire_sante.formats import icalendar, vcard
from territoire_sante.model import Contact, Event
from territoire_sante.plugins import Capability, ConnectorSpec
from territoire_sante_files._config import FilesConfig
from territoire_sante_files._file import File
from territoire_sante_files._flavour import CALENDAR, CARDS
from territoire_sante_files._folder import Folder
from territoire_sante_files._open import opened


def _open_calendar(config: FilesConfig) -> AbstractContextManager[Folder | File]:
    return opened(config, CALENDAR)


def _open_cards(config: FilesConfig) -> AbstractContextManager[Folder | File]:
    return opened(config, CARDS)


ICS: Final = ConnectorSpec(
    name="ics",
    summary="A calendar: one .ics file, or a folder with one .ics file per event",
    summary_fr="Un agenda : un fichier .ics, ou un dossier d'un fichier .ics par événement",
    view=Event,
    config=FilesConfig,
    capabilities=frozenset({Capability.READ, Capability.WRITE}),
    lens=icalendar.EVENT,
    open=_open_calendar,
)

VCF: Final = ConnectorSpec(
    name="vcf",
    summary="An address book: one .vcf file, or a folder with one .vcf file per card",
    summary_fr="Un carnet d'adresses : un fichier .vcf, ou un dossier d'un fichier .vcf par fiche",
    view=Contact,
    config=FilesConfig,
    capabilities=frozenset({Capability.READ, Capability.WRITE}),
    lens=vcard.CONTACT,
    open=_open_cards,
)

__all__ = ["ICS", "VCF", "FilesConfig"]
