# SPDX-License-Identifier: Apache-2.0
"""Sentences in French and English, and the few words that are put into them."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Final

import attrs

from territoire_sante.model import Duration

_MONTHS: Final = (
    ("janvier", "January"),
    ("février", "February"),
    ("mars", "March"),
    ("avril", "April"),
    ("mai", "May"),
    ("juin", "June"),
    ("juillet", "July"),
    ("août", "August"),
    ("septembre", "September"),
    ("octobre", "October"),
    ("novembre", "November"),
    ("décembre", "December"),
)


@attrs.frozen(kw_only=True)
class Sentence:
    """One sentence in both languages."""

    fr: str
    en: str

    def text(self, language: str = "fr") -> str:
        """Return it in ``language``: ``"fr"``, and English for any other."""
        return self.fr if language == "fr" else self.en


def say(fr: str, en: str, **values: str | Sentence) -> Sentence:
    """
    Fill in both languages of a sentence; values may themselves be in two languages.

    >>> say("Le {day}.", "On {day}.", day=day_words(dt.date(2026, 3, 1)))
    Sentence(fr='Le 1er mars 2026.', en='On 1 March 2026.')
    """
    pairs = {
        name: value if isinstance(value, Sentence) else Sentence(fr=value, en=value)
        for name, value in values.items()
    }
    return Sentence(
        fr=fr.format(**{name: pair.fr for name, pair in pairs.items()}),
        en=en.format(**{name: pair.en for name, pair in pairs.items()}),
    )


def day_words(day: dt.date) -> Sentence:
    """Return a day as it is written in a sentence."""
    number = "1er" if day.day == 1 else str(day.day)
    month_fr, month_en = _MONTHS[day.month - 1]
    return Sentence(fr=f"{number} {month_fr} {day.year}", en=f"{day.day} {month_en} {day.year}")


_UNITS: Final = (
    ("years", "an", "ans", "year"),
    ("months", "mois", "mois", "month"),
    ("days", "jour", "jours", "day"),
    ("hours", "heure", "heures", "hour"),
    ("minutes", "minute", "minutes", "minute"),
)


def duration_words(duration: Duration) -> Sentence:
    """
    Return a length of time in words.

    >>> duration_words(Duration(months=1, days=15)).fr
    '1 mois et 15 jours'
    """
    fr, en = [], []
    for field, one, many, english in _UNITS:
        count = getattr(duration, field)
        if count:
            fr.append(f"{count} {one if count == 1 else many}")
            en.append(f"{count} {english}{'' if count == 1 else 's'}")
    return Sentence(fr=" et ".join(fr) or "0 jour", en=" and ".join(en) or "0 days")


class _Folding(dict[int, str]):
    """What each sign becomes, found when it is first met."""

    def __missing__(self, sign: int) -> str:
        plain = unicodedata.normalize("NFKD", chr(sign)).casefold()
        letters = (one for one in plain if not unicodedata.combining(one))
        found = "".join(one if one.isalnum() else " " for one in letters)
        self[sign] = found
        return found


_FOLDING: Final = _Folding({ord("œ"): "oe", ord("Œ"): "oe", ord("æ"): "ae", ord("Æ"): "ae"})


def folded(text: str) -> str:
    """
    Return the words of a text without case and accents, what is between them as spaces.

    >>> folded("Prêt d'une Salle").split()
    ['pret', 'd', 'une', 'salle']
    """
    return text.translate(_FOLDING)
