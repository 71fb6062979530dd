# SPDX-License-Identifier: Apache-2.0
"""Common tables of local authorities (SCDL): equipment as levers, deliberations as documents."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from territoire_sante.errors import Problem
from territoire_sante.model import (
    Actor,
    Address,
    ContactPointKind,
    Document,
    DocumentKind,
    Entity,
    Lever,
    LeverOffer,
    LeverType,
    Visibility,
    make_id,
)
from territoire_sante_opendata._read import Notes, Record, folded, read, required, text
from territoire_sante_opendata._registry import SCDL_DELIBERATIONS, SCDL_EQUIPMENT
from territoire_sante_opendata._stream import Source
from territoire_sante_opendata._values import commune, day, phones, reachable, siret

if TYPE_CHECKING:
    from territoire_sante import Store

_TYPES: Final = (
    (re.compile(r"creche|garderie|petite enfance"), LeverType.CHILDCARE),
    (re.compile(r"salle|gymnase|auditorium|foyer|amphitheatre"), LeverType.ROOM_LOAN),
)


def actors_by_siren(store: Store) -> dict[str, str]:
    """Return the ids of the authorities in a store by SIREN, for the ``holders`` of a reader."""
    found: dict[str, str] = {}
    for actor in store.all(Actor):
        number = actor.identifier("siren") or actor.identifier("siret")[:9]
        if number and actor.kind.is_public_authority:
            # The authority itself goes before its services, which share its number.
            better = actor.id.startswith(("mairie:", "siren:"))
            if better or number not in found:
                found[number] = actor.id
    return found


def read_scdl_equipment(
    source: Source, *, retrieved_on: dt.date, holders: Mapping[str, str] | None = None
) -> Iterator[Entity | Problem]:
    """
    Yield the equipment of an authority as levers, each with a draft of its offer.

    Reads a table after the schema scdl/equipements; the address goes into the description.
    That a hall exists does not say that it is lent: a person publishes the offer. ``holders``
    gives ids of actors by SIREN, see :func:`actors_by_siren`; others are ``siren:…``.

    Raises:
        InputError: the file cannot be read or is another one; raised when the first is asked for.
    """

    def make(record: Record, notes: Notes) -> Iterable[Entity]:
        owner = siret(required(record, "coll_siret"), "coll_siret")
        key = f"scdl:{owner}:{required(record, 'equip_uid')}"
        name = required(record, "equip_nom")
        address = _address(record)
        lever_id = make_id("lever", key)
        places = (f"commune:{address.citycode}",) if address.citycode else ()
        source_of = SCDL_EQUIPMENT.provenance(key, retrieved_on=retrieved_on)
        points = [
            *phones(text(record, "equip_tel"), "equip_tel", notes),
            *reachable(ContactPointKind.EMAIL, [text(record, "equip_email")], "equip_email", notes),
        ]
        yield Lever(
            id=lever_id,
            type=_type(f"{text(record, 'equip_type')} {name}"),
            title=name,
            visibility=Visibility.PUBLIC,
            description=_description(record, address),
            holder_id=_holder(owner, holders),
            coverage=places,
            tags=tuple(filter(None, (text(record, "equip_theme"), text(record, "equip_code")))),
            provenance=source_of,
        )
        yield LeverOffer(
            id=make_id("lever_offer", key),
            lever_id=lever_id,
            title=name,
            visibility=Visibility.PUBLIC,
            opening_hours=text(record, "equip_ouverture"),
            contact=points[0] if points else None,
            contact_id=_holder(owner, holders),
            request_url=text(record, "equip_web"),
            provenance=source_of,
        )

    return read(source, make, needed=(("coll_siret",), ("equip_uid",), ("equip_nom",)))


def read_scdl_deliberations(
    source: Source, *, retrieved_on: dt.date, holders: Mapping[str, str] | None = None
) -> Iterator[Entity | Problem]:
    """
    Yield the deliberations of a council as documents, and a problem for each bad row.

    Reads a table after the schema scdl/deliberations; votes are left out.

    Raises:
        InputError: the file cannot be read or is another one; raised when the first is asked for.
    """

    def make(record: Record, _notes: Notes) -> Iterable[Entity]:
        owner = siret(required(record, "coll_siret"), "coll_siret")
        number = required(record, "delib_id")
        key = f"scdl:{owner}:{number}"
        yield Document(
            id=make_id("document", key),
            kind=DocumentKind.DELIBERATION,
            title=f"{number} — {required(record, 'delib_objet')}",
            visibility=Visibility.PUBLIC,
            owner_id=_holder(owner, holders),
            published_on=day(required(record, "delib_date"), "delib_date"),
            themes=tuple(filter(None, (text(record, "delib_matiere_nom"),))),
            url=text(record, "delib_url"),
            provenance=SCDL_DELIBERATIONS.provenance(key, retrieved_on=retrieved_on),
        )

    return read(source, make, needed=(("coll_siret",), ("delib_id",), ("delib_objet",)))


def _holder(owner: str, holders: Mapping[str, str] | None) -> str:
    number = owner[:9]
    return (holders or {}).get(number, f"siren:{number}")


def _description(record: Record, address: Address) -> str:
    where = ", ".join(filter(None, (address.street, f"{address.postcode} {address.city}".strip())))
    return "\n".join(filter(None, (text(record, "equip_type"), where)))


def _type(words: str) -> LeverType:
    plain = folded(words)
    return next(
        (kind for pattern, kind in _TYPES if pattern.search(plain)), LeverType.LAND_OR_BUILDING
    )


def _address(record: Record) -> Address:
    key = text(record, "adr_cle_interop", "adr_cleinterop")
    # The key of an address begins with the code of its commune.
    code = text(record, "adr_codeinsee", "adr_code_insee", "adr_insee") or key.partition("_")[0]
    street = (text(record, "adr_numero"), text(record, "adr_nomvoie", "adr_nom_voie"))
    return Address(
        street=" ".join(filter(None, street)),
        postcode=text(record, "adr_codepostal", "adr_cp"),
        city=text(record, "adr_commune"),
        citycode=commune(code, "adr_cle_interop") if code else "",
    )
