# SPDX-License-Identifier: Apache-2.0
"""Recurrence rules in words, where words can say them exactly; else as they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from territoire_sante.exports._recurrence import rule_parts, until_day
from territoire_sante.exports._words import day_text, pick

_DAYS: Final = {
    "MO": ("lundi", "Monday"),
    "TU": ("mardi", "Tuesday"),
    "WE": ("mercredi", "Wednesday"),
    "TH": ("jeudi", "Thursday"),
    "FR": ("vendredi", "Friday"),
    "SA": ("samedi", "Saturday"),
    "SU": ("dimanche", "Sunday"),
}
_RANKS: Final = {
    "1": ("premier", "first"),
    "2": ("deuxième", "second"),
    "3": ("troisième", "third"),
    "4": ("quatrième", "fourth"),
    "-1": ("dernier", "last"),
}
_RANKED: Final = re.compile(r"\+?(-?\d)([A-Z]{2})")
_KNOWN: Final = frozenset({"FREQ", "INTERVAL", "BYDAY", "UNTIL", "WKST"})


def often(rrule: str, lang: str) -> str:
    """
    Return how often something is there.

    >>> often("FREQ=WEEKLY;BYDAY=TU,TH", "fr")
    'chaque mardi et jeudi'
    >>> often("FREQ=MONTHLY;BYDAY=3TH;UNTIL=20270630", "en")
    'on the third Thursday of the month, until 30 June 2027'
    >>> often("FREQ=MONTHLY;BYSETPOS=2;BYDAY=MO,TU", "fr")
    'FREQ=MONTHLY;BYSETPOS=2;BYDAY=MO,TU'
    """
    parts = rule_parts(rrule)
    words = _words(parts, lang) if set(parts) <= _KNOWN else ""
    if not words:
        return rrule
    if "UNTIL" not in parts:
        return words
    last = until_day(parts["UNTIL"])
    if last is None:
        return rrule
    return f"{words}, {pick(lang, 'jusqu’au', 'until')} {day_text(last, lang)}"


def _words(parts: Mapping[str, str], lang: str) -> str:
    interval, days = parts.get("INTERVAL", "1"), parts.get("BYDAY", "")
    language = 0 if lang == "fr" else 1
    match parts.get("FREQ"), interval:
        case "DAILY", "1" if not days:
            return pick(lang, "tous les jours", "every day")
        case "WEEKLY", "1" | "2" if days and all(day in _DAYS for day in days.split(",")):
            names = [_DAYS[day][language] for day in days.split(",")]
            listed = f" {pick(lang, 'et', 'and')} ".join(
                filter(None, (", ".join(names[:-1]), names[-1]))
            )
            if interval == "1":
                return f"{pick(lang, 'chaque', 'every')} {listed}"
            return f"{listed}, {pick(lang, 'une semaine sur deux', 'every other week')}"
        case "MONTHLY", "1" if (found := _RANKED.fullmatch(days)) and found[1] in _RANKS:
            if found[2] not in _DAYS:
                return ""
            rank, day = _RANKS[found[1]][language], _DAYS[found[2]][language]
            return pick(lang, f"le {rank} {day} du mois", f"on the {rank} {day} of the month")
        case _:
            return ""
