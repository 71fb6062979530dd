# SPDX-License-Identifier: Apache-2.0
"""Connectors panneaupocket, to publish, and panneaupocket-page, to read what is shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from territoire_sante.model import Announcement
from territoire_sante.plugins import Capability, ConnectorSpec
from territoire_sante_panneaupocket._config import PageConfig, PanneauPocketConfig
from territoire_sante_panneaupocket._copy import copy_block
from territoire_sante_panneaupocket._directory import Candidate, candidates
from territoire_sante_panneaupocket._lens import PANNEAU
from territoire_sante_panneaupocket._limits import LIMITS
from territoire_sante_panneaupocket._page_lens import PAGE_NOTICE

if TYPE_CHECKING:
    from territoire_sante_panneaupocket._page_transport import PageNotices
    from territoire_sante_panneaupocket._transport import Signs


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@contextmanager
def _open(
    config: PanneauPocketConfig, *, clock: Callable[[], dt.datetime] = _utc_now
) -> Iterator[Signs]:
    # Naming a connector must not load the network stack.
    from territoire_sante_panneaupocket._transport import opened  # noqa: PLC0415 - see above

    with opened(config, clock=clock) as signs:
        yield signs


@contextmanager
def _open_page(config: PageConfig) -> Iterator[PageNotices]:
    from territoire_sante_panneaupocket._page_transport import opened  # noqa: PLC0415 - likewise

    with opened(config) as notices:
        yield notices


#: The connector ``panneaupocket``.
PANNEAUPOCKET: Final = ConnectorSpec(
    name="panneaupocket",
    summary="Signs of a commune in the PanneauPocket application",
    summary_fr="Les panneaux d'une commune dans l'application PanneauPocket",
    view=Announcement,
    config=PanneauPocketConfig,
    capabilities=frozenset({Capability.WRITE, Capability.CONFIRM}),
    lens=PANNEAU,
    open=_open,
    limits=LIMITS,
)

#: The connector ``panneaupocket-page``.
PANNEAUPOCKET_PAGE: Final = ConnectorSpec(
    name="panneaupocket-page",
    summary="What the public page of an entity in PanneauPocket shows, read only",
    summary_fr="Ce que montre la page publique d'une entité dans PanneauPocket, en lecture seule",
    view=Announcement,
    config=PageConfig,
    capabilities=frozenset({Capability.READ, Capability.DELTA}),
    lens=PAGE_NOTICE,
    open=_open_page,
)

__all__ = [
    "LIMITS",
    "PAGE_NOTICE",
    "PANNEAU",
    "PANNEAUPOCKET",
    "PANNEAUPOCKET_PAGE",
    "Candidate",
    "PageConfig",
    "PanneauPocketConfig",
    "candidates",
    "copy_block",
]
