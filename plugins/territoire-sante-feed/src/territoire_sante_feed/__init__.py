# SPDX-License-Identifier: Apache-2.0
"""Connector feed: announcements as an Atom, RSS 2.0 or JSON Feed file."""

from __future__ import annotations

from typing import Final

from territoire_sante.formats import Lens
from territoire_sante.model import Announcement
from territoire_sante.plugins import Capability, ConnectorSpec
from territoire_sante_feed._config import FeedConfig
from territoire_sante_feed._transport import FeedFile, opened


def _lens(config: FeedConfig) -> Lens[Announcement]:
    return config.format.lens(zone=config.timezone)


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

__all__ = ["FEED", "FeedConfig", "FeedFile"]
