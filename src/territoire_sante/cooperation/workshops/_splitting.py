# SPDX-License-Identifier: Apache-2.0
"""From paragraphs to single statements: sentences, and lists that were written as one sentence."""

from __future__ import annotations

import re
from typing import Final

_END: Final = re.compile(r"[.!?…](?:[ \u00a0\u202f]?»)?\s+(?=[\"“«A-ZÀ-ÖØ-ÞŒ])")
_SHORT: Final = re.compile(
    r"(?:\b[A-ZÀ-Þ]|\b(?:MM|Mme|Mmes|Mlle|Dr|Pr|St|Ste|art|cf|etc|ex|p|n))\."
)
_LEAST_WORDS: Final = 3
_INFINITIVE: Final = r"(?:s['’]|se\s|ne\s+pas\s)?[a-zà-öø-ÿœ]{2,}(?:er|ir|re|oir)\b"
_NEXT: Final = re.compile(rf"(?:,\s+(?:et\s+|puis\s+)?|\s+et\s+)(?={_INFINITIVE})")
_FIRST: Final = re.compile(_INFINITIVE, re.IGNORECASE)
# They end like infinitives, and follow "et" in everyday French.
_NOUNS: Final = frozenset(
    {"atelier", "autre", "avenir", "cadre", "centre", "chantier", "contre", "courrier", "dernier"}
    | {"désir", "devoir", "entre", "espoir", "foyer", "hier", "histoire", "hiver", "libre", "livre"}
    | {"loyer", "maire", "mémoire", "mer", "métier", "notre", "papier", "plaisir", "pouvoir"}
    | {"premier", "quartier", "savoir", "soir", "territoire", "titre", "votre"}
)


def sentences(text: str) -> list[str]:
    """
    Split a paragraph into its sentences; what stands between quotation marks stays together.

    >>> sentences("Un déficit persiste. L'objectif ? Que chacun sache.")
    ['Un déficit persiste.', "L'objectif ? Que chacun sache."]
    """
    found: list[str] = []
    start = 0
    for end in _END.finditer(text):
        piece = text[start : end.end()].strip()
        if _ends_here(text, start, end) and len(piece.split()) >= _LEAST_WORDS:
            found.append(piece)
            start = end.end()
    rest = text[start:].strip()
    return [*found, rest] if rest else found


def _ends_here(text: str, start: int, end: re.Match[str]) -> bool:
    before = text[start : end.end()].rstrip()
    if before.count("«") != before.count("»"):
        return False
    return not any(short.end() == len(before) for short in _SHORT.finditer(before))


def steps(text: str) -> list[str]:
    """
    Split a sentence that lists things to do, each an infinitive; return any other as it is.

    >>> steps("Contacter le CLS ou la mairie, inviter les élus et tenir un répertoire.")
    ['Contacter le CLS ou la mairie', 'inviter les élus', 'tenir un répertoire.']
    >>> steps("Les projets sont doublonnés, faute de coordination.")
    ['Les projets sont doublonnés, faute de coordination.']
    """
    first = _FIRST.match(text)
    if first is None or first[0].casefold() in _NOUNS:
        return [text]
    found: list[str] = []
    start = 0
    for cut in _NEXT.finditer(text):
        verb = _FIRST.match(text, cut.end())
        inside = text.count("(", 0, cut.start()) != text.count(")", 0, cut.start())
        if inside or verb is None or verb[0] in _NOUNS:
            continue
        found.append(text[start : cut.start()])
        start = cut.end()
    return [*found, text[start:]]
