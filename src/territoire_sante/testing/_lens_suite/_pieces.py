# SPDX-License-Identifier: Apache-2.0
"""
The pieces of a document, whatever its format, and which of them a lens does not look at.

A piece that says something is foreign when the document without it reads the same. No knowledge
of the format is needed for that; text is cut at its lines, JSON at its members, markup at its
innermost elements.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import attrs

from territoire_sante.errors import InputError
from territoire_sante.formats import Document, Lens
from territoire_sante.serialization import view_to_plain

#: More pieces than these are looked at in even steps only.
_MOST: Final = 150
#: Whoever says so much of a text again says it again.
_REPEATED: Final = 15
_ELEMENT: Final = re.compile(rb"<([\w:.-]+)(?:\s[^<>]*)?(?:/>|>[^<]*</\1\s*>)")
_Path = tuple[str | int, ...]


@attrs.frozen
class Piece:
    """A part of a document: its bytes or the path of a member, and the document without it."""

    what: bytes | _Path
    without: bytes

    def is_in(self, data: bytes) -> bool:
        """Say whether another document has the piece as it was."""
        if isinstance(self.what, bytes):
            return self.what in data
        return _member(json.loads(data), self.what[:-1]) == self.what[-1]

    def repeats(self, text: str) -> bool:
        """Say whether the piece begins to say ``text`` too, as a summary does."""
        said = self.what.decode("utf-8", "replace") if isinstance(self.what, bytes) else ""
        if isinstance(self.what, tuple):
            said = json.dumps(json.loads(str(self.what[-1])), ensure_ascii=False)
        return bool(text) and text[:_REPEATED] in said


def foreign_pieces(lens: Lens[Any], document: Document) -> list[Piece]:
    """Return the pieces of a document that ``lens`` does not read."""
    pieces = list(_pieces(document.data))
    read = view_to_plain(lens.get(document), lens.fields)
    foreign = []
    for piece in pieces[:: len(pieces) // _MOST + 1]:
        try:
            rest = lens.get(Document(piece.without, document.media_type))
        except InputError:
            continue
        if view_to_plain(rest, lens.fields) == read:
            foreign.append(piece)
    return foreign


def _pieces(data: bytes) -> Iterator[Piece]:
    try:
        held = json.loads(data)
    except ValueError:
        cuts = _elements(data) if data.lstrip().startswith(b"<") else _lines(data)
        yield from (Piece(data[a:b], data[:a] + data[b:]) for a, b in cuts)
    else:
        yield from _members(held, held, ())


def _lines(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each line is, with those that continue it (RFC 5545, 3.1)."""
    start = 0
    for found in re.finditer(rb"\n(?![ \t])|\Z", data):
        line = data[start : found.end()].rstrip()
        if line and not line.endswith(b":"):
            yield start, found.end()
        start = found.end()


def _elements(data: bytes) -> Iterator[tuple[int, int]]:
    return (found.span() for found in _ELEMENT.finditer(data))


def _members(whole: Any, held: Any, path: _Path) -> Iterator[Piece]:
    keys: list[Any] = list(held) if isinstance(held, dict) else []
    for key in keys:
        value = held[key]
        kept = dict(held)
        del held[key]
        without = json.dumps(whole, ensure_ascii=False).encode()
        held.clear()
        held.update(kept)
        if value:  # what is empty may be a field that is not said
            yield Piece((*path, key, json.dumps(value)), without)
        yield from _members(whole, value, (*path, key))


def _member(held: Any, path: _Path) -> str | None:
    for key in path:
        if not (isinstance(held, dict) and key in held):
            return None
        held = held[key]
    return json.dumps(held)
