# SPDX-License-Identifier: Apache-2.0
"""Deadlines as a calendar: ends of conventions, last days for notice, delays set by law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Actor,
    Entity,
    Event,
    EventStatus,
    SafeguardPlan,
    Territory,
    derived_uuid,
    make_id,
)
from territoire_sante.projections._contract import Projected, Reader
from territoire_sante.projections._duties import DUTIFUL, Duty, duties_of
from territoire_sante.projections._one_way import SEPARATOR, OneWay, key_of

#: The first category of each entry.
CATEGORY: Final = "Échéance"

_CLASSES: Final = {kind: cls for cls in DUTIFUL for kind in cls.ID_KINDS}


@attrs.frozen(kw_only=True)
class DeadlineProjection(OneWay):
    """
    Shows each dated duty of what the audience may see as an all-day event.

    Terms are those that run on ``today``. No person is named; actors are, if they may be seen.
    """

    MADE_OF: ClassVar[frozenset[type[Entity]]] = frozenset({*DUTIFUL, Actor, Territory})

    today: dt.date

    @property
    def view(self) -> type[Event]:
        """The class of the views."""
        return Event

    def project(self, reader: Reader) -> Iterator[Projected]:
        """Yield every deadline."""
        for cls in DUTIFUL:
            for entity in reader.all(cls):
                yield from self._of(reader, entity)

    def project_one(self, reader: Reader, key: str) -> Projected | None:
        """Return one deadline, ``None`` if there is none."""
        id_, _, kind = key.partition(SEPARATOR)
        cls = _CLASSES.get(id_.partition(":")[0])
        entity = reader.find(cls, id_) if cls is not None else None
        if entity is None:
            return None
        found = (one for one in self._of(reader, entity) if one.key == key_of(entity, kind))
        return next(found, None)

    def _of(self, reader: Reader, entity: Entity) -> Iterator[Projected]:
        if not self._sees(entity):
            return
        try:
            duties = list(duties_of(entity, self.today))
        except InvalidValueError:
            return  # a term so long that its end is outside of the calendar
        for duty in duties:
            yield self._projected(reader, entity, duty)

    def _projected(self, reader: Reader, entity: Entity, duty: Duty) -> Projected:
        place = self._territory(reader, entity)
        names: list[Entity] = [] if place is None else [place]
        actors = list(self._actors(reader, duty.actor_ids))
        names += actors
        key = key_of(entity, duty.kind)
        uid = derived_uuid(key)
        whom = ", ".join(actor.name for actor in actors)
        lines = (duty.description, f"Concerne : {whom}" if whom else "")
        view = Event(
            id=make_id("event", uid),
            uid=uid,
            summary=duty.summary if place is None else f"{duty.summary} ({place.name})",
            description="\n".join(filter(None, lines)),
            categories=(CATEGORY,),
            status=EventStatus.CONFIRMED,
            start=duty.day,
            end=_next(duty.day),
        )
        made_of = ((type(one), one.id) for one in (entity, *names))
        return Projected(key=key, view=view, revision_of=tuple(made_of))

    def _actors(self, reader: Reader, ids: Iterable[str]) -> Iterator[Actor]:
        for id_ in dict.fromkeys(ids):
            actor = reader.find(Actor, id_)
            if actor is not None and self._sees(actor):
                yield actor

    def _territory(self, reader: Reader, entity: Entity) -> Territory | None:
        """Return whose plan it is: of a plan, only its kind is in the title."""
        if not isinstance(entity, SafeguardPlan) or not entity.territory_id:
            return None
        place = reader.find(Territory, entity.territory_id)
        return place if self._sees(place) else None


def _next(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=1) if day < dt.date.max else day
