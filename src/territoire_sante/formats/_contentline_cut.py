# SPDX-License-Identifier: Apache-2.0
"""Cutting bytes into logical lines, within limits, each line made when it is first asked for."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, overload

import attrs

from territoire_sante.errors import LimitExceededError
from territoire_sante.formats._contentline_head import (
    CACHED_HEAD,
    MAX_PARAMS,
    head_of,
    known_head,
)
from territoire_sante.formats._contentline_line import (
    EOL,
    Line,
    expand,
    is_quoted_printable,
    pack,
    unpack,
)

_ROWS = re.compile(rb"[^\r\n]*+(?:" + EOL + rb"[ \t][^\r\n]*+)*(?:" + EOL + rb"|\Z)")
_SOFT_END = re.compile(rb"=[ \t]*[\r\n]")
# Without these words, in lower case, no line has soft breaks. No regular expression is as fast.
_SOFT_WORDS: Final = (b"quoted-printable", b";qp;", b";qp:", b"=qp;", b"=qp:")
Mark = tuple[bool, str]

# The first bytes of BEGIN and END; NUL, in a last line CR or LF, is a fold in front of them.
_STRUCTURE: Final = frozenset({b"B", b"b", b"E", b"e", b"\0", b"\r", b"\n"})


@attrs.frozen(kw_only=True)
class Limits:
    """
    How large a document may be; beyond it :class:`LimitExceededError` is raised.

    ``total`` and ``line`` are bytes (of the document, of one unfolded line), ``lines`` counts
    logical lines, ``depth`` nested components, ``params`` the parameters of one line.
    """

    total: int = 64 * 1024 * 1024
    line: int = 16 * 1024 * 1024
    lines: int = 2_000_000
    depth: int = 32
    params: int = MAX_PARAMS


def mark_of(line: Line) -> Mark | None:
    """Return (whether it is BEGIN, upper-case name of the component), ``None`` if neither."""
    if line.name not in ("BEGIN", "END") or line.group:
        return None
    return line.name == "BEGIN", line.value.strip().upper()


@functools.lru_cache(maxsize=256)
def known_mark(row: bytes) -> Mark | None:
    """Return the mark of a packed line; the same few are in every document."""
    return mark_of(Line.of(expand(row, b"\n")))


class PackedLines(Sequence[Line]):
    """
    The lines of a document with one kind of line end, ``end``.

    Of a document that is only read, most lines are never looked at: a zone
    that is known, a reminder. They stay bytes. Only the last may have no end.
    """

    __slots__ = ("_made", "_rows", "end")

    def __init__(
        self, rows: list[bytes], end: bytes, made: list[Line | None] | None = None
    ) -> None:
        self._rows = rows
        self.end = end
        self._made: list[Line | None] = [None] * len(rows) if made is None else made

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Line: ...

    @overload
    def __getitem__(self, index: slice) -> list[Line]: ...

    def __getitem__(self, index: int | slice) -> Line | list[Line]:
        if isinstance(index, slice):
            return self.take(range(len(self._rows))[index])
        return self.take((index,))[0]

    def __iter__(self) -> Iterator[Line]:
        return iter(self.take(range(len(self._rows))))

    def take(self, places: Iterable[int]) -> list[Line]:
        """Return the lines at ``places``; the inner loop of all reading."""
        made, rows, end = self._made, self._rows, self.end
        lines = []
        for at in places:
            line = made[at]
            if line is None:
                row = rows[at]
                colon = row.find(b":")
                head = known_head(row[:colon]) if 0 < colon < CACHED_HEAD else None
                line = made[at] = Line(head or head_of(unpack(row)), row, end)
            lines.append(line)
        return lines

    def end_with(self, raw: bytes) -> None:
        """Add a last line that has no end."""
        self._rows.append(raw)
        self._made.append(Line.of(raw))

    def raw(self, start: int, stop: int) -> bytes:
        """Return the bytes of the lines ``[start, stop)`` without making them."""
        if start >= stop:
            return b""
        last = self._made[stop - 1] if stop == len(self._rows) else None
        if last is not None and not last.packed:
            return self.raw(start, stop - 1) + last.raw
        return expand(self.end.join(self._rows[start:stop]), self.end) + self.end

    def marks(self) -> list[tuple[int, Mark]]:
        """Return where BEGIN and END stand, and what they say."""
        found = []
        for at in [at for at, row in enumerate(self._rows) if row[:1] in _STRUCTURE]:
            row = self._rows[at]
            mark = known_mark(row) if len(row) < CACHED_HEAD else mark_of(self[at])
            if mark is not None:
                found.append((at, mark))
        return found

    def patched(self, instead: Mapping[Line, Sequence[Line]]) -> PackedLines | None:
        """
        Return the lines with others in the place of some, as packed as they were.

        Returns:
            ``None`` if a new line has another line end.
        """
        rows: list[bytes] = []
        made: list[Line | None] = []
        done = 0
        places = [(at, line) for at, line in enumerate(self._made) if line and line in instead]
        for at, line in places:
            rows += self._rows[done:at]
            made += self._made[done:at]
            for fresh in instead[line]:
                row = fresh.body_for(self.end)
                if row is None:
                    return None
                rows.append(row)
                made.append(fresh)
            done = at + 1
        return PackedLines(rows + self._rows[done:], self.end, made + self._made[done:])

    def is_utf8(self) -> bool:
        """Say whether all of it is UTF-8 and no fold stands inside a character."""
        return is_utf8(b"\n".join(self._rows))


def marks_in(lines: Sequence[Line]) -> list[tuple[int, Mark]]:
    """Return where BEGIN and END stand in lines of either kind, and what they say."""
    if isinstance(lines, PackedLines):
        return lines.marks()
    marks = ((at, mark_of(line)) for at, line in enumerate(lines))
    return [(at, mark) for at, mark in marks if mark is not None]


def is_utf8(data: bytes) -> bool:
    """Say whether these bytes are UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def joined(lines: Sequence[Line], start: int, stop: int) -> bytes:
    """Return the bytes of the lines ``[start, stop)`` of either kind."""
    if isinstance(lines, PackedLines):
        return lines.raw(start, stop)
    return b"".join([line.raw for line in lines[start:stop]])


def logical_lines(body: bytes) -> list[bytes]:
    """Return the bytes of the logical lines, whatever their ends."""
    rows: list[bytes] = _ROWS.findall(body)
    if rows and not rows[-1]:
        rows.pop()
    return _join_soft_breaks(rows) if len(rows) > 1 else rows


def _join_soft_breaks(rows: list[bytes]) -> list[bytes]:
    """Join the physical lines of quoted-printable values (vCard 2.1, soft breaks ``=``)."""
    joined: list[bytes] = []
    rest = iter(rows)
    for row in rest:
        raw = row
        if _SOFT_END.search(raw) and is_quoted_printable(raw):
            parts = [raw]
            while parts[-1].rstrip().endswith(b"=") and parts[-1][-1:] in b"\r\n":
                following = next(rest, None)
                if following is None:
                    break
                parts.append(following)
            raw = b"".join(parts)
        joined.append(raw)
    return joined


def _check_long(line: Line, limits: Limits) -> None:
    if len(line.raw) > limits.line < len(line.text):
        raise LimitExceededError(f"a line is longer than {limits.line} bytes")
    if len(line.params) > limits.params:
        raise LimitExceededError(f"a line has more than {limits.params} parameters")


def _packed_lines(body: bytes, end: bytes, limits: Limits) -> PackedLines | None:
    """
    Cut a document that has one kind of line end, and neither NUL nor U+0001.

    Returns:
        ``None`` if it has other line ends too, or needs more care.
    """
    marked = pack(body, end)
    # Twice as fast as to split at CRLF; it splits at lone CR and LF too, so they are counted.
    rows = marked.splitlines()
    last = rows.pop() if rows and marked[-1:] not in b"\r\n" else b""
    if marked.count(b"\n") != len(rows) or marked.count(b"\r") != len(rows) * (len(end) - 1):
        return None
    _check_count(len(rows) + bool(last), limits)
    lines = PackedLines(rows, end)
    bound = min(limits.params, limits.line)
    # In a small document no line can be too long.
    long = [at for at, row in enumerate(rows) if len(row) > bound] if len(marked) > bound else ()
    for at in long:
        row = rows[at]
        colon = row.find(b":")
        # A head too short for so many parameters need not be read.
        if len(row) > limits.line or not 0 < colon < bound or b'"' in row[:colon]:
            _check_long(lines[at], limits)
    if last:
        lines.end_with(expand(last, end))
    return lines


def _any_lines(body: bytes, limits: Limits) -> list[Line]:
    """Cut a document with mixed line ends, NUL or quoted-printable."""
    rows = logical_lines(body)
    _check_count(len(rows), limits)
    lines = [Line.of(row) for row in rows]
    bound = min(limits.params, limits.line)
    for line in lines:
        if len(line.raw) > bound:
            _check_long(line, limits)
    return lines


def _names_soft_breaks(body: bytes) -> bool:
    """Say whether some line may be one that goes on behind a ``=`` at its end."""
    lowered = body.lower()
    return any(word in lowered for word in _SOFT_WORDS)


def _check_count(count: int, limits: Limits) -> None:
    if count > limits.lines:
        raise LimitExceededError(f"the document has more than {limits.lines} lines")


def cut_lines(body: bytes, limits: Limits) -> Sequence[Line]:
    """
    Return the logical lines of a document.

    Raises:
        LimitExceededError: there are too many, or one is too long.
    """
    end = b"\r\n" if b"\r" in body else b"\n"
    packable = b"\0" not in body and b"\1" not in body
    if packable and not (_SOFT_END.search(body) and _names_soft_breaks(body)):
        lines = _packed_lines(body, end, limits)
        if lines is not None:
            return lines
    return _any_lines(body, limits)
