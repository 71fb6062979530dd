# SPDX-License-Identifier: Apache-2.0
"""The forms in which registers write dates, codes, telephone numbers and positions."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable
from typing import Final, TypeVar

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Code,
    CommuneCode,
    ContactPoint,
    ContactPointKind,
    DepartmentCode,
    Geo,
    Siren,
    Siret,
    organisation_point,
)
from territoire_sante_opendata._read import Notes

C = TypeVar("C", bound=Code)

_FRENCH_DATE: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_SEVERAL: Final = re.compile(r"\s*(?:[/;,|]|\bou\b|\bet\b)\s*")
_MOBILE: Final = re.compile(r"(?:0|\+33|\+262)[67]")

# Where France is: south, north, west, east, in degrees, with some sea around each part.
_FRANCE: Final = (
    (41.0, 51.6, -5.6, 9.9),  # Europe
    (14.2, 18.3, -63.3, -60.6),  # Antilles
    (2.0, 6.0, -54.8, -51.4),  # Guyane
    (-21.6, -20.7, 55.0, 56.0),  # La Réunion
    (-13.2, -12.4, 44.8, 45.5),  # Mayotte
    (46.6, 47.3, -56.6, -56.0),  # Saint-Pierre-et-Miquelon
    (-28.0, -7.0, -155.0, -134.0),  # Polynésie française
    (-23.5, -17.5, 158.0, 172.5),  # Nouvelle-Calédonie
    (-15.0, -13.0, -179.0, -175.5),  # Wallis-et-Futuna
)


def day(value: str, field: str) -> dt.date | None:
    """
    Read a date in ISO form, with a time or without, or as dd/mm/yyyy; ``None`` for no text.

    Raises:
        InvalidValueError: it is none of them.

    >>> day("22/03/2026", "date") == day("2026-03-22T08:00:00+01:00", "date")
    True
    """
    if not value:
        return None
    try:
        if french := _FRENCH_DATE.fullmatch(value):
            number, month, year = map(int, french.groups())
            return dt.date(year, month, number)
        return dt.date.fromisoformat(value[:10])
    except ValueError:
        raise InvalidValueError(
            f"{value!r} is not a day", where=field, remedy="Write 2026-03-22 or 22/03/2026"
        ) from None


def commune(value: str, field: str, *, department: str = "") -> str:
    """
    Read the code of a commune, alone or as its three digits beside the département.

    Zeros that a spreadsheet dropped are put back. FINESS writes 9A to 9F, the
    register of officials ZA to ZX for what lies overseas.

    >>> commune("4", "code", department="2A"), commune("1001", "code")
    ('2A004', '01001')
    >>> commune("101", "code", department="9A"), commune("101", "code", department="971")
    ('97101', '97101')
    """
    code = value.strip().upper()
    part = department.strip().upper()
    if part:
        part = _OVERSEAS.sub(lambda found: "98" if found[1] else "97", part).zfill(2)
        code = code if len(code) == _CODE else part + code.zfill(3)[-3:]
    elif re.fullmatch(r"\d{4}", code):
        code = f"0{code}"
    return parsed(CommuneCode, code, field)


_CODE: Final = 5
_OVERSEAS: Final = re.compile(r"(98\d|Z[NPW])|97\d|9[A-F]|Z[ABCDMSX]")


def department(value: str, field: str) -> str:
    """
    Read the code of a département; a single digit is one that lost its zero.

    >>> department("1", "DEP"), department("2a", "DEP")
    ('01', '2A')
    """
    return parsed(DepartmentCode, value.strip().upper().zfill(2), field)


def siren(value: str, field: str) -> str:
    """Read a SIREN; a spreadsheet may have made a decimal number of it."""
    return parsed(Siren, value.removesuffix(".0"), field)


def siret(value: str, field: str) -> str:
    """Read a SIRET; spreadsheets drop its zeros in front and add a decimal point."""
    digits = re.sub(r"\s", "", value.removesuffix(".0"))
    return parsed(Siret, digits.zfill(14), field)


def parsed(kind: type[C], value: str, field: str) -> str:
    """
    Return the code in its canonical form.

    Raises:
        InvalidValueError: it has not the form; the error names the field.
    """
    try:
        return kind.parse(value).value
    except InvalidValueError as error:
        raise InvalidValueError(error.what, where=field, remedy=error.remedy) from None


def place_of(code: str) -> str:
    """
    Return the id of the commune; a district of Paris, Lyon or Marseille lies in its city.

    >>> place_of("75115"), place_of("48095")
    ('commune:75056', 'commune:48095')
    """
    number = int(code) if code.isdecimal() else 0
    for city, first, last in _CITIES:
        if first <= number <= last:
            return f"commune:{city}"
    return f"commune:{code}"


_CITIES: Final = (("75056", 75101, 75120), ("69123", 69381, 69389), ("13055", 13201, 13216))


def position(*pairs: tuple[object, object]) -> Geo | None:
    """
    Return the first pair that is a place in France, in whichever order it is written.

    Sources swap latitude and longitude, or write metres of a projection in their
    place; no latitude of France is a longitude of it, so the order is certain.

    >>> position(("3.5", "44.5")) == position(("44,5", "3,5"))
    True
    >>> position((700000.0, 6600000.0), (0, 0)) is None
    True
    """
    for one, other in pairs:
        a, b = _degrees(one), _degrees(other)
        for latitude, longitude in ((a, b), (b, a)):
            if any(s <= latitude <= n and w <= longitude <= e for s, n, w, e in _FRANCE):
                return Geo(latitude=latitude, longitude=longitude)
    return None


def _degrees(value: object) -> float:
    try:
        return float(str(value).strip().replace(",", "."))
    except ValueError:
        return math.nan


def phones(
    value: str, field: str, notes: Notes, *, kind: ContactPointKind = ContactPointKind.PHONE
) -> list[ContactPoint]:
    """Return the numbers of a field that may hold several; what is none is noted."""
    return [
        point
        for part in _SEVERAL.split(value)
        if part and (point := _phone(part, field, notes, kind)) is not None
    ]


def _phone(part: str, field: str, notes: Notes, kind: ContactPointKind) -> ContactPoint | None:
    digits = re.sub(r"[\s.\-()]", "", part)
    if re.fullmatch(r"[1-9]\d{8}", digits):
        digits = f"0{digits}"  # a spreadsheet took it for a number
    if not re.fullmatch(r"\+?\d{3,15}", digits):
        notes.add(field, f"{part!r} is no telephone number")
        return None
    if kind is ContactPointKind.PHONE and _MOBILE.match(digits):
        kind = ContactPointKind.MOBILE
    return organisation_point(kind, digits)


def reachable(
    kind: ContactPointKind, values: Iterable[str], field: str, notes: Notes
) -> list[ContactPoint]:
    """Return e-mail or web addresses; those that are none are noted."""
    points = []
    for value in filter(None, map(str.strip, values)):
        whole = value
        if kind is ContactPointKind.URL and not re.match(r"https?://", value, re.IGNORECASE):
            whole = f"https://{value}"
        try:
            points.append(organisation_point(kind, whole))
        except InvalidValueError as error:
            notes.add(field, error.what)
    return points
