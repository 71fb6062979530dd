# SPDX-License-Identifier: Apache-2.0
"""Connector panel: announcements as pages for light panels, in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from territoire_sante.formats import AnnouncementJson
from territoire_sante.formats.panel import panel_lens
from territoire_sante.model import Announcement, ChannelLimits, DateGranularity
from territoire_sante.plugins import Capability, ConnectorSpec, Outbox
from territoire_sante_panel._config import PanelConfig
from territoire_sante_panel._transport import Pages


def _lens(config: PanelConfig) -> AnnouncementJson:
    return panel_lens(config.profile)


@contextmanager
def _open(config: PanelConfig) -> Iterator[Pages]:
    yield Pages(Outbox.at(config.path, create=config.create), config.profile)


#: The connector ``panel``.
PANEL: Final = ConnectorSpec(
    name="panel",
    summary="Pages for a light panel, in the folder that its software watches",
    summary_fr="Les pages d'un panneau lumineux, dans le dossier que lit son logiciel",
    view=Announcement,
    config=PanelConfig,
    capabilities=frozenset({Capability.READ, Capability.WRITE, Capability.CONFIRM}),
    lens=_lens,
    open=_open,
    # Rows and columns say more than a length: the lens lays out, and refuses what has no room.
    # What panels do with dates is not known, so that pages come and go when it is time.
    limits=ChannelLimits(dates=DateGranularity.NONE),
)

__all__ = ["PANEL", "PanelConfig"]
