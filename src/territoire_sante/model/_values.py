# SPDX-License-Identifier: Apache-2.0
"""Small value types without an identity: visibility, provenance, periods, money, contact points."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.model._checks import between
from territoire_sante.model._labels import LabelledEnum

T = TypeVar("T")


class Visibility(LabelledEnum):
    """
    Who may see a thing, from widest to narrowest.

    PUBLIC < PARTNERS < TEAM < PRIVATE (domain reference, GDPR part). A link
    with audience A shows what :meth:`may_be_seen_by` A.
    """

    PUBLIC = "public", "Public", "Public"
    PARTNERS = "partners", "Partenaires", "Partners"
    TEAM = "team", "Équipe", "Team"
    PRIVATE = "private", "Privé", "Private"

    @property
    def rank(self) -> int:
        """0 for PUBLIC up to 3 for PRIVATE."""
        return _RANKS[self]

    def may_be_seen_by(self, audience: Visibility) -> bool:
        """
        Say whether something of this visibility may be shown to ``audience``.

        >>> Visibility.TEAM.may_be_seen_by(Visibility.PARTNERS)
        False
        """
        return self.rank <= audience.rank


# Asked for every contact point of everything that is shown.
_RANKS = {level: rank for rank, level in enumerate(Visibility)}


class ProcessingBasis(LabelledEnum):
    """Why personal data of a source may be kept (GDPR, article 6.1)."""

    CONSENT = "consent", "Consentement", "Consent"
    CONTRACT = "contract", "Contrat", "Contract"
    LEGAL_OBLIGATION = "legal_obligation", "Obligation légale", "Legal obligation"
    PUBLIC_TASK = "public_task", "Mission d'intérêt public", "Public-interest task"
    LEGITIMATE_INTEREST = "legitimate_interest", "Intérêt légitime", "Legitimate interest"


@attrs.frozen(kw_only=True)
class Provenance:
    """
    Where a record comes from; open licences ask to name source and date.

    ``source`` is a register or a person's function ("COG 2026", "mairie"),
    ``licence`` an SPDX id or a name, ``checksum`` a SHA-256 of the source
    file, ``basis`` why what it says of persons may be kept.
    """

    source: str
    source_id: str = ""
    retrieved_on: dt.date | None = None
    source_date: dt.date | None = None
    licence: str = ""
    url: str = ""
    checksum: str = ""
    basis: ProcessingBasis | None = None


@attrs.frozen(kw_only=True)
class Period:
    """
    Half-open days ``[start, end)``; no end means that it goes on.

    >>> Period(start=dt.date(2026, 1, 1), end=dt.date(2027, 1, 1)).contains(dt.date(2027, 1, 1))
    False
    """

    start: dt.date | None = None
    end: dt.date | None = None

    def __attrs_post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.end < self.start:
            message = f"the end {self.end} is before the start {self.start}"
            raise InvalidValueError(message, where="end", remedy="Swap them, or leave the end out")

    def contains(self, day: dt.date) -> bool:
        """Say whether ``day`` lies in the period."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def overlaps(self, other: Period) -> bool:
        """Say whether the two periods have a day in common."""
        start = max((p.start for p in (self, other) if p.start is not None), default=None)
        end = min((p.end for p in (self, other) if p.end is not None), default=None)
        return start is None or end is None or start < end


#: The period without start or end.
ALWAYS = Period()


@attrs.frozen
class Known(Generic[T]):
    """A value that is known to be there; the other two states are ABSENT and UNKNOWN."""

    value: T


class Knowledge(LabelledEnum):
    """
    Known to be absent, or not known: two different things, and rules must not guess.

    A field of three states has the type ``Known[T] | Knowledge``.
    """

    ABSENT = "absent", "Absent (vérifié)", "Known to be absent"
    UNKNOWN = "unknown", "Non renseigné", "Unknown"


#: It was looked for, and is not there.
ABSENT = Knowledge.ABSENT
#: Nobody has said whether it is there.
UNKNOWN = Knowledge.UNKNOWN


class Tri(LabelledEnum):
    """A flag with three states."""

    YES = "yes", "Oui", "Yes"
    NO = "no", "Non", "No"
    UNKNOWN = "unknown", "Non renseigné", "Unknown"

    @classmethod
    def of(cls, flag: bool | None) -> Tri:  # noqa: FBT001 - a conversion of exactly this type
        """Translate ``True``, ``False`` and ``None``."""
        if flag is None:
            return cls.UNKNOWN
        return cls.YES if flag else cls.NO


_CENT = Decimal("0.01")
_MOST_EUROS = Decimal(10) ** 15


def _two_decimals(value: Decimal | str | int) -> Decimal:
    try:
        amount = Decimal(value)
        cents = amount.quantize(_CENT) if abs(amount) < _MOST_EUROS else None
    except (InvalidOperation, TypeError, ValueError):
        cents = None
    if cents is None or cents != amount:
        message = f"{value} is not an amount in euros and cents"
        raise InvalidValueError(message, where="amount", remedy="Write it like 1250.50")
    return cents


def _euros(_instance: object, _attribute: object, value: str) -> None:
    if value != "EUR":
        message = f"{value!r} is not a currency of this library"
        raise InvalidValueError(message, where="currency", remedy="Amounts are in EUR")


def _number(value: Decimal | str | int) -> Decimal:
    try:
        return Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        message = f"{value!r} is not a number"
        raise InvalidValueError(message, where="value", remedy="Write it like 12.5") from None


@attrs.frozen
class Money:
    """
    An amount of euros, exact to the cent, converted from ``Decimal``, ``int`` or text.

    >>> Money("150").amount
    Decimal('150.00')
    """

    amount: Decimal = attrs.field(converter=_two_decimals)
    currency: str = attrs.field(default="EUR", validator=_euros)


class Unit(LabelledEnum):
    """Units in which the capacity of a lever is counted."""

    SEATS = "seats", "Places assises", "Seats"
    M2 = "m2", "Mètres carrés", "Square metres"
    ITEMS = "items", "Unités", "Items"
    STAFF_HOURS = "staff_hours", "Heures d'agent", "Staff hours"
    VEHICLES = "vehicles", "Véhicules", "Vehicles"
    PLACES = "places", "Places", "Places"
    BEDS = "beds", "Lits", "Beds"
    MESSAGES = "messages", "Messages", "Messages"
    EUR = "eur", "Euros", "Euros"
    OTHER = "other", "Autre", "Other"


@attrs.frozen
class Quantity:
    """A non-negative amount of something; ``detail`` is free text for ``Unit.OTHER``."""

    value: Decimal = attrs.field(converter=_number)
    unit: Unit = Unit.ITEMS
    detail: str = ""

    def __attrs_post_init__(self) -> None:
        if not self.value.is_finite() or self.value < 0:
            message = f"{self.value} is not a quantity"
            raise InvalidValueError(message, where="value", remedy="Give a number of 0 or more")


class ContactPointKind(LabelledEnum):
    """What kind of address a contact point is."""

    PHONE = "phone", "Téléphone", "Phone"
    MOBILE = "mobile", "Portable", "Mobile"
    FAX = "fax", "Télécopie", "Fax"
    EMAIL = "email", "Courriel", "E-mail"
    SECURE_EMAIL = "secure_email", "Messagerie sécurisée de santé", "Secure health e-mail"
    URL = "url", "Site internet", "Website"


_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
_PHONE = re.compile(
    r"\+?[0-9(][0-9 ().\-/]{1,30}(?:\s*(?:ext|poste|x)\.?\s*\d{1,6})?", re.IGNORECASE
)


@attrs.frozen(kw_only=True)
class ContactPoint:
    """
    A way to reach an actor or a person, with its own visibility.

    Left out, ``visibility`` is that of a named person's direct line (PARTNERS);
    a mobile number is PRIVATE (domain reference, GDPR part, 5). ``rank`` 1 is
    tried first, up to 100, 0 if no order is known. ``card_types`` are the TYPE
    words under which address books hold it, empty for those that ``kind`` implies.
    """

    kind: ContactPointKind
    value: str
    label: str = ""
    visibility: Visibility = attrs.field()
    rank: int = 0
    verified_on: dt.date | None = None
    card_types: tuple[str, ...] = ()

    @visibility.default
    def _default_visibility(self) -> Visibility:
        mobile = self.kind is ContactPointKind.MOBILE
        return Visibility.PRIVATE if mobile else Visibility.PARTNERS

    def __attrs_post_init__(self) -> None:
        if self.kind in (ContactPointKind.EMAIL, ContactPointKind.SECURE_EMAIL):
            good, example = bool(_EMAIL.fullmatch(self.value)), "accueil@mairie.example.org"
        elif self.kind is ContactPointKind.URL:
            good, example = bool(re.fullmatch(r"https?://\S+", self.value)), "https://example.org"
        else:
            good, example = bool(_PHONE.fullmatch(self.value)), "+33 4 66 00 00 00"
        if not good:
            message = f"{self.value!r} is not a value for {self.kind.name}"
            raise InvalidValueError(message, where="value", remedy=f"Write it like {example}")


@attrs.frozen(kw_only=True)
class Geo:
    """WGS 84 decimal degrees: latitude -90 to 90, longitude -180 to 180."""

    latitude: float = attrs.field(validator=between(-90, 90))
    longitude: float = attrs.field(validator=between(-180, 180))


@attrs.frozen(kw_only=True)
class Address:
    """
    A postal address as the Base Adresse Nationale cuts it.

    ``citycode`` is the INSEE code (the arrondissement's in Paris, Lyon and
    Marseille), ``ban_id`` the BAN key; both empty if unknown.
    """

    street: str = ""
    complement: str = ""
    postcode: str = ""
    city: str = ""
    citycode: str = ""
    country: str = "France"
    ban_id: str = ""
    geo: Geo | None = None


@attrs.frozen(kw_only=True)
class Identifier:
    """An external identifier: ``scheme`` such as ``"finess"``, its value, its validity."""

    scheme: str
    value: str
    period: Period = ALWAYS
