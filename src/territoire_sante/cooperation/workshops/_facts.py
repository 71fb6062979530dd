# SPDX-License-Identifier: Apache-2.0
"""The few lines before the tables that say what the workshop was: title, day, aim, groups."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

from territoire_sante.cooperation._words import Sentence
from territoire_sante.cooperation.workshops._headings import plain
from territoire_sante.cooperation.workshops._splitting import sentences
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import Workshop, WorkshopMethod

#: The names of these lines, as they are written.
NAMES: Final = {
    "title": Sentence(fr="Titre", en="Title"),
    "method": Sentence(fr="Méthode", en="Method"),
    "held_on": Sentence(fr="Date", en="Date"),
    "objective": Sentence(fr="Objectif", en="Aim"),
    "participants_count": Sentence(fr="Participants", en="Participants"),
    "audiences": Sentence(fr="Publics", en="Groups"),
    "source_url": Sentence(fr="Source", en="Source"),
}
_KNOWN: Final = {plain(text): name for name, both in NAMES.items() for text in (both.fr, both.en)}
_NAME: Final = r"([^\W\d][\w ]{2,20}?)\s*:"
_FACT: Final = re.compile(rf"(?:\*\*{_NAME}\s*\*\*|{_NAME})\s*(\S.*)")
_AIM: Final = re.compile(r"\bobjectifs?\b|\baim(?:s|ed)?\b", re.IGNORECASE)


def fact_of(text: str, number: int) -> tuple[str, Any] | None:
    """
    Return the field of the workshop that a line gives, and its value.

    Raises:
        InvalidValueError: the day or the number of participants is none.

    >>> fact_of("**Participants :** 24", 3)
    ('participants_count', 24)
    """
    found = _FACT.fullmatch(text)
    if found is None:
        return None
    word, value = found[1] or found[2], found[3].strip()
    name = _KNOWN.get(plain(word))
    if name is None:
        return None
    try:
        return name, _value(name, value)
    except ValueError as error:
        message = f"{value!r} is no value of the line {word!r}"
        raise InvalidValueError(
            message, where=f"line {number}", remedy=_REMEDIES.get(name, "")
        ) from error


_REMEDIES: Final = {
    "held_on": "Write the day as 2025-10-09 or 09/10/2025",
    "participants_count": "Write a number; words about it belong into a sentence",
    "method": "Write one of: " + ", ".join(one.label_fr for one in WorkshopMethod),
}


def _value(name: str, text: str) -> Any:
    if name == "participants_count":
        return int(text)
    if name == "held_on":
        day, _, rest = text.partition("/")
        month, _, year = rest.partition("/")
        return dt.date(int(year), int(month), int(day)) if year else dt.date.fromisoformat(text)
    if name == "audiences":
        return tuple(part.strip() for part in text.split(";") if part.strip())
    if name == "method":
        return next(
            one
            for one in (*WorkshopMethod, None)
            if one is None or plain(text) in {one.value, plain(one.label_fr), plain(one.label_en)}
        ) or WorkshopMethod(text)
    return text


def facts_of(workshop: Workshop, language: str) -> list[tuple[str, str]]:
    """Return these lines for a workshop: their names and texts, without those that are empty."""
    texts = {
        "method": workshop.method.label(language),
        "held_on": workshop.held_on.isoformat() if workshop.held_on else "",
        "objective": workshop.objective,
        "participants_count": (
            "" if workshop.participants_count is None else str(workshop.participants_count)
        ),
        "audiences": " ; ".join(workshop.audiences),
        "source_url": workshop.source_url,
    }
    return [(NAMES[name].text(language), text) for name, text in texts.items() if text]


def objective_in(introduction: str) -> str:
    """Return the sentence of an introduction that tells the aim, or nothing."""
    for line in introduction.splitlines():
        for sentence in sentences(line):
            if _AIM.search(sentence):
                return sentence
    return ""
