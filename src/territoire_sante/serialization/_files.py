# SPDX-License-Identifier: Apache-2.0
"""
Files of entities: JSON (a list, or an object that holds one) and JSON Lines.

Both are read and written as streams, so that memory does not grow with the file.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, TextIO

from territoire_sante._atomic import replace
from territoire_sante._scanner import Scanner
from territoire_sante.errors import (
    DecodingError,
    FormatError,
    InputError,
    InvalidValueError,
    Problem,
)
from territoire_sante.model import Entity
from territoire_sante.serialization._plain import SCHEMA_VERSION, from_plain, to_plain
from territoire_sante.serialization._problems import Twice, did_you_mean, step
from territoire_sante.serialization._scan import MAX_VALUE, load, scanner

_LINE_SUFFIXES: Final = frozenset({".jsonl", ".ndjson"})
_SNIFFED: Final = 64 * 1024


def read_entities(path: str | os.PathLike[str]) -> Iterator[Entity | Problem]:
    """
    Yield the entities of a file, and a problem for everything wrong in it.

    JSON Lines is known by the ending (``.jsonl``, ``.ndjson``) or by its first
    line. A bad entity does not stop the others; in a JSON document, text that is no
    JSON ends the reading, because nothing behind it can be told apart. Paths of
    problems are like ``line 12: $.start``.

    Raises:
        InputError: the file cannot be read; raised when the first is asked for.
    """
    try:
        with Path(path).open("rb") as stream:
            lines = _has_lines(Path(path), stream)
            yield from _read_lines(stream) if lines else _read_json(stream)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path)) from error


def _has_lines(path: Path, stream: BinaryIO) -> bool:
    if path.suffix.lower() in _LINE_SUFFIXES:
        return True
    first = stream.readline(_SNIFFED)
    stream.seek(0)
    text = first.decode("utf-8-sig", "replace").strip()
    cut_off = len(first) == _SNIFFED
    if cut_off or not text.startswith("{") or not text.endswith("}"):
        return False
    try:
        whole = load(text)
    except FormatError:
        return True
    return isinstance(whole, dict) and "entities" not in whole


def _read_lines(stream: BinaryIO) -> Iterator[Entity | Problem]:
    number = 0
    while line := stream.readline(MAX_VALUE):
        number += 1
        where = f"line {number}"
        if len(line) == MAX_VALUE and not line.endswith(b"\n"):
            yield Problem(where, f"longer than {MAX_VALUE} bytes")
            while (rest := stream.readline(MAX_VALUE)) and not rest.endswith(b"\n"):
                pass
        elif line.strip():
            yield from _read_line(line, where, "utf-8-sig" if number == 1 else "utf-8")


def _read_line(line: bytes, where: str, encoding: str) -> Iterator[Entity | Problem]:
    try:
        plain = load(line.decode(encoding))
    except UnicodeDecodeError as error:
        yield Problem(where, f"not UTF-8 (byte {error.start + 1})")
    except FormatError as error:
        yield Problem(where, error.what)
    else:
        yield from _decode(plain, where, "$")


def _decode(plain: Any, where: str, root: str) -> Iterator[Entity | Problem]:
    try:
        yield from_plain(plain)
    except DecodingError as error:
        for problem in error.problems:
            yield Problem(f"{where}: {root}{problem.path.removeprefix('$')}", problem.message)


def _read_json(stream: BinaryIO) -> Iterator[Entity | Problem]:
    with io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
        scan = scanner(text)
        try:
            yield from _read_document(scan)
        except FormatError as error:
            yield Problem(f"line {error.line}", error.what)
        except UnicodeDecodeError as error:
            yield Problem(f"line {scan.line}", f"not UTF-8 from here on ({error.reason})")


def _read_document(scanner: Scanner) -> Iterator[Entity | Problem]:
    while first := scanner.peek():
        if first == "[":
            yield from _read_list(scanner, "$")
        elif first == "{":
            yield from _read_object(scanner)
        else:
            line = scanner.line
            yield from _decode(scanner.value(), f"line {line}", "$")


def _read_list(scanner: Scanner, root: str) -> Iterator[Entity | Problem]:
    for index, (line, plain) in enumerate(scanner.elements()):
        yield from _decode(plain, f"line {line}", f"{root}[{index}]")


def _read_object(scanner: Scanner) -> Iterator[Entity | Problem]:
    """Read an object that holds a list of entities, or that is one."""
    line = scanner.line
    fields: dict[str, Any] = {}
    wrapped = False
    for name in _members(scanner, fields):
        if name == "entities" and scanner.peek() == "[":
            wrapped = True
            yield from _read_list(scanner, "$.entities")
        else:
            fields[name] = scanner.value()
    if wrapped:
        yield from _envelope_problems(fields, f"line {line}")
    else:
        yield from _decode(fields, f"line {line}", "$")


def _members(scanner: Scanner, seen: dict[str, Any]) -> Iterator[str]:
    """Yield the names of an object's fields; the caller takes the value behind each."""
    scanner.take("{")
    while scanner.peek() != "}":
        name = scanner.value()
        if not isinstance(name, str) or name in seen:
            what = str(Twice(name)) if isinstance(name, str) else "the name of a field is no text"
            raise FormatError(f"not JSON: {what}", line=scanner.line)
        scanner.take(":")
        yield name
        if scanner.peek() != "}":
            scanner.take(",")
    scanner.take("}")


def _envelope_problems(fields: dict[str, Any], where: str) -> Iterator[Problem]:
    version = fields.pop("schema", SCHEMA_VERSION)
    if version != SCHEMA_VERSION:
        yield Problem(f"{where}: $.schema", f"expected {SCHEMA_VERSION}, got {version!r}")
    for name in fields:
        hint = did_you_mean(name, ("schema", "entities"))
        yield Problem(f"{where}: {step('$', name)}", f"unknown field{hint}")


def write_entities(entities: Iterable[Entity], path: str | os.PathLike[str], *, lines: bool) -> int:
    """
    Write a file of entities, JSON Lines or one JSON document, and return how many.

    The file appears at once and whole, or stays what it was. A new one can be
    read by its owner only, because contacts may be in it; an old one keeps its mode.

    Raises:
        InputError: it cannot be written.
    """
    target = Path(os.path.realpath(path))
    try:
        return replace(target, lambda stream: dump_entities(entities, stream, lines=lines))
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", where=str(path)) from error


def dump_entities(entities: Iterable[Entity], stream: BinaryIO, *, lines: bool) -> int:
    """
    Write entities into an open binary file, JSON Lines or one JSON document; return how many.

    The file stays open. What :func:`read_entities` reads is the same entities.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="\n", write_through=True)
    try:
        return (_json_lines if lines else _json_document)(text, entities)
    finally:
        text.detach()


def _json_text(entity: Entity) -> str:
    text = json.dumps(to_plain(entity), ensure_ascii=False, allow_nan=False)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidValueError(
            "a text holds half a character: a lone UTF-16 surrogate", where=entity.id
        ) from error
    return text


def _json_lines(stream: TextIO, entities: Iterable[Entity]) -> int:
    written = 0
    for entity in entities:
        stream.write(_json_text(entity) + "\n")
        written += 1
    return written


def _json_document(stream: TextIO, entities: Iterable[Entity]) -> int:
    written = 0
    stream.write(f'{{"schema": {SCHEMA_VERSION}, "entities": [')
    for entity in entities:
        stream.write(("," if written else "") + "\n" + _json_text(entity))
        written += 1
    stream.write("\n]}\n")
    return written
