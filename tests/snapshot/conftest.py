# SPDX-License-Identifier: Apache-2.0
"""A small country: two EPCI, two départements, one region."""

from __future__ import annotations

import pytest

from territoire_sante import Store
from territoire_sante.model import Territory, TerritoryKind

KINDS = TerritoryKind


def territory(id_, kind, communes=(), parents=()):
    """Return a territory that is called like its id."""
    return Territory(id=id_, kind=kind, name=id_, communes=communes, parent_ids=parents)


@pytest.fixture
def country():
    """Return the territories: the EPCI Sud reaches from Lozère into Aveyron."""
    return [
        territory("region:76", KINDS.REGION),
        territory("departement:48", KINDS.DEPARTEMENT, parents=("region:76",)),
        territory("departement:12", KINDS.DEPARTEMENT, parents=("region:76",)),
        territory(
            "epci:nord", KINDS.EPCI, ("48001", "48002"), ("departement:48", "territory:pays")
        ),
        territory("epci:sud", KINDS.EPCI, ("48003", "12001"), ("departement:48", "departement:12")),
        territory("territory:pays", KINDS.PETR),
        territory("territory:cls", KINDS.CLS_AREA, ("48002", "48003")),
        *(
            territory(f"commune:{code}", KINDS.COMMUNE, (code,))
            for code in ("48001", "48002", "48003", "12001")
        ),
    ]


@pytest.fixture
def store(country):
    """Give a store in memory with the country in it."""
    with Store.open("memory:") as opened:
        opened.put(*country)
        yield opened
