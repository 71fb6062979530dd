# SPDX-License-Identifier: Apache-2.0
"""Connectors caldav and carddav: two-way sync with CalDAV calendars and CardDAV address books."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Final

import attrs

from territoire_sante.formats import icalendar
from territoire_sante.model import Event
from territoire_sante.plugins import ConnectorSpec
from territoire_sante_dav._config import (
    AuthScheme,
    CardDavConfig,
    CardVersion,
    DavConfig,
)
from territoire_sante_dav._flavour import (
    ADDRESS_BOOK,
    CALENDAR,
    CAPABILITIES,
    PARALLEL,
    Flavour,
)

if TYPE_CHECKING:
    from requests import Session
    from requests.auth import AuthBase

    from territoire_sante_dav._cards import CARDDAV
    from territoire_sante_dav._transport import DavTransport

__all__ = [
    "CALDAV",
    "CARDDAV",
    "AuthScheme",
    "CardDavConfig",
    "CardVersion",
    "DavConfig",
    "create_addressbook",
    "create_calendar",
    "open_addressbook",
    "open_calendar",
]


@contextmanager
def _open(
    config: DavConfig, flavour: Flavour, auth: AuthBase | None, session: Session | None
) -> Iterator[DavTransport]:
    # Naming a connector must not load the network stack.
    from territoire_sante_dav._transport import open_collection  # noqa: PLC0415 - see above

    with open_collection(config, flavour, auth=auth, session=session) as transport:
        yield transport


def open_calendar(
    config: DavConfig, *, auth: AuthBase | None = None, session: Session | None = None
) -> AbstractContextManager[DavTransport]:
    """
    Return a context manager of a CalDAV calendar's transport.

    ``auth`` takes the place of the configured credentials, ``session`` that of our own.
    """
    return _open(config, CALENDAR, auth, session)


def open_addressbook(
    config: DavConfig, *, auth: AuthBase | None = None, session: Session | None = None
) -> AbstractContextManager[DavTransport]:
    """Return a context manager of a CardDAV address book's transport."""
    return _open(config, ADDRESS_BOOK, auth, session)


def create_calendar(
    config: DavConfig, *, auth: AuthBase | None = None, session: Session | None = None
) -> str:
    """
    Make the calendar that ``config`` names unless it is there, and return its address.

    ``url`` is the calendar's own, or that of its home with ``collection`` as its name.

    Raises:
        ConnectorError: it is not there afterwards; the class says why.
        ConfigError: the address leads to several, or the name is none.
    """
    return _create(config, CALENDAR, auth, session)


def create_addressbook(
    config: DavConfig, *, auth: AuthBase | None = None, session: Session | None = None
) -> str:
    """Make the address book that ``config`` names unless it is there, and return its address."""
    return _create(config, ADDRESS_BOOK, auth, session)


def _create(
    config: DavConfig, flavour: Flavour, auth: AuthBase | None, session: Session | None
) -> str:
    with _open(attrs.evolve(config, create=True), flavour, auth, session) as transport:
        return transport.url


#: The connector ``caldav``.
CALDAV: Final = ConnectorSpec(
    name="caldav",
    summary="A calendar on a CalDAV server (Nextcloud, SOGo, Zimbra, Radicale …)",
    summary_fr="Un agenda sur un serveur CalDAV (Nextcloud, SOGo, Zimbra, Radicale…)",
    view=Event,
    config=DavConfig,
    capabilities=CAPABILITIES,
    lens=icalendar.EVENT,
    open=open_calendar,
    parallel_writes=PARALLEL,
)


def __getattr__(name: str) -> ConnectorSpec[CardDavConfig]:
    # Calendars need no cards.
    if name != "CARDDAV":
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from territoire_sante_dav._cards import CARDDAV  # noqa: PLC0415 - see above

    globals()[name] = CARDDAV
    return CARDDAV


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
