# SPDX-License-Identifier: Apache-2.0
"""The dates that a French text names, with their weekday and year if it gives them."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import attrs

from territoire_sante.announcements._french import WEEKDAYS

_GAP: Final = r"[\s\u00a0\u202f]{1,3}"
_MONTH_WORDS: Final = (
    *("janvier|janv", "février|fevrier|févr|fevr|fév|fev", "mars", "avril|avr", "mai", "juin"),
    *("juillet|juil", "août|aout", "septembre|sept", "octobre|oct", "novembre|nov"),
    "décembre|decembre|déc|dec",
)
_DATE: Final = re.compile(
    rf"(?:\b(?P<weekday>{'|'.join(WEEKDAYS)}|lun|mar|mer|jeu|ven|sam|dim)\.?,?{_GAP})?"
    rf"(?:\b(?P<day>\d{{1,2}})(?:er)?{_GAP}(?P<month>{'|'.join(_MONTH_WORDS)})\b\.?"
    rf"(?:{_GAP}(?P<year>\d{{4}})\b)?"
    r"|\b(?P<dd>\d{1,2})/(?P<mm>\d{1,2})/(?P<yyyy>\d{4}|\d{2})\b(?!/))",
    re.IGNORECASE,
)
_BOUND: Final = re.compile(
    r"\b(?:avant|jusqu['’](?:au|à)|depuis|à partir du|à compter du|après|dès)"
    r"[\s\u00a0](?:le[\s\u00a0])?$",
    re.IGNORECASE,
)
_SINCE: Final = re.compile(r"\bdepuis[\s\u00a0](?:le[\s\u00a0])?$", re.IGNORECASE)
_BEFORE: Final = 20
_CENTURY: Final = 2000
_LEAST: Final = -60
_MOST: Final = 300


@attrs.frozen(kw_only=True)
class Mention:
    """
    A date as a text names it.

    ``weekday`` is 0 for Monday, ``None`` if not named, like ``year``. ``words`` are those of
    the text, ``before`` the signs that precede them.
    """

    day: int
    month: int
    year: int | None
    weekday: int | None
    words: str
    before: str = ""

    @property
    def is_bound(self) -> bool:
        """Whether it only bounds something: "inscription avant le 10 novembre"."""
        return _BOUND.search(self.before) is not None

    @property
    def is_since(self) -> bool:
        """Whether something has been going on since then."""
        return _SINCE.search(self.before) is not None

    @property
    def exists(self) -> bool:
        """Whether there is such a day, in a leap year at least."""
        return self.in_year(self.year or 2024) is not None

    def in_year(self, year: int) -> dt.date | None:
        """Return the day in a year, ``None`` if it has none such."""
        try:
            return dt.date(year, self.month, self.day)
        except ValueError:
            return None

    def meant(self, today: dt.date) -> dt.date | None:
        """Return the day that is meant: with its year, else from 60 days ago to 300 ahead."""
        if self.year is not None:
            return self.in_year(self.year)
        days = (self.in_year(year) for year in (today.year - 1, today.year, today.year + 1))
        near = (day for day in days if day and _LEAST <= (day - today).days <= _MOST)
        return next(near, None)


def mentions_in(text: str) -> Iterator[Mention]:
    """
    Yield the dates that ``text`` names with a month, in its order.

    >>> [one] = mentions_in("Rendez-vous samedi 13 novembre 2026, 9 h.")
    >>> one.weekday, one.in_year(2026).isoformat(), one.words
    (5, '2026-11-13', 'samedi 13 novembre 2026')
    """
    composed = unicodedata.normalize("NFC", text)
    for found in _DATE.finditer(composed):
        part = found.groupdict()
        year = part["year"] or part["yyyy"]
        yield Mention(
            day=int(part["day"] or part["dd"]),
            month=int(part["mm"]) if part["mm"] else _month(part["month"]),
            year=None if not year else int(year) + (_CENTURY if len(year) == len("26") else 0),
            weekday=None if not part["weekday"] else _weekday(part["weekday"]),
            words=" ".join(found[0].split()),
            before=composed[max(0, found.start() - _BEFORE) : found.start()],
        )


def _weekday(word: str) -> int:
    folded = word.casefold()
    return next(number for number, name in enumerate(WEEKDAYS) if name.startswith(folded))


def _month(word: str) -> int:
    folded = word.casefold()
    numbered = enumerate(_MONTH_WORDS, start=1)
    return next(number for number, words in numbered if folded in words.split("|"))
