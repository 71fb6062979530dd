# SPDX-License-Identifier: Apache-2.0
"""The registers that the command reads, by name, and how each is read into a store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

import attrs

from territoire_sante.errors import Problem
from territoire_sante.model import Entity, LeverType, ProcessingBasis, Territory
from territoire_sante.plugins import Words
from territoire_sante_opendata import _registry
from territoire_sante_opendata._cog import read_communes, read_departments, read_regions
from territoire_sante_opendata._epci import epci_members, read_epci
from territoire_sante_opendata._finess import CATEGORIES, read_finess
from territoire_sante_opendata._inclusion import (
    read_inclusion_services,
    read_inclusion_structures,
)
from territoire_sante_opendata._rne import read_officials
from territoire_sante_opendata._scdl import (
    actors_by_siren,
    read_scdl_deliberations,
    read_scdl_equipment,
)
from territoire_sante_opendata._service_public import PIVOTS, read_public_services
from territoire_sante_opendata._stream import Source

if TYPE_CHECKING:
    from territoire_sante import Store

Found = Iterator[Entity | Problem]


@attrs.frozen(kw_only=True)
class Wish:
    """How a register is to be read: the options of the command."""

    today: dt.date
    as_of: dt.date | None = None
    actors: bool = False
    everything: bool = False
    otherwise: LeverType | None = None
    public_task: bool = False


@attrs.frozen
class Choice:
    """A register that can be named: where it is published, what becomes of it, its reader."""

    registry: _registry.Registry
    becomes: Words
    read: Callable[[Source, Wish, Store], Found]
    options: frozenset[str] = frozenset()


def _regions(source: Source, wish: Wish, _store: Store) -> Found:
    return read_regions(source, retrieved_on=wish.today, as_of=wish.as_of)


def _departments(source: Source, wish: Wish, _store: Store) -> Found:
    return read_departments(source, retrieved_on=wish.today, as_of=wish.as_of)


def _communes(source: Source, wish: Wish, _store: Store) -> Found:
    return read_communes(source, retrieved_on=wish.today, as_of=wish.as_of)


def _epci(source: Source, wish: Wish, store: Store) -> Found:
    return read_epci(
        source,
        retrieved_on=wish.today,
        as_of=wish.as_of,
        members=epci_members(store.all(Territory)),
        actors=wish.actors,
    )


def _finess(source: Source, wish: Wish, _store: Store) -> Found:
    chosen = None if wish.everything else CATEGORIES
    return read_finess(source, retrieved_on=wish.today, categories=chosen)


def _officials(source: Source, wish: Wish, _store: Store) -> Found:
    task, interest = ProcessingBasis.PUBLIC_TASK, ProcessingBasis.LEGITIMATE_INTEREST
    return read_officials(
        source, retrieved_on=wish.today, basis=task if wish.public_task else interest
    )


def _public_services(source: Source, wish: Wish, _store: Store) -> Found:
    chosen = None if wish.everything else PIVOTS
    return read_public_services(source, retrieved_on=wish.today, pivots=chosen)


def _structures(source: Source, wish: Wish, _store: Store) -> Found:
    return read_inclusion_structures(source, retrieved_on=wish.today)


def _services(source: Source, wish: Wish, _store: Store) -> Found:
    return read_inclusion_services(source, retrieved_on=wish.today, otherwise=wish.otherwise)


def _equipment(source: Source, wish: Wish, store: Store) -> Found:
    return read_scdl_equipment(source, retrieved_on=wish.today, holders=actors_by_siren(store))


def _deliberations(source: Source, wish: Wish, store: Store) -> Found:
    return read_scdl_deliberations(source, retrieved_on=wish.today, holders=actors_by_siren(store))


_TERRITORIES: Final = Words("territoires", "territories")
_LEVERS: Final = Words("leviers et leurs offres", "levers and their offers")
_DAY: Final = frozenset({"as_of"})

#: In the order in which they are best imported.
CHOICES: Final[Mapping[str, Choice]] = {
    "regions": Choice(_registry.COG, _TERRITORIES, _regions, _DAY),
    "departments": Choice(_registry.COG, _TERRITORIES, _departments, _DAY),
    "communes": Choice(_registry.COG, _TERRITORIES, _communes, _DAY),
    "public-services": Choice(
        _registry.SERVICE_PUBLIC,
        Words("mairies, EPCI, CCAS, caisses", "town halls, EPCI, CCAS, funds"),
        _public_services,
        frozenset({"everything"}),
    ),
    "epci": Choice(_registry.EPCI, _TERRITORIES, _epci, _DAY | {"actors"}),
    "finess": Choice(
        _registry.FINESS,
        Words("établissements et maisons de santé", "health structures"),
        _finess,
        frozenset({"everything"}),
    ),
    "officials": Choice(
        _registry.RNE,
        Words("élus et leurs mandats", "officials and their mandates"),
        _officials,
        frozenset({"public_task"}),
    ),
    "inclusion-structures": Choice(
        _registry.INCLUSION, Words("structures", "structures"), _structures
    ),
    "inclusion-services": Choice(_registry.INCLUSION, _LEVERS, _services, frozenset({"otherwise"})),
    "scdl-equipment": Choice(_registry.SCDL_EQUIPMENT, _LEVERS, _equipment),
    "scdl-deliberations": Choice(
        _registry.SCDL_DELIBERATIONS, Words("documents", "documents"), _deliberations
    ),
}
