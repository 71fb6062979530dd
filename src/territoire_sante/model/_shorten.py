# SPDX-License-Identifier: Apache-2.0
"""Shorter titles for a person to accept: whole words, no broken date, time or phone number."""

from __future__ import annotations

import re
from collections.abc import Callable

# NBSP and narrow NBSP are left out: what the writer glued together stays together.
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")

_MARKS = " \t,;:.!?…–—-/|·•«»\"“”()[]'’"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STOP_WORDS = _words(
    """
    a afin à au aux avant avec c car ce ces cet cette chez comme contre d dans de depuis des dès
    donc dont du elle en entre est et eux il ils jusqu jusque jusqu'à jusqu'au l la le les leur
    leurs lors ma mais malgré mes mon ne ni nos notre on or ou où par partir pendant pour près qu
    que qui quand s sa sans sauf se selon ses si son sont sous sur ta tes ton un une vers via vos
    votre y the of and to in at on for with from
    """
)

_MONTHS = _words(
    """
    janvier février mars avril mai juin juillet août septembre octobre novembre décembre
    janv févr fév avr juil sept oct nov déc fevrier aout decembre
    """
)

_WEEKDAYS = _words("lundi mardi mercredi jeudi vendredi samedi dimanche")

_CLOCK = _words("h heure heures min mn minutes")

_RANGE = _words("à a au et - – — / ou")

# Left out of the title, these turn its meaning round.
_NEGATIONS = _words("pas plus jamais aucun aucune rien personne")

# Left out of the title, it would announce what does not take place.
_REVERSALS = re.compile(
    r"(?:annul|report|supprim|déplac|ferm)é(?:e|s|es)?|(?:suspendu|interdit)(?:e|s|es)?"
)

_TRAILING = " \t,;:.…–—-/|·•«“(["


def one_line(text: str) -> str:
    r"""
    Return ``text`` with its ordinary blanks made single; no-break spaces stay.

    >>> one_line("Deux   mots\n ici")
    'Deux mots ici'
    """
    return _BLANKS.sub(" ", text).strip(" ")


def shorten_title(title: str, fits: Callable[[str], bool]) -> str | None:
    r"""
    Return the longest beginning of ``title`` that fits and reads as a title.

    It is made of whole words, never breaks a date, a time, a range or a phone
    number, leaves no bracket open and ends on no word such as "de" or "à". A cancellation
    that would be left out is put in front. ``None`` if there is no such beginning.

    >>> shorten_title("Consultation du samedi 14 novembre annulée", lambda t: len(t) <= 28)
    'Annulée\xa0: Consultation'
    """
    words = one_line(title).split(" ")
    longest = None
    for count in range(len(words) - 1, 0, -1):
        text = _beginning(words, count)
        if text is None or not fits(text):
            continue
        longest = longest or text
        if not _complement_follows(words, count):
            # "à la maison" says less than it seems without "de santé", unless too little is left.
            return text if len(text) >= len(longest) * 0.6 else longest
    return longest


def _beginning(words: list[str], count: int) -> str | None:
    if not _may_break(words, count):
        return None
    text = " ".join(words[:count]).rstrip(_TRAILING)
    return _warning(words, count) + text if _balanced(text) else None


def _complement_follows(words: list[str], count: int) -> bool:
    right = words[count].casefold()
    beyond = words[count + 1] if count + 1 < len(words) else ""
    joins = right in {"de", "du", "des"} or right.startswith(("d'", "d’"))
    return joins and not _starts_fact(beyond)


def _bare(word: str) -> str:
    return word.strip(_MARKS).casefold()


def _has_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)


def _may_break(words: list[str], count: int) -> bool:
    """Say whether a title may end after ``words[:count]``."""
    left, right = words[count - 1], words[count]
    before = _bare(words[count - 2]) if count > 1 else ""
    beyond = words[count + 1] if count + 1 < len(words) else ""
    last, following = _bare(left), _bare(right)
    if not last or last in _STOP_WORDS or following in _NEGATIONS:
        return False
    if _one_fact(last, right, following):
        return False
    # "9 h - 12 h", "du 3 au 5 mars": the first half alone says something else.
    halves = _has_digit(left) or last in _MONTHS | _CLOCK | _WEEKDAYS
    if halves and (right.casefold() in _RANGE or following in _RANGE) and _starts_fact(beyond):
        return False
    lone_number = last.isdigit() and len(last) < len("2026")
    return not lone_number or before in _WEEKDAYS


def _starts_fact(word: str) -> bool:
    return _has_digit(word) or _bare(word) in _WEEKDAYS | {"midi", "minuit"}


def _one_fact(last: str, right: str, following: str) -> bool:
    """Say whether the two words are halves of one date, time, amount or phone number."""
    if _has_digit(right) and (_has_digit(last) or last in _WEEKDAYS | _MONTHS | _CLOCK):
        return True
    return _has_digit(last) and (following in _MONTHS | _CLOCK or right in {"€", "%"})


def _balanced(text: str) -> bool:
    return all(text.count(a) == text.count(b) for a, b in ("«»", "()", "[]", "“”")) and (
        text.count('"') % 2 == 0
    )


def _warning(words: list[str], count: int) -> str:
    """Return "Annulé : " or the like if only the words left out say so."""
    kept = [word for word in words[:count] if _REVERSALS.fullmatch(_bare(word))]
    left_out = [word for word in words[count:] if _REVERSALS.fullmatch(_bare(word))]
    if kept or not left_out:
        return ""
    return f"{_bare(left_out[0]).capitalize()}\u00a0: "
