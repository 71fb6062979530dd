# SPDX-License-Identifier: Apache-2.0
"""Communes, départements and régions of the Code officiel géographique: CSV of INSEE, geo.api."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Iterable, Iterator
from typing import Final

from territoire_sante.errors import InvalidValueError, Problem
from territoire_sante.model import Entity, Geo, RegionCode, Territory, TerritoryKind
from territoire_sante_opendata._read import Notes, Record, read, required, text
from territoire_sante_opendata._registry import COG
from territoire_sante_opendata._stream import Source
from territoire_sante_opendata._values import commune, department, parsed, place_of, position, siren

_CODE: Final = ("code_insee", "com", "code", "codgeo", "insee", "com_comer")
_NAME: Final = ("nom", "libelle", "libgeo", "nccenr")
_DEPARTMENT: Final = ("code_departement", "codedepartement", "departement", "dep", "comer")
_REGION: Final = ("code_region", "coderegion", "region", "reg")
_EPCI: Final = ("epci_siren", "codeepci", "code_epci", "epci")
_POPULATION: Final = ("population_municipale", "population", "pmun", "pop_mun")
_KIND: Final = ("typecom", "type")

_KINDS: Final = {
    "": TerritoryKind.COMMUNE,
    "COM": TerritoryKind.COMMUNE,
    "COMMUNE-ACTUELLE": TerritoryKind.COMMUNE,
    "COMD": TerritoryKind.COMMUNE_DELEGUEE,
    "COMMUNE-DELEGUEE": TerritoryKind.COMMUNE_DELEGUEE,
    "COMA": TerritoryKind.COMMUNE_ASSOCIEE,
    "COMMUNE-ASSOCIEE": TerritoryKind.COMMUNE_ASSOCIEE,
    "ARM": TerritoryKind.ARRONDISSEMENT,
    "ARRONDISSEMENT-MUNICIPAL": TerritoryKind.ARRONDISSEMENT,
}
# INSEE writes this for communes that are in no EPCI.
_NO_EPCI: Final = "ZZZZZZZZZ"


def read_communes(
    source: Source, *, retrieved_on: dt.date, as_of: dt.date | None = None
) -> Iterator[Entity | Problem]:
    """
    Yield the communes of a COG file as territories, and a problem for each bad row.

    Reads the CSV of INSEE (``COM``, ``LIBELLE``, ``TYPECOM``…), tables with
    ``code_insee`` and ``nom``, the JSON of geo.api.gouv.fr and of its offline twin. ``as_of`` is
    the day the division of the country is of, 1 January of the year of a COG.

    Delegated and associated communes, of which the first one may bear the code of the whole,
    get ids of their own (``territory:comd-01015``); municipal districts are ``commune:75101``
    and lie in their city.

    Raises:
        InputError: the file cannot be read or is another one; raised when the first is asked for.
    """
    make = functools.partial(_commune, retrieved_on=retrieved_on, as_of=as_of)
    return read(source, make, needed=(_CODE, _NAME))


def _commune(
    record: Record, notes: Notes, *, retrieved_on: dt.date, as_of: dt.date | None
) -> Iterable[Entity]:
    code = commune(required(record, *_CODE), "code_insee")
    kind = _kind(text(record, *_KIND))
    parents = _parents(record) if kind is TerritoryKind.COMMUNE else (_whole(record, code, kind),)
    yield Territory(
        id=_id(code, kind),
        kind=kind,
        name=required(record, *_NAME),
        code=code,
        communes=(code,) if kind is TerritoryKind.COMMUNE else (),
        parent_ids=parents,
        postal_codes=_postal_codes(record),
        population=population(record, notes, *_POPULATION),
        as_of=as_of,
        geo=_centre(record, notes),
        provenance=COG.provenance(code, retrieved_on=retrieved_on, source_date=as_of),
    )


def _kind(value: str) -> TerritoryKind:
    kind = _KINDS.get(value.upper())
    if kind is None:
        raise InvalidValueError(f"{value!r} is no type of commune", where="typecom")
    return kind


def _id(code: str, kind: TerritoryKind) -> str:
    match kind:
        case TerritoryKind.COMMUNE_DELEGUEE:
            return f"territory:comd-{code}"
        case TerritoryKind.COMMUNE_ASSOCIEE:
            return f"territory:coma-{code}"
        case _:
            return f"commune:{code}"


def _whole(record: Record, code: str, kind: TerritoryKind) -> str:
    """Return the commune that a part belongs to."""
    found = text(record, "comparent", "cheflieu", "commune")
    if not found and kind is TerritoryKind.ARRONDISSEMENT:
        return place_of(code)
    return f"commune:{commune(found, 'comparent')}"


def _parents(record: Record) -> tuple[str, ...]:
    parents = []
    if (epci := text(record, *_EPCI)) and epci.upper() != _NO_EPCI:
        parents.append(f"epci:{siren(epci, 'epci')}")
    if found := text(record, *_DEPARTMENT):
        parents.append(f"departement:{department(found, 'departement')}")
    if found := text(record, *_REGION):
        parents.append(f"region:{region(found)}")
    return tuple(parents)


def region(value: str) -> str:
    """Read the code of a région; a single digit lost its zero."""
    return parsed(RegionCode, value.zfill(2), "region")


def _postal_codes(record: Record) -> tuple[str, ...]:
    found = record.get("codespostaux") or record.get("codes_postaux") or []
    if isinstance(found, str):
        found = found.replace("|", ",").split(",")
    return tuple(str(code).strip().zfill(5) for code in found) if isinstance(found, list) else ()


def population(record: Record, notes: Notes, *names: str) -> int | None:
    """Return the number of inhabitants; what is no number is noted."""
    found = "".join(text(record, *names).removesuffix(".0").split())
    if not found:
        return None
    if not found.isdecimal():
        notes.add("population", f"{found!r} is no number of inhabitants")
        return None
    return int(found)


def _centre(record: Record, notes: Notes) -> Geo | None:
    centre = record.get("centre")
    if isinstance(centre, str) and centre:
        try:
            centre = json.loads(centre)
        except ValueError:
            centre = {}
    if not centre:
        return None
    pair = centre.get("coordinates") if isinstance(centre, dict) else None
    found = position(tuple(pair)) if isinstance(pair, list) and len(pair) == 2 else None  # noqa: PLR2004 - longitude and latitude
    if found is None:
        notes.add("centre", "no position in France")
    return found


def read_departments(
    source: Source, *, retrieved_on: dt.date, as_of: dt.date | None = None
) -> Iterator[Entity | Problem]:
    """Yield the départements of a COG file, in the forms of :func:`read_communes`."""

    def make(record: Record, _notes: Notes) -> Iterable[Entity]:
        code = department(required(record, "code", "dep", "code_departement"), "dep")
        found = text(record, *_REGION)
        yield Territory(
            id=f"departement:{code}",
            kind=TerritoryKind.DEPARTEMENT,
            name=required(record, *_NAME),
            code=code,
            parent_ids=(f"region:{region(found)}",) if found else (),
            as_of=as_of,
            provenance=COG.provenance(code, retrieved_on=retrieved_on, source_date=as_of),
        )

    return read(source, make, needed=(("code", "dep", "code_departement"), _NAME))


def read_regions(
    source: Source, *, retrieved_on: dt.date, as_of: dt.date | None = None
) -> Iterator[Entity | Problem]:
    """Yield the régions of a COG file, in the forms of :func:`read_communes`."""

    def make(record: Record, _notes: Notes) -> Iterable[Entity]:
        code = region(required(record, "code", "reg", "code_region"))
        yield Territory(
            id=f"region:{code}",
            kind=TerritoryKind.REGION,
            name=required(record, *_NAME),
            code=code,
            as_of=as_of,
            provenance=COG.provenance(code, retrieved_on=retrieved_on, source_date=as_of),
        )

    return read(source, make, needed=(("code", "reg", "code_region"), _NAME))
