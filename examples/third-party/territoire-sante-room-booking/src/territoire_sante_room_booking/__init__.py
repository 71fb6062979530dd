# SPDX-License-Identifier: Apache-2.0
"""The connector room-booking: the rooms that an intercommunal body lends, as events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from territoire_sante.model import Event
from territoire_sante.plugins import Capability, ConnectorSpec
from territoire_sante_room_booking._config import BookingConfig
from territoire_sante_room_booking._lens import BookingLens

if TYPE_CHECKING:
    from territoire_sante_room_booking._transport import Bookings


def _lens(config: BookingConfig) -> BookingLens:
    return BookingLens(config.service)


@contextmanager
def _open(config: BookingConfig) -> Iterator[Bookings]:
    # Naming a connector must not load the network stack.
    from territoire_sante_room_booking._transport import opened  # noqa: PLC0415 - see above

    with opened(config) as bookings:
        yield bookings


CONNECTOR: Final = ConnectorSpec(
    name="room-booking",
    summary="The room bookings of an intercommunal body, over its JSON interface",
    summary_fr="Les réservations de salles d'une intercommunalité, par son interface JSON",
    view=Event,
    config=BookingConfig,
    capabilities=frozenset({Capability.READ, Capability.WRITE, Capability.DELTA}),
    lens=_lens,
    open=_open,
    parallel_writes=4,
)

__all__ = ["CONNECTOR", "BookingConfig", "BookingLens"]
