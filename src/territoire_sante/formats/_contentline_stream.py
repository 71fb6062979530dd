# SPDX-License-Identifier: Apache-2.0
"""
Streams of cards and calendars: one component at a time, in flat memory, every byte kept.

What arrives is cut behind the last line that is surely complete; the rest waits.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final

import attrs

from territoire_sante.errors import LimitExceededError, Problem, UnsupportedError
from territoire_sante.formats._contentline_cut import Limits, cut_lines, joined, marks_in
from territoire_sante.formats._contentline_document import (
    UTF8_BOM,
    ContentDocument,
    count_breaks,
)
from territoire_sante.formats._contentline_line import Line
from territoire_sante.formats._document import Document

_CHUNK: Final = 65_536
_CALENDAR: Final = "VCALENDAR"
_ZONE: Final = "VTIMEZONE"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
# A line that ends in "=" may go on in the next (quoted-printable); white space can follow it.
_TAIL: Final = 80
_DEFAULT: Final = Limits()


@attrs.frozen(kw_only=True)
class Piece:
    """
    A stretch of a stream; all pieces, joined, are its bytes.

    ``name`` is the upper-case name of the component, empty for what stands between
    components. ``line`` is the number of its first physical line, 0 for a byte order mark.
    ``within`` says that it lies inside a calendar that is cut; ``frame`` is then the calendar's
    head and the time zones that came before it.
    """

    name: str
    raw: bytes
    line: int
    frame: tuple[bytes, ...] = ()
    within: bool = False
    limits: Limits = _DEFAULT

    @property
    def content(self) -> ContentDocument:
        """The piece alone, parsed anew at each call."""
        if not self.line:
            return ContentDocument([], self.limits, self.raw)
        return ContentDocument(cut_lines(self.raw, self.limits), self.limits)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in it, by line of the stream."""
        excerpt = self.within and not self.name
        return self.content.problems_from(self.line, within=excerpt)

    @property
    def document(self) -> Document:
        """The component as a document for a lens, in a calendar of its own if it was in one."""
        if not self.within:
            return Document(self.raw, "text/vcard" if self.name == "VCARD" else "text/calendar")
        gap = b"" if self.raw.endswith((b"\r", b"\n")) else b"\r\n"
        return Document(
            b"".join((*self.frame, self.raw, gap, b"END:VCALENDAR\r\n")), "text/calendar"
        )


@attrs.define
class _Cutter:
    """Where the stream stands: the open components, and the piece under way."""

    limits: Limits
    inner: bool
    stack: list[str] = attrs.Factory(list)
    name: str = ""
    parts: list[bytes] = attrs.Factory(list)
    size: int = 0
    count: int = 0
    number: int = 1
    within: bool = False
    frame: tuple[bytes, ...] = ()

    def feed(self, lines: Sequence[Line]) -> Iterator[Piece]:
        """Yield the pieces that end in these lines; what is left over is kept."""
        start = 0
        for at, (begins, name) in marks_in(lines):
            # Inside a calendar that is cut, pieces lie one level deeper.
            base, depth = int(self.within), len(self.stack)
            if begins:
                if depth == base:
                    yield from self._ended(lines, start, at)
                    start = at
                    self.within = self.within or (self.inner and name == _CALENDAR)
                    self.name = "" if self.within and not depth else name
                self._open(name)
            elif name in self.stack:
                level = depth - 1 - self.stack[::-1].index(name)
                if level < base < depth:
                    yield from self._ended(lines, start, at)
                    start = at
                del self.stack[level:]
                if level <= base:
                    yield from self._ended(lines, start, at + 1)
                    start = at + 1
                if not level:
                    self.within, self.frame = False, ()
        self._add(lines, start, len(lines))

    def _open(self, name: str) -> None:
        self.stack.append(name)
        if len(self.stack) > self.limits.depth:
            raise LimitExceededError(
                f"components are nested deeper than {self.limits.depth}", line=self.number
            )

    def _add(self, lines: Sequence[Line], start: int, stop: int) -> None:
        raw = joined(lines, start, stop)
        self.parts.append(raw)
        self.size += len(raw)
        self.count += stop - start
        if self.size > self.limits.total or self.count > self.limits.lines:
            raise LimitExceededError(
                f"a component of the stream is larger than {self.limits.total} bytes or"
                f" {self.limits.lines} lines",
                line=self.number,
            )

    def _ended(self, lines: Sequence[Line], start: int, stop: int) -> Iterator[Piece]:
        self._add(lines, start, stop)
        return self.flush()

    def flush(self) -> Iterator[Piece]:
        """Yield the piece under way, if it has bytes."""
        raw = b"".join(self.parts)
        if not raw:
            return
        yield Piece(
            name=self.name,
            raw=raw,
            line=self.number,
            frame=self.frame,
            within=self.within,
            limits=self.limits,
        )
        zone = self.name == _ZONE and raw.rstrip().upper().endswith(b":VTIMEZONE")
        if self.within and (not self.frame or zone) and raw not in self.frame:
            self.frame = (*self.frame, raw)
        self.parts, self.size, self.count, self.name = [], 0, 0, ""
        self.number += count_breaks(raw)


def _boundary(data: bytearray, seen: int) -> int:
    """
    Return where the last line ends that is surely complete, 0 if none does.

    No line ended in the first ``seen`` bytes. What follows must be known: a fold, the LF of a
    CRLF or the rest of a quoted-printable value would still belong to the line.
    """
    low, high = max(seen - 1, 0), len(data) - 1
    end = b"\n" if data.find(b"\n", low) >= 0 else b"\r"
    while (at := data.rfind(end, low, high)) >= 0:
        place = at + 1
        tail = bytes(data[max(place - _TAIL, 0) : place]).rstrip()
        soft = tail.endswith(b"=") if tail else place >= _TAIL
        if data[place] not in b"\r\n \t" and not soft:
            return place
        high = at
    return 0


def _blocks(chunks: Iterable[bytes], limits: Limits) -> Iterator[bytes]:
    """Yield the bytes of the stream in blocks of whole logical lines."""
    waiting, seen = bytearray(), 0
    for chunk in chunks:
        waiting += chunk
        place = _boundary(waiting, seen)
        if place:
            yield bytes(waiting[:place])
            del waiting[:place]
        if len(waiting) > limits.total:
            raise LimitExceededError(f"a line of the stream is longer than {limits.total} bytes")
        seen = len(waiting)
    yield bytes(waiting)


def _begin(chunks: Iterator[bytes]) -> bytes:
    """Return the first bytes, enough to see a byte order mark."""
    head = b""
    while len(head) < len(UTF8_BOM):
        chunk = next(chunks, None)
        if chunk is None:
            break
        head += chunk
    if head.startswith(_UTF16) or b"\0" in head[:2]:
        raise UnsupportedError(
            "streams are read in UTF-8 or an 8-bit charset, this one is UTF-16 or no text",
            remedy="Read it whole with parse, or save it as UTF-8",
        )
    return head


def iter_components(
    stream: BinaryIO | Iterable[bytes], *, inner: bool = False, limits: Limits | None = None
) -> Iterator[Piece]:
    r"""
    Yield the components of a file or of chunks of bytes as they come, in flat memory.

    The pieces are those of :func:`parse`, and what stands between them; joined they are
    the bytes of the stream. With ``inner``, calendars are cut into their events, tasks and time
    zones: each has a :attr:`Piece.document` that a lens reads, with the time zones that
    came before it. Changed instances of a recurring event are pieces of their own.
    ``limits`` are those of one piece.

    >>> cards = [b"BEGIN:VCARD\r\nFN:A", b"nne\r\nEND:VCARD\r\nBEGIN:VCARD\r\nEND:VCARD\r\n"]
    >>> [(piece.name, piece.line) for piece in iter_components(cards)]
    [('VCARD', 1), ('VCARD', 4)]

    Raises:
        LimitExceededError: a piece is larger or deeper than ``limits``.
        UnsupportedError: UTF-16, or no text.
    """
    bounds = limits or _DEFAULT
    read = getattr(stream, "read", None)
    chunks = iter(lambda: read(_CHUNK), b"") if read is not None else iter(stream)
    head = _begin(chunks)
    if head.startswith(UTF8_BOM):
        yield Piece(name="", raw=UTF8_BOM, line=0)
        head = head[len(UTF8_BOM) :]
    cutter = _Cutter(limits=bounds, inner=inner)
    for block in _blocks(itertools.chain((head,), chunks), bounds):
        yield from cutter.feed(cut_lines(block, bounds))
    yield from cutter.flush()
