# SPDX-License-Identifier: Apache-2.0
"""
A made-up cooperation on the real map of France, as large as the country or a part of it.

The map is that of INSEE's code officiel géographique, from CSV files; who is there is drawn from a
seed, in the proportions of the country: 2,700 teams, 500,000 officials, 200,000 levers with an
offer each, 20,000 conventions on 34,875 communes.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    CommuneCode,
    ContactPoint,
    ContactPointKind,
    Convention,
    ConventionKind,
    ConventionState,
    Cost,
    Duration,
    Entity,
    Known,
    Lever,
    LeverOffer,
    LeverType,
    LocalHealthContract,
    OfferState,
    Party,
    PartyRole,
    Period,
    Person,
    PersonName,
    RequestMode,
    Role,
    Territory,
    TerritoryKind,
    Visibility,
)
from territoire_sante.model import ClsStage as Stage

COG: Final = Path(__file__).parents[3] / "shared" / "data" / "cog"

#: How many of each there are in all of France.
COUNTS: Final = {"teams": 2_700, "officials": 500_000, "levers": 200_000, "conventions": 20_000}
COMMUNES: Final = 34_875

_FAMILIES: Final = ("Exemple", "Modèle", "Fictive", "Maquette", "Factice", "Spécimen", "Témoin")
_GIVEN: Final = ("Odile", "Yanis", "Claire", "Inès", "Bruno", "Léa", "Samia", "Tom", "Nora")
_ROLES: Final = (Role.COUNCILLOR, Role.COUNCILLOR, Role.DEPUTY_MAYOR, Role.MAYOR)
_TYPES: Final = tuple(LeverType)
_SINCE: Final = Period(start=dt.date(2026, 3, 29))
_PUBLIC: Final = Visibility.PUBLIC


class Row(NamedTuple):
    """One commune of the map."""

    code: str
    name: str
    region: str
    epci: str
    population: int


def read_map(departments: Sequence[str] = (), regions: Sequence[str] = ()) -> list[Row]:
    """Return the communes of some départements or regions, of all without any."""
    with (COG / "communes.csv").open(encoding="utf-8", newline="") as file:
        return [
            Row(
                row["code_insee"],
                row["nom"],
                row["code_region"],
                row["epci_siren"],
                int(row["population_municipale"] or 0),
            )
            for row in csv.DictReader(file)
            if not departments or row["code_departement"] in departments
            if not regions or row["code_region"] in regions
        ]


def entities(rows: Sequence[Row], *, seed: int = 1) -> Iterator[Entity]:
    """Yield the territories of a map and everybody on it, the same for the same seed."""
    draw = random.Random(seed)
    yield from _territories(rows)
    yield from _authorities(rows)
    share = len(rows) / COMMUNES
    teams = max(1, round(COUNTS["teams"] * share))
    yield from _teams(rows, teams, draw)
    yield from _officials(rows, round(COUNTS["officials"] * share), draw)
    yield from _levers(rows, round(COUNTS["levers"] * share), draw)
    yield from _conventions(rows, round(COUNTS["conventions"] * share), teams, draw)


def _territories(rows: Sequence[Row]) -> Iterator[Entity]:
    members: dict[str, list[Row]] = {}
    for row in rows:
        department = f"departement:{CommuneCode(row.code).department}"
        parents = (department, f"region:{row.region}")
        yield Territory(
            id=f"commune:{row.code}",
            kind=TerritoryKind.COMMUNE,
            name=row.name,
            code=row.code,
            communes=(row.code,),
            parent_ids=(f"epci:{row.epci}", *parents) if row.epci else parents,
            population=row.population,
        )
        for parent in (f"epci:{row.epci}" if row.epci else "", *parents):
            members.setdefault(parent, []).append(row)
    kinds = {"epci": TerritoryKind.EPCI, "departement": TerritoryKind.DEPARTEMENT}
    for id_, inside in members.items():
        if id_:
            kind = kinds.get(id_.partition(":")[0], TerritoryKind.REGION)
            listed = tuple(row.code for row in inside) if kind is TerritoryKind.EPCI else ()
            above = (f"region:{inside[0].region}",) if kind is TerritoryKind.DEPARTEMENT else ()
            yield Territory(id=id_, kind=kind, name=id_, communes=listed, parent_ids=above)


def _authorities(rows: Sequence[Row]) -> Iterator[Entity]:
    for row in rows:
        yield Actor(
            id=f"mairie:{row.code}",
            kind=ActorKind.COMMUNE,
            name=f"Commune de {row.name}",
            territory_id=f"commune:{row.code}",
            coverage=(f"commune:{row.code}",),
            contact_points=(_mail(f"mairie.{row.code}"),),
            visibility=_PUBLIC,
        )
    for number, siren in enumerate(sorted({row.epci for row in rows} - {""})):
        place = f"epci:{siren}"
        yield Actor(
            id=f"siren:{siren}",
            kind=ActorKind.EPCI,
            name=f"Communauté {siren}",
            territory_id=place,
            coverage=(place,),
            contact_points=(_mail(f"epci.{siren}"),),
            visibility=_PUBLIC,
        )
        if number % 3:
            post = f"appointment:cls-{siren}"
            yield LocalHealthContract(
                id=f"cls:{siren}",
                name=f"CLS {siren}",
                territory_id=place,
                carrier_id=f"siren:{siren}",
                coordinator_ids=(post,),
                starts_on=dt.date(2025, 1, 1),
                duration=Duration(years=5),
                stage=Stage.RUNNING,
            )
            yield Appointment(id=post, actor_id=f"siren:{siren}", role=Role.CLS_COORDINATOR)


def _teams(rows: Sequence[Row], count: int, draw: random.Random) -> Iterator[Entity]:
    for number in range(count):
        at = draw.randrange(len(rows))
        served = tuple(f"commune:{row.code}" for row in rows[at : at + draw.randint(1, 12)])
        yield Actor(
            id=f"actor:msp-{number:05}",
            kind=ActorKind.MSP,
            name=f"MSP {number}",
            territory_id=served[0],
            coverage=served,
            contact_points=(_mail(f"msp.{number}"),),
        )
        yield Appointment(
            id=f"appointment:msp-{number:05}",
            actor_id=f"actor:msp-{number:05}",
            role=Role.MSP_COORDINATOR,
            period=_SINCE,
        )


def _officials(rows: Sequence[Row], count: int, draw: random.Random) -> Iterator[Entity]:
    for number in range(count):
        person = f"person:{number:06}"
        name = PersonName(family=draw.choice(_FAMILIES), given=draw.choice(_GIVEN))
        yield Person(id=person, name=name)
        yield Appointment(
            id=f"appointment:{number:06}",
            person_id=person,
            actor_id=f"mairie:{rows[number % len(rows)].code}",
            role=_ROLES[number % len(_ROLES)],
            period=_SINCE,
            visibility=_PUBLIC,
        )


def _levers(rows: Sequence[Row], count: int, draw: random.Random) -> Iterator[Entity]:
    for number in range(count):
        row, type_ = rows[number % len(rows)], _TYPES[draw.randrange(len(_TYPES))]
        wide = row.epci and draw.randrange(5) < 2  # noqa: PLR2004 - two of five
        yield Lever(
            id=f"lever:{number:06}",
            type=type_,
            title=f"{type_.label_fr} de {row.name}",
            description="Sur demande, selon les disponibilités du moment.",
            holder_id=f"mairie:{row.code}",
            coverage=(f"epci:{row.epci}",) if wide else (f"commune:{row.code}",),
            verified_on=dt.date(2026, 11, 1) - dt.timedelta(days=draw.randrange(900)),
            visibility=_PUBLIC,
        )
        yield LeverOffer(
            id=f"lever_offer:{number:06}",
            lever_id=f"lever:{number:06}",
            audience_kinds=(ActorKind.MSP,),
            lead_time=Known(Duration(days=draw.choice((2, 15, 30)))),
            cost=Cost(),
            contact=_mail(f"prets.{row.code}"),
            request_modes=(RequestMode.EMAIL,),
            state=OfferState.PUBLISHED,
            visibility=_PUBLIC,
        )


def _conventions(
    rows: Sequence[Row], count: int, teams: int, draw: random.Random
) -> Iterator[Entity]:
    for number in range(count):
        row = draw.choice(rows)
        team = f"actor:msp-{draw.randrange(teams):05}"
        yield Convention(
            id=f"convention:{number:05}",
            kind=ConventionKind.BILATERAL_PARTNERSHIP,
            title=f"Convention {number}",
            parties=(
                Party(actor_id=team, role=PartyRole.MSP),
                Party(actor_id=f"mairie:{row.code}", role=PartyRole.COLLECTIVITE),
            ),
            territory_id=f"commune:{row.code}",
            starts_on=dt.date(2025, 1, 1),
            ends_on=dt.date(2025, 1, 1) + dt.timedelta(days=draw.randrange(365, 1500)),
            state=ConventionState.ACTIVE,
        )


def _mail(local: str) -> ContactPoint:
    return ContactPoint(
        kind=ContactPointKind.EMAIL, value=f"{local}@example.org", visibility=_PUBLIC
    )
