# SPDX-License-Identifier: Apache-2.0
"""Records out of a JSON document, one after the other, whatever its size."""

from __future__ import annotations

import codecs
from collections.abc import Collection, Iterator
from typing import Any, BinaryIO, Final

from territoire_sante.errors import FormatError
from territoire_sante.formats.record import Scanner

#: The longest record that is read, in characters.
MAX_RECORD: Final = 64 * 1024 * 1024


def json_records(stream: BinaryIO, lists: Collection[str]) -> Iterator[tuple[int, Any]]:
    """
    Yield the records of a JSON document, each with the line it begins on.

    They are the elements of a list, or of the lists that an object holds under
    one of the names in ``lists``, or objects one behind the other (JSON Lines).

    Raises:
        FormatError: it is no JSON, or not UTF-8; nothing behind that place can be told apart.
    """
    scanner = Scanner(codecs.getreader("utf-8-sig")(stream).read, longest=MAX_RECORD)
    try:
        yield from _records(scanner, lists)
    except UnicodeDecodeError as error:
        raise FormatError("not UTF-8 from here on", line=scanner.line) from error


def _records(scanner: Scanner, lists: Collection[str]) -> Iterator[tuple[int, Any]]:
    while first := scanner.peek():
        if first == "[":
            yield from scanner.elements()
        elif first == "{":
            yield from _members(scanner, lists)
        else:
            raise FormatError("not JSON: a list or an object was expected", line=scanner.line)


def _members(scanner: Scanner, lists: Collection[str]) -> Iterator[tuple[int, Any]]:
    """Walk through an object: its lists of records one by one, or itself as a record."""
    line, whole, wrapped = scanner.line, {}, False
    scanner.take("{")
    while scanner.peek() != "}":
        name = scanner.value()
        scanner.take(":")
        if name in lists and scanner.peek() == "[":
            wrapped = True
            yield from scanner.elements()
        else:
            whole[name] = scanner.value()
        if scanner.peek() != "}":
            scanner.take(",")
    scanner.take("}")
    if not wrapped:
        yield line, whole
