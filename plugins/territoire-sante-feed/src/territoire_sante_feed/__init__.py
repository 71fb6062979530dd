# SPDX-License-Identifier: Apache-2.0
"""
Announcements in feeds: Atom, RSS 2.0 and JSON Feed.

Connector feed writes a file and confirms what is shown of it; web-feed reads what others publish.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from territoire_sante.formats import Lens
from territoire_sante.formats.feed import AnyLens
from territoire_sante.model import Announcement
from territoire_sante.plugins import Capability, ConnectorSpec
from territoire_sante_feed._config import FeedConfig
from territoire_sante_feed._transport import FeedFile, opened
from territoire_sante_feed._web_config import WebFeedConfig

if TYPE_CHECKING:
    from territoire_sante_feed._web import WebFeed


def _lens(config: FeedConfig) -> Lens[Announcement]:
    return config.format.lens(zone=config.timezone)


def _web_lens(config: WebFeedConfig) -> Lens[Announcement]:
    return AnyLens(config.timezone)


@contextmanager
def _open_web_feed(config: WebFeedConfig) -> Iterator[WebFeed]:
    # Naming a connector must not load the network stack.
    from territoire_sante_feed._web import opened_web_feed  # noqa: PLC0415 - see above

    with opened_web_feed(config) as feed:
        yield feed


#: The connector ``feed``.
FEED: Final = ConnectorSpec(
    name="feed",
    summary="Announcements in an Atom, RSS 2.0 or JSON Feed file",
    summary_fr="Des annonces dans un fichier Atom, RSS 2.0 ou JSON Feed",
    view=Announcement,
    config=FeedConfig,
    capabilities=frozenset({Capability.READ, Capability.WRITE, Capability.CONFIRM}),
    lens=_lens,
    open=opened,
)

#: The connector ``web-feed``.
WEB_FEED: Final = ConnectorSpec(
    name="web-feed",
    summary="Announcements that others publish in a feed (Atom, RSS, JSON Feed), to be read",
    summary_fr="Des annonces que d'autres publient dans un flux (Atom, RSS, JSON Feed), en lecture",
    view=Announcement,
    config=WebFeedConfig,
    capabilities=frozenset({Capability.READ, Capability.DELTA}),
    lens=_web_lens,
    open=_open_web_feed,
)

__all__ = ["FEED", "WEB_FEED", "FeedConfig", "FeedFile", "WebFeedConfig"]
