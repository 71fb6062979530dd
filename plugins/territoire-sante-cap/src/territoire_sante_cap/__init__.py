# SPDX-License-Identifier: Apache-2.0
"""Connector cap: alerts as CAP 1.2 messages, in a folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from territoire_sante.formats.cap import CapLens
from territoire_sante.model import Announcement, ChannelLimits
from territoire_sante.plugins import Capability, ConnectorSpec, Outbox
from territoire_sante_cap._config import CapConfig
from territoire_sante_cap._transport import Alerts


def _lens(config: CapConfig) -> CapLens:
    return config.lens


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@contextmanager
def _open(config: CapConfig, *, clock: Callable[[], dt.datetime] = _utc_now) -> Iterator[Alerts]:
    outbox = Outbox.at(config.path, create=config.create)
    yield Alerts(outbox, config.lens, frozenset(config.severities), clock)


#: The connector ``cap``.
CAP: Final = ConnectorSpec(
    name="cap",
    summary="Alerts as CAP 1.2 messages, in a folder",
    summary_fr="Des alertes en messages CAP 1.2, dans un dossier",
    view=Announcement,
    config=CapConfig,
    capabilities=frozenset({Capability.READ, Capability.WRITE, Capability.CONFIRM}),
    lens=_lens,
    open=_open,
    # CAP sets no lengths.
    limits=ChannelLimits(),
)

__all__ = ["CAP", "CapConfig"]
