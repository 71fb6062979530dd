# SPDX-License-Identifier: Apache-2.0
"""A commune with its EPCI, to which tests add who is there."""

from __future__ import annotations

import datetime as dt

import pytest

from territoire_sante import Store
from territoire_sante.model import Territory, TerritoryKind

TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def today():
    """Return the day on which tests ask."""
    return TODAY


@pytest.fixture
def ground():
    """Return the territories: two communes of one EPCI, one of another, all in Lozère."""
    kinds = TerritoryKind

    def territory(id_, kind, communes=(), parents=(), **more):
        return Territory(id=id_, kind=kind, name=id_, communes=communes, parent_ids=parents, **more)

    return [
        territory("region:76", kinds.REGION),
        territory("departement:48", kinds.DEPARTEMENT, parents=("region:76",)),
        territory("epci:nord", kinds.EPCI, ("48001", "48002"), ("departement:48",)),
        territory("epci:sud", kinds.EPCI, ("48003",), ("departement:48",)),
        territory("commune:48001", kinds.COMMUNE, ("48001",), population=2000),
        territory("commune:48002", kinds.COMMUNE, ("48002",), population=300),
        territory("commune:48003", kinds.COMMUNE, ("48003",)),
    ]


@pytest.fixture
def picture(ground):
    """Return what takes a snapshot of the ground with some more entities on it."""

    def taken(*entities):
        with Store.open("memory:") as store:
            store.put(*ground)
            store.put(*entities)
            return store.snapshot()

    return taken
