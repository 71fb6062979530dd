# SPDX-License-Identifier: Apache-2.0
"""
Calendars and address books in files, folders and published feeds.

Connectors ics and vcf keep them on disk; ics-feed and vcf-feed read what others publish.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Final

from territoire_sante.formats import icalendar, vcard
from territoire_sante.model import Contact, Event
from territoire_sante.plugins import Capability, ConnectorSpec
from territoire_sante_files._config import FeedConfig, FilesConfig
from territoire_sante_files._file import File
from territoire_sante_files._flavour import CALENDAR, CARDS
from territoire_sante_files._folder import Folder
from territoire_sante_files._open import opened

if TYPE_CHECKING:
    from territoire_sante_files._feed import Feed


def _open_calendar(config: FilesConfig) -> AbstractContextManager[Folder | File]:
    return opened(config, CALENDAR)


def _open_cards(config: FilesConfig) -> AbstractContextManager[Folder | File]:
    return opened(config, CARDS)


@contextmanager
def _open_event_feed(config: FeedConfig) -> Iterator[Feed]:
    # Naming a connector must not load the network stack.
    from territoire_sante_files._open_feed import EVENTS, opened_feed  # noqa: PLC0415 - see above

    with opened_feed(config, EVENTS) as feed:
        yield feed


@contextmanager
def _open_card_feed(config: FeedConfig) -> Iterator[Feed]:
    from territoire_sante_files._open_feed import CONTACTS, opened_feed  # noqa: PLC0415 - as above

    with opened_feed(config, CONTACTS) as feed:
        yield feed


#: The connector ``ics``.
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

#: The connector ``vcf``.
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

#: The connector ``ics-feed``.
ICS_FEED: Final = ConnectorSpec(
    name="ics-feed",
    summary="A calendar that is published at an address (https, webcal), to be read",
    summary_fr="Un agenda publié à une adresse (https, webcal), en lecture",
    view=Event,
    config=FeedConfig,
    capabilities=frozenset({Capability.READ, Capability.DELTA}),
    lens=icalendar.EVENT,
    open=_open_event_feed,
)

#: The connector ``vcf-feed``.
VCF_FEED: Final = ConnectorSpec(
    name="vcf-feed",
    summary="An address book that is published at an address, to be read",
    summary_fr="Un carnet d'adresses publié à une adresse, en lecture",
    view=Contact,
    config=FeedConfig,
    capabilities=frozenset({Capability.READ, Capability.DELTA}),
    lens=vcard.CONTACT,
    open=_open_card_feed,
)

__all__ = ["ICS", "ICS_FEED", "VCF", "VCF_FEED", "FeedConfig", "FilesConfig"]
