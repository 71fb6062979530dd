# SPDX-License-Identifier: Apache-2.0
"""What each line of a report is, before anything is made of it."""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import attrs

from territoire_sante.cooperation.workshops._headings import (
    is_conclusion,
    is_notes,
    is_synthesis,
    kind_of,
    table_of,
)
from territoire_sante.model import StatementKind


class Sort(enum.Enum):
    """What a line is."""

    BLANK = "blank"
    TITLE = "title"
    TABLE = "table"
    SECTION = "section"
    KIND = "kind"
    SYNTHESIS = "synthesis"
    CONCLUSION = "conclusion"
    NOTES = "notes"
    BULLET = "bullet"
    PROSE = "prose"


@attrs.frozen(kw_only=True)
class Line:
    """
    A line of a report, counted from 1.

    ``text`` is without the marks of its sort; ``indent`` the blanks before a
    bullet or a text, ``mark`` the bullet or heading sign, ``table`` the number
    of a table. ``literal`` text was marked to be nothing else.
    """

    number: int
    sort: Sort
    text: str = ""
    indent: int = 0
    mark: str = ""
    table: int = 0
    kind: StatementKind | None = None
    literal: bool = False


_HASHES: Final = re.compile(r"(#{1,6})\s+(.*)", re.DOTALL)
_BULLET: Final = re.compile(r"([-–—•▪◦‣*+]|\d{1,3}[.)])\s+(\S.*)")
_ESCAPE: Final = "\\"
_JOINERS: Final = "\ufe0f\u200d"


def lines_of(text: str) -> Iterator[Line]:
    """
    Tell what each line is; a line that begins with a backslash is always plain text.

    A first line that begins with ``# `` is the title, whatever its words.
    """
    is_first = True
    for number, raw in enumerate(text.split("\n"), 1):
        line = _line(number, raw)
        title = _hashes(raw.strip()) if is_first else None
        if title and title[0] == "#":
            line = Line(number=number, sort=Sort.TITLE, text=title[1], mark="#")
        is_first = is_first and line.sort is Sort.BLANK
        yield line


def _line(number: int, raw: str) -> Line:
    body = raw.strip()
    indent = len(raw) - len(raw.lstrip())
    if not body:
        return Line(number=number, sort=Sort.BLANK)
    if body.startswith(_ESCAPE):
        return Line(number=number, sort=Sort.PROSE, text=body[1:], literal=True)
    if hashes := _hashes(body):
        return _heading(number, *hashes) or Line(
            number=number,
            sort=Sort.TITLE if hashes[0] == "#" else Sort.SECTION,
            text=hashes[1],
            mark=hashes[0],
        )
    if bullet := _BULLET.fullmatch(body):
        return Line(number=number, sort=Sort.BULLET, text=bullet[2], indent=indent, mark=bullet[1])
    sign, words = _sign(body)
    return _heading(number, sign, words) or Line(
        number=number,
        sort=Sort.SECTION if sign else Sort.PROSE,
        text=words,
        indent=indent,
        mark=sign,
    )


def _hashes(body: str) -> tuple[str, str] | None:
    """Return the sign of a heading in Markdown and its text, without the signs that close it."""
    found = _HASHES.fullmatch(body)
    if found is None:
        return None
    end = len(body)
    # An expression that looks for the end would look again from each blank of a long line.
    while end > found.start(2) and (body[end - 1].isspace() or body[end - 1] == "#"):
        end -= 1
    return found[1], body[found.start(2) : end]


def _heading(number: int, mark: str, text: str) -> Line | None:
    if table := table_of(text):
        return Line(number=number, sort=Sort.TABLE, text=table[1], table=table[0], mark=mark)
    if kind := kind_of(text):
        return Line(number=number, sort=Sort.KIND, text=text, kind=kind, mark=mark)
    for is_one, sort in (
        (is_conclusion, Sort.CONCLUSION),
        (is_synthesis, Sort.SYNTHESIS),
        (is_notes, Sort.NOTES),
    ):
        if is_one(text):
            return Line(number=number, sort=sort, text=text, mark=mark)
    return None


def _sign(body: str) -> tuple[str, str]:
    """Split off the pictograms that reports put before their headings."""
    end = 0
    while end < len(body) and (unicodedata.category(body[end]) == "So" or body[end] in _JOINERS):
        end += 1
    words = body[end:].strip()
    return (body[:end], words) if words else ("", body)


def escaped(text: str) -> str:
    """Return a line of text in such a way that it is read as plain text."""
    line = _line(0, text)
    return text if line.sort in (Sort.PROSE, Sort.BLANK) and line.text == text else _ESCAPE + text
