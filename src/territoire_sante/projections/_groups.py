# SPDX-License-Identifier: Apache-2.0
"""Groups of cards: who holds a role, and who works for a territory."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from typing import ClassVar, Final

import attrs

from territoire_sante.model import (
    Actor,
    Appointment,
    Contact,
    ContactKind,
    Entity,
    OppositionEntry,
    Person,
    PersonName,
    Role,
    Territory,
)
from territoire_sante.projections import _common as common
from territoire_sante.projections._contacts import ContactProjection
from territoire_sante.projections._contract import Opposed, Projected, Reader, nobody
from territoire_sante.projections._one_way import SEPARATOR, OneWay, key_of

_ROLE: Final = "role"
_GROUP: Final = "group"


@attrs.define
class _Group:
    """A group as it is gathered; ``made_of`` begins with what names it."""

    name: str
    made_of: dict[tuple[type[Entity], str], None]
    members: dict[str, None] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class GroupProjection(OneWay):
    """
    Shows a group card for each role and each territory with members ``today``.

    Members are the persons whose cards :class:`ContactProjection` shows to the same audience, by
    the UIDs of those cards: whoever objected is in no group. A group of a role
    goes by the id of the role, one of a territory by that of the territory.
    """

    MADE_OF: ClassVar[frozenset[type[Entity]]] = frozenset(
        {Actor, Appointment, OppositionEntry, Person, Territory}
    )

    today: dt.date
    opposed: Opposed = nobody

    @property
    def view(self) -> type[Contact]:
        """The class of the views."""
        return Contact

    def project(self, reader: Reader) -> Iterator[Projected]:
        """Yield every group, those of roles first."""
        cards = self._cards()
        uids = {
            one.key: str(one.view.uid)
            for one in cards.project(reader)
            if one.revision_of[0][0] is Person
        }
        for key, group in self._gathered(reader, uids.get).items():
            yield _projected(key, group)

    def project_one(self, reader: Reader, key: str) -> Projected | None:
        """Return one group, ``None`` if it has no members."""
        cards = self._cards()

        def uid(person_id: str) -> str | None:
            shown = cards.project_one(reader, person_id) if person_id else None
            return None if shown is None else str(shown.view.uid)

        group = self._gathered(reader, uid, only=key).get(key)
        return None if group is None else _projected(key, group)

    def _cards(self) -> ContactProjection:
        return ContactProjection(audience=self.audience, today=self.today, opposed=self.opposed)

    def _gathered(
        self, reader: Reader, uid_of: Callable[[str], str | None], *, only: str = ""
    ) -> dict[str, _Group]:
        roles: dict[str, _Group] = {}
        places: dict[str, _Group] = {}
        for post in sorted(reader.all(Appointment), key=lambda one: one.id):
            if not (self._sees(post) and post.active_on(self.today)):
                continue
            place = self._place(reader, post)
            found: list[tuple[dict[str, _Group], str, _Group]] = []
            if post.role is not Role.OTHER:
                found.append(
                    (
                        roles,
                        f"{_ROLE}:{post.role.value}{SEPARATOR}{_GROUP}",
                        _Group(post.role.label_fr, {}),
                    )
                )
            if place is not None:
                named = _Group(place.name, {(Territory, place.id): None})
                found.append((places, key_of(place, _GROUP), named))
            for groups, key, empty in found:
                uid = uid_of(post.person_id) if only in ("", key) else None
                if uid is not None:
                    _join(groups.setdefault(key, empty), uid, post)
        return {**roles, **places}

    def _place(self, reader: Reader, post: Appointment) -> Territory | None:
        actor = reader.find(Actor, post.actor_id)
        if actor is None or not self._sees(actor) or not actor.territory_id:
            return None
        place = reader.find(Territory, actor.territory_id)
        return place if self._sees(place) else None


def _join(group: _Group, uid: str, post: Appointment) -> None:
    group.members[uid] = None
    group.made_of[Appointment, post.id] = None
    group.made_of[Person, post.person_id] = None
    group.made_of[Actor, post.actor_id] = None


def _projected(key: str, group: _Group) -> Projected:
    view = Contact(
        uid=common.urn(key),
        kind=ContactKind.GROUP,
        formatted_name=group.name,
        name=PersonName(family=group.name),
        members=tuple(sorted(map(_as_uri, group.members))),
    )
    return Projected(key=key, view=view, revision_of=tuple(group.made_of))


def _as_uri(uid: str) -> str:
    """
    Return a UID as MEMBER names it, which is a URI (RFC 6350, 6.6.5).

    >>> _as_uri("0F5F4F7E-5F5B-4A7E-9A52-0D2B7F1C2D3E")
    'urn:uuid:0F5F4F7E-5F5B-4A7E-9A52-0D2B7F1C2D3E'
    """
    try:
        uuid.UUID(uid)
    except ValueError:
        return uid
    return uid if uid.startswith("urn:") else f"urn:uuid:{uid}"
