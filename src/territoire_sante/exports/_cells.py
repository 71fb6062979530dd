# SPDX-License-Identifier: Apache-2.0
"""Cells of a table that a spreadsheet shows as they are: never calculated, never changed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import BinaryIO, Final

# What spreadsheets take for the beginning of a formula (OWASP, CSV injection), full-width signs
# among them; some programs trim blanks first. Apostrophes ahead count, so that taking one away
# again is exact.
_FORMULA: Final = re.compile(r"'*(?:[\s\u200b\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r\n])")
# Codes that lose their zeros, or become powers of ten.
_DIGITS: Final = re.compile(r"'*(?:0[0-9]+|[0-9]{12,})")
_NUMBER: Final = re.compile(r"-(?:0|[1-9][0-9]{0,10})(?:[.,][0-9]+)?")


def defused(text: str) -> str:
    """
    Return a text for machines, which somebody may open with a spreadsheet: it is no formula.

    >>> defused("=1+1"), defused("01000"), defused("-61,5")
    ("'=1+1", '01000', '-61,5')
    """
    formula = _FORMULA.match(text) and not _NUMBER.fullmatch(text)
    return f"'{text}" if formula else text


def guarded(text: str) -> str:
    """
    Return a text as a cell of a spreadsheet.

    An apostrophe ahead keeps it from being calculated, or from losing the zeros of a code.

    >>> guarded("=1+1"), guarded("+33 4 65 71 00 00"), guarded("01000"), guarded("l'été")
    ("'=1+1", "'+33 4 65 71 00 00", "'01000", "l'été")
    """
    return f"'{text}" if _DIGITS.fullmatch(text) else defused(text)


def unguarded(cell: str) -> str:
    """
    Return the text of a cell that :func:`guarded` made.

    >>> unguarded("'=1+1"), unguarded("'01000"), unguarded("'tis")
    ('=1+1', '01000', "'tis")
    """
    ours = cell.startswith("'") and (_FORMULA.match(cell) or _DIGITS.fullmatch(cell))
    return cell[1:] if ours else cell


def write_rows(out: BinaryIO, rows: Iterable[Iterable[str]], *, separator: str, bom: bool) -> int:
    """Write rows as CSV in UTF-8 (RFC 4180), and return how many."""
    count = 0
    encoding = "utf-8-sig" if bom else "utf-8"
    text = io.TextIOWrapper(out, encoding=encoding, newline="", write_through=True)
    try:
        table = csv.writer(text, delimiter=separator, lineterminator="\r\n")
        for row in rows:
            table.writerow(list(row))
            count += 1
    finally:
        text.detach()
    return count
