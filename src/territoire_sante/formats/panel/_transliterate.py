# SPDX-License-Identifier: Apache-2.0
"""French text in the signs that a panel has; what has no equivalent is named, never left out."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from territoire_sante.formats.panel._cells import Charset, graphemes

#: What stands for a sign that a panel lacks. Accents and ligatures of letters follow from Unicode.
TABLE: Final[Mapping[str, str]] = {
    **dict.fromkeys("’‘‚‛‹›′", "'"),
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("–—―‑‐−", "-"),
    "…": "...",
    "•": "-",
    "·": ".",
    "→": "->",
    "←": "<-",
    "⁄": "/",
    "œ": "oe",
    "æ": "ae",
    "Œ": "Oe",
    "Æ": "Ae",
    "ß": "ss",
    "ø": "o",
    "Ø": "O",
    "đ": "d",
    "€": "EUR",
    "£": "GBP",
    "×": "x",
    "÷": "/",
    "±": "+/-",
    "≤": "<=",
    "≥": ">=",
    "°": "deg",
    "º": "o",
    "ª": "a",
    "©": "(c)",
    "®": "(R)",
    "™": "(TM)",
    "§": "par.",
    # These show nothing, wherever they stand.
    **dict.fromkeys("\u00ad\u200b\u2060\ufeff\u200e\u200f", ""),
}

_CAPITALS: Final = {"Œ": "OE", "Æ": "AE"}
_OPENING: Final = re.compile(r"«\s*")
_CLOSING: Final = re.compile(r"\s*»")
_NUMBER: Final = re.compile(r"\b([nN])°")
_WORDS: Final = re.compile(r"(\s+)")


@attrs.frozen(kw_only=True)
class Replaced:
    """A sign that was written otherwise: which, by what, and how often."""

    sign: str
    by: str
    count: int


@attrs.frozen(kw_only=True)
class Transliterated:
    """
    A text in the signs of a charset.

    ``replaced`` is for a person to look at; ``missing`` holds signs without equivalent, which
    still stand in ``text``.
    """

    text: str
    replaced: tuple[Replaced, ...] = ()
    missing: tuple[str, ...] = ()


def transliterate(text: str, charset: Charset) -> Transliterated:
    r"""
    Write ``text`` in the signs of ``charset``; blanks stay as they are.

    >>> from territoire_sante.formats.panel import Charset
    >>> transliterate("« Œuvre » d’été… 5 €", Charset.named("ascii")).text
    '"Oeuvre" d\'ete... 5 EUR'
    >>> transliterate("Été", Charset.named("upper-latin-1")).text
    'ÉTÉ'
    """
    counts: Counter[tuple[str, str]] = Counter()
    missing: dict[str, None] = {}
    parts: list[str] = []
    for word in _WORDS.split(_quoted(unicodedata.normalize("NFC", text), charset, counts)):
        for cell in graphemes(word):
            said = cell if cell.isspace() else _said(cell, charset, capitals=word.isupper())
            if said is None:
                missing[cell] = None
            elif said != cell and cell.upper() != said:
                counts[cell, said] += 1
            parts.append(cell if said is None else said)
    replaced = tuple(Replaced(sign=s, by=b, count=n) for (s, b), n in counts.items())
    return Transliterated(text="".join(parts), replaced=replaced, missing=tuple(missing))


def _quoted(text: str, charset: Charset, counts: Counter[tuple[str, str]]) -> str:
    """Take away the blanks inside of guillemets, which straight quotes do not have."""
    if not charset.holds("«") and charset.holds('"'):
        text, found = _OPENING.subn('"', text)
        counts["«", '"'] += found
    if not charset.holds("»") and charset.holds('"'):
        text, found = _CLOSING.subn('"', text)
        counts["»", '"'] += found
    if not charset.holds("°"):
        text, found = _NUMBER.subn(r"\1o", text)
        counts["n°", "no"] += found
    for pair in [pair for pair, count in counts.items() if not count]:
        del counts[pair]
    return text


def _said(cell: str, charset: Charset, *, capitals: bool, depth: int = 3) -> str | None:
    if charset.holds(cell):
        return cell
    for candidate in _candidates(cell, charset, capitals=capitals) if depth else ():
        if candidate != cell:
            parts = [
                _said(part, charset, capitals=capitals, depth=depth - 1)
                for part in graphemes(candidate)
            ]
            said = [part for part in parts if part is not None]
            if len(said) == len(parts):
                return "".join(said)
    return None


def _candidates(cell: str, charset: Charset, *, capitals: bool) -> Iterator[str]:
    """Yield what could stand for a sign, the nearest first."""
    if capitals and cell in _CAPITALS:
        yield _CAPITALS[cell]
    if cell in TABLE:
        yield TABLE[cell]
    if len(cell.upper()) == len(cell) and charset.holds(cell.upper()):
        yield cell.upper()
    if "\u0300" <= unicodedata.normalize("NFD", cell)[-1] <= "\u036f" or len(cell) == 1:
        # Only Latin accents: a mark of another script changes the letter.
        plain = unicodedata.normalize("NFKD", cell)
        bare = "".join(sign for sign in plain if not "\u0300" <= sign <= "\u036f")
        if bare and bare != cell:
            yield bare
    yield cell.upper()
    yield cell.lower()
