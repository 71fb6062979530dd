# SPDX-License-Identifier: Apache-2.0
"""A picture of a store at one revision: everything by id, and by what names it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Protocol, Self, TypeVar

import attrs

from territoire_sante.errors import EntityNotFoundError, InvalidValueError
from territoire_sante.model import (
    Actor,
    Appointment,
    CareProject,
    Convention,
    Document,
    Entity,
    Lever,
    LeverAwareness,
    LeverOffer,
    LiaisonAssignment,
    LocalHealthContract,
    SafeguardPlan,
    Tension,
    Territory,
    TerritoryKind,
)
from territoire_sante.snapshot._nearness import Nearness, commune_code
from territoire_sante.snapshot._places import communes_in, containing, level_of
from territoire_sante.snapshot._references import CLASSES, reference_paths
from territoire_sante.snapshot._source import Source
from territoire_sante.snapshot._tables import Table

E = TypeVar("E", bound=Entity)
D = TypeVar("D", bound="Derived")


class Derived(Protocol):
    """What is made of a snapshot, and can be brought up to date with a later one."""

    @classmethod
    def of(cls, snapshot: Snapshot, /) -> Self:
        """Make it."""
        ...

    def follow(
        self, before: Snapshot, after: Snapshot, changed: Mapping[type[Entity], Iterable[str]], /
    ) -> Self | None:
        """Return that of a later snapshot, given the ids of what changed; ``None``: make it."""
        ...


#: Where each class says which territory it is about.
_COVERAGE: Final[Mapping[type[Entity], str]] = {
    Actor: "coverage",
    Lever: "coverage",
    **dict.fromkeys(
        (
            CareProject,
            Convention,
            Document,
            LiaisonAssignment,
            LocalHealthContract,
            SafeguardPlan,
            Tension,
        ),
        "territory_id",
    ),
}


def _class_of(entity_id: str) -> type[Entity] | None:
    return _BY_ID_KIND.get(entity_id.partition(":")[0])


_BY_ID_KIND: Final = {kind: cls for cls in CLASSES.values() for kind in cls.ID_KINDS}


@attrs.frozen(kw_only=True, eq=False)
class Snapshot:
    """
    A read-only picture of a store, made by :meth:`Store.snapshot <territoire_sante.store.Store>`.

    It answers without the database, from one state, ``revision``. What it returns comes
    in the order of the ids, territories from the nearest to the widest. Communes are
    given by INSEE code or id; one that is not stored is known by what its code says.
    """

    revision: int
    _tables: Mapping[type[Entity], Table]
    _derived: dict[type[Any], Any] = attrs.field(factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, source: Source) -> Snapshot:
        """Take a picture of a store in one pass, all of one state."""
        with source.reading() as state:
            return cls(
                revision=state.last_revision(),
                tables={kind: Table.of(kind, state.all(kind)) for kind in CLASSES.values()},
            )

    def refresh(self, source: Source) -> Snapshot:
        """
        Return the picture of the same store as it is now, reading only what changed since.

        This one stays as it is; what did not change is shared by both. A store that went
        back behind this revision, from a backup say, is read as a whole.
        """
        changed: dict[type[Entity], dict[str, Entity | None]] = {}
        with source.reading() as state:
            revision = state.last_revision()
            for change in state.changes(self.revision):
                changed.setdefault(CLASSES[change.kind], {})[change.id] = None
            for kind, entities in changed.items():
                entities.update({id_: state.find(kind, id_) for id_ in entities})
        if revision < self.revision:
            return Snapshot.of(source)
        if not changed:
            return self
        tables = {
            kind: table.changed(kind, changed[kind]) if kind in changed else table
            for kind, table in self._tables.items()
        }
        refreshed = Snapshot(revision=revision, tables=tables)
        for made, one in self._derived.items():
            if (follower := one.follow(self, refreshed, changed)) is not None:
                refreshed._derived[made] = follower
        return refreshed

    def derived(self, made: type[D], /) -> D:
        """
        Return what ``made.of`` makes of this snapshot: an index of texts for example.

        It is made when it is first asked for, and kept; a refreshed snapshot has what ``follow`` of
        it gives, or makes it anew.
        """
        found: D | None = self._derived.get(made)
        if found is None:
            found = self._derived[made] = made.of(self)
        return found

    # Entities.

    @property
    def classes(self) -> tuple[type[Entity], ...]:
        """The classes of entities that it holds, in the order of their names."""
        return tuple(self._tables)

    def find(self, cls: type[E], entity_id: str, /) -> E | None:
        """Return the entity with this id, or ``None``."""
        found: Any = self._tables[cls].by_id.get(entity_id)
        entity: E | None = found
        return entity

    def get(self, cls: type[E], entity_id: str, /) -> E:
        """
        Return the entity with this id.

        Raises:
            EntityNotFoundError: there is none.
        """
        found = self.find(cls, entity_id)
        if found is None:
            raise EntityNotFoundError(f"no {cls.KIND} is stored under this id", where=entity_id)
        return found

    def named(self, entity_id: str, /) -> Entity | None:
        """Return the entity with this id, whatever its class, or ``None``."""
        cls = _class_of(entity_id)
        return None if cls is None else self.find(cls, entity_id)

    def all(self, cls: type[E], /) -> Iterator[E]:
        """Yield the entities of a class in the order of their ids."""
        entities: Any = iter(self._tables[cls])
        yield from entities

    def count(self, cls: type[Entity], /) -> int:
        """Return how many entities of a class there are."""
        return len(self._tables[cls].by_id)

    def referring(self, cls: type[E], field: str, ref: str, /) -> tuple[E, ...]:
        """
        Return the entities of ``cls`` that name ``ref`` in ``field``.

        ``ref`` is an id, or an INSEE code where the field holds such. A field of a part is named
        by its path, like ``parties.actor_id`` of conventions.

        Raises:
            InvalidValueError: the class has no such field.
        """
        table = self._tables[cls]
        index = table.indexes.get(field)
        if index is None:
            raise InvalidValueError(
                f"{cls.__name__} has no field {field!r} that names others",
                where="field",
                remedy=f"There are: {', '.join(reference_paths(cls)) or 'none'}",
            )
        found: Any = tuple(table.by_id[one] for one in index.get(ref))
        entities: tuple[E, ...] = found
        return entities

    # Territories.

    def places_of(self, commune: str) -> tuple[str, ...]:
        """
        Return the ids of the territories that a commune is part of, nearest first, its own ahead.

        They follow from the members and the parents that territories name, and from the
        code for the département where nothing else says it. What lies in an EPCI lies in what that
        lies in, but not in all its départements: an EPCI may reach over the border of two.
        """
        return containing(self._tables[Territory], commune_code(commune))

    def communes_of(self, territory_id: str) -> tuple[str, ...]:
        """
        Return the INSEE codes of the communes of a territory; none if they are not known.

        They are those of which :meth:`places_of` names it, as far as they are stored or listed.
        """
        return communes_in(self._tables[Territory], territory_id)

    def epci_of(self, commune: str) -> Territory | None:
        """Return the EPCI of a commune; ``None`` if it is in none or that is not known."""
        found = self._of_kind(commune, TerritoryKind.EPCI)
        return found[0] if found else None

    def _of_kind(self, commune: str, kind: TerritoryKind) -> list[Territory]:
        found = (self.find(Territory, one) for one in self.places_of(commune))
        return [one for one in found if one is not None and one.kind is kind]

    def name_of(self, entity_id: str) -> str:
        """Return the name or title of an entity, or its id where there is none."""
        entity = self.named(entity_id)
        for field in ("name", "title", "summary"):
            value = getattr(entity, field, None)
            if isinstance(value, str) and value:
                return value
        return str(getattr(entity, "display_name", "")) or entity_id

    def covering(self, cls: type[E], commune: str) -> tuple[E, ...]:
        """
        Return what is said to cover a commune, nearest coverage first.

        For actors without coverage, where they sit counts. What names no territory is not among
        them: that is not known.

        Raises:
            InvalidValueError: the class says nothing of territories.
        """
        field = _COVERAGE.get(cls)
        if field is None:
            raise InvalidValueError(
                f"{cls.__name__} says nothing of territories",
                where="cls",
                remedy=f"Ask for one of {', '.join(sorted(one.__name__ for one in _COVERAGE))}",
            )
        found: dict[str, E] = {}
        for place in self.places_of(commune):
            for one in self.referring(cls, field, place):
                found.setdefault(one.id, one)
            if cls is Actor:
                for one in self.referring(cls, "territory_id", place):
                    if isinstance(one, Actor) and not one.coverage:
                        found.setdefault(one.id, one)
        return tuple(found.values())

    def nearness(self, commune: str, territory_ids: Iterable[str]) -> Nearness:
        """
        Return the smallest level that a commune shares with any of these territories.

        A territory that holds the commune counts as its own level, so a lever that covers the
        EPCI is EPCI; one of a neighbour in the same EPCI is EPCI, too.
        """
        ids = list(territory_ids)
        if not ids:
            return Nearness.UNKNOWN
        here = self.levels_round(commune)
        levels = [
            here.get(place, Nearness.ELSEWHERE) for one in ids for place in self.places_round(one)
        ]
        return min(levels, key=lambda level: level.rank)

    def levels_round(self, commune: str) -> Mapping[str, Nearness]:
        """Return the territories that a commune is part of, nearest first, with their levels."""
        territories = self._tables[Territory]
        return {one: level_of(territories, one) for one in self.places_of(commune)}

    def places_round(self, territory_id: str) -> tuple[str, ...]:
        """
        Return a territory and those round it, by which :meth:`nearness` compares it.

        Of a commune they are all that it is part of, of others those that they name.
        """
        if territory_id.startswith("commune:"):
            return containing(self._tables[Territory], territory_id.removeprefix("commune:"))
        territory = self.find(Territory, territory_id)
        return (territory_id, *(territory.parent_ids if territory is not None else ()))

    # What is asked most often.

    def teams_of(self, commune: str) -> tuple[Actor, ...]:
        """Return the teams of health professionals that cover a commune."""
        return tuple(one for one in self.covering(Actor, commune) if one.kind.is_care_team)

    def appointments_at(self, actor_id: str) -> tuple[Appointment, ...]:
        """Return the mandates and posts at an actor, past ones among them."""
        return self.referring(Appointment, "actor_id", actor_id)

    def appointments_of(self, person_id: str) -> tuple[Appointment, ...]:
        """Return the mandates and posts of a person, past ones among them."""
        return self.referring(Appointment, "person_id", person_id)

    def levers_of(self, holder_id: str) -> tuple[Lever, ...]:
        """Return the levers that an actor decides on."""
        return self.referring(Lever, "holder_id", holder_id)

    def offers_of(self, lever_id: str) -> tuple[LeverOffer, ...]:
        """Return the offers of a lever, in whatever state."""
        return self.referring(LeverOffer, "lever_id", lever_id)

    def awareness_of(self, actor_id: str) -> Mapping[str, LeverAwareness]:
        """Return how well an actor knows levers, by the id of the lever."""
        found = self.referring(LeverAwareness, "actor_id", actor_id)
        return {one.lever_id: one for one in found}

    def liaisons_serving(self, actor_id: str) -> tuple[LiaisonAssignment, ...]:
        """Return the liaison roles that serve an actor."""
        return self.referring(LiaisonAssignment, "serves_ids", actor_id)

    def conventions_of(self, actor_id: str) -> tuple[Convention, ...]:
        """Return the conventions that an actor is party to."""
        return self.referring(Convention, "parties.actor_id", actor_id)
