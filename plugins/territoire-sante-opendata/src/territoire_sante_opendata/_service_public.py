# SPDX-License-Identifier: Apache-2.0
"""The directory of public services (DILA): the bulk file, and the answers of its API."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

from territoire_sante.errors import InvalidValueError, Problem
from territoire_sante.model import (
    Actor,
    ActorKind,
    Address,
    CommuneCode,
    ContactPoint,
    ContactPointKind,
    Entity,
    Identifier,
    Visibility,
    make_id,
)
from territoire_sante_opendata._hours import opening_hours
from territoire_sante_opendata._read import Notes, Record, folded, read, required, text
from territoire_sante_opendata._registry import SERVICE_PUBLIC
from territoire_sante_opendata._stream import Source
from territoire_sante_opendata._values import (
    commune,
    day,
    phones,
    place_of,
    position,
    reachable,
    siren,
    siret,
)

_KINDS: Final = {
    "mairie": ActorKind.COMMUNE,
    "epci": ActorKind.EPCI,
    "cg": ActorKind.DEPARTEMENT,
    "cr": ActorKind.REGION,
    "ccas": ActorKind.CCAS,
    "cias": ActorKind.CIAS,
    "cpam": ActorKind.CPAM,
    "msa": ActorKind.MSA,
    "caf": ActorKind.CAF,
    "ars": ActorKind.ARS,
    "ars_antenne": ActorKind.ARS_DD,
    "prefecture": ActorKind.PREFECTURE,
    "sous_pref": ActorKind.PREFECTURE,
}

#: The types of services ("pivot") that take part in health cooperation.
PIVOTS: Final = frozenset(_KINDS)

# A town hall of a part of a commune has the same pivot as that of the whole.
_BRANCHES: Final = ("deleguee", "annexe", "associee", "arrondissement", "quartier")


def read_public_services(
    source: Source, *, retrieved_on: dt.date, pivots: Collection[str] | None = PIVOTS
) -> Iterator[Entity | Problem]:
    """
    Yield the services of the directory as actors, and a problem for each bad record.

    Reads the bulk file (an object with ``service``), the answers of the API
    (``results``, or a plain list from its exports), and CSV exports; nested values may be JSON
    or JSON in text. ``pivots`` are the types that are wanted, ``None`` for all. The town hall of a
    commune is ``mairie:48095``, an EPCI ``siren:…``; other services have the number of
    the directory, because several of them share one SIRET.

    Raises:
        InputError: the file cannot be read; raised when the first is asked for.
    """

    def make(record: Record, notes: Notes) -> Iterable[Entity]:
        found = [one for one in _nested(record, "pivot") if isinstance(one, dict)]
        kinds = [text(one, "type_service_local") for one in found]
        if pivots is not None and not any(kind in pivots for kind in kinds):
            return
        pivot = next((one for one in found if text(one, "type_service_local") in _KINDS), {})
        yield _service(record, notes, pivot, retrieved_on)

    return read(source, make, needed=(("id",), ("nom",), ("pivot",)))


def _service(record: Record, notes: Notes, pivot: Record, retrieved_on: dt.date) -> Actor:
    name, number = required(record, "nom"), required(record, "id")
    kind = _KINDS.get(text(pivot, "type_service_local"), ActorKind.OTHER)
    code = text(record, "code_insee_commune")
    code = commune(code, "code_insee_commune") if code else ""
    covered = tuple(
        dict.fromkeys(
            commune(str(one), "pivot.code_insee_commune")
            for one in _listed(pivot.get("code_insee_commune"))
        )
    )
    identifiers = _identifiers(record, notes)
    told_on = day(_iso(text(record, "date_modification")), "date_modification")
    if kind is ActorKind.COMMUNE and any(word in folded(name) for word in _BRANCHES):
        kind = ActorKind.OTHER
    return Actor(
        id=_id(kind, number, code or next(iter(covered), ""), identifiers),
        kind=kind,
        name=name,
        visibility=Visibility.PUBLIC,
        identifiers=(Identifier(scheme="service_public", value=number), *identifiers),
        territory_id=place_of(code) if code else "",
        coverage=tuple(f"commune:{one}" for one in covered),
        addresses=tuple(_addresses(record, code, notes)),
        contact_points=tuple(dict.fromkeys(_points(record, notes))),
        opening_hours=opening_hours(_dicts(record, "plage_ouverture"), notes),
        provenance=SERVICE_PUBLIC.provenance(
            number, retrieved_on=retrieved_on, source_date=told_on
        ),
    )


def _id(kind: ActorKind, number: str, code: str, identifiers: tuple[Identifier, ...]) -> str:
    by_scheme = {one.scheme: one.value for one in identifiers}
    if kind is ActorKind.COMMUNE and code:
        return make_id("mairie", code)
    if kind is ActorKind.EPCI and "siren" in by_scheme:
        return make_id("siren", by_scheme["siren"])
    if kind is ActorKind.DEPARTEMENT and code:
        return make_id("actor", f"departement-{CommuneCode(code).department}")
    return make_id("actor", f"service-public:{number}")


def _identifiers(record: Record, notes: Notes) -> tuple[Identifier, ...]:
    found = []
    place, body = text(record, "siret"), text(record, "siren")
    for scheme, value, reader in (("siret", place, siret), ("siren", body, siren)):
        if value:
            try:
                found.append(Identifier(scheme=scheme, value=reader(value, scheme)))
            except InvalidValueError as error:
                notes.add(scheme, error.what)
    if len(found) == 1 and found[0].scheme == "siret":
        found.append(Identifier(scheme="siren", value=found[0].value[:9]))
    return tuple(found)


def _addresses(record: Record, code: str, notes: Notes) -> Iterator[Address]:
    """Yield its addresses, where it is before where letters go."""
    told = _dicts(record, "adresse")
    for one in sorted(told, key=lambda found: "postale" in folded(text(found, "type_adresse"))):
        pair = (one.get("latitude"), one.get("longitude"))
        geo = position(pair)
        if geo is None and all(pair):
            notes.add("adresse", "no position in France")
        yield Address(
            street=text(one, "numero_voie"),
            complement=", ".join(
                filter(
                    None,
                    (text(one, f) for f in ("complement1", "complement2", "service_distribution")),
                )
            ),
            postcode=text(one, "code_postal"),
            city=text(one, "nom_commune"),
            citycode=code,
            geo=geo,
        )


def _points(record: Record, notes: Notes) -> Iterator[ContactPoint]:
    for one in _listed(_nested(record, "telephone")):
        yield from phones(_value(one), "telephone", notes)
    for one in _listed(_nested(record, "telecopie")):
        yield from phones(_value(one), "telecopie", notes, kind=ContactPointKind.FAX)
    mails = [
        mail
        for one in _listed(_nested(record, "adresse_courriel"))
        for mail in _value(one).replace(";", ",").split(",")
    ]
    yield from reachable(ContactPointKind.EMAIL, mails, "adresse_courriel", notes)
    sites = [_value(one) for one in _listed(_nested(record, "site_internet"))]
    yield from reachable(ContactPointKind.URL, sites, "site_internet", notes)


def _nested(record: Record, name: str) -> Any:
    """Return a value that is JSON, or JSON written into a text, or a text."""
    found = record.get(name)
    if isinstance(found, str) and found.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(found)
        except (ValueError, RecursionError):
            raise InvalidValueError("the JSON in this text is broken", where=name) from None
    return found if found is not None else []


def _listed(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [value] if value else []


def _dicts(record: Record, name: str) -> list[dict[str, Any]]:
    return [one for one in _listed(_nested(record, name)) if isinstance(one, dict)]


def _value(one: Any) -> str:
    return text(one, "valeur") if isinstance(one, dict) else str(one).strip()


def _iso(value: str) -> str:
    """Return a day and time written with the day first, as a day alone."""
    return value.partition(" ")[0]
