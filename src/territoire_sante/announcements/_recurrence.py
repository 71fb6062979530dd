# SPDX-License-Identifier: Apache-2.0
"""The common recurrence rules in French words; of any other, nothing is said."""

from __future__ import annotations

import datetime as dt
from typing import Final

from territoire_sante.announcements._french import WEEKDAYS, day_in_words, listed

_CODES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAYS: Final = dict(zip(_CODES, WEEKDAYS, strict=True))
_RANKS: Final = {
    "1": "premier",
    "2": "deuxième",
    "3": "troisième",
    "4": "quatrième",
    "-1": "dernier",
}
_KNOWN: Final = {"FREQ", "BYDAY", "INTERVAL", "UNTIL", "WKST"}


def recurrence_in_words(rrule: str, start: dt.date) -> str:
    """
    Return how often an event takes place, empty if the words would not be exact.

    ``start`` is its first day, which names the weekday where the rule names none.

    >>> recurrence_in_words("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", dt.date(2026, 11, 17))
    'un mardi sur deux'
    >>> recurrence_in_words("FREQ=MONTHLY;BYDAY=1SA;UNTIL=20270630", dt.date(2026, 12, 5))
    "le premier samedi du mois, jusqu'au mercredi 30 juin 2027"
    """
    parts = dict(part.upper().partition("=")[::2] for part in rrule.split(";"))
    if not set(parts) <= _KNOWN:
        return ""
    days = parts["BYDAY"].split(",") if parts.get("BYDAY") else []
    often = _often(parts.get("FREQ", ""), parts.get("INTERVAL", "1"), days, start)
    if not often or "UNTIL" not in parts:
        return often
    last = _until(parts["UNTIL"])
    return f"{often}, jusqu'au {day_in_words(last)}" if last else ""


def _often(freq: str, interval: str, days: list[str], start: dt.date) -> str:
    if freq == "DAILY" and interval == "1" and not days:
        return "tous les jours"
    if freq == "WEEKLY":
        names = [_DAYS.get(day, "") for day in days] or [WEEKDAYS[start.weekday()]]
        return _weekly(interval, names) if all(names) else ""
    if freq == "MONTHLY" and interval == "1" and len(days) == 1:
        rank, name = _RANKS.get(days[0][:-2].removeprefix("+"), ""), _DAYS.get(days[0][-2:], "")
        return f"le {rank} {name} du mois" if rank and name else ""
    return ""


def _weekly(interval: str, names: list[str]) -> str:
    if interval == "1":
        return f"chaque {listed(names, 'et')}"
    return f"un {names[0]} sur deux" if interval == "2" and len(names) == 1 else ""


def _until(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text[:8])
    except ValueError:
        return None
