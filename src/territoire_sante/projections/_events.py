# SPDX-License-Identifier: Apache-2.0
"""Events as calendars show them."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Iterator
from typing import Any, Final

import attrs

from territoire_sante.model import (
    CalendarUser,
    ContactPointKind,
    Entity,
    Event,
    EventKind,
    OppositionEntry,
    Provenance,
    Visibility,
    derived_uuid,
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

#: What a calendar may hold of an event; the rest never leaves the store.
FIELDS: Final = (
    "uid",
    "summary",
    "description",
    "location",
    "geo",
    "url",
    "categories",
    "status",
    "classification",
    "start",
    "end",
    "rrule",
    "rdates",
    "exdates",
    "occurrences",
)

PEOPLE: Final = ("organizer", "attendees")

_KINDS_BY_LABEL: Final = {kind.label_fr: kind for kind in EventKind if kind is not EventKind.OTHER}


@attrs.frozen(kw_only=True)
class EventProjection:
    """
    Shows each event with its kind as first category, and its people only if asked.

    Servers send mail to whom they find in ATTENDEE, hence ``people=False``. The public is never
    shown them: their addresses are direct lines. Whoever objected is not among them.
    """

    audience: Visibility
    people: bool = False
    opposed: Opposed = nobody
    provenance: Provenance | None = None

    @property
    def view(self) -> type[Event]:
        """The class of the views."""
        return Event

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are shown and taken back."""
        shown = self.people and Visibility.PARTNERS.may_be_seen_by(self.audience)
        return (*FIELDS, *PEOPLE) if shown else FIELDS

    def project(self, reader: Reader) -> Iterator[Projected]:
        """Yield every event that the audience may see."""
        for entity in reader.all(Event):
            if entity.visibility.may_be_seen_by(self.audience):
                yield self._projected(entity)

    def project_one(self, reader: Reader, key: str) -> Projected | None:
        """Return the view of one event, ``None`` if it is not shown."""
        entity = reader.find(Event, key)
        if entity is None or not entity.visibility.may_be_seen_by(self.audience):
            return None
        return self._projected(entity)

    def affected(
        self,
        reader: Past,  # noqa: ARG002 - as every projection is asked
        cls: type[Entity],
        id_: str,
        /,
    ) -> Iterable[str] | None:
        """Return the event itself; objections concern all that name somebody."""
        if cls is OppositionEntry and set(PEOPLE) <= set(self.fields):
            return None
        return (id_,) if cls is Event else ()

    def absorb(
        self, reader: Reader, view: Event, key: str | None, changed: frozenset[str]
    ) -> Absorbed:
        """
        Return the event with the changed calendar fields; its kind follows a known label.

        Raises:
            InvalidValueError: a new view without UID, or a hidden event.
        """
        id_ = common.id_for(Event, key, view.uid)
        existing = common.find_visible(reader, Event, id_, self.audience)
        if existing is None:
            changed |= {"uid"}
            given = {name: getattr(view, name) for name in self.fields if name in changed}
            values = self._stored(id_, given)
            after = Event(id=id_, visibility=self.audience, provenance=self.provenance, **values)
        else:
            wanted = [name for name in self.fields if name in changed]
            given = common.differing(wanted, view, self._shown(existing))
            after = attrs.evolve(existing, **self._stored(id_, given, existing))
        return Absorbed(
            entities=() if key is not None and common.same(after, existing) else (after,),
            key=id_,
            not_carried=self._not_carried(changed, view, after),
        )

    def remove(self, reader: Reader, key: str) -> Removal:
        """Return the deletion of the event, unless something refers to it."""
        return common.removal(reader, Event, key)

    def _projected(self, entity: Event) -> Projected:
        return Projected(key=entity.id, view=self._shown(entity), revision_of=((Event, entity.id),))

    def _shown(self, entity: Event) -> Event:
        values = self._values_shown(entity)
        return Event(id=entity.id, visibility=entity.visibility, **values)

    def _values_shown(self, entity: Event) -> dict[str, Any]:
        fields = self.fields
        values: dict[str, Any] = dict(zip(fields, _values(fields)(entity), strict=True))
        values["uid"] = entity.uid or derived_uuid(entity.id)
        values["categories"] = _shown_categories(entity.kind, entity.categories)
        if "attendees" in values:
            values["attendees"] = tuple(one for one in entity.attendees if not self._objects(one))
            values["organizer"] = None if self._objects(entity.organizer) else entity.organizer
        return values

    def _objects(self, user: CalendarUser | None) -> bool:
        """Say whether somebody in a calendar objected to being listed."""
        scheme, _, address = ("", "", "") if user is None else user.address.partition(":")
        return scheme.lower() == "mailto" and self.opposed(ContactPointKind.EMAIL, address)

    def _not_carried(self, changed: frozenset[str], view: Event, after: Event) -> frozenset[str]:
        shown = self._values_shown(after)
        return frozenset(
            name
            for name in changed
            # Most of what is shown is the very value that was given.
            if (given := getattr(view, name)) is not shown.get(name)
            and not common.same(given, shown[name] if name in shown else _empty(name))
        )

    def _stored(
        self, id_: str, values: dict[str, Any], before: Event | None = None
    ) -> dict[str, Any]:
        if before is not None and "attendees" in values:
            values["attendees"] += tuple(one for one in before.attendees if self._objects(one))
        if before is not None and self._objects(before.organizer):
            values.pop("organizer", None)
        if "categories" in values:
            known = EventKind.OTHER if before is None else before.kind
            kind, categories = _stored_categories(known, values["categories"])
            values |= {"kind": kind, "categories": categories}
        if common.is_derived(values.get("uid", ""), id_):
            values["uid"] = ""
        return values


def _empty(name: str) -> Any:
    """Return what a field has that is not shown."""
    return attrs.fields_dict(Event)[name].default


@functools.cache
def _values(fields: tuple[str, ...]) -> operator.attrgetter[tuple[Any, ...]]:
    return operator.attrgetter(*fields)


def _shown_categories(kind: EventKind, categories: tuple[str, ...]) -> tuple[str, ...]:
    if kind is EventKind.OTHER or kind.label_fr in categories:
        return categories
    return (kind.label_fr, *categories)


def _stored_categories(
    kind: EventKind, shown: tuple[str, ...]
) -> tuple[EventKind, tuple[str, ...]]:
    """Invert :func:`_shown_categories`; a label further back than the first place stays there."""
    known = [_KINDS_BY_LABEL[label] for label in shown if label in _KINDS_BY_LABEL]
    if kind not in known:
        kind = known[0] if known else EventKind.OTHER
    told_first = bool(known) and shown[0] == kind.label_fr
    return kind, shown[1:] if told_first and kind.label_fr not in shown[1:] else shown
