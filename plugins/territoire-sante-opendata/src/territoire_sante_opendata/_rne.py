# SPDX-License-Identifier: Apache-2.0
"""
The national register of elected officials: names, mandates and functions, and nothing else.

Birth date, sex, socio-professional class and nationality stand in the files. They are never
stored; the birth date is looked at to tell two persons of one name apart, and forgotten.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from territoire_sante.errors import InvalidValueError, Problem, UnsupportedError
from territoire_sante.model import (
    Appointment,
    Entity,
    Period,
    Person,
    PersonName,
    ProcessingBasis,
    Role,
    make_id,
)
from territoire_sante_opendata._cog import region
from territoire_sante_opendata._read import Notes, Record, folded, read, required, text
from territoire_sante_opendata._registry import RNE
from territoire_sante_opendata._stream import Source
from territoire_sante_opendata._values import commune, day, department, siren

_FAMILY: Final = ("nom_de_l_elu", "nom")
_GIVEN: Final = ("prenom_de_l_elu", "prenom")
_SIREN: Final = ("n_siren", "siren", "numero_siren", "code_siren")
_COMMUNE: Final = ("code_de_la_commune", "code_commune")
_HOME: Final = ("code_de_la_commune_de_rattachement", *_COMMUNE)
_DEPARTMENT: Final = ("code_du_departement", "code_du_departement_de_la_commune")
_FUNCTION: Final = ("libelle_de_la_fonction", "libelle_fonction")
_MANDATE_START: Final = ("date_de_debut_du_mandat",)
_FUNCTION_START: Final = ("date_de_debut_de_la_fonction", *_MANDATE_START)


@attrs.frozen(kw_only=True)
class _Seat:
    """At which actor somebody sits, as what, and what tells them from others of their name."""

    actor_id: str
    role: Role
    home: str


def read_officials(
    source: Source,
    *,
    retrieved_on: dt.date,
    basis: ProcessingBasis = ProcessingBasis.LEGITIMATE_INTEREST,
) -> Iterator[Entity | Problem]:
    """
    Yield the persons of one file of the register and their appointments.

    Reads the files of mayors, municipal, intercommunal, departmental and regional councillors, with
    days as ``22/03/2026`` or ``2026-03-22``. The register has no number for persons: theirs
    is derived from their name and their commune (département, région), so that one who is
    mayor and sits in the EPCI is one person, and of two of the same name in one
    commune the second is told and left out. ``basis`` is why you may keep it: a public body
    writes PUBLIC_TASK.

    Raises:
        UnsupportedError: the file is that of another mandate.
        InputError: the file cannot be read or is another one; raised when the first is asked for.
    """
    homonyms = _Homonyms()

    def make(record: Record, _notes: Notes) -> Iterable[Entity]:
        seat = _seat(record)
        family, given = required(record, *_FAMILY), required(record, *_GIVEN)
        homonyms.check(record, seat, family, given)
        yield from _official(record, seat, PersonName(family=family, given=given))

    def told(record: Record, notes: Notes) -> Iterable[Entity]:
        source_of = attrs.evolve(RNE, basis=basis).provenance("", retrieved_on=retrieved_on)
        return [attrs.evolve(one, provenance=source_of) for one in make(record, notes)]

    return read(source, told, needed=(_FAMILY, _GIVEN, _MANDATE_START))


def _official(record: Record, seat: _Seat, name: PersonName) -> Iterable[Entity]:
    # A blank makes it a digest: names must not be readable in ids, which outlive the person.
    key = f"rne {seat.home} {folded(name.family)} {folded(name.given)}"
    person = Person(id=make_id("person", key), name=name)
    start = day(text(record, *_FUNCTION_START), "date_de_debut_de_la_fonction")
    yield person
    yield Appointment(
        id=make_id("appointment", f"{key} {seat.actor_id} {seat.role.value}"),
        person_id=person.id,
        actor_id=seat.actor_id,
        role=seat.role,
        title=text(record, *_FUNCTION),
        period=Period(start=start),
    )


def _seat(record: Record) -> _Seat:
    function = folded(text(record, *_FUNCTION))
    if body := text(record, *_SIREN):
        number = siren(body, "siren")
        home = text(record, *_HOME)
        return _Seat(
            actor_id=f"siren:{number}",
            role=_in_epci(function),
            home=_code(record, home) if home else number,
        )
    if found := text(record, *_COMMUNE):
        code = _code(record, found)
        # Only the file of mayors has no column for the function.
        mayors = not any(name in record for name in _FUNCTION)
        role = Role.MAYOR if mayors else _in_commune(function)
        return _Seat(actor_id=f"mairie:{code}", role=role, home=code)
    if found := text(record, "code_de_la_region", "code_region"):
        code = region(found)
        return _Seat(
            actor_id=f"actor:region-{code}", role=Role.REGION_COUNCILLOR, home=f"region-{code}"
        )
    if "code_du_canton" in record:
        code = department(required(record, *_DEPARTMENT), "code_du_departement")
        return _Seat(
            actor_id=f"actor:departement-{code}",
            role=Role.DEPARTMENT_COUNCILLOR,
            home=f"departement-{code}",
        )
    if any(name in record for name in _COMMUNE):
        raise InvalidValueError("it is empty", where=_COMMUNE[0])
    raise UnsupportedError(
        "this mandate is not read",
        remedy="Give the file of mayors, or of municipal, intercommunal, departmental or "
        "regional councillors",
    )


def _code(record: Record, value: str) -> str:
    return commune(value, "code_de_la_commune", department=text(record, *_DEPARTMENT))


def _in_commune(function: str) -> Role:
    if function.startswith("maire") and "delegue" not in function:
        return Role.MAYOR
    return Role.DEPUTY_MAYOR if "adjoint" in function else Role.COUNCILLOR


def _in_epci(function: str) -> Role:
    if function.startswith("president"):
        return Role.EPCI_PRESIDENT
    # Also written "1er vice-président".
    vice = "vice-president" in function or "vice president" in function
    return Role.EPCI_VICE_PRESIDENT if vice else Role.EPCI_COUNCILLOR


class _Homonyms:
    """Birth dates of the actor being read, to tell persons of one name apart; never kept."""

    def __init__(self) -> None:
        self._actor = ""
        self._born: dict[tuple[str, str, str], str] = {}

    def check(self, record: Record, seat: _Seat, family: str, given: str) -> None:
        """
        Let somebody pass who is not a second person of the same name.

        Raises:
            InvalidValueError: it is one.
        """
        if seat.actor_id != self._actor:
            self._actor, self._born = seat.actor_id, {}
        born = str(day(text(record, "date_de_naissance"), "date_de_naissance") or "")
        key = (seat.home, folded(family), folded(given))
        if self._born.setdefault(key, born) != born:
            raise InvalidValueError(
                "a second person of this name in this place; without birth dates, "
                "which are not kept, they cannot be told apart",
                where="nom_de_l_elu",
                remedy="Enter this one by hand",
            )
