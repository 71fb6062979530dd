# SPDX-License-Identifier: Apache-2.0
"""Persons and actors on a few communes, as several sources would note them."""

from __future__ import annotations

import pytest

from territoire_sante import Store
from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    ContactPoint,
    ContactPointKind,
    Identifier,
    Person,
    PersonName,
    Role,
    Territory,
    TerritoryKind,
)


def _commune(code, epci):
    return Territory(
        id=f"commune:{code}",
        kind=TerritoryKind.COMMUNE,
        name=code,
        communes=(code,),
        parent_ids=(epci,),
    )


@pytest.fixture
def places():
    """Return two communes of one EPCI, one of another, one in Corsica, two overseas."""
    codes = {
        "48001": "epci:1",
        "48002": "epci:1",
        "48003": "epci:2",
        "2A004": "epci:3",
        "97411": "epci:4",
        "97412": "epci:4",
    }
    epcis = [
        Territory(id=one, kind=TerritoryKind.EPCI, name=one) for one in sorted({*codes.values()})
    ]
    seats = [
        Actor(
            id=f"mairie:{code}",
            kind=ActorKind.COMMUNE,
            name=f"Mairie {code}",
            territory_id=f"commune:{code}",
        )
        for code in codes
    ]
    return [*epcis, *(_commune(*pair) for pair in codes.items()), *seats]


@pytest.fixture
def person():
    """Return what makes a person, with one post per commune, e-mails and numbers."""

    def made(local, family, given="", at=(), mails=(), *, phones=(), **numbers):
        points = [ContactPoint(kind=ContactPointKind.EMAIL, value=one) for one in mails]
        points += [ContactPoint(kind=ContactPointKind.PHONE, value=one) for one in phones]
        who = Person(
            id=f"person:{local}",
            name=PersonName(family=family, given=given),
            contact_points=tuple(points),
            identifiers=tuple(Identifier(scheme=k, value=v) for k, v in numbers.items()),
        )
        communes = (at,) if isinstance(at, str) else at
        posts = [
            Appointment(
                id=f"appointment:{local}-{code}",
                person_id=who.id,
                actor_id=f"mairie:{code}",
                role=Role.COUNCILLOR,
            )
            for code in communes
        ]
        return [who, *posts]

    return made


@pytest.fixture
def picture(places):
    """Return what takes a snapshot of the places with some more on them."""

    def taken(*entities):
        flat = [one for each in entities for one in (each if isinstance(each, list) else [each])]
        with Store.open("memory:") as store:
            store.put(*places, *flat)
            return store.snapshot()

    return taken
