# SPDX-License-Identifier: Apache-2.0
"""Names of persons as they are compared: without case, accents, titles and particles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import attrs

from territoire_sante.cooperation._words import folded
from territoire_sante.model import PersonName

_PARTICLES: Final = frozenset({"de", "du", "des", "d", "la", "le", "les", "l"})
_TITLES: Final = frozenset({"dr", "docteur", "mme", "mr", "monsieur", "madame", "docteure"})
# Between the two family names of somebody who married.
_JOINING: Final = frozenset({"epouse", "ep", "nee", "ne", "veuve", "vve"})

_SOUNDS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"eau|au", "o"),
        (r"ph", "f"),
        (r"[ae]i(?=[nm](?![aeiouy]))|y(?=[nm](?![aeiouy]))", "i"),
        (r"e(?=[nm](?![aeiouynm]|$))", "a"),
        (r"m(?=[bp])", "n"),
        (r"qu|ck|q|c(?=[aouklrt]|$)", "k"),
        (r"ss|c(?=[eiy])|z", "s"),
        (r"y", "i"),
        (r"w", "v"),
        (r"h", ""),
        (r"(.)\1+", r"\1"),
        (r"[stdxpe]+$", ""),
    )
)
_LEAST_SOUND: Final = 3
_LEAST_SPELLING: Final = 4


@attrs.frozen
class Name:
    """The words of a name: ``family`` without particles, ``whole`` with them, and ``given``."""

    family: tuple[str, ...]
    whole: tuple[str, ...]
    given: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is no word in it."""
        return not self.family and not self.given


def name_of(name: PersonName) -> Name:
    """
    Return the words of a name.

    Who has everything in one field, family name in capitals, is cut in two.

    >>> name_of(PersonName(family="DE LA Fontaine-Modèle", given="Jean-Pierre")).family
    ('fontaine', 'modele')
    >>> name_of(PersonName(family="EXEMPLE Odile")).given
    ('odile',)
    """
    family, given = name.family, name.given
    if not given and (cut := _cut(family)):
        family, given = cut
    whole = tuple(one for one in folded(family).split() if one not in _TITLES | _JOINING)
    bare = tuple(one for one in whole if one not in _PARTICLES)
    words = tuple(one for one in folded(f"{given} {name.additional}").split() if one not in _TITLES)
    # Most have no particle: one tuple for both is one less for the garbage collector to look at.
    return Name(whole if bare == whole else bare or whole, whole, words)


def _cut(text: str) -> tuple[str, str] | None:
    words = text.split()
    family = [one for one in words if one.isupper() and len(one) > 1]
    given = [one for one in words if one not in family]
    return (" ".join(family), " ".join(given)) if family and given else None


def sound(word: str) -> str:
    """
    Return how a French name sounds, roughly; empty where too little is left to tell.

    >>> sound("dupont") == sound("dupond"), sound("thibault") == sound("tibo")
    (True, False)
    >>> sound("philippe"), sound("renault")
    ('fili', 'renol')
    """
    for pattern, by in _SOUNDS:
        word = pattern.sub(by, word)
    return word if len(word) >= _LEAST_SOUND else ""


def spellings(word: str) -> Iterator[str]:
    """
    Yield a word and what one letter less makes of it; two words that differ by one edit share one.

    >>> sorted(spellings("abcd"))
    ['abc', 'abcd', 'abd', 'acd', 'bcd']
    """
    yield word
    if len(word) >= _LEAST_SPELLING:
        yield from {word[:place] + word[place + 1 :] for place in range(len(word))}


def one_edit(one: str, other: str) -> bool:
    """
    Say whether one letter more, less, another or two swapped turn one word into the other.

    Words of under four letters are too short for that to mean anything.

    >>> one_edit("martin", "matrin"), one_edit("martin", "marin"), one_edit("paul", "raoul")
    (True, True, False)
    """
    if min(len(one), len(other)) < _LEAST_SPELLING or abs(len(one) - len(other)) > 1:
        return False
    from rapidfuzz.distance import OSA  # noqa: PLC0415 - an extra, see _extra

    return OSA.distance(one, other, score_cutoff=1) <= 1


def name_keys(name: Name) -> Iterator[str]:
    """
    Yield keys of which two names that are alike have at least one in common.

    By spelling, by sound, by each word of a family name, and for names given the wrong way round.
    """
    joined = "".join(name.family)
    for one in spellings(joined):
        yield f"={one}"
    if heard := sound(joined):
        yield f"~{heard}"
    for word in name.family:
        yield f"={word}"
        for other in name.given:
            yield "+".join(sorted((word, other)))


def bag_key(name: Name) -> str:
    """Return the key of a name, whichever of its two parts comes first."""
    return " ".join(sorted(("".join(name.family), "".join(name.given))))
