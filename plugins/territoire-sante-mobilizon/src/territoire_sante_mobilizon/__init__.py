# SPDX-License-Identifier: Apache-2.0
"""Connector mobilizon: announcements as events of a Mobilizon instance."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from territoire_sante.model import Announcement
from territoire_sante.plugins import Capability, ConnectorSpec
from territoire_sante_mobilizon._config import MobilizonConfig
from territoire_sante_mobilizon._lens import MobilizonLens
from territoire_sante_mobilizon._limits import LIMITS

if TYPE_CHECKING:
    from territoire_sante_mobilizon._transport import Events


@contextmanager
def _open(config: MobilizonConfig) -> Iterator[Events]:
    # Naming a connector must not load the network stack.
    from territoire_sante_mobilizon._transport import opened  # noqa: PLC0415 - see above

    with opened(config) as events:
        yield events


def _lens(config: MobilizonConfig) -> MobilizonLens:
    return MobilizonLens(config.place)


#: The connector ``mobilizon``.
MOBILIZON: Final = ConnectorSpec(
    name="mobilizon",
    summary="Events of an account, or of a group, on a Mobilizon instance",
    summary_fr="Les événements d'un compte, ou d'un groupe, sur une instance Mobilizon",
    view=Announcement,
    config=MobilizonConfig,
    capabilities=frozenset({Capability.READ, Capability.WRITE, Capability.CONFIRM}),
    lens=_lens,
    open=_open,
    limits=LIMITS,
)

__all__ = ["LIMITS", "MOBILIZON", "MobilizonConfig", "MobilizonLens"]
