# SPDX-License-Identifier: Apache-2.0
"""Intercommunal bodies with their own taxation: lists of the DGCL and of INSEE, geo.api JSON."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from territoire_sante.errors import InvalidValueError, Problem
from territoire_sante.model import (
    Actor,
    ActorKind,
    Entity,
    EpciNature,
    Identifier,
    LegalForm,
    Territory,
    TerritoryKind,
    Visibility,
)
from territoire_sante_opendata._cog import population, region
from territoire_sante_opendata._read import Notes, Record, made, read, required, text
from territoire_sante_opendata._registry import EPCI
from territoire_sante_opendata._stream import Source
from territoire_sante_opendata._values import commune, department, siren

_SIREN: Final = ("siren", "n_siren", "siren_epci", "epci", "code")
_NAME: Final = ("raison_sociale", "libepci", "nom_complet", "nom")
_MEMBER: Final = ("insee", "codgeo", "code_insee")
_NATURE: Final = ("nature_juridique", "nature_epci", "nature", "type")
_POPULATION: Final = ("ptot_epci", "total_pop_tot", "populationtotale", "population_totale")
_DEPARTMENT: Final = ("code_departement_siege", "dept", "departement", "dep")
_NONE: Final = "ZZZZZZZZZ"

# The spellings of INSEE and of the DGCL for the one of Lyon.
_NATURES: Final = {
    **{nature.value: nature for nature in EpciNature},
    "ME": EpciNature.METRO,
    "MÉTROPOLE": EpciNature.METRO,
    "MET": EpciNature.METRO,
    "METLYON": EpciNature.MET69,
}


@attrs.frozen(kw_only=True)
class _Call:
    retrieved_on: dt.date
    as_of: dt.date | None
    members: Mapping[str, tuple[str, ...]]
    actors: bool


def read_epci(
    source: Source,
    *,
    retrieved_on: dt.date,
    as_of: dt.date | None = None,
    members: Mapping[str, tuple[str, ...]] | None = None,
    actors: bool = False,
) -> Iterator[Entity | Problem]:
    """
    Yield intercommunal bodies as territories, and a problem for each bad row.

    Reads lists with one row for each body (``siren``, ``nom``, ``nature_juridique``),
    the JSON of geo.api and of its offline twin, and lists with one row for each member
    (``siren`` or ``EPCI``, and ``insee`` or ``CODGEO``), which are held in memory until the
    end. Where a list has no members, ``members`` gives their codes by SIREN, see
    :func:`epci_members`. With ``actors`` each body is also yielded as the authority that it is.

    Raises:
        InputError: the file cannot be read or is another one; raised when the first is asked for.
    """
    call = _Call(retrieved_on=retrieved_on, as_of=as_of, members=members or {}, actors=actors)
    return _read(source, call)


def epci_members(territories: Iterable[Entity | Problem]) -> dict[str, tuple[str, ...]]:
    """Return the codes of communes by the SIREN of the EPCI they lie in, from what was read."""
    found: dict[str, list[str]] = {}
    for one in territories:
        if isinstance(one, Territory) and one.kind is TerritoryKind.COMMUNE:
            for parent in one.parent_ids:
                kind, _, code = parent.partition(":")
                if kind == "epci":
                    found.setdefault(code, []).append(one.code)
    return {code: tuple(sorted(communes)) for code, communes in found.items()}


def _read(source: Source, call: _Call) -> Iterator[Entity | Problem]:
    groups: dict[str, dict[str, Any]] = {}

    def make(record: Record, notes: Notes) -> Iterable[Entity]:
        return _epci(record, notes, call=call)

    def collect(record: Record, _notes: Notes) -> Iterable[Entity]:
        raw = required(record, *_SIREN)
        if raw.upper() != _NONE:
            code, member = siren(raw, "siren"), commune(required(record, *_MEMBER), "insee")
            # The département of a row is that of the member.
            new = {**{n: v for n, v in record.items() if n != "dep"}, "membres": []}
            groups.setdefault(code, new)["membres"].append({"code": member})
        return ()

    gathering = functools.partial(_gathered, make=make, collect=collect)
    yield from read(source, gathering, needed=(_SIREN, _NAME))
    for number, group in enumerate(groups.values(), 1):
        # A body put together from many rows has no line of its own.
        yield from made(f"body {number}", group, make)


def _gathered(record: Record, notes: Notes, *, make: Any, collect: Any) -> Iterable[Entity]:
    found: Iterable[Entity] = (collect if text(record, *_MEMBER) else make)(record, notes)
    return found


def _epci(record: Record, notes: Notes, *, call: _Call) -> Iterable[Entity]:
    code = siren(required(record, *_SIREN), "siren")
    name = required(record, *_NAME)
    source = EPCI.provenance(code, retrieved_on=call.retrieved_on, source_date=call.as_of)
    yield Territory(
        id=f"epci:{code}",
        kind=TerritoryKind.EPCI,
        name=name,
        code=code,
        communes=_members(record) or call.members.get(code, ()),
        parent_ids=_parents(record),
        population=population(record, notes, *_POPULATION, "population"),
        as_of=call.as_of,
        provenance=source,
    )
    if call.actors:
        yield Actor(
            id=f"siren:{code}",
            kind=ActorKind.EPCI,
            name=name,
            visibility=Visibility.PUBLIC,
            legal_form=LegalForm.GROUPEMENT,
            epci_nature=_nature(text(record, *_NATURE), notes),
            identifiers=(Identifier(scheme="siren", value=code),),
            territory_id=f"epci:{code}",
            coverage=(f"epci:{code}",),
            provenance=source,
        )


def _members(record: Record) -> tuple[str, ...]:
    found = record.get("membres") or []
    if not isinstance(found, list):
        raise InvalidValueError("the members are no list", where="membres")
    codes = (one.get("code") if isinstance(one, dict) else one for one in found)
    return tuple(sorted({commune(str(code), "membres") for code in codes}))


def _parents(record: Record) -> tuple[str, ...]:
    departments = _several(record, "codesdepartements", text(record, *_DEPARTMENT))
    regions = _several(record, "codesregions", text(record, "code_region", "reg"))
    return (
        *(f"departement:{department(str(code), 'departement')}" for code in departments if code),
        *(f"region:{region(str(code))}" for code in regions if code),
    )


def _several(record: Record, name: str, otherwise: str) -> list[object]:
    found = record.get(name)
    return found if isinstance(found, list) and found else [otherwise]


def _nature(value: str, notes: Notes) -> EpciNature | None:
    found = _NATURES.get(value.upper())
    if value and found is None:
        notes.add("nature_juridique", f"{value!r} is no nature of an EPCI")
    return found
