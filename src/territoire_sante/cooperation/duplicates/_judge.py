# SPDX-License-Identifier: Apache-2.0
"""What persons and actors are judged by alike: official numbers, and ways to reach them."""

from __future__ import annotations

from typing import Final

from territoire_sante.cooperation._score import Part
from territoire_sante.cooperation._words import say
from territoire_sante.cooperation.duplicates._duplicate import Duplicate, Trait
from territoire_sante.cooperation.duplicates._identity import (
    OWN,
    SHARED,
    Numbers,
    agreeing,
    contradicting,
)

# The number of one site or person is the same, but something else speaks against it.
_DOUBTED: Final = 0.85

_SAME_CONTACT: Final = say(
    "Même courriel ou même téléphone.", "Same e-mail or same telephone number."
)
_OTHER_CONTACT: Final = say("Coordonnées différentes.", "Different contact details.")
_NO_CONTACT: Final = say("Coordonnées inconnues d'un côté.", "No contact details on one side.")


def is_vetoed(one: Numbers, other: Numbers) -> bool:
    """Say whether official numbers say that they are two, and none that they are one."""
    return is_contradicted(one, other) and not agreeing(one, other, OWN)


def same_number(one: Numbers, other: Numbers) -> Part | None:
    """Return the part of a number that only one record can have, if both have it."""
    scheme = agreeing(one, other, OWN)
    if not scheme:
        return None
    reason = say("Même {scheme}.", "Same {scheme}.", scheme=scheme.upper())
    return Part(criterion=Trait.NUMBER, value=1.0, weight=1.0, reason=reason)


def is_contradicted(one: Numbers, other: Numbers) -> bool:
    """Say whether some official number says that they are two."""
    return bool(contradicting(one, other, OWN | SHARED))


def by_number(
    kind: str, ids: tuple[str, str], part: Part, others: tuple[Part, ...], *, doubted: bool
) -> Duplicate:
    """
    Return the pair that one number makes; certain unless it is ``doubted``.

    The other parts are told and don't count.
    """
    score = _DOUBTED if doubted else 1.0
    number = Part(criterion=part.criterion, value=score, weight=1.0, reason=part.reason)
    told = tuple(
        Part(criterion=one.criterion, value=one.value, weight=0.0, reason=one.reason)
        for one in others
    )
    return Duplicate(
        kind=kind,
        first_id=ids[0],
        second_id=ids[1],
        score=score,
        parts=(number, *told),
        certain=not doubted,
    )


def contact_part(
    mine: frozenset[str], theirs: frozenset[str], one: Numbers, other: Numbers, weight: float
) -> Part:
    """Say whether both can be reached the same way, or have one legal person behind them."""
    if scheme := agreeing(one, other, SHARED):
        reason = say("Même {scheme}.", "Same {scheme}.", scheme=scheme.upper())
        return Part(criterion=Trait.CONTACT, value=1.0, weight=weight, reason=reason)
    value, reason = 0.5, _NO_CONTACT
    if mine and theirs:
        value, reason = (0.3, _OTHER_CONTACT) if mine.isdisjoint(theirs) else (1.0, _SAME_CONTACT)
    return Part(criterion=Trait.CONTACT, value=value, weight=weight, reason=reason)


def by_score(kind: str, ids: tuple[str, str], parts: tuple[Part, ...]) -> Duplicate:
    """Return the pair with the sum of its parts as score, to four places."""
    score = round(sum(one.value * one.weight for one in parts), 4)
    return Duplicate(kind=kind, first_id=ids[0], second_id=ids[1], score=score, parts=parts)
