# SPDX-License-Identifier: Apache-2.0
"""From a configuration to a feed of events or of cards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from territoire_sante.errors import InputError
from territoire_sante.formats import Document, icalendar, vcard
from territoire_sante.plugins import Stored, published
from territoire_sante_files._config import FeedConfig
from territoire_sante_files._feed import Feed, FeedKind
from territoire_sante_files._flavour import CALENDAR, CARDS
from territoire_sante_files._recognise import Traits
from territoire_sante_files._window import starts_at, still_history


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _of_event(document: Document) -> Traits | None:
    try:
        event = icalendar.EVENT.get(document)
    except InputError:
        return None
    place = starts_at(event.start)
    return Traits(place=place, title=event.summary) if place else None


def _of_card(document: Document) -> Traits | None:
    try:
        name = vcard.CONTACT.get(document).formatted_name.strip()
    except InputError:
        return None
    return Traits(place=name.casefold(), title="") if name else None


def _past(
    vanished: Sequence[Stored], present: Iterable[Document], now: dt.datetime
) -> Sequence[Stored]:
    return still_history(vanished, present, now=now)


def _no_past(
    vanished: Sequence[Stored],  # noqa: ARG001 - as the other one is called
    present: Iterable[Document],  # noqa: ARG001 - likewise
    now: dt.datetime,  # noqa: ARG001 - likewise
) -> Sequence[Stored]:
    return ()


EVENTS: Final = FeedKind(flavour=CALENDAR, traits=_of_event, history=_past)
CONTACTS: Final = FeedKind(flavour=CARDS, traits=_of_card, history=_no_past)


@contextmanager
def opened_feed(
    config: FeedConfig, kind: FeedKind, *, now: Callable[[], dt.datetime] = _utc_now
) -> Iterator[Feed]:
    """
    Give the feed at ``config.url``; nothing is asked for before it is listed.

    Raises:
        ConfigError: the address cannot be asked.
    """
    with published.opened(config, config.web_url, accept=kind.flavour.media_type) as source:
        yield Feed(
            source=source,
            kind=kind,
            # A renewed key in the query leaves the feed what it is.
            seed=config.web_url.partition("?")[0],
            keep_past=config.keep_past,
            now=now,
        )
