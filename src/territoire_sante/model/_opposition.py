# SPDX-License-Identifier: Apache-2.0
"""
The opposition list: e-mails and telephone numbers never to be used again.

It may keep only what is needed to recognise them (CNIL, MED-2023-040): a keyed
hash and a day. The key is the caller's secret, kept apart from the store;
without it a hash says nothing about the address.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable
from typing import ClassVar, Self

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.model._entity import Entity, make_id
from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._values import ContactPoint, ContactPointKind, Visibility

ALGORITHM = "hmac-sha256"
_KEY_BYTES = 16
_EXTENSION = re.compile(r"(?:ext|poste|x)\.?\s*[0-9]*\s*$", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]{64}")

# Three first digits of a national number overseas -> country code (the rest of France is 33).
_OVERSEAS = {
    **dict.fromkeys(("590", "690", "691"), "590"),
    **dict.fromkeys(("594", "694"), "594"),
    **dict.fromkeys(("596", "696", "697"), "596"),
    **dict.fromkeys(("262", "263", "269", "639", "692", "693"), "262"),
}
# Kept for works of fiction in metropolitan France, though the digits around are overseas.
_FICTION = "63998"
_COUNTRIES = re.compile(r"(\+(?:33|590|594|596|262))0?([1-9][0-9]{8})")


class OppositionKind(LabelledEnum):
    """What was hashed."""

    EMAIL = "email", "Courriel", "E-mail"
    PHONE = "phone", "Téléphone", "Phone"


def normalise_email(text: str) -> str:
    """
    Return the one spelling of an e-mail address, by which it is hashed and compared.

    >>> normalise_email(" mailto:Accueil@MSP.example.org ")
    'accueil@msp.example.org'
    """
    return unicodedata.normalize("NFKC", text).strip().casefold().removeprefix("mailto:").strip()


def normalise_phone(text: str) -> str:
    """
    Return the one spelling of a telephone number: ``+`` and digits (E.164).

    National French numbers get the code of their part of the country;
    an extension is left out, it reaches the same line.

    >>> normalise_phone("04 66 00 00 00"), normalise_phone("0033 (0)4.66.00.00.00")
    ('+33466000000', '+33466000000')
    >>> normalise_phone("0262 00 00 00")
    '+262262000000'
    """
    text = unicodedata.normalize("NFKC", text).strip().casefold().removeprefix("tel:")
    text = _EXTENSION.sub("", text.split(";", 1)[0])
    digits = re.sub(r"[^0-9+]", "", text)
    digits = re.sub(r"^00", "+", digits)
    if re.fullmatch(r"0[1-9][0-9]{8}", digits):
        country = "33" if digits.startswith(_FICTION, 1) else _OVERSEAS.get(digits[1:4], "33")
        digits = f"+{country}{digits[1:]}"
    whole = _COUNTRIES.fullmatch(digits)
    return f"{whole[1]}{whole[2]}" if whole else digits


def opposition_hash(value: str, kind: OppositionKind, *, key: bytes) -> str:
    """
    Return the keyed hash (HMAC-SHA256, RFC 2104) of an e-mail or a telephone number, in hex.

    Raises:
        InvalidValueError: the key is shorter than 16 bytes, or there is nothing to hash.
    """
    if len(key) < _KEY_BYTES:
        message = f"a key of {len(key)} bytes can be guessed"
        raise InvalidValueError(message, where="key", remedy="Use 16 random bytes or more")
    email = kind is OppositionKind.EMAIL
    normal = normalise_email(value) if email else normalise_phone(value)
    if not normal.strip("+"):
        message = f"there is no {kind.label('en').lower()} to hash"
        raise InvalidValueError(message, where="value", remedy="Give the address or the number")
    return hmac.new(key, f"{kind.value}:{normal}".encode(), hashlib.sha256).hexdigest()


@attrs.frozen(kw_only=True)
class OppositionEntry(Entity):
    """One hash, of what, and since when; nothing else may be kept, not even where it came from."""

    KIND: ClassVar[str] = "opposition"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("opposition",)

    visibility: Visibility = Visibility.PRIVATE
    hash: str
    kind: OppositionKind
    algorithm: str = ALGORITHM
    since: dt.date | None = None

    def __attrs_post_init__(self) -> None:
        if self.algorithm != ALGORITHM or not _HEX.fullmatch(self.hash):
            message = f"{self.hash!r} is not a hash by {ALGORITHM}"
            raise InvalidValueError(message, where="hash", remedy="Use OppositionEntry.of")
        if self.provenance is not None:
            message = "an entry of the opposition list has no provenance"
            raise InvalidValueError(message, where="provenance", remedy="Leave it out")

    @classmethod
    def of(cls, value: str, kind: OppositionKind, *, key: bytes, since: dt.date) -> Self:
        """Return the entry for an e-mail or a number; the same one each time with the same key."""
        digest = opposition_hash(value, kind, key=key)
        return cls(id=make_id("opposition", digest), hash=digest, kind=kind, since=since)


_KINDS = {
    ContactPointKind.EMAIL: OppositionKind.EMAIL,
    ContactPointKind.SECURE_EMAIL: OppositionKind.EMAIL,
    ContactPointKind.PHONE: OppositionKind.PHONE,
    ContactPointKind.MOBILE: OppositionKind.PHONE,
    ContactPointKind.FAX: OppositionKind.PHONE,
}


@attrs.frozen
class OppositionList:
    """The entries with their key, ready to be asked at every import and export."""

    hashes: frozenset[str]
    key: bytes = attrs.field(repr=False)

    @classmethod
    def of(cls, entries: Iterable[OppositionEntry], *, key: bytes) -> Self:
        """Return the list of these entries."""
        return cls(frozenset(entry.hash for entry in entries), key)

    def opposes(self, point: ContactPoint) -> bool:
        """Say whether this contact point must not be used."""
        kind = _KINDS.get(point.kind)
        return kind is not None and self.holds(point.value, kind)

    def holds(self, value: str, kind: OppositionKind) -> bool:
        """Say whether this e-mail or number is on the list."""
        return bool(self.hashes) and opposition_hash(value, kind, key=self.key) in self.hashes
