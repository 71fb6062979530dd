# SPDX-License-Identifier: Apache-2.0
"""How alike two names of persons are, and in which way."""

from __future__ import annotations

from typing import Final, NamedTuple

from territoire_sante.cooperation._words import Sentence, say
from territoire_sante.cooperation.duplicates._names import Name, one_edit, sound


class Alike(NamedTuple):
    """How alike, from 0 to 1, and why."""

    value: float
    reason: Sentence


SAME: Final = Alike(1.0, say("Même nom.", "Same name."))
OTHER: Final = Alike(0.0, say("Noms différents.", "Different names."))
_PARTICLE: Final = Alike(0.97, say("Même nom à la particule près.", "Same name but the particle."))
_PART: Final = Alike(
    0.93,
    say("Un nom fait partie de l'autre (nom composé, d'usage).", "One name is part of the other."),
)
_SPELLING: Final = Alike(0.9, say("Une lettre d'écart.", "One letter apart."))
_INITIAL: Final = Alike(0.87, say("Prénom réduit à l'initiale.", "Given name as an initial."))
_SOUND: Final = Alike(0.87, say("Même prononciation.", "Sounds the same."))
_UNKNOWN: Final = Alike(0.7, say("Prénom inconnu d'un côté.", "No given name on one side."))
_INVERTED: Final = Alike(
    0.97, say("Nom et prénom inversés.", "Family and given name the other way round.")
)


def names_alike(one: Name, other: Name) -> Alike:
    """Say how alike two names are: both parts must be, and the lesser of the two is the reason."""
    family = _families(one, other)
    given = _givens(one.given, other.given) if family.value else OTHER
    best = OTHER
    if family.value and given.value:
        lesser = min(family, given, key=lambda found: found.value)
        best = Alike((family.value + given.value) / 2, lesser.reason)
    if best.value < _INVERTED.value and _is_inverted(one, other):
        return _INVERTED
    return best


def _families(one: Name, other: Name) -> Alike:
    if not one.family or not other.family:
        return OTHER
    if one.family == other.family or "".join(one.family) == "".join(other.family):
        return SAME if one.whole == other.whole else _particle_or_same(one, other)
    mine, theirs = set(one.family), set(other.family)
    if mine <= theirs or theirs <= mine:
        return _PART
    return _written("".join(one.family), "".join(other.family))


def _particle_or_same(one: Name, other: Name) -> Alike:
    return SAME if "".join(one.whole) == "".join(other.whole) else _PARTICLE


def _written(one: str, other: str) -> Alike:
    if one_edit(one, other):
        return _SPELLING
    heard = sound(one)
    return _SOUND if heard and heard == sound(other) else OTHER


def _givens(one: tuple[str, ...], other: tuple[str, ...]) -> Alike:
    if not one or not other:
        return _UNKNOWN
    mine, theirs = "".join(one), "".join(other)
    if mine == theirs:
        return SAME
    shared = min(len(one), len(other))
    if one[:shared] == other[:shared]:
        return _PART
    if all(_is_short_for(*pair) for pair in zip(one, other, strict=False)):
        return _INITIAL
    return _written(mine, theirs)


def _is_short_for(one: str, other: str) -> bool:
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    return one == other


def _is_inverted(one: Name, other: Name) -> bool:
    return (
        bool(one.given and other.given) and one.family == other.given and one.given == other.family
    )
