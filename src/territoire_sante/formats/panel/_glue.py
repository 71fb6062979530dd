# SPDX-License-Identifier: Apache-2.0
"""
Which spaces of a French text may end a line: none inside of a date, a time, a number, a name.

Spaces are marked by three other spaces of Unicode, so that a text stays a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

#: Never a line end.
HARD: Final = "\u202f"
#: A line end only where the two have no room on one line; never a page end.
KEEP: Final = "\u2007"
#: A line end only where the two have no room on one line; the writer's own no-break space.
SOFT: Final = "\u00a0"

_ANY: Final = "[ \u00a0\u2007\u202f]"
_BLANKS: Final = re.compile(r"[ \t\v\f]+")
_MONTHS: Final = (
    r"(?:janvier|février|fevrier|mars|avril|mai|juin|juillet|août|aout|septembre|octobre"
    r"|novembre|décembre|decembre|janv|févr|fév|fevr|avr|juil|sept|oct|nov|déc|dec)\.?"
)
_WEEKDAYS: Final = (
    r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|(?:lun|mar|mer|jeu|ven|sam|dim)\.)"
)
_UNITS: Final = (
    r"(?:h|heures?|min|mn|minutes?|s|€|eur|euros?|%|km|m|m²|cm|kg|g|ans?|mois|jours?|places?"
    r"|°C?|pages?|personnes?|doses?)"
)
_TITLES: Final = (
    r"(?:Drs?|Dre|Drsse|Prs?|Pre|MM?\.|Mr|Mmes?|Mlle|Me|St|Ste|[Dd]octeure?|[Pp]rofesseure?"
    r"|[Mm]onsieur|[Mm]adame|[Mm]aître)"
)


def _rule(pattern: str, mark: str, flags: re.RegexFlag) -> Callable[[str], str]:
    compiled = re.compile(pattern.replace("_", _ANY), flags)
    spaces = re.compile(_ANY)

    def apply(text: str) -> str:
        return compiled.sub(lambda found: spaces.sub(mark, found[0]), text)

    return apply


_NO_CASE: Final = re.IGNORECASE

# In this order: the looser first, so that the stricter have the last word.
_RULES: Final = (
    # A mark that French sets apart stays with its word.
    _rule(r"_(?=[:;!?»%])", SOFT, _NO_CASE),
    # A small word is read with the number that it leads to.
    _rule(
        r"(?<!\w)(?:à|a|de|du|dès|le|au|vers|avant|après|jusqu['’]à|jusqu['’]au)_(?=\d)",
        SOFT,
        _NO_CASE,
    ),
    # Half of these says something else.
    _rule(rf"(?<!\w){_WEEKDAYS}_(?=\d)", KEEP, _NO_CASE),
    _rule(r"(?:\d|\bh)_(?:à|a|au|et|ou|-|–|—)_(?=\d)", KEEP, _NO_CASE),
    _rule(rf"(?<!\w){_MONTHS}_(?:au|et|-|–|—)_(?=\d)", KEEP, _NO_CASE),
    _rule(r"(?<!\w)(?:pas_de|plus_de|sans|pas|ni|non|aucune?|jamais)_(?=\w)", KEEP, _NO_CASE),
    # Nothing opens at the end of a line.
    _rule(r"(?<=«)_", HARD, _NO_CASE),
    # One number, one amount, one time, one date, one person.
    _rule(r"\d(?:_\(0\)_?|_)(?=\d)", HARD, _NO_CASE),
    _rule(rf"\d_(?={_UNITS}(?!\w))", HARD, _NO_CASE),
    _rule(r"\d_?(?:h|heures?)_(?=\d{1,2}(?!\d))", HARD, _NO_CASE),
    _rule(rf"(?<!\w)(?:\d{{1,2}}|1er)_(?={_MONTHS}(?!\w))", HARD, _NO_CASE),
    _rule(rf"(?<!\w){_MONTHS}_(?=\d{{4}}(?!\d))", HARD, _NO_CASE),
    _rule(rf"(?<!\w){_TITLES}_(?=\S)", HARD, re.NOFLAG),
    _rule(r"(?<!\w)n[°o]_(?=\d)", HARD, _NO_CASE),
)


def glue(text: str) -> str:
    r"""
    Return a text with single spaces, of which those are marked that should not end a line.

    >>> glue("Le samedi 14 novembre à 18 h 30").split(" ")
    ['Le', 'samedi\u200714\u202fnovembre', 'à\xa018\u202fh\u202f30']
    """
    plain = re.sub(rf"[{HARD}{KEEP}]", SOFT, text)
    plain = re.sub(rf" *{SOFT}[ {SOFT}]*", SOFT, _BLANKS.sub(" ", plain)).strip(f" {SOFT}")
    for rule in _RULES:
        # A number of five groups takes the rule several times: matches do not overlap.
        before = ""
        while before != plain:
            before, plain = plain, rule(plain)
    return plain


def unglued(text: str) -> str:
    """Return a text with ordinary spaces."""
    return re.sub(rf"[{HARD}{KEEP}{SOFT}]", " ", text)
