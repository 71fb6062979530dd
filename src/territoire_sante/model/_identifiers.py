# SPDX-License-Identifier: Apache-2.0
"""
French public identifiers: INSEE codes, SIREN, SIRET, FINESS, RPPS, RNA, postal codes.

Making one accepts spaces inside and nothing else out of form; ``parse`` also
puts right what people and spreadsheets write (small letters, dots, dashes).
A wrong form is an error. The check digits of FINESS and RPPS rest on no published
rule, so they are only told by ``check_digit_holds``.
"""

from __future__ import annotations

import re
from typing import ClassVar, Self

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.model._entity import make_id
from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._values import ALWAYS, Identifier, Period

_SEPARATORS = re.compile(r"[\s.\-_/\u2010-\u2015]+")


def _without_spaces(value: str) -> str:
    return "".join(value.split())


def luhn_holds(digits: str) -> bool:
    """
    Say whether a number satisfies Luhn's formula (ISO/IEC 7812-1, annex B).

    >>> luhn_holds("732829320"), luhn_holds("732829321")
    (True, False)
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)  # noqa: PLR2004 - sum of the digits of a doubled one
    return total % 10 == 0


@attrs.frozen(order=True)
class Code:
    """A text of a fixed form; the classes below say which."""

    SCHEME: ClassVar[str] = ""
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r".+")
    WHAT: ClassVar[str] = "a code"
    REMEDY: ClassVar[str] = ""

    value: str = attrs.field(converter=_without_spaces)

    def __attrs_post_init__(self) -> None:
        if not self.PATTERN.fullmatch(self.value):
            self._refuse(f"{self.value!r} is not {self.WHAT}")
        self._check()

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read it as people write it: any case, with spaces, dots or dashes.

        Raises:
            InvalidValueError: it has not the form, or its check digit is wrong.
        """
        return cls(_SEPARATORS.sub("", text).upper())

    def as_identifier(self, *, period: Period = ALWAYS) -> Identifier:
        """Return it as one of the external identifiers of an actor or a person."""
        return Identifier(scheme=self.SCHEME, value=self.value, period=period)

    def __str__(self) -> str:
        return self.value

    def _check(self) -> None:
        """Check what a pattern cannot say."""

    def _refuse(self, message: str) -> None:
        raise InvalidValueError(message, where=self.SCHEME, remedy=self._remedy())

    def _remedy(self) -> str:
        return self.REMEDY


@attrs.frozen(order=True)
class CommuneCode(Code):
    """
    The INSEE code of a commune, past or present (code officiel géographique).

    >>> CommuneCode("48095").department, CommuneCode("2A004").department
    (DepartmentCode(value='48'), DepartmentCode(value='2A'))
    """

    SCHEME: ClassVar[str] = "insee"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"(?:0[1-9]|[13-9][0-9]|2[1-9AB])[0-9]{3}")
    WHAT: ClassVar[str] = "the INSEE code of a commune"
    REMEDY: ClassVar[str] = "Write 5 characters such as 48095, 2A004 or 97411"

    @property
    def department(self) -> DepartmentCode:
        """
        The département that its first characters name.

        It holds for communes of today; five associated communes of the past
        bear the code of a département that they left.
        """
        return DepartmentCode(self.value[: 3 if self.value[:2] in ("97", "98") else 2])

    @property
    def territory_id(self) -> str:
        """
        The id of its territory.

        >>> CommuneCode("48095").territory_id
        'commune:48095'
        """
        return make_id("commune", self.value)

    def _remedy(self) -> str:
        if re.fullmatch(r"2[ab][0-9]{3}", self.value):
            return f"Write the letter as a capital: {self.value.upper()}"
        if re.fullmatch(r"20[0-9]{3}", self.value):
            return "This is a postal code of Corsica; its communes begin with 2A or 2B"
        if re.fullmatch(r"[0-9]{4}", self.value):
            return f"A spreadsheet may have dropped the first zero: 0{self.value}"
        return self.REMEDY


@attrs.frozen(order=True)
class DepartmentCode(Code):
    """The code of a département or of an overseas authority of that rank."""

    SCHEME: ClassVar[str] = "departement"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(
        r"0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]|97[0-9]|98[0-9]"
    )
    WHAT: ClassVar[str] = "the code of a département"
    REMEDY: ClassVar[str] = "Write 01 to 95, 2A, 2B, or three digits overseas such as 974"

    def _remedy(self) -> str:
        if re.fullmatch(r"[1-9]", self.value):
            return f"Write two digits: 0{self.value}"
        if self.value == "20":
            return "Corsica is 2A (Corse-du-Sud) or 2B (Haute-Corse)"
        return self.REMEDY


@attrs.frozen(order=True)
class RegionCode(Code):
    """The code of a region, two digits, or three for an overseas authority."""

    SCHEME: ClassVar[str] = "region"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"0[1-6]|[1-9][0-9]|97[0-9]|98[0-9]")
    WHAT: ClassVar[str] = "the code of a region"
    REMEDY: ClassVar[str] = "Write two digits such as 76, three for an overseas authority"


@attrs.frozen(order=True)
class PostalCode(Code):
    """A routing code of the post; it names no commune, thousands of them are shared."""

    SCHEME: ClassVar[str] = "postal_code"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"[0-9]{5}")
    WHAT: ClassVar[str] = "a postal code"
    REMEDY: ClassVar[str] = "Write 5 digits such as 48000"

    def _remedy(self) -> str:
        if re.fullmatch(r"2[ABab][0-9]{3}", self.value):
            return "This looks like an INSEE code; postal codes of Corsica begin with 20"
        if re.fullmatch(r"[0-9]{4}", self.value):
            return f"A spreadsheet may have dropped the first zero: 0{self.value}"
        return self.REMEDY


@attrs.frozen(order=True)
class Siren(Code):
    """The nine digits of a legal entity, checked by Luhn's formula."""

    SCHEME: ClassVar[str] = "siren"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"[0-9]{9}")
    WHAT: ClassVar[str] = "a SIREN"
    REMEDY: ClassVar[str] = "Write its 9 digits, such as 732 829 320"

    def _check(self) -> None:
        if not luhn_holds(self.value):
            self._refuse(f"the check digit of SIREN {self.value} is wrong")

    def _remedy(self) -> str:
        if re.fullmatch(r"[0-9]{14}", self.value):
            return f"This looks like a SIRET; its SIREN is {self.value[:9]}"
        return self.REMEDY


_LA_POSTE = "356000000"
_LA_POSTE_SEAT = "35600000000048"


@attrs.frozen(order=True)
class Siret(Code):
    """
    The fourteen digits of an establishment, checked by Luhn's formula.

    The establishments of La Poste are more than the formula has room for: the
    sum of their digits is a multiple of five, that of the seat excepted.
    """

    SCHEME: ClassVar[str] = "siret"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"[0-9]{14}")
    WHAT: ClassVar[str] = "a SIRET"
    REMEDY: ClassVar[str] = "Write its 14 digits, such as 732 829 320 00074"

    @property
    def siren(self) -> Siren:
        """The legal entity that it belongs to."""
        return Siren(self.value[:9])

    def _check(self) -> None:
        if self.value.startswith(_LA_POSTE) and self.value != _LA_POSTE_SEAT:
            good = sum(map(int, self.value)) % 5 == 0
        else:
            good = luhn_holds(self.value) and luhn_holds(self.value[:9])
        if not good:
            self._refuse(f"the check digit of SIRET {self.value} is wrong")

    def _remedy(self) -> str:
        if re.fullmatch(r"[0-9]{9}", self.value):
            return "This looks like a SIREN; a SIRET adds 5 digits for the establishment"
        return self.REMEDY


class FinessKind(LabelledEnum):
    """What a FINESS number stands for (EJ or EG, formerly ET)."""

    LEGAL = "legal", "Entité juridique (EJ)", "Legal entity"
    GEOGRAPHIC = "geographic", "Entité géographique (EG, ET)", "Site"


@attrs.frozen(order=True)
class Finess(Code):
    """
    The nine characters of a health structure: its legal entity or one site, as ``kind`` says.

    People confuse the two, so the kind is ``None`` where the source does not tell.

    >>> Finess("2A0022596").check_digit_holds
    True
    """

    SCHEME: ClassVar[str] = "finess"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{7}")
    WHAT: ClassVar[str] = "a FINESS number"
    REMEDY: ClassVar[str] = "Write its 9 characters, such as 540002698 or 2A0022596"

    kind: FinessKind | None = attrs.field(default=None, kw_only=True, order=False)

    @property
    def check_digit_holds(self) -> bool:
        """Whether Luhn's formula holds, A counting as 1 and B as 2; a doubt, not an error."""
        return luhn_holds(self.value.replace("A", "1").replace("B", "2"))


@attrs.frozen(order=True)
class Rpps(Code):
    """The eleven digits of a health professional."""

    SCHEME: ClassVar[str] = "rpps"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"[0-9]{11}")
    WHAT: ClassVar[str] = "an RPPS number"
    REMEDY: ClassVar[str] = "Write its 11 digits"

    @property
    def check_digit_holds(self) -> bool:
        """Whether Luhn's formula holds; a doubt, not an error."""
        return luhn_holds(self.value)

    def _remedy(self) -> str:
        if re.fullmatch(r"8[0-9]{11}", self.value):
            return f"This looks like an IDNPS; leave out the 8: {self.value[1:]}"
        return self.REMEDY


@attrs.frozen(order=True)
class Rna(Code):
    """The number of an association in the national register (RNA)."""

    SCHEME: ClassVar[str] = "rna"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"W[0-9]{9}")
    WHAT: ClassVar[str] = "an RNA number"
    REMEDY: ClassVar[str] = "Write a capital W and 9 digits, such as W481000000"


_CODES: dict[str, type[Code]] = {
    code.SCHEME: code
    for code in (
        CommuneCode,
        DepartmentCode,
        RegionCode,
        PostalCode,
        Siren,
        Siret,
        Finess,
        Rpps,
        Rna,
    )
}


def code_of(identifier: Identifier) -> Code | None:
    """
    Read an external identifier as the code its scheme names; ``None`` for other schemes.

    >>> code_of(Identifier(scheme="siren", value="732 829 320"))
    Siren(value='732829320')

    Raises:
        InvalidValueError: the value has not the form of its scheme.
    """
    code = _CODES.get(identifier.scheme)
    return None if code is None else code.parse(identifier.value)
