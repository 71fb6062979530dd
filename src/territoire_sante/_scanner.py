# SPDX-License-Identifier: Apache-2.0
"""JSON values out of a stream, one after the other, in memory that does not grow with the file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from territoire_sante.errors import FormatError, LimitExceededError

_CHUNK: Final = 64 * 1024
_SPACE = re.compile(r"[ \t\r\n]*")
_PLAIN: Final = json.JSONDecoder().raw_decode


def cause(error: Exception) -> str:
    """Return why JSON cannot be read that is none of its syntax."""
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


class Scanner:
    """
    A reader of one stream of JSON text; ``line`` is that of the next value.

    ``read`` returns at most so many characters, ``""`` at the end; ``longest`` is how many the
    longest value may have; ``decode`` is ``raw_decode`` of a decoder.
    """

    def __init__(
        self,
        read: Callable[[int], str],
        *,
        longest: int = 16 * 1024 * 1024,
        decode: Callable[[str, int], tuple[Any, int]] = _PLAIN,
    ) -> None:
        self._read, self._longest, self._decode = read, longest, decode
        self._text = ""
        self._at = 0
        self.line = 1

    def peek(self) -> str:
        """Return the next character that is no space, ``""`` at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._advance(match.end() if match else self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(_CHUNK):
                return ""

    def take(self, wanted: str) -> None:
        """
        Step over one character.

        Raises:
            FormatError: there is another one.
        """
        found = self.peek()
        if found != wanted:
            shown = repr(found) if found else "the end of the file"
            raise FormatError(f"not JSON: expected {wanted!r}, found {shown}", line=self.line)
        self._advance(self._at + 1)

    def value(self) -> Any:
        """
        Return the next value, which may be of any kind.

        Raises:
            FormatError: it is no JSON; the stream cannot be read any further.
            LimitExceededError: it is longer than the longest.
        """
        self.peek()
        step = _CHUNK
        while True:
            try:
                found, end = self._decode(self._text, self._at)
            except json.JSONDecodeError as error:
                # What looks wrong may only be cut off: read on, twice as much each
                # time, so that the work stays linear.
                if self._is_wrong(error) or not self._more(step):
                    raise self._no_json(error) from error
                step = min(2 * step, self._longest)
            except (ValueError, RecursionError) as error:
                raise FormatError(cause(error), line=self.line) from error
            else:
                if end < len(self._text) or not self._more(_CHUNK):
                    self._advance(end)
                    return found

    def elements(self) -> Iterator[tuple[int, Any]]:
        """Yield the elements of the list that comes next, each with the line it begins on."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            self.peek()
            line = self.line
            yield line, self.value()
            if self.peek() == "]":
                self.take("]")
                return
            self.take(",")

    def _is_wrong(self, error: json.JSONDecodeError) -> bool:
        """Say whether reading on cannot help: the place is not near the end of what was read."""
        longest_word = len("-Infinity")
        near = error.pos >= len(self._text) - longest_word
        return not near and not error.msg.startswith("Unterminated string")

    def _no_json(self, error: json.JSONDecodeError) -> FormatError:
        line = self.line + self._text.count("\n", self._at, error.pos)
        return FormatError(f"not JSON: {error.msg} (character {error.colno})", line=line)

    def _advance(self, end: int) -> None:
        self.line += self._text.count("\n", self._at, end)
        self._at = end

    def _more(self, size: int) -> bool:
        """Read on and drop what was used; ``False`` at the end, where nothing moves."""
        if len(self._text) - self._at > self._longest:
            raise LimitExceededError(
                f"a value of more than {self._longest} characters", line=self.line
            )
        chunk = self._read(size)
        if chunk:
            self._text, self._at = self._text[self._at :] + chunk, 0
        return bool(chunk)
