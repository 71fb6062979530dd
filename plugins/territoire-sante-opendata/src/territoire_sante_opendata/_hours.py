# SPDX-License-Identifier: Apache-2.0
"""Opening hours of the service-public directory in the syntax of OpenStreetMap."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from territoire_sante_opendata._read import Notes, folded

_DAYS: Final = {
    "lundi": "Mo",
    "mardi": "Tu",
    "mercredi": "We",
    "jeudi": "Th",
    "vendredi": "Fr",
    "samedi": "Sa",
    "dimanche": "Su",
}
_TIME: Final = re.compile(r"(\d{1,2})[:h](\d{2})(?::\d{2})?")


def opening_hours(ranges: Iterable[Mapping[str, Any]], notes: Notes) -> str:
    """
    Return ranges of days, each with one or two ranges of times, as one text.

    >>> day = {"nom_jour_debut": "Lundi", "nom_jour_fin": "Vendredi"}
    >>> time = {"valeur_heure_debut_1": "09:00:00", "valeur_heure_fin_1": "12:00:00"}
    >>> opening_hours([{**day, **time}], Notes())
    'Mo-Fr 09:00-12:00'
    """
    rules = []
    for one in ranges:
        first = _DAYS.get(folded(str(one.get("nom_jour_debut") or "")))
        last = _DAYS.get(folded(str(one.get("nom_jour_fin") or ""))) or first
        times = [span for number in "12" if (span := _span(one, number))]
        if first is None or last is None or not times:
            notes.add("plage_ouverture", "hours without days or times were left out")
            continue
        days = first if first == last else f"{first}-{last}"
        rules.append(f"{days} {','.join(times)}")
    return "; ".join(rules)


def _span(one: Mapping[str, Any], number: str) -> str:
    begin = _time(one.get(f"valeur_heure_debut_{number}"))
    end = _time(one.get(f"valeur_heure_fin_{number}"))
    return f"{begin}-{end}" if begin and end else ""


def _time(value: object) -> str:
    found = _TIME.match(str(value or "").strip())
    return f"{int(found[1]):02}:{found[2]}" if found else ""
