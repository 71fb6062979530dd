# SPDX-License-Identifier: Apache-2.0
"""What a link shows of the store, for whom, and how edits made elsewhere come back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping

from territoire_sante.errors import ConfigError
from territoire_sante.model import Announcement, Contact, Event, Provenance, Visibility
from territoire_sante.projections._announcements import AnnouncementProjection
from territoire_sante.projections._contacts import ContactProjection
from territoire_sante.projections._contract import (
    Absorbed,
    Projected,
    Projection,
    Reader,
    Removal,
)
from territoire_sante.projections._events import EventProjection
from territoire_sante.projections._points import Opposed, nobody

__all__ = [
    "Absorbed",
    "AnnouncementProjection",
    "ContactProjection",
    "EventProjection",
    "Opposed",
    "Projected",
    "Projection",
    "Reader",
    "Removal",
    "nobody",
    "projection_for",
]


def projection_for(
    view: type,
    *,
    audience: Visibility,
    today: dt.date,
    provenance: Provenance | None = None,
    opposed: Opposed = nobody,
    people: bool = False,
    channel: str = "",
    communes: Collection[str] = (),
    current_only: bool = False,
) -> Projection:
    """
    Return the projection whose views are of class ``view``, to be used for one run.

    ``provenance`` is that of entities made from views of the other side.
    ``opposed`` tells whose contact points must not be listed. ``people`` shows
    the organiser and attendees of events; ``channel``, ``communes`` and ``current_only``
    choose announcements.

    >>> projection_for(Event, audience=Visibility.TEAM, today=dt.date(2027, 1, 1)).view.__name__
    'Event'

    Raises:
        ConfigError: no projection shows such views.
    """
    makers: Mapping[type, Callable[[], Projection]] = {
        Event: lambda: EventProjection(audience=audience, people=people, provenance=provenance),
        Contact: lambda: ContactProjection(
            audience=audience, today=today, opposed=opposed, provenance=provenance
        ),
        Announcement: lambda: AnnouncementProjection(
            today=today,
            channel=channel,
            communes=frozenset(communes),
            current_only=current_only,
            opposed=opposed,
            provenance=provenance,
        ),
    }
    if view not in makers:
        raise ConfigError(
            f"nothing is shown as {view.__name__}",
            where="view",
            remedy=f"Choose one of {', '.join(sorted(known.__name__ for known in makers))}",
        )
    return makers[view]()
