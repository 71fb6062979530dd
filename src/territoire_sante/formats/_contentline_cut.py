# SPDX-License-Identifier: Apache-2.0
"""Cutting bytes into logical lines, within limits, each line made when it is first asked for."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import Final, overload

import attrs

from territoire_sante.errors import LimitExceededError
from territoire_sante.formats._contentline_head import (
    CACHED_HEAD,
    MAX_PARAMS,
    head_of,
    known_head,
)
from territoire_sante.formats._contentline_line import EOL, Line, is_quoted_printable, unpack

_ROWS = re.compile(rb"[^\r\n]*+(?:" + EOL + rb"[ \t][^\r\n]*+)*(?:" + EOL + rb"|\Z)")
_SOFT_END = re.compile(rb"=[ \t]*[\r\n]")
_SOFT_BREAKS = re.compile(rb"quoted-printable|[;=]qp[;:]", re.IGNORECASE)
Mark = tuple[bool, str]

# The first bytes of BEGIN and END; NUL is a fold in front of them.
_STRUCTURE: Final = frozenset({b"B", b"b", b"E", b"e", b"\0"})


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
    return mark_of(Line.of(row.replace(b"\0\0", b"\n").replace(b"\0", b"\n")))


class PackedLines(Sequence[Line]):
    """
    The lines of a document with one kind of line end.

    Of a document that is only read, most lines are never looked at: a zone
    that is known, a reminder. They stay bytes.
    """

    __slots__ = ("_end", "_made", "_rows")

    def __init__(self, rows: list[bytes], end: bytes) -> None:
        self._rows = rows
        self._end = end
        self._made: list[Line | None] = [None] * len(rows)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Line: ...

    @overload
    def __getitem__(self, index: slice) -> list[Line]: ...

    def __getitem__(self, index: int | slice) -> Line | list[Line]:
        if isinstance(index, slice):
            made = self._made
            places = range(*index.indices(len(made)))
            return [made[at] or self._make(at) for at in places]
        return self._made[index] or self._make(index)

    def __iter__(self) -> Iterator[Line]:
        for at, line in enumerate(self._made):
            yield line or self._make(at)

    def _make(self, at: int) -> Line:
        row = self._rows[at]
        colon = row.find(b":")
        head = known_head(row[:colon]) if 0 < colon < CACHED_HEAD else None
        line = Line(head or head_of(unpack(row, self._end)), row, self._end)
        self._made[at] = line
        return line

    def end_with(self, raw: bytes) -> None:
        """Add a last line that has no end."""
        self._rows.append(raw)
        self._made.append(Line.of(raw))

    def raw(self, start: int, stop: int) -> bytes:
        """Return the bytes of the lines ``[start, stop)`` without making them."""
        if stop == len(self._rows):
            return b"".join([line.raw for line in self[start:stop]])
        mark = b"\0" * len(self._end)
        packed = self._end.join(self._rows[start:stop]) + self._end
        return packed.replace(mark, self._end) if b"\0" in packed else packed

    def marks(self) -> Iterator[tuple[int, Mark]]:
        """Yield where BEGIN and END stand, and what they say."""
        for at, row in enumerate(self._rows):
            if row[:1] in _STRUCTURE:
                mark = known_mark(row) if len(row) < CACHED_HEAD else mark_of(self[at])
                if mark is not None:
                    yield at, mark


def logical_lines(body: bytes) -> list[bytes]:
    """Return the bytes of the logical lines, whatever their ends."""
    rows: list[bytes] = _ROWS.findall(body)
    if rows and not rows[-1]:
        rows.pop()
    return _join_soft_breaks(rows)


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
    Cut a document that has one kind of line end; NULs, which it has not, mark the folds.

    Returns:
        ``None`` if it has other line ends too, or needs more care.
    """
    mark = b"\0" * len(end)
    marked = body.replace(end + b" ", mark + b" ")
    if b"\t" in body:
        marked = marked.replace(end + b"\t", mark + b"\t")
    rows = marked.split(end)
    ends = len(rows) - 1 + marked.count(b"\0") // len(end)
    if body.count(b"\n") != ends or body.count(b"\r") != ends * (len(end) - 1):
        return None
    _check_count(len(rows), limits)
    last = rows.pop()
    lines = PackedLines(rows, end)
    if rows and max(map(len, rows)) > min(limits.params, limits.line):
        for at, row in enumerate(rows):
            if len(row) > limits.params:
                _check_long(lines[at], limits)
    if last:
        lines.end_with(last.replace(mark, end))
    return lines


def _any_lines(body: bytes, limits: Limits) -> list[Line]:
    """Cut a document with mixed line ends, NUL or quoted-printable."""
    rows = logical_lines(body)
    _check_count(len(rows), limits)
    lines = [Line.of(row) for row in rows]
    for line in lines:
        _check_long(line, limits)
    return lines


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
    if b"\0" not in body and not (b"=" + end in body and _SOFT_BREAKS.search(body)):
        lines = _packed_lines(body, end, limits)
        if lines is not None:
            return lines
    return _any_lines(body, limits)
