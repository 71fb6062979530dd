# SPDX-License-Identifier: Apache-2.0
"""Connectors openagenda (announcements as events of an agenda) and opendatasoft (read only)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from territoire_sante.model import Announcement
from territoire_sante.plugins import Capability, ConnectorSpec
from territoire_sante_openagenda._config import OpenAgendaConfig, Withdrawal
from territoire_sante_openagenda._lens import OpenAgendaLens
from territoire_sante_openagenda._limits import LIMITS
from territoire_sante_openagenda._making import lens_for
from territoire_sante_openagenda._ods_config import OpendatasoftConfig
from territoire_sante_openagenda._ods_lens import RecordLens, lens_of
from territoire_sante_openagenda._places import Places

if TYPE_CHECKING:
    from territoire_sante_openagenda._ods_transport import Records
    from territoire_sante_openagenda._transport import Agenda


# Naming a connector must not load the network stack.


@contextmanager
def _open_agenda(config: OpenAgendaConfig) -> Iterator[Agenda]:
    from territoire_sante_openagenda._transport import opened  # noqa: PLC0415 - see above

    with opened(config) as agenda:
        yield agenda


@contextmanager
def _open_records(config: OpendatasoftConfig) -> Iterator[Records]:
    from territoire_sante_openagenda._ods_transport import opened  # noqa: PLC0415 - see above

    with opened(config) as records:
        yield records


#: The connector ``openagenda``.
OPENAGENDA: Final = ConnectorSpec(
    name="openagenda",
    summary="Events of an agenda on OpenAgenda",
    summary_fr="Les événements d'un agenda sur OpenAgenda",
    view=Announcement,
    config=OpenAgendaConfig,
    capabilities=frozenset(
        {Capability.READ, Capability.WRITE, Capability.DELTA, Capability.CONFIRM}
    ),
    lens=lens_for,
    open=_open_agenda,
    limits=LIMITS,
)

#: The connector ``opendatasoft``.
OPENDATASOFT: Final = ConnectorSpec(
    name="opendatasoft",
    summary="Public events of OpenAgenda round a place, from an open data portal",
    summary_fr="Les événements publics d'OpenAgenda autour d'un lieu, d'un portail de données",
    view=Announcement,
    config=OpendatasoftConfig,
    capabilities=frozenset({Capability.READ}),
    lens=lens_of,
    open=_open_records,
)

__all__ = [
    "LIMITS",
    "OPENAGENDA",
    "OPENDATASOFT",
    "OpenAgendaConfig",
    "OpenAgendaLens",
    "OpendatasoftConfig",
    "Places",
    "RecordLens",
    "Withdrawal",
]
