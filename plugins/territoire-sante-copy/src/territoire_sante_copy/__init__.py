# SPDX-License-Identifier: Apache-2.0
"""Connector copy: announcements as texts that a person copies into a console or an e-mail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from territoire_sante.formats import AnnouncementJson
from territoire_sante.model import Announcement, ChannelLimits
from territoire_sante.plugins import Capability, ConnectorSpec, Outbox
from territoire_sante_copy._config import CopyConfig
from territoire_sante_copy._shapes import SHAPES, Shape
from territoire_sante_copy._transport import Texts


def _lens(config: CopyConfig) -> AnnouncementJson:
    return config.made.lens(config.recipient)


@contextmanager
def _open(config: CopyConfig) -> Iterator[Texts]:
    outbox = None if config.path is None else Outbox.at(config.path, create=config.create)
    yield Texts(config.made, outbox, config.recipient)


#: The connector ``copy``.
COPY: Final = ConnectorSpec(
    name="copy",
    summary="Texts that a person copies into a console or an e-mail",
    summary_fr="Des textes qu'une personne copie dans une console ou un courriel",
    view=Announcement,
    config=CopyConfig,
    capabilities=frozenset({Capability.WRITE, Capability.CONFIRM}),
    lens=_lens,
    open=_open,
    # Each shape has its own: the transport tells them.
    limits=ChannelLimits(),
)

__all__ = ["COPY", "SHAPES", "CopyConfig", "Shape"]
