# SPDX-License-Identifier: Apache-2.0
"""From records to entities: what every reader does with what it is given."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from territoire_sante.errors import (
    FormatError,
    InputError,
    InvalidValueError,
    Problem,
    UnsupportedError,
)
from territoire_sante.model import Entity
from territoire_sante_opendata._json import json_records
from territoire_sante_opendata._stream import Source, opened
from territoire_sante_opendata._table import column, csv_records

Record = Mapping[str, Any]

# Names under which registers keep their records in a JSON object.
_LISTS: Final = frozenset({"service", "results", "items", "data", "pmej"})
_JSON: Final = (b"{", b"[")


class Notes:
    """What could not be taken of a record that is otherwise good."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, field: str, reason: str) -> None:
        """Note why a field was left out."""
        self.problems.append(Problem(field, reason))


Make = Callable[[Record, Notes], Iterable[Entity]]


def read(
    source: Source, make: Make, *, needed: Iterable[tuple[str, ...]] = ()
) -> Iterator[Entity | Problem]:
    """
    Yield what ``make`` makes of the records of a source, which is JSON or CSV.

    ``needed`` lists the columns without which it is another file, each with its
    other names. A record that makes no sense is a problem with line and reason; so is each
    field that was left out of a good one.

    Raises:
        InputError: the source cannot be read.
        FormatError: a column is missing, or the bytes are no JSON and no table.
        UnsupportedError: ``make`` says that the whole file is of another kind.
    """
    wanted = tuple(needed)
    with opened(source) as stream:
        for found in records(stream):
            if isinstance(found, Problem):
                yield found
                continue
            where, record = found
            if wanted:
                _check(record, wanted)
                wanted = ()
            yield from made(where, record, make)


def made(place: str, record: Record, make: Make) -> Iterator[Entity | Problem]:
    """
    Yield the entities of one record and what was left out, or why there are none.

    ``place`` is where the record is in its file, for people.
    """
    notes = Notes()
    try:
        entities = list(make(record, notes))
    except UnsupportedError:  # the whole file is of another kind
        raise
    except InputError as error:
        where = f"{place}: {error.where}" if error.where else place
        yield Problem(where, f"{error.what}. {error.remedy}" if error.remedy else error.what)
        return
    yield from entities
    for problem in notes.problems:
        yield Problem(f"{place}: {problem.path}", problem.message)


def records(stream: io.BufferedReader) -> Iterator[tuple[str, Record] | Problem]:
    """Yield the records of JSON or CSV by their lower-case names without accents, with places."""
    if not looks_like_json(stream):
        for row in csv_records(stream):
            yield row if isinstance(row, Problem) else (f"line {row[0]}", row[1])
        return
    for number, (line, record) in enumerate(json_records(stream, _LISTS), 1):
        place = json_place(line, number)
        if isinstance(record, dict):
            yield place, {column(name): value for name, value in record.items()}
        else:
            yield Problem(place, "a record should be an object")


def json_place(line: int, number: int) -> str:
    """Return where a record is in a JSON document, which may be a single line."""
    return f"line {line}, record {number}"


def looks_like_json(stream: io.BufferedReader) -> bool:
    """Say whether the first character is one that JSON begins with."""
    head = stream.peek(64)[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(_JSON)


def text(record: Record, *names: str) -> str:
    """Return the first of these fields that is filled, as text without blanks around it."""
    for name in names:
        value = record.get(name)
        if value is None or isinstance(value, dict | list):
            continue
        found = str(value).strip()
        if found:
            return found
    return ""


def required(record: Record, *names: str) -> str:
    """
    Return the first of these fields that is filled.

    Raises:
        InvalidValueError: none is.
    """
    found = text(record, *names)
    if not found:
        raise InvalidValueError("it is empty", where=names[0])
    return found


def folded(value: str) -> str:
    """
    Return a text without case and accents, as it is compared.

    >>> folded("Vice-Président")
    'vice-president'
    """
    plain = unicodedata.normalize("NFD", value.casefold())
    return "".join(one for one in plain if not unicodedata.combining(one)).strip()


def _check(record: Record, needed: Iterable[tuple[str, ...]]) -> None:
    for names in needed:
        if not any(name in record for name in names):
            raise FormatError(
                f"there is no column {names[0]!r}; this is another register, or has no header",
                line=1,
                remedy="Choose the reader of this register",
            )
