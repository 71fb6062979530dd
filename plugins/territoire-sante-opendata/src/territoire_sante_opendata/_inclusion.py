# SPDX-License-Identifier: Apache-2.0
"""data.inclusion (schema 1): social structures as actors, what they offer as levers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import Final

from territoire_sante.errors import InvalidValueError, Problem
from territoire_sante.formats import inclusion
from territoire_sante.model import (
    Actor,
    ActorKind,
    Address,
    ContactPoint,
    ContactPointKind,
    Cost,
    Entity,
    Identifier,
    Lever,
    LeverOffer,
    LeverType,
    OfferState,
    Visibility,
    make_id,
)
from territoire_sante_opendata._read import Notes, Record, folded, read, required, text
from territoire_sante_opendata._registry import INCLUSION
from territoire_sante_opendata._stream import Source
from territoire_sante_opendata._values import (
    commune,
    day,
    department,
    phones,
    place_of,
    position,
    reachable,
    siren,
    siret,
)

_EPCI: Final = re.compile(r"\d{9}")
_EVERYWHERE: Final = "france"


def read_inclusion_structures(
    source: Source, *, retrieved_on: dt.date
) -> Iterator[Entity | Problem]:
    """
    Yield the structures of data.inclusion as actors, and a problem for each bad record.

    Reads JSON (a list, JSON Lines, pages of the API) and CSV. Their id is that of
    data.inclusion, ``source--local``; several of them may share a SIRET.

    Raises:
        InputError: the file cannot be read; raised when the first is asked for.
    """

    def make(record: Record, notes: Notes) -> Iterable[Entity]:
        number = required(record, "id")
        address = _address(record, notes)
        code = address.citycode if address is not None else ""
        yield Actor(
            id=_actor_id(number),
            kind=_kind(record),
            name=required(record, "nom"),
            visibility=Visibility.PUBLIC,
            description=text(record, "description"),
            identifiers=(
                Identifier(scheme="data_inclusion", value=number),
                *_siret(record, notes),
            ),
            territory_id=place_of(code) if code else "",
            addresses=(address,) if address is not None else (),
            contact_points=tuple(_points(record, notes)),
            opening_hours=text(record, "horaires_accueil"),
            tags=tuple(f"reseau:{one}" for one in _words(record, "reseaux_porteurs")),
            provenance=INCLUSION.provenance(
                number, retrieved_on=retrieved_on, source_date=_updated(record, retrieved_on)
            ),
        )

    return read(source, make, needed=(("id",), ("nom",), ("date_maj",)))


def read_inclusion_services(
    source: Source, *, retrieved_on: dt.date, otherwise: LeverType | None = None
) -> Iterator[Entity | Problem]:
    """
    Yield the services of data.inclusion that are levers, each with its offer.

    What a lever is follows from their themes; services of other themes are not
    levers and left out, unless ``otherwise`` says what to take them for. The named
    contact person of a service is never taken. No zone means that it is not known,
    and a zone "france" is kept as a tag, because no list of territories says it.

    Raises:
        InputError: the file cannot be read; raised when the first is asked for.
    """

    def make(record: Record, notes: Notes) -> Iterable[Entity]:
        themes = _words(record, "thematiques")
        kind = next((inclusion.LEVERS[one] for one in themes if one in inclusion.LEVERS), otherwise)
        if kind is None:
            return
        number = required(record, "id")
        lever_id = make_id("lever", f"data-inclusion:{number}")
        zones = _words(record, "zone_eligibilite")
        source_of = INCLUSION.provenance(
            number, retrieved_on=retrieved_on, source_date=_updated(record, retrieved_on)
        )
        yield Lever(
            id=lever_id,
            type=kind,
            title=required(record, "nom"),
            visibility=Visibility.PUBLIC,
            description=text(record, "description"),
            holder_id=_actor_id(required(record, "structure_id")),
            coverage=tuple(_zone(one) for one in zones if one != _EVERYWHERE),
            tags=(*themes, *(("zone:france",) if _EVERYWHERE in zones else ())),
            provenance=source_of,
        )
        points = list(_points(record, notes))
        yield LeverOffer(
            id=make_id("lever_offer", f"data-inclusion:{number}"),
            lever_id=lever_id,
            title=text(record, "nom"),
            visibility=Visibility.PUBLIC,
            opening_hours=text(record, "horaires_accueil"),
            cost=_cost(record),
            conditions=_conditions(record),
            contact=points[0] if points else None,
            contact_id=_actor_id(text(record, "structure_id")),
            request_modes=tuple(
                inclusion.MODES[one]
                for one in _words(record, "modes_mobilisation")
                if one in inclusion.MODES
            ),
            request_url=text(record, "lien_mobilisation"),
            state=OfferState.PUBLISHED,
            provenance=source_of,
        )

    return read(source, make, needed=(("id",), ("structure_id",), ("nom",)))


def _actor_id(number: str) -> str:
    return make_id("actor", f"data-inclusion:{number}")


def _kind(record: Record) -> ActorKind:
    for network in _words(record, "reseaux_porteurs"):
        if network in inclusion.KINDS:
            kind = inclusion.KINDS[network]
            name = folded(text(record, "nom"))
            between = re.search(r"\bcias\b|intercommunal", name) is not None
            return ActorKind.CIAS if kind is ActorKind.CCAS and between else kind
    return ActorKind.OTHER


def _updated(record: Record, retrieved_on: dt.date) -> dt.date:
    """Return the day of the last update, which the schema requires and which cannot be to come."""
    found = day(required(record, "date_maj"), "date_maj")
    if found is None or found > retrieved_on:
        raise InvalidValueError(f"{found} is after the day of retrieval", where="date_maj")
    return found


def _siret(record: Record, notes: Notes) -> Iterator[Identifier]:
    if value := text(record, "siret"):
        try:
            yield Identifier(scheme="siret", value=siret(value, "siret"))
        except InvalidValueError as error:
            notes.add("siret", error.what)


def _address(record: Record, notes: Notes) -> Address | None:
    code = text(record, "code_insee")
    if not any(text(record, one) for one in ("adresse", "code_insee", "code_postal", "commune")):
        return None
    pair = (record.get("latitude"), record.get("longitude"))
    geo = position(pair)
    if geo is None and all(value not in (None, "") for value in pair):
        notes.add("latitude", "no position in France")
    return Address(
        street=text(record, "adresse"),
        complement=text(record, "complement_adresse"),
        postcode=text(record, "code_postal"),
        city=text(record, "commune"),
        citycode=commune(code, "code_insee") if code else "",
        geo=geo,
    )


def _points(record: Record, notes: Notes) -> Iterator[ContactPoint]:
    yield from phones(text(record, "telephone"), "telephone", notes)
    mail, site = [text(record, "courriel")], [text(record, "site_web")]
    yield from reachable(ContactPointKind.EMAIL, mail, "courriel", notes)
    yield from reachable(ContactPointKind.URL, site, "site_web", notes)


def _words(record: Record, name: str) -> tuple[str, ...]:
    """Return a list of words, which CSV writes as JSON, as a set of PostgreSQL, or with commas."""
    found = record.get(name)
    if isinstance(found, str):
        found = [one.strip(" \"'") for one in found.strip("[]{} ").split(",")]
    return tuple(str(one) for one in found if one) if isinstance(found, list) else ()


def _zone(code: str) -> str:
    if _EPCI.fullmatch(code):
        return f"epci:{siren(code, 'zone_eligibilite')}"
    if len(code) <= 3:  # noqa: PLR2004 - communes have five
        return f"departement:{department(code, 'zone_eligibilite')}"
    return f"commune:{commune(code, 'zone_eligibilite')}"


def _cost(record: Record) -> Cost | None:
    kind = inclusion.COSTS.get(text(record, "frais"))
    return None if kind is None else Cost(kind=kind, per=text(record, "frais_precisions"))


def _conditions(record: Record) -> str:
    names = ("conditions_acces", "publics_precisions", "mobilisation_precisions")
    return "\n".join(filter(None, (text(record, name) for name in names)))
