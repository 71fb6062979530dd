# SPDX-License-Identifier: Apache-2.0
"""The whole file as lines of bytes, of which all but one stay as they are."""

from __future__ import annotations

import codecs
import re
from typing import Final

import attrs

from territoire_sante.errors import ItemRefusedError, ProtocolError
from territoire_sante_town_agenda._when import begins_with_a_day

_LINE: Final = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_BOMS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@attrs.frozen
class Text:
    """An agenda: its byte order mark, its lines with their ends, and what they are written in."""

    bom: bytes
    lines: tuple[bytes, ...]
    encoding: str

    @classmethod
    def of(cls, data: bytes, encoding: str, *, where: str) -> Text:
        """
        Return the lines of a file; ``auto`` is UTF-8 if it can be read so, else Windows-1252.

        Raises:
            ProtocolError: it is no text, or is written in something else.
        """
        if b"\0" in data or data.startswith(_BOMS):
            raise ProtocolError(
                "this is no text in UTF-8 or Windows-1252",
                where=where,
                remedy="Save it as UTF-8; nothing was concluded from it",
            )
        bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        body = data[len(bom) :]
        tried = ("utf-8", "windows-1252") if encoding == "auto" else (encoding,)
        if bom:
            tried = ("utf-8",)
        for name in tried:
            try:
                body.decode(name)
            except UnicodeDecodeError:
                continue
            return cls(bom, tuple(_LINE.findall(body)), name)
        raise ProtocolError(
            f"it is not written in {' or '.join(tried)}",
            where=where,
            remedy="Save it as UTF-8, or correct encoding; nothing was concluded from it",
        )

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        return self.bom + b"".join(self.lines)

    def entries(self) -> dict[int, str]:
        """Return the lines that are entries, by their numbers from 0, without their ends."""
        found = {}
        for number, raw in enumerate(self.lines):
            line = raw.rstrip(b"\r\n").decode(self.encoding)
            if "|" in line and begins_with_a_day(line):
                found[number] = line
        return found

    def replaced(self, number: int, line: str) -> Text:
        """Return the agenda with another line; its end stays."""
        old = self.lines[number]
        end = old[len(old.rstrip(b"\r\n")) :]
        return self._with(number, number + 1, (self._encoded(line) + end,))

    def removed(self, number: int) -> Text:
        """Return the agenda without a line."""
        return self._with(number, number + 1, ())

    def inserted(self, number: int, line: str) -> Text:
        """Return the agenda with a new line before another one, or at its end."""
        ends = [raw[len(raw.rstrip(b"\r\n")) :] for raw in self.lines]
        near = next((end for end in reversed(ends[:number]) if end), b"")
        end = near or next((end for end in ends if end), b"\n")
        before = self
        if number and not ends[number - 1]:
            before = self._with(number - 1, number, (self.lines[number - 1] + end,))
        lines = before.lines
        return attrs.evolve(
            self, lines=(*lines[:number], self._encoded(line) + end, *lines[number:])
        )

    def _with(self, first: int, last: int, lines: tuple[bytes, ...]) -> Text:
        return attrs.evolve(self, lines=(*self.lines[:first], *lines, *self.lines[last:]))

    def _encoded(self, line: str) -> bytes:
        try:
            return line.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise ItemRefusedError(
                f"{line[error.start : error.end]!r} cannot be written in {self.encoding}",
                remedy="Write it otherwise, or save the agenda as UTF-8",
            ) from None
