# SPDX-License-Identifier: Apache-2.0
"""
FINESS, the register of health structures: the CSV up to May 2026, the JSON since July 2026.

The sites (EG, formerly ET) become actors; their legal entity is one of their identifiers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

import attrs

from territoire_sante.errors import InvalidValueError, Problem
from territoire_sante.model import (
    Actor,
    ActorKind,
    ActorStatus,
    Address,
    ContactPointKind,
    Entity,
    Finess,
    Identifier,
    Visibility,
    make_id,
)
from territoire_sante_opendata._json import json_records
from territoire_sante_opendata._read import (
    Notes,
    Record,
    json_place,
    looks_like_json,
    made,
    required,
    text,
)
from territoire_sante_opendata._registry import FINESS
from territoire_sante_opendata._stream import Source, opened
from territoire_sante_opendata._table import csv_rows
from territoire_sante_opendata._values import (
    commune,
    day,
    parsed,
    phones,
    place_of,
    position,
    reachable,
    siren,
    siret,
)

#: Health centres, MSP, CPTS; also CLIC, CMP, ESAT, MDPH and pharmacies.
CATEGORIES: Final = frozenset({"124", "156", "246", "463", "603", "604", "609", "620"})

_KINDS: Final = {
    "124": ActorKind.CENTRE_SANTE,
    "603": ActorKind.MSP,
    "604": ActorKind.CPTS,
    "620": ActorKind.PHARMACY,
}

# What each column of the CSV holds, which has no header.
_COLUMNS: Final = [
    "typeet",
    "nofinesset",
    "nofinessej",
    "rs",
    "rslongue",
    "complrs",
    "compldistrib",
    "numvoie",
    "typvoie",
    "voie",
    "compvoie",
    "lieuditbp",
    "commune",
    "departement",
    "libdepartement",
    "ligneacheminement",
    "telephone",
    "telecopie",
    "categetab",
    "libcategetab",
    "categagretab",
    "libcategagretab",
    "siret",
    "codeape",
    "codemft",
    "libmft",
    "codesph",
    "libsph",
    "dateouv",
    "dateautor",
    "datemaj",
    "numuai",
]
_SITE: Final = "structureet"
_POSITIONS: Final = "geolocalisation"
# An EG may have 150 addresses; this is the place where it is.
_GEOGRAPHIC: Final = "03"
_INACTIVE: Final = "I"


@attrs.frozen(kw_only=True)
class _Call:
    retrieved_on: dt.date
    categories: Collection[str] | None

    def wants(self, category: str) -> bool:
        return self.categories is None or category in self.categories


def read_finess(
    source: Source,
    *,
    retrieved_on: dt.date,
    categories: Collection[str] | None = CATEGORIES,
) -> Iterator[Entity | Problem]:
    """
    Yield the sites of a FINESS extract as actors, and a problem for each bad record.

    The vintage is seen from the bytes: the CSV "etalab" without header, or the JSON
    ``finess-structures``, packed or not. ``categories`` are the codes of those that are
    wanted, ``None`` for all. A number whose check digit is wrong is told and taken, because
    no text publishes the rule. Positions in Lambert 93 are left out.

    Raises:
        InputError: the file cannot be read or is another one; raised when the first is asked for.
    """
    call = _Call(retrieved_on=retrieved_on, categories=categories)
    with opened(source) as stream:
        if looks_like_json(stream):
            for number, (line, entity) in enumerate(json_records(stream, {"pmej"}), 1):
                yield from _sites(json_place(line, number), entity, call)
        else:
            for row in csv_rows(stream):
                yield from _row(row, call)


def _row(row: tuple[int, list[str]] | Problem, call: _Call) -> Iterator[Entity | Problem]:
    if isinstance(row, Problem):
        yield row
        return
    line, cells = row
    kind = cells[0].strip().casefold()
    if kind in ("finess", _POSITIONS):
        return
    if kind != _SITE or len(cells) < len(_COLUMNS) - 1:
        yield Problem(f"line {line}", f"no row of a site ({len(cells)} cells, {cells[0][:20]!r})")
        return
    record = {name: cell.strip() for name, cell in zip(_COLUMNS, cells, strict=False)}
    if call.wants(record["categetab"]):
        yield from made(
            f"line {line}", record, lambda found, notes: [_from_row(found, notes, call)]
        )


def _from_row(record: Record, notes: Notes, call: _Call) -> Actor:
    number = _number(required(record, "nofinesset"), notes)
    code = commune(required(record, "commune"), "commune", department=record["departement"])
    postcode, _, city = text(record, "ligneacheminement").partition(" ")
    address = Address(
        street=_joined(record, "numvoie", "typvoie", "voie", "compvoie"),
        complement=_joined(record, "compldistrib", "lieuditbp"),
        postcode=postcode,
        city=city.strip(),
        citycode=code,
    )
    return _site(
        call,
        number=number,
        category=record["categetab"],
        names=(text(record, "rslongue", "rs"), text(record, "rs")),
        identifiers=_identifiers(
            notes, number, ej=record["nofinessej"], siret_text=record["siret"], siren_text=""
        ),
        address=address,
        points=[
            *phones(record["telephone"], "telephone", notes),
            *phones(record["telecopie"], "telecopie", notes, kind=ContactPointKind.FAX),
        ],
        told_on=day(record["datemaj"], "datemaj"),
        status=ActorStatus.ACTIVE,
    )


def _sites(place: str, entity: Any, call: _Call) -> Iterator[Entity | Problem]:
    """Yield the sites of one legal entity, each of which may be bad by itself."""
    if not isinstance(entity, dict):
        yield Problem(place, "a legal entity should be an object")
        return
    legal = _part(entity, "informationsGeneralesPMEJ", "informationsGeneralesPmej")
    for number, site in enumerate(_list(entity, "ege"), 1):
        found = {"legal": legal, "site": site}
        yield from made(
            f"{place}, site {number}", found, lambda record, notes: _from_site(record, notes, call)
        )


def _from_site(record: Record, notes: Notes, call: _Call) -> Iterable[Entity]:
    site, legal = record["site"], record["legal"]
    if not isinstance(site, dict):
        raise InvalidValueError("a site should be an object", where="ege")
    category = _coded(
        site, "categorieEntiteGeographiqueExercice", "categorieentiteGeographiqueExercice"
    )
    if not call.wants(category):
        return
    facts = _part(site, "informationsGeneralesEGE", "informationsGeneralesEge")
    number = _number(required(facts, "numFinessEge"), notes)
    names = (text(facts, "nomEgeLong", "nomEgeCourt"), text(facts, "nomEgeCourt"))
    updated = text(_part(site, "dateDerniereMaj"), "dateEvenement") or text(site, "dateDerniereMaj")
    closed = _coded(site, "etatObjet") == _INACTIVE
    yield _site(
        call,
        number=number,
        category=category,
        names=names,
        identifiers=_identifiers(
            notes,
            number,
            ej=text(legal, "numFinessPm"),
            siret_text=text(site, "siret") or text(facts, "siret"),
            siren_text=text(legal, "siren"),
        ),
        address=_address(_list(site, "adresse"), notes),
        points=_points(_list(site, "contact"), notes),
        told_on=day(updated, "dateDerniereMaj"),
        status=ActorStatus.CLOSED if closed else ActorStatus.ACTIVE,
    )


def _site(
    call: _Call,
    *,
    number: str,
    category: str,
    names: tuple[str, str],
    identifiers: tuple[Identifier, ...],
    address: Address | None,
    points: Iterable[Any],
    told_on: dt.date | None,
    status: ActorStatus,
) -> Actor:
    if not names[0]:
        raise InvalidValueError("it has no name", where=number)
    place = place_of(address.citycode) if address is not None and address.citycode else ""
    return Actor(
        id=make_id("finess", number),
        kind=_KINDS.get(category, ActorKind.OTHER),
        name=names[0],
        short_name=names[1] if names[1] != names[0] else "",
        visibility=Visibility.PUBLIC,
        identifiers=identifiers,
        territory_id=place,
        addresses=(address,) if address is not None else (),
        contact_points=tuple(dict.fromkeys(points)),
        tags=(f"finess-categorie-{category}",) if category else (),
        status=status,
        provenance=FINESS.provenance(number, retrieved_on=call.retrieved_on, source_date=told_on),
    )


def _number(value: str, notes: Notes) -> str:
    digits = value.upper()
    number = parsed(Finess, digits.zfill(9), "finess")
    if not Finess(number).check_digit_holds:
        notes.add("finess", f"the check digit of {number} does not hold; it was taken as it is")
    return number


def _identifiers(
    notes: Notes, number: str, *, ej: str, siret_text: str, siren_text: str
) -> tuple[Identifier, ...]:
    """Return the numbers that are well formed; a bad one does not cost the site."""
    found = [Identifier(scheme="finess", value=number)]
    readers = (
        ("finess_ej", ej, lambda value, field: parsed(Finess, value.zfill(9), field)),
        ("siret", siret_text, siret),
        ("siren", siren_text, siren),
    )
    for scheme, value, reader in readers:
        if value:
            try:
                found.append(Identifier(scheme=scheme, value=reader(value, scheme)))
            except InvalidValueError as error:
                notes.add(scheme, error.what)
    return tuple(found)


def _address(addresses: list[Any], notes: Notes) -> Address | None:
    usable = [one for one in addresses if isinstance(one, dict)]
    geographic = [one for one in usable if text(one, "usageAdresse") == _GEOGRAPHIC]
    if not geographic and len(usable) > 1:
        notes.add("adresse", "none of several addresses is the geographic one")
        return None
    for one in geographic or usable:
        code = text(one, "cogCommune")
        place = _part(one, "coordonneesGeographique")
        pairs = (
            (place.get("directionLatitude"), place.get("directionLongitude")),
            (place.get("coordonneeX"), place.get("coordonneeY")),
        )
        geo = position(*pairs)
        if geo is None and any(value for pair in pairs for value in pair):
            notes.add("coordonneesGeographique", "no position in France in degrees")
        return Address(
            street=_joined(one, "numeroVoie", "typeVoie", "libelleVoie", "complementVoie"),
            complement=_joined(one, "complementPointGeographique", "lieuDit"),
            postcode=text(one, "codePostal"),
            city=text(one, "ligneAcheminement"),
            citycode=commune(code, "cogCommune") if code else "",
            ban_id=text(place, "cleInteropBAN", "cleInInteropBAN"),
            geo=geo,
        )
    return None


def _points(contacts: list[Any], notes: Notes) -> Iterator[Any]:
    for contact in contacts:
        told = _part(contact, "telecom") if isinstance(contact, dict) else {}
        fax = ContactPointKind.FAX
        yield from phones(text(told, "telephone"), "telephone", notes)
        yield from phones(text(told, "telecopie"), "telecopie", notes, kind=fax)
        mail = [text(told, "courriel")]
        yield from reachable(ContactPointKind.EMAIL, mail, "courriel", notes)


def _part(value: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        found = value.get(name)
        if isinstance(found, dict):
            return found
    return {}


def _list(value: dict[str, Any], name: str) -> list[Any]:
    found = value.get(name)
    return found if isinstance(found, list) else []


def _coded(value: dict[str, Any], *names: str) -> str:
    """Return a code, which the schema wraps in an object and the files write bare."""
    for name in names:
        found = value.get(name)
        if isinstance(found, dict):
            found = found.get("code")
        if found:
            return str(found).strip()
    return ""


def _joined(record: Record, *names: str) -> str:
    return " ".join(filter(None, (text(record, name) for name in names)))
