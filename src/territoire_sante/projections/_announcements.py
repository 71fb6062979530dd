# SPDX-License-Identifier: Apache-2.0
"""Announcements as channels show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, Final

import attrs

from territoire_sante.model import (
    Announcement,
    AnnouncementState,
    Channel,
    ContactPoint,
    Entity,
    OppositionEntry,
    Provenance,
    Visibility,
    has_begun,
    is_over,
    publication_days,
)
from territoire_sante.projections import _common as common
from territoire_sante.projections._contract import (
    Absorbed,
    Opposed,
    Past,
    Projected,
    Reader,
    Removal,
    nobody,
)

#: What a channel may hold of an announcement; who wrote and approved it stays here.
FIELDS: Final = (
    "uid",
    "title",
    "body",
    "title_short",
    "body_short",
    "category",
    "severity",
    "cap_urgency",
    "cap_severity",
    "cap_certainty",
    "language",
    "audience",
    "publish_from",
    "publish_until",
    "event_start",
    "event_end",
    "place",
    "url",
    "attachments",
    "contact",
)

_SHOWN_STATES: Final = frozenset(
    {AnnouncementState.APPROVED, AnnouncementState.SCHEDULED, AnnouncementState.PUBLISHED}
)


@attrs.frozen(kw_only=True)
class AnnouncementProjection:
    """
    Shows approved, scheduled and published announcements: PUBLIC ones, whoever asks.

    ``channel`` (an id) and ``communes`` (INSEE codes) keep those meant for
    them; an announcement without an audience is not meant for everybody.
    ``current_only`` also leaves out what is outside its publication period, for channels that
    do not release it by themselves; ``live_only`` leaves out what is past it. The period counts
    at ``now``, an aware time, or by days on ``today`` without one. ``included`` (ids) is shown
    here although it is meant for another channel, ``excluded`` is not.
    """

    today: dt.date
    channel: str = ""
    communes: frozenset[str] = frozenset()
    current_only: bool = False
    live_only: bool = False
    now: dt.datetime | None = None
    included: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    opposed: Opposed = nobody
    provenance: Provenance | None = None

    @property
    def view(self) -> type[Announcement]:
        """The class of the views."""
        return Announcement

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are shown and taken back."""
        return FIELDS

    def project(self, reader: Reader) -> Iterator[Projected]:
        """Yield every announcement that is to be shown."""
        for entity in reader.all(Announcement):
            if self._is_shown(entity):
                yield self._projected(entity)

    def project_one(self, reader: Reader, key: str) -> Projected | None:
        """Return the view of one announcement, ``None`` if it is not shown."""
        entity = reader.find(Announcement, key)
        return self._projected(entity) if entity is not None and self._is_shown(entity) else None

    def affected(
        self,
        reader: Past,  # noqa: ARG002 - as every projection is asked
        cls: type[Entity],
        id_: str,
        /,
    ) -> Iterable[str] | None:
        """Return the announcement itself; channels and objections concern all of them."""
        if cls in (Channel, OppositionEntry):
            return None
        return (id_,) if cls is Announcement else ()

    def absorb(
        self, reader: Reader, view: Announcement, key: str | None, changed: frozenset[str]
    ) -> Absorbed:
        """
        Return the announcement with the changed fields; a new one is already published.

        Raises:
            InvalidValueError: a new view without UID, or a hidden announcement.
        """
        id_ = common.id_for(Announcement, key, view.uid)
        entity = common.find_visible(reader, Announcement, id_, Visibility.PUBLIC)
        existing = entity
        before = None if entity is None else self._shown(entity)
        if entity is None:
            changed |= {"uid"}
            entity = self._new(id_)
        wanted = [name for name in FIELDS if name in changed]
        values = common.differing(wanted, view, before)
        after = attrs.evolve(entity, **self._stored(entity, values))
        return Absorbed(
            entities=() if key is not None and common.same(after, existing) else (after,),
            key=id_,
            not_carried=common.not_carried(changed, view, self._shown(after)),
        )

    def remove(self, reader: Reader, key: str) -> Removal:
        """Return the deletion of the announcement, unless something refers to it."""
        return common.removal(reader, Announcement, key)

    @staticmethod
    def uid_of(entity: Announcement) -> str:
        """Return the UID under which an announcement is shown."""
        return entity.uid or common.urn(entity.id)

    def is_meant(self, entity: Announcement) -> bool:
        """Say whether an announcement is for this channel, be it before or after its period."""
        mine = not self.channel or self.channel in entity.channel_ids
        return (
            entity.state in _SHOWN_STATES
            and entity.visibility is Visibility.PUBLIC
            and (mine or entity.id in self.included)
            and entity.id not in self.excluded
            and (not self.communes or not self.communes.isdisjoint(entity.audience))
        )

    def _is_shown(self, entity: Announcement) -> bool:
        return (
            self.is_meant(entity)
            and (not self.current_only or self._has_begun(entity))
            and (not (self.current_only or self.live_only) or not self._is_over(entity))
        )

    def _has_begun(self, entity: Announcement) -> bool:
        if self.now is not None:
            return has_begun(entity, self.now)
        first, _ = publication_days(entity)
        return first is None or first <= self.today

    def _is_over(self, entity: Announcement) -> bool:
        if self.now is not None:
            return is_over(entity, self.now)
        _, last = publication_days(entity)
        return last is not None and last < self.today

    def _projected(self, entity: Announcement) -> Projected:
        return Projected(
            key=entity.id, view=self._shown(entity), revision_of=((Announcement, entity.id),)
        )

    def _shown(self, entity: Announcement) -> Announcement:
        values = {name: getattr(entity, name) for name in FIELDS}
        values["uid"] = self.uid_of(entity)
        values["contact"] = entity.contact if self._shows_contact(entity) else None
        return Announcement(id=entity.id, **values)

    def _shows_contact(self, entity: Announcement) -> bool:
        point = entity.contact
        return (
            point is not None
            and point.visibility is Visibility.PUBLIC
            and not self.opposed(point.kind, point.value)
        )

    def _new(self, id_: str) -> Announcement:
        return Announcement(
            id=id_,
            provenance=self.provenance,
            state=AnnouncementState.PUBLISHED,
            channel_ids=(self.channel,) if self.channel else (),
            audience=tuple(sorted(self.communes)),
        )

    def _stored(self, entity: Announcement, values: dict[str, Any]) -> dict[str, Any]:
        if values.get("uid") == common.urn(entity.id):
            values["uid"] = ""
        if "audience" in values and self.communes.isdisjoint(values["audience"]):
            # Seen on the channel of these communes, so it is for them, whatever it says.
            values["audience"] += tuple(sorted(self.communes))
        if "contact" in values:
            values["contact"] = self._stored_contact(entity, values["contact"])
        return values

    def _stored_contact(
        self, entity: Announcement, given: ContactPoint | None
    ) -> ContactPoint | None:
        hidden = entity.contact is not None and not self._shows_contact(entity)
        if hidden or (given is not None and self.opposed(given.kind, given.value)):
            return entity.contact
        return given and attrs.evolve(given, visibility=Visibility.PUBLIC)
