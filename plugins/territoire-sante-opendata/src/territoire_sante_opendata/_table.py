# SPDX-License-Identifier: Apache-2.0
"""Rows out of CSV as registers write it: any separator, UTF-8 or Latin-1, with or without a BOM."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Final

from territoire_sante.errors import FormatError, Problem

_MAX_LINE: Final = 1024 * 1024
_SEPARATORS: Final = ";,\t|"
_NO_LETTER = re.compile(r"[^a-z0-9]+")

Row = tuple[int, list[str]]


def column(name: str) -> str:
    """
    Return the name of a column as it is looked up, whatever its case, accents and spaces.

    >>> column("Libellé de l'EPCI"), column("N° SIREN")
    ('libelle_de_l_epci', 'n_siren')
    """
    plain = unicodedata.normalize("NFD", name.casefold()).encode("ascii", "ignore").decode()
    return _NO_LETTER.sub("_", plain).strip("_")


def csv_rows(stream: BinaryIO) -> Iterator[Row | Problem]:
    """
    Yield the rows of a CSV file, each with the line it begins on; empty ones are left out.

    The separator is the one that the first line has most of.
    """
    lines = _Lines(stream)
    first = next(lines, "")
    reader = csv.reader(_chained(first, lines), delimiter=_separator(first))
    begin = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Problem(f"line {begin}", f"no row of a table ({error})")
        else:
            if any(cell.strip() for cell in row):
                yield begin, row
        begin = lines.number + 1


def csv_records(stream: BinaryIO) -> Iterator[tuple[int, Mapping[str, str]] | Problem]:
    """
    Yield the rows of a CSV file with a header, by the names that :func:`column` gives.

    A row that has not as many cells as the header is a problem: nobody can tell which is missing.
    Empty cells behind the last column are forgiven.

    Raises:
        FormatError: the file is empty.
    """
    names: list[str] | None = None
    for row in csv_rows(stream):
        if isinstance(row, Problem):
            yield row
            continue
        line, cells = row
        if names is None:
            names = [column(cell) for cell in cells]
            continue
        surplus = cells[len(names) :]
        if len(cells) < len(names) or any(surplus):
            yield Problem(f"line {line}", f"{len(cells)} cells under {len(names)} columns")
        else:
            yield line, {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
    if names is None:
        raise FormatError("the file is empty", line=1, remedy="Download it again")


class _Lines(Iterator[str]):
    """Lines of text, decoded one by one: a file of several hands may mix encodings."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.number = 0

    def __next__(self) -> str:
        line = self._stream.readline(_MAX_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        try:
            return line.decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError:
            # Bytes that Windows leaves undefined are still letters of Latin-1.
            return _windows(line)


def _windows(line: bytes) -> str:
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _separator(line: str) -> str:
    return max(_SEPARATORS, key=line.count)
