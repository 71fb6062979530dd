# SPDX-License-Identifier: Apache-2.0
"""Records out of a JSON document, one after the other, whatever its size."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any, BinaryIO, Final

from territoire_sante.errors import FormatError, LimitExceededError

#: The longest record that is read, in characters.
MAX_RECORD: Final = 64 * 1024 * 1024

_CHUNK: Final = 64 * 1024
_SPACE = re.compile(r"[ \t\r\n\ufeff]*")
_DECODER: Final = json.JSONDecoder()


def json_records(stream: BinaryIO, lists: Collection[str]) -> Iterator[tuple[int, Any]]:
    """
    Yield the records of a JSON document, each with the line it begins on.

    They are the elements of a list, or of the lists that an object holds under
    one of the names in ``lists``, or objects one behind the other (JSON Lines).

    Raises:
        FormatError: it is no JSON, or not UTF-8; nothing behind that place can be told apart.
    """
    scanner = _Scanner(stream)
    while first := scanner.peek():
        if first == "[":
            yield from scanner.elements()
        elif first == "{":
            yield from _members(scanner, lists)
        else:
            raise FormatError("not JSON: a list or an object was expected", line=scanner.line)


def _members(scanner: _Scanner, lists: Collection[str]) -> Iterator[tuple[int, Any]]:
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


class _Scanner:
    """A window on a stream of JSON text that moves from value to value."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._text, self._at, self._rest = stream, "", 0, b""
        self.line = 1

    def peek(self) -> str:
        """Return the next character that is no space, ``""`` at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._to(match.end() if match else self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(_CHUNK):
                return ""

    def take(self, wanted: str) -> None:
        """Step over one character, or say that there is another one."""
        found = self.peek()
        if found != wanted:
            shown = repr(found) if found else "the end of the file"
            raise FormatError(f"not JSON: expected {wanted!r}, found {shown}", line=self.line)
        self._to(self._at + 1)

    def elements(self) -> Iterator[tuple[int, Any]]:
        """Yield the elements of the list that comes next, each with its line."""
        self.take("[")
        while self.peek() != "]":
            line = self.line
            yield line, self.value()
            if self.peek() != "]":
                self.take(",")
        self.take("]")

    def value(self) -> Any:
        """Return the next value; a window that is too short grows, twice as much each time."""
        self.peek()
        step = _CHUNK
        while True:
            try:
                found, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._more(step):
                    line = self.line + self._text.count("\n", self._at, error.pos)
                    raise FormatError(f"not JSON: {error.msg}", line=line) from error
                step = min(2 * step, MAX_RECORD)
            except (ValueError, RecursionError) as error:
                raise FormatError("not JSON that can be read", line=self.line) from error
            else:
                # A number at the very end may go on.
                if end < len(self._text) or not self._more(_CHUNK):
                    self._to(end)
                    return found

    def _to(self, end: int) -> None:
        self.line += self._text.count("\n", self._at, end)
        self._at = end

    def _more(self, size: int) -> bool:
        if len(self._text) - self._at > MAX_RECORD:
            raise LimitExceededError(
                f"a record of more than {MAX_RECORD} characters", line=self.line
            )
        chunk = self._stream.read(size)
        text = self._decoded(self._rest + chunk, final=not chunk)
        self._text, self._at = self._text[self._at :] + text, 0
        return bool(chunk)

    def _decoded(self, data: bytes, *, final: bool) -> str:
        """Decode what is whole; up to three bytes may be the beginning of a character."""
        try:
            self._rest = b""
            return data.decode()
        except UnicodeDecodeError as error:
            if final or len(data) - error.start > 3:  # noqa: PLR2004 - UTF-8 has 4 at most
                raise FormatError("not UTF-8 from here on", line=self.line) from error
            self._rest = data[error.start :]
            return data[: error.start].decode()
