# SPDX-License-Identifier: Apache-2.0
"""Cells of a table that a spreadsheet takes for texts, never for formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import BinaryIO, Final

# What spreadsheets take for the beginning of a formula (OWASP, CSV injection), full-width signs
# among them. Apostrophes ahead count, so that taking one away again is exact.
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def guarded(text: str) -> str:
    """
    Return a text as a cell: an apostrophe ahead keeps a spreadsheet from calculating it.

    >>> guarded("=1+1"), guarded("+33 4 65 71 00 00"), guarded("l'été")
    ("'=1+1", "'+33 4 65 71 00 00", "l'été")
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(cell: str) -> str:
    """
    Return the text of a cell that :func:`guarded` made.

    >>> unguarded("'=1+1"), unguarded("'tis")
    ('=1+1', "'tis")
    """
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


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
