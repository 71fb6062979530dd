# SPDX-License-Identifier: Apache-2.0
"""Cutting bytes into logical lines, within limits, each line made when it is first asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, overload

import attrs

from territoire_sante.errors import LimitExceededError
from territoire_sante.formats._contentline_head import (
    CACHED_HEAD,
    KNOWN_HEADS,
    MAX_PARAMS,
    Memo,
    head_of,
)
from territoire_sante.formats._contentline_line import (
    EOL,
    NUL,
    SOH,
    Line,
    expand,
    is_quoted_printable,
    pack,
    unpack,
)

_ROWS = re.compile(rb"[^\r\n]*+(?:" + EOL + rb"[ \t][^\r\n]*+)*(?:" + EOL + rb"|\Z)")
_SOFT_END = re.compile(rb"=[ \t]*[\r\n]")
# Without these words, in lower case, no line has soft breaks. No regular expression is as fast.
_SOFT_WORDS: Final = (b"quoted-printable", b";qp", b"=qp", b'"qp')
# A parameter has a semicolon and a name.
_LEAST_PARAM: Final = 2
_BLANKS: Final = frozenset({b" ", b"\t"})
Mark = tuple[bool, str]

# The first bytes of BEGIN and END; NUL, in a last line CR or LF, is a fold in front of them.
_STRUCTURE: Final = frozenset({b"B", b"b", b"E", b"e", b"\0", b"\r", b"\n"})
_SECOND: Final = _STRUCTURE | {b"N", b"n", b"\1", b" ", b"\t"}


@attrs.frozen(kw_only=True)
class Limits:
    """
    How large a document may be; ``LimitExceededError`` tells of a larger one.

    ``total`` and ``line`` are bytes (of the document, of one unfolded line), ``lines`` counts
    logical lines, ``depth`` nested components, ``params`` the parameters of one line.
    A document of at most ``least`` bytes can only be nested too deep.
    """

    total: int = 64 * 1024 * 1024
    line: int = 16 * 1024 * 1024
    lines: int = 2_000_000
    depth: int = 32
    params: int = MAX_PARAMS
    least: int = attrs.field(init=False, repr=False, eq=False)

    @least.default
    def _least(self) -> int:
        return min(self.total, self.line, self.lines, _LEAST_PARAM * self.params)


def mark_of(line: Line) -> Mark | None:
    """Return (whether it is BEGIN, upper-case name of the component), ``None`` if neither."""
    if line.name not in ("BEGIN", "END") or line.group:
        return None
    return line.name == "BEGIN", line.value.strip().upper()


def _packed_mark(row: bytes) -> Mark | None:
    return mark_of(Line.of(expand(row, b"\n")))


# The same few packed lines are in every document.
_KNOWN_MARKS: Final = Memo(_packed_mark, 256)


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
            return [self._line(at) for at in range(len(self._rows))[index]]
        return self._line(index)

    def __iter__(self) -> Iterator[Line]:
        return iter(self[:])

    def _line(self, at: int) -> Line:
        line = self._made[at]
        if line is None:
            row = self._rows[at]
            line = self._made[at] = Line(head_of(unpack(row)), row, self.end)
        return line

    def by_name(self, spans: Iterable[range]) -> dict[str, list[Line]]:
        """Return the lines at these places by upper-case name; the inner loop of all reading."""
        made, rows, end, known = self._made, self._rows, self.end, KNOWN_HEADS.get
        found: dict[str, list[Line]] = {}
        for span in spans:
            for at in span:
                line = made[at]
                if line is None:
                    row = rows[at]
                    start, colon, _ = row.partition(b":")
                    head = known(start) if colon else None
                    line = made[at] = Line(head or head_of(unpack(row)), row, end)
                name = line.name
                if name in found:
                    found[name].append(line)
                else:
                    found[name] = [line]
        return found

    @property
    def one_card(self) -> bool:
        """Whether they begin as a card does, and end with the first line that ends one."""
        rows = self._rows
        return (
            len(rows) > 1
            and _KNOWN_MARKS.get(rows[0]) == (True, "VCARD")
            and _KNOWN_MARKS.get(rows[-1]) == (False, "VCARD")
            and rows.index(rows[-1]) == len(rows) - 1
        )

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
        rows, found = self._rows, []
        for at in [at for at, row in enumerate(rows) if row[:1] in _STRUCTURE]:
            row = rows[at]
            if row[1:2] not in _SECOND:  # EMAIL, BDAY
                continue
            mark = _KNOWN_MARKS.get(row)
            if mark is None:
                mark = _KNOWN_MARKS.learn(row) if len(row) < CACHED_HEAD else mark_of(self[at])
            if mark is not None:
                found.append((at, mark))
        return found

    def patched(self, instead: Mapping[Line | None, Sequence[Line]]) -> PackedLines | None:
        """
        Return the lines with others in the place of some, as packed as they were.

        Returns:
            ``None`` if a new line has another line end.
        """
        rows = self._patched_rows(instead)
        if rows is None:
            return None
        made: list[Line | None] = []
        for line in self._made:
            if line in instead:
                made += instead[line]
            else:
                made.append(line)
        return PackedLines(rows, self.end, made)

    def patched_raw(self, instead: Mapping[Line | None, Sequence[Line]]) -> bytes | None:
        """Return the bytes of what :meth:`patched` returns, without making it."""
        last = self._made[-1]
        if last is not None and not last.packed:
            lines = self.patched(instead)
            return None if lines is None else lines.raw(0, len(lines))
        rows = self._patched_rows(instead)
        if not rows:
            return None if rows is None else b""
        return expand(self.end.join(rows), self.end) + self.end

    def _patched_rows(self, instead: Mapping[Line | None, Sequence[Line]]) -> list[bytes] | None:
        rows, made, end = self._rows, self._made, self.end
        found: list[bytes] = []
        done = 0
        for at in self._places(instead):
            found += rows[done:at]
            for line in instead[made[at]]:
                row = line.body_for(end)
                if row is None:
                    return None
                found.append(row)
            done = at + 1
        found += rows[done:]
        return found

    def _places(self, lines: Mapping[Line | None, object]) -> list[int]:
        """Return where these lines are, those of other documents left out."""
        if len(lines) > 1:
            return [at for at, line in enumerate(self._made) if line in lines]
        try:
            return [self._made.index(line) for line in lines]
        except ValueError:
            return []

    def is_utf8(self) -> bool:
        """Say whether all of it is UTF-8 and no fold stands inside a character."""
        return is_utf8(b"\n".join(self._rows))


def by_name(lines: Sequence[Line], spans: Iterable[range]) -> dict[str, list[Line]]:
    """Return lines of either kind at these places by upper-case name."""
    if isinstance(lines, PackedLines):
        return lines.by_name(spans)
    found: dict[str, list[Line]] = {}
    for span in spans:
        for line in lines[span.start : span.stop]:
            found.setdefault(line.name, []).append(line)
    return found


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
    rows = body.splitlines(keepends=True)
    if len(rows) > 1:
        rows = _matched_rows(body) if b"\r\r\n" in body else _join_folds(rows)
    return _join_soft_breaks(rows) if len(rows) > 1 and _has_soft_breaks(body) else rows


def _matched_rows(body: bytes) -> list[bytes]:
    rows: list[bytes] = _ROWS.findall(body)
    if rows and not rows[-1]:
        rows.pop()
    return rows


def _join_folds(physical: list[bytes]) -> list[bytes]:
    """Return the same of physical lines, several times as fast; none may end in CR CR LF."""
    starts = [at for at, row in enumerate(physical) if row[:1] not in _BLANKS or not at]
    if len(starts) == len(physical):
        return physical
    spans = zip(starts, [*starts[1:], len(physical)], strict=True)
    return [physical[at] if to - at == 1 else b"".join(physical[at:to]) for at, to in spans]


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
    Cut a document without NUL and U+0001, with as many CR as LF, or no CR at all.

    Returns:
        ``None`` if it has more than one kind of line end.
    """
    marked = pack(body, end)
    # Twice as fast as to split at CRLF; it splits at lone CR and LF too, so they are counted.
    rows = marked.splitlines()
    last = rows.pop() if rows and marked[-1:] not in b"\r\n" else b""
    if marked.count(b"\n") != len(rows):
        return None
    lines = PackedLines(rows, end)
    # A small document has neither too many lines nor one that is too long.
    if len(marked) > limits.least:
        _check_packed(lines, rows, len(rows) + bool(last), limits)
    if last:
        lines.end_with(expand(last, end))
    return lines


def _check_packed(lines: PackedLines, rows: list[bytes], count: int, limits: Limits) -> None:
    _check_count(count, limits)
    bound = min(_LEAST_PARAM * limits.params, limits.line)
    if max(map(len, rows), default=0) <= bound:
        return
    for at in [at for at, row in enumerate(rows) if len(row) > bound]:
        row = rows[at]
        colon = row.find(b":")
        # A head too short for so many parameters need not be read.
        if len(row) > limits.line or not 0 < colon < bound or b'"' in row[:colon]:
            _check_long(lines[at], limits)


def _any_lines(body: bytes, limits: Limits) -> list[Line]:
    """Cut a document with mixed line ends, NUL or quoted-printable."""
    rows = logical_lines(body)
    _check_count(len(rows), limits)
    lines = [Line.of(row) for row in rows]
    bound = min(_LEAST_PARAM * limits.params, limits.line)
    for line in lines:
        if len(line.raw) > bound:
            _check_long(line, limits)
    return lines


def _has_soft_breaks(body: bytes) -> bool:
    """Say whether some line may be one that goes on behind a ``=`` at its end."""
    if not _SOFT_END.search(body):
        return False
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
    returns = body.count(b"\r")
    one_end = not returns or returns == body.count(b"\n")
    if one_end and NUL not in body and SOH not in body and not _has_soft_breaks(body):
        lines = _packed_lines(body, b"\r\n" if returns else b"\n", limits)
        if lines is not None:
            return lines
    return _any_lines(body, limits)
