# SPDX-License-Identifier: Apache-2.0
"""Names of organisations as they are compared: abbreviations and what they stand for are one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import attrs

from territoire_sante.cooperation._words import Sentence, folded, say
from territoire_sante.cooperation.duplicates._names import one_edit, spellings


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SMALL_WORDS: Final = _set("de du des d la le les l en et sur sous aux au a pour par un une")

# What is spelled out -> the one word that stands for it; longest first.
_LONG: Final = {
    "maison de sante pluri professionnelle": "msp",
    "maison de sante pluriprofessionnelle": "msp",
    "maison de sante pluridisciplinaire": "msp",
    "maison medicale pluridisciplinaire": "msp",
    "maison de sante": "msp",
    "pole de sante": "msp",
    "equipe de soins primaires": "esp",
    "communaute professionnelle territoriale de sante": "cpts",
    "centre communal d action sociale": "ccas",
    "centre intercommunal d action sociale": "cias",
    "communaute de communes": "cc",
    "communaute d agglomeration": "ca",
    "communaute urbaine": "cu",
    "agence regionale de sante": "ars",
    "dispositif d appui a la coordination": "dac",
    "contrat local de sante": "cls",
    "centre hospitalier universitaire": "chu",
    "centre hospitalier": "ch",
    "centre municipal de sante": "cds",
    "centre de sante": "cds",
    "societe interprofessionnelle de soins ambulatoires": "sisa",
    "etablissement d hebergement pour personnes agees dependantes": "ehpad",
    "caisse primaire d assurance maladie": "cpam",
    "mutualite sociale agricole": "msa",
    "caisse d allocations familiales": "caf",
    "commune": "mairie",
    "ville": "mairie",
    "hotel de ville": "mairie",
}
_SHORT: Final = {
    "st": "saint",
    "ste": "sainte",
    "sts": "saints",
    "ass": "association",
    "asso": "association",
    "assoc": "association",
    "pharm": "pharmacie",
    "ctre": "centre",
    "dep": "departement",
    "dept": "departement",
}
_TYPES: Final = frozenset(_LONG.values()) | frozenset({"pharmacie", "association", "ecole"})
# Words that make two of what else bears the same name.
_TELLING: Final = _set(
    "deleguee delegue associee annexe antenne nord sud est ouest haut haute bas basse grand"
    " grande petit petite vieux vieille neuf neuve i ii iii iv v"
)
_PATTERN: Final = re.compile(
    r"\b(?:" + "|".join(sorted(map(re.escape, _LONG), key=len, reverse=True)) + r")\b"
)

_ONE_LETTER: Final = 0.95
_PART_OF: Final = 0.93
_ONLY_TYPE: Final = 0.7
_TOLD_APART: Final = 0.4


@attrs.frozen
class Title:
    """The words of a name: ``types`` say what it is, ``core`` which one, in their order."""

    types: frozenset[str]
    core: tuple[str, ...]

    @property
    def words(self) -> frozenset[str]:
        """All words that count."""
        return self.types | frozenset(self.core)

    @property
    def joined(self) -> str:
        """Its own words as one."""
        return "".join(self.core)


def title_of(name: str) -> Title:
    """
    Return the words of a name that count.

    >>> title_of("Maison de santé pluriprofessionnelle de St-Exemple")
    Title(types=frozenset({'msp'}), core=('saint', 'exemple'))
    >>> title_of("MSP Saint Exemple") == title_of("M.S.P. de St Exemple")
    True
    """
    plain = " ".join(folded(re.sub(r"\b(\w)\.(?=\w\b)", r"\1", name)).split())
    plain = _PATTERN.sub(lambda found: _LONG[found[0]], plain)
    words = [_SHORT.get(one, one) for one in plain.split()]
    counting = [one for one in words if one not in _SMALL_WORDS] or words
    return Title(
        types=frozenset(one for one in counting if one in _TYPES),
        core=tuple(one for one in counting if one not in _TYPES),
    )


def title_keys(title: Title) -> Iterator[str]:
    """Yield keys of which two names that are alike have at least one in common."""
    yield from sorted(title.words)
    if title.core:
        yield from (f"={one}" for one in spellings(title.joined))


def titles_alike(one: Title, other: Title) -> tuple[float, Sentence]:
    """Say how alike two names are, and why; those without a word in common are not."""
    value = _value(one, other)
    if value == 1.0:
        return value, say("Même nom.", "Same name.")
    if value == 0.0:
        return value, say("Noms différents.", "Different names.")
    return value, say("Noms proches.", "Similar names.")


def _value(one: Title, other: Title) -> float:
    mine, theirs = frozenset(one.core), frozenset(other.core)
    near = one_edit(one.joined, other.joined)
    if not near and one.words.isdisjoint(other.words):
        return 0.0
    if (one.types and other.types and one.types != other.types) or (
        _telling(mine) != _telling(theirs)
    ):
        return _TOLD_APART
    return 1.0 if mine == theirs else _ONE_LETTER if near else _cores(mine, theirs)


def _cores(mine: frozenset[str], theirs: frozenset[str]) -> float:
    if not mine or not theirs:
        return _ONLY_TYPE
    if mine < theirs or theirs < mine:
        return _PART_OF
    from rapidfuzz import fuzz  # noqa: PLC0415 - an extra, see _extra

    return round(fuzz.ratio(" ".join(sorted(mine)), " ".join(sorted(theirs))) / 100, 4)


def _telling(words: frozenset[str]) -> frozenset[str]:
    return frozenset(one for one in words if one in _TELLING or one.isdigit())
