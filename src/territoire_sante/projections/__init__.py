# SPDX-License-Identifier: Apache-2.0
"""What a link shows of the store, for whom, and how edits made elsewhere come back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Final

from territoire_sante import model
from territoire_sante._lazy import door
from territoire_sante.errors import ConfigError
from territoire_sante.projections._contract import (
    Absorbed,
    Opposed,
    Past,
    Projected,
    Projection,
    Reader,
    Removal,
    Traced,
    nobody,
)

if TYPE_CHECKING:
    from territoire_sante.projections._announcements import AnnouncementProjection
    from territoire_sante.projections._bookings import BookingProjection
    from territoire_sante.projections._contacts import ContactProjection
    from territoire_sante.projections._deadlines import DeadlineProjection
    from territoire_sante.projections._events import EventProjection
    from territoire_sante.projections._groups import GroupProjection
    from territoire_sante.projections._one_way import is_one_way

__all__ = [
    "ONE_WAY",
    "PROJECTIONS",
    "Absorbed",
    "AnnouncementProjection",
    "BookingProjection",
    "ContactProjection",
    "DeadlineProjection",
    "EventProjection",
    "GroupProjection",
    "Opposed",
    "Past",
    "Projected",
    "Projection",
    "Reader",
    "Removal",
    "Traced",
    "is_one_way",
    "nobody",
    "projection_for",
]

# What is made of many classes of entities is loaded when it is first used.
_HOMES: Final = {
    "AnnouncementProjection": "_announcements",
    "BookingProjection": "_bookings",
    "ContactProjection": "_contacts",
    "DeadlineProjection": "_deadlines",
    "EventProjection": "_events",
    "GroupProjection": "_groups",
    "is_one_way": "_one_way",
}

__getattr__, __dir__ = door(__name__, _HOMES)


#: The names of projections, with that of the view that each shows, as links write it; the first
#: of a view is its default.
PROJECTIONS: Final[Mapping[str, str]] = {
    "events": "event",
    "contacts": "contact",
    "announcements": "announcement",
    "deadlines": "event",
    "bookings": "event",
    "groups": "contact",
}

#: The projections that only show: nothing can come back.
ONE_WAY: Final = frozenset({"deadlines", "bookings", "groups"})


def projection_for(
    view: type,
    *,
    name: str = "",
    audience: model.Visibility,
    today: dt.date,
    provenance: model.Provenance | None = None,
    opposed: Opposed = nobody,
    people: bool = False,
    channel: str = "",
    communes: Collection[str] = (),
    current_only: bool = False,
) -> Projection:
    """
    Return the projection whose views are of class ``view``, to be used for one run.

    ``name`` is one of :data:`PROJECTIONS`, by default the first one of the view.
    ``provenance`` is that of entities made from views of the other side.
    ``opposed`` tells whose contact points must not be listed. ``people`` shows
    the organiser and attendees of events; ``channel``, ``communes`` and ``current_only``
    choose announcements.

    >>> from territoire_sante.model import Event, Visibility
    >>> projection_for(Event, audience=Visibility.TEAM, today=dt.date(2027, 1, 1)).view.__name__
    'Event'

    Raises:
        ConfigError: no projection shows such views.
    """
    makers: Mapping[str, Callable[[], Projection]] = {
        "events": lambda: __getattr__("EventProjection")(
            audience=audience, people=people, opposed=opposed, provenance=provenance
        ),
        "contacts": lambda: __getattr__("ContactProjection")(
            audience=audience, today=today, opposed=opposed, provenance=provenance
        ),
        "announcements": lambda: __getattr__("AnnouncementProjection")(
            today=today,
            channel=channel,
            communes=frozenset(communes),
            current_only=current_only,
            opposed=opposed,
            provenance=provenance,
        ),
        "deadlines": lambda: __getattr__("DeadlineProjection")(audience=audience, today=today),
        "bookings": lambda: __getattr__("BookingProjection")(
            audience=audience, today=today, opposed=opposed
        ),
        "groups": lambda: __getattr__("GroupProjection")(
            audience=audience, today=today, opposed=opposed
        ),
    }
    return makers[_name_for(view, name)]()


def _name_for(view: type, name: str) -> str:
    possible = [known for known, shown in PROJECTIONS.items() if shown == view.__name__.lower()]
    if not possible:
        known = sorted({shown.capitalize() for shown in PROJECTIONS.values()})
        raise ConfigError(
            f"nothing is shown as {view.__name__}",
            where="view",
            remedy=f"Choose one of {', '.join(known)}",
        )
    if name and name not in possible:
        raise ConfigError(
            f"{name!r} does not show {view.__name__}",
            where="projection",
            remedy=f"Choose one of {', '.join(possible)}",
        )
    return name or possible[0]
