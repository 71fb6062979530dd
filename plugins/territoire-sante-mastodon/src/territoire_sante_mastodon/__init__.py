# SPDX-License-Identifier: Apache-2.0
"""Connector mastodon: announcements as statuses of a Mastodon account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from territoire_sante.model import Announcement
from territoire_sante.plugins import Capability, ConnectorSpec
from territoire_sante_mastodon._config import MastodonConfig, StatusVisibility
from territoire_sante_mastodon._lens import NOTICE
from territoire_sante_mastodon._limits import LIMITS

if TYPE_CHECKING:
    from territoire_sante_mastodon._transport import Statuses


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@contextmanager
def _open(
    config: MastodonConfig, *, clock: Callable[[], dt.datetime] = _utc_now
) -> Iterator[Statuses]:
    # Naming a connector must not load the network stack.
    from territoire_sante_mastodon._transport import opened  # noqa: PLC0415 - see above

    with opened(config, clock=clock) as statuses:
        yield statuses


#: The connector ``mastodon``.
MASTODON: Final = ConnectorSpec(
    name="mastodon",
    summary="Statuses of a Mastodon account",
    summary_fr="Les messages d'un compte Mastodon",
    view=Announcement,
    config=MastodonConfig,
    capabilities=frozenset({Capability.WRITE, Capability.CONFIRM}),
    lens=NOTICE,
    open=_open,
    limits=LIMITS,
)

__all__ = ["LIMITS", "MASTODON", "NOTICE", "MastodonConfig", "StatusVisibility"]
