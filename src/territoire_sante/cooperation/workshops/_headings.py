# SPDX-License-Identifier: Apache-2.0
"""The headings of a workshop report, as they are written and as people vary them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from territoire_sante.cooperation._words import Sentence
from territoire_sante.model import StatementKind

#: The four headings of a table, as they are written.
KIND_HEADINGS: Final = {
    StatementKind.OBSERVATION: Sentence(
        fr="Constats / Situation actuelle", en="Observations / Current situation"
    ),
    StatementKind.IDEA: Sentence(fr="Idées / Pistes d'actions", en="Ideas / Lines of action"),
    StatementKind.CONDITION: Sentence(fr="Conditions de mise en œuvre", en="Conditions"),
    StatementKind.KEY_IDEA: Sentence(fr="Idées phares à transmettre", en="Key ideas"),
}
#: What follows the tables: statements of the whole group, the conclusion, the notes.
SYNTHESIS: Final = Sentence(fr="Synthèse", en="Synthesis")
CONCLUSION: Final = Sentence(fr="Conclusion", en="Conclusion")
NOTES: Final = Sentence(fr="Notes", en="Notes")

_NAMES: Final = {
    StatementKind.OBSERVATION: (
        "constat, constats, situation actuelle, etat des lieux, observations, current situation,"
        " findings"
    ),
    StatementKind.IDEA: (
        "idees, pistes, pistes d'action, pistes d'actions, propositions, ideas, lines of action"
    ),
    StatementKind.CONDITION: (
        "conditions, conditions de mise en oeuvre, conditions de reussite, conditions for success"
    ),
    StatementKind.KEY_IDEA: (
        "idees phares, idees phares a transmettre, idees cles, a retenir, ce qu'il faut retenir,"
        " messages cles, key ideas, key messages, what to remember"
    ),
}
_KINDS: Final = {name.strip(): kind for kind, names in _NAMES.items() for name in names.split(",")}
_CONCLUSIONS: Final = frozenset({"conclusion", "en conclusion", "pour conclure"})
_SYNTHESES: Final = frozenset({"synthese", "synthese des tables", "restitution", "synthesis"})
_NOTES: Final = frozenset({"notes", "note", "notes de bas de page"})
_TABLE: Final = re.compile(
    r"(?:table|atelier|groupe|group)\s*(?:n\s?[°o]\s*)?([1-9]\d{0,2})\s*(?:[—–:-]\s*(.*))?",
    re.IGNORECASE,
)
_EDGES: Final = " \t:*_.#"


def plain(text: str) -> str:
    """
    Return a heading without accents, case, typographic signs or marks at its ends.

    >>> plain("**Idées / Pistes d’actions :**")
    "idees / pistes d'actions"
    """
    bare = text.casefold().replace("œ", "oe").replace("’", "'")
    letters = (c for c in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(c))
    return " ".join("".join(letters).split()).strip(_EDGES)


def kind_of(text: str) -> StatementKind | None:
    """
    Return which of the four headings this is; one with ``/`` must name the same in each part.

    >>> kind_of("Constats / Situation actuelle")
    <StatementKind.OBSERVATION: 'observation'>
    """
    found = {_KINDS.get(part.strip()) for part in plain(text).split("/")}
    return found.pop() if len(found) == 1 else None


def table_of(text: str) -> tuple[int, str] | None:
    """
    Return the number and theme of the heading of a table.

    >>> table_of("TABLE 2 — Outiller et structurer")
    (2, 'Outiller et structurer')
    """
    found = _TABLE.fullmatch(text.strip().strip("*").strip())
    return (int(found[1]), (found[2] or "").strip()) if found else None


def is_conclusion(text: str) -> bool:
    """Whether the heading opens the conclusion."""
    return plain(text) in _CONCLUSIONS


def is_synthesis(text: str) -> bool:
    """Whether the heading opens what the whole group said."""
    return plain(text) in _SYNTHESES


def is_notes(text: str) -> bool:
    """Whether the heading opens the notes."""
    return plain(text) in _NOTES
