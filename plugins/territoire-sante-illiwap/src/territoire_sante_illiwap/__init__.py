# SPDX-License-Identifier: Apache-2.0
"""Connectors illiwap and illiwap-agenda: what a station of Illiwap publishes, read only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from territoire_sante.model import Announcement, Event
from territoire_sante.plugins import Capability, ConnectorSpec
from territoire_sante_illiwap._config import IlliwapAgendaConfig, IlliwapConfig
from territoire_sante_illiwap._lenses import AGENDA, NEWS

if TYPE_CHECKING:
    from territoire_sante_illiwap._agenda import Agenda
    from territoire_sante_illiwap._news import News


@contextmanager
def _open_news(config: IlliwapConfig) -> Iterator[News]:
    # Naming a connector must not load the network stack.
    from territoire_sante_illiwap._news import opened  # noqa: PLC0415 - see above

    with opened(config) as news:
        yield news


@contextmanager
def _open_agenda(config: IlliwapAgendaConfig) -> Iterator[Agenda]:
    from territoire_sante_illiwap._agenda import opened  # noqa: PLC0415 - likewise

    with opened(config) as agenda:
        yield agenda


#: The connector ``illiwap``.
ILLIWAP: Final = ConnectorSpec(
    name="illiwap",
    summary="The news of a station in the Illiwap application, read only",
    summary_fr="Les actualités d'une station dans l'application Illiwap, en lecture seule",
    view=Announcement,
    config=IlliwapConfig,
    capabilities=frozenset({Capability.READ, Capability.DELTA}),
    lens=NEWS,
    open=_open_news,
)

#: The connector ``illiwap-agenda``.
ILLIWAP_AGENDA: Final = ConnectorSpec(
    name="illiwap-agenda",
    summary="The agenda of a station in the Illiwap application, read only",
    summary_fr="L'agenda d'une station dans l'application Illiwap, en lecture seule",
    view=Event,
    config=IlliwapAgendaConfig,
    capabilities=frozenset({Capability.READ, Capability.DELTA}),
    lens=AGENDA,
    open=_open_agenda,
)

__all__ = [
    "AGENDA",
    "ILLIWAP",
    "ILLIWAP_AGENDA",
    "NEWS",
    "IlliwapAgendaConfig",
    "IlliwapConfig",
]
