# SPDX-License-Identifier: Apache-2.0
"""What identifies a record: numbers of registers, e-mails and telephone numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    ContactPoint,
    ContactPointKind,
    Identifier,
    normalise_email,
    normalise_phone,
)
from territoire_sante.model import code_of as read_code

Numbers = Mapping[str, frozenset[str]]

# Most persons have none: one for all of them is a hundred thousand less to keep.
_NONE: Final[Numbers] = {}

#: Numbers that stand for one person, one association or one site.
OWN: Final = frozenset({"rpps", "siret", "finess", "rna"})
#: Numbers of the legal person behind, which several sites share.
SHARED: Final = frozenset({"siren", "finess_ej"})

_BY_ID: Final = OWN | {"siren"}
_MAILS: Final = frozenset({ContactPointKind.EMAIL, ContactPointKind.SECURE_EMAIL})
_PHONES: Final = frozenset({ContactPointKind.PHONE, ContactPointKind.MOBILE})


def numbers_of(entity_id: str, identifiers: Iterable[Identifier]) -> Numbers:
    """
    Return the numbers of a record by scheme, that in its id among them.

    One that has not the form of its scheme identifies nothing.

    >>> numbers_of("finess:480001234", [Identifier(scheme="siret", value="123")])
    {'finess': frozenset({'480001234'})}
    """
    scheme, _, local = entity_id.partition(":")
    said = [*identifiers]
    if scheme in _BY_ID:
        said.append(Identifier(scheme=scheme, value=local))
    if not said:
        return _NONE
    found: dict[str, frozenset[str]] = {}
    for one in said:
        value = _number(one)
        if value:
            found[one.scheme] = found.get(one.scheme, frozenset()) | {value}
    return found


def _number(identifier: Identifier) -> str:
    if identifier.scheme not in OWN | SHARED:
        return ""
    try:
        code = read_code(identifier)
    except InvalidValueError:
        return ""
    return code.value if code is not None else "".join(identifier.value.split())


def contacts_of(points: Iterable[ContactPoint]) -> Iterator[str]:
    """
    Yield e-mails and telephone numbers in one spelling each.

    >>> kind = ContactPointKind
    >>> points = [
    ...     ContactPoint(kind=kind.PHONE, value="04 66 00 00 00"),
    ...     ContactPoint(kind=kind.EMAIL, value="Accueil@example.org"),
    ... ]
    >>> [*contacts_of(points)]
    ['+33466000000', 'accueil@example.org']
    """
    for one in points:
        if one.kind in _MAILS:
            yield normalise_email(one.value)
        elif one.kind in _PHONES:
            yield normalise_phone(one.value)


def agreeing(one: Numbers, other: Numbers, schemes: frozenset[str]) -> str:
    """Return a scheme by which two records have the same number, or ``""``."""
    if not one or not other:
        return ""
    return next((s for s in sorted(schemes) if not _of(one, s).isdisjoint(_of(other, s))), "")


def contradicting(one: Numbers, other: Numbers, schemes: frozenset[str]) -> str:
    """Return a scheme by which both have a number, and none in common, or ``""``."""
    if not one or not other:
        return ""
    both = (s for s in sorted(schemes) if s in one and s in other)
    return next((s for s in both if one[s].isdisjoint(other[s])), "")


def _of(numbers: Numbers, scheme: str) -> frozenset[str]:
    return numbers.get(scheme, frozenset())
