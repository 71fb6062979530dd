# SPDX-License-Identifier: Apache-2.0
"""Connector panneaupocket: announcements to PanneauPocket through its management API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from territoire_sante.model import Announcement
from territoire_sante.plugins import Capability, ConnectorSpec
from territoire_sante_panneaupocket._config import PanneauPocketConfig
from territoire_sante_panneaupocket._lens import PANNEAU
from territoire_sante_panneaupocket._limits import LIMITS

if TYPE_CHECKING:
    from territoire_sante_panneaupocket._transport import Signs


@contextmanager
def _open(config: PanneauPocketConfig) -> Iterator[Signs]:
    # Naming a connector must not load the network stack.
    from territoire_sante_panneaupocket._transport import opened  # noqa: PLC0415 - see above

    with opened(config) as signs:
        yield signs


PANNEAUPOCKET: Final = ConnectorSpec(
    name="panneaupocket",
    summary="Signs of a commune in the PanneauPocket application",
    summary_fr="Les panneaux d'une commune dans l'application PanneauPocket",
    view=Announcement,
    config=PanneauPocketConfig,
    capabilities=frozenset({Capability.WRITE}),
    lens=PANNEAU,
    open=_open,
    limits=LIMITS,
)

__all__ = ["LIMITS", "PANNEAU", "PANNEAUPOCKET", "PanneauPocketConfig"]
