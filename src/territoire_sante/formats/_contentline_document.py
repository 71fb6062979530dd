# SPDX-License-Identifier: Apache-2.0
"""
Documents of content lines: the flat list of lines, and the tree of components over it.

The list alone makes the bytes; the tree only points into it. So a patch is a
new list that shares every untouched line, and depth costs no recursion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs

from territoire_sante.errors import FormatError, LimitExceededError, Problem, UnsupportedError
from territoire_sante.formats._contentline_head import (
    CACHED_HEAD,
    MAX_PARAMS,
    head_of,
    known_head,
)
from territoire_sante.formats._contentline_line import EOL, Line, is_quoted_printable, unpack

_ROWS = re.compile(rb"[^\r\n]*+(?:" + EOL + rb"[ \t][^\r\n]*+)*(?:" + EOL + rb"|\Z)")
_BREAK = re.compile(EOL)
_SOFT_END = re.compile(rb"=[ \t]*[\r\n]")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UTF8_BOM: Final = b"\xef\xbb\xbf"
_SOFT_BREAKS = re.compile(rb"quoted-printable|[;=]qp[;:]", re.IGNORECASE)


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


_DEFAULT: Final = Limits()


class Component:
    """
    A component: name, own lines, subcomponents, and its place ``[start, stop)`` among all lines.

    ``lines`` and ``components`` are without its BEGIN and END; :attr:`items` has
    both kinds in document order. ``closed`` is false when END is missing.
    """

    __slots__ = ("_index", "begin", "closed", "components", "lines", "name", "start", "stop")

    def __init__(self, name: str, begin: Line, start: int) -> None:
        self.name = name
        self.begin = begin
        self.start = start
        self.stop = start + 1
        self.closed = False
        self.lines: list[Line] = []
        self.components: list[Component] = []
        self._index: dict[str, list[Line]] | None = None

    def __repr__(self) -> str:
        return f"Component({self.name!r}, lines {self.start} to {self.stop})"

    @property
    def index(self) -> dict[str, list[Line]]:
        """Its own lines by upper-case name, in document order."""
        index = self._index
        if index is None:
            index = self._index = {}
            for line in self.lines:
                name = line.name
                if name in index:
                    index[name].append(line)
                else:
                    index[name] = [line]
        return index

    def all(self, name: str) -> Sequence[Line]:
        """Return its own lines of this upper-case name."""
        return self.index.get(name, ())

    def first(self, name: str) -> Line | None:
        """Return its first line of this upper-case name."""
        found = self.index.get(name)
        return found[0] if found else None


class ContentDocument:
    """
    A parsed document; treat it as immutable.

    ``lines`` are all logical lines, BEGIN, END, blank and unreadable ones
    included; ``components`` are the outermost ones. ``bom`` and ``codec`` say how the
    bytes of the lines (UTF-8, or an 8-bit charset) are wrapped: a UTF-16 document is
    kept in UTF-8 and written back in UTF-16.
    """

    __slots__ = ("_faults", "_outer", "_problems", "bom", "codec", "limits", "lines")

    def __init__(
        self, lines: Sequence[Line], limits: Limits, bom: bytes = b"", codec: str = ""
    ) -> None:
        self.lines = lines
        self.limits = limits
        self.bom = bom
        self.codec = codec
        self._problems: tuple[Problem, ...] | None = None
        self._outer: list[Component] | None = None
        self._faults: list[tuple[int, str]] = []

    def grow(self) -> list[Component]:
        """
        Find the components, once, and return the outermost ones.

        Raises:
            LimitExceededError: they are nested deeper than the limits allow.
        """
        if self._outer is None:
            self._outer, self._faults = _tree(self.lines, self.limits)
        return self._outer

    @property
    def components(self) -> list[Component]:
        """The outermost components."""
        return self._outer if self._outer is not None else self.grow()

    def to_bytes(self) -> bytes:
        """Return the document's bytes: what was parsed, or what a patch made of it."""
        return self.bom + self.encoded(b"".join([line.raw for line in self.lines]))

    def encoded(self, data: bytes) -> bytes:
        """Return bytes of lines in the document's own codec."""
        return data.decode().encode(self.codec) if self.codec else data

    def walk(self) -> Iterator[Component]:
        """Yield every component, outer ones before what they hold."""
        stack = list(reversed(self.components))
        while stack:
            component = stack.pop()
            yield component
            stack.extend(reversed(component.components))

    def span(self, component: Component) -> Sequence[Line]:
        """Return all lines of ``component``, BEGIN, END and subcomponents included."""
        return self.lines[component.start : component.stop]

    @property
    def eol(self) -> bytes:
        """The line end of the first line that has one; CRLF in an empty document."""
        return next((line.eol for line in self.lines if line.eol), b"\r\n")

    @property
    def fallback(self) -> str:
        """``"utf-8"``, or ``"cp1252"`` when some line is not UTF-8 (see :func:`decode`)."""
        try:
            b"".join([line.raw for line in self.lines]).decode()
        except UnicodeDecodeError:
            # A fold inside a character does not make the document foreign.
            return "utf-8" if all(_is_utf8(line.text) for line in self.lines) else "cp1252"
        return "utf-8"

    def number(self, line: Line) -> int:
        """Return the 1-based number of the physical line on which ``line`` begins."""
        count = 1
        for other in self.lines:
            if other is line:
                return count
            count += max(1, len(_BREAK.findall(other.raw)))
        return 0

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in it, by line: unreadable lines, charset, control characters, nesting."""
        if self._problems is None:
            self.grow()
            found: list[tuple[int, str]] = []
            number, numbers = 1, []
            for line in self.lines:
                numbers.append(number)
                found.extend((number, cause) for cause in _causes(line))
                number += max(1, len(_BREAK.findall(line.raw)))
            found.extend((numbers[at], cause) for at, cause in self._faults)
            self._problems = tuple(Problem(f"line {n}", cause) for n, cause in sorted(found))
        return self._problems

    def patched(
        self,
        replaced: Mapping[Line, Sequence[Line]],
        inserted: Mapping[Line, Sequence[Line]] | None = None,
    ) -> ContentDocument:
        """
        Return a new document; every line that is not a key of ``replaced`` keeps its bytes.

        ``replaced`` gives what stands in a line's place (nothing removes it),
        ``inserted`` what follows a line.

        Raises:
            FormatError: a line is to follow the document's last line, which has no end.
        """
        following = inserted or {}
        if following and self.lines and self.lines[-1] in following and not self.lines[-1].eol:
            raise FormatError(
                "nothing can be added after a last line that has no end",
                line=self.number(self.lines[-1]),
                remedy="Close the component and end the file with a line end",
            )
        lines: list[Line] = []
        for line in self.lines:
            if line in replaced:
                lines.extend(replaced[line])
            else:
                lines.append(line)
            if line in following:
                lines.extend(following[line])
        return ContentDocument(lines, self.limits, self.bom, self.codec)

    def replace(self, line: Line, *new: Line) -> ContentDocument:
        """Return the document with ``new`` in the place of ``line``."""
        return self.patched({line: new})

    def insert(self, after: Line, *new: Line) -> ContentDocument:
        """Return the document with ``new`` behind the line ``after``."""
        return self.patched({}, {after: new})

    def remove(self, *lines: Line) -> ContentDocument:
        """Return the document without ``lines``."""
        return self.patched(dict.fromkeys(lines, ()))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _causes(line: Line) -> Iterator[str]:
    if not line.name and not line.blank:
        yield "not a content line (no name and colon): kept as it is, not read"
    if not _is_utf8(line.text):
        charset = line.head.charset
        yield f"not UTF-8: read as {charset or 'Windows-1252'}"
    if _CONTROL.search(line.raw):
        yield "a control character: kept in the bytes, left out of what is read"


def _tree(lines: Sequence[Line], limits: Limits) -> tuple[list[Component], list[tuple[int, str]]]:
    """Return the outermost components and what is wrong with the nesting."""
    outer: list[Component] = []
    stack: list[Component] = []
    faults: list[tuple[int, str]] = []
    own: list[Line] | None = None
    names: dict[bytes, str] = {}
    for at, line in enumerate(lines):
        name = line.name
        if name == "BEGIN":
            text = line.text
            label = names.get(text)
            if label is None:
                label = names[text] = line.value.strip().upper()
            component = Component(label, line, at)
            (stack[-1].components if stack else outer).append(component)
            stack.append(component)
            own = component.lines
            if len(stack) > limits.depth:
                raise LimitExceededError(f"components are nested deeper than {limits.depth}")
        elif name == "END":
            if stack and line.data == stack[-1].begin.data:
                component = stack.pop()
                component.closed = True
                component.stop = at + 1
            else:
                _close(stack, line.value.strip().upper(), at, faults)
            own = stack[-1].lines if stack else None
        elif own is not None:
            own.append(line)
        elif name:
            faults.append((at, f"{name} stands outside of any component: kept, not read"))
    for component in stack:
        component.stop = len(lines)
        faults.append((component.start, f"{component.name} is never closed"))
    return outer, faults


def _close(stack: list[Component], name: str, at: int, faults: list[tuple[int, str]]) -> None:
    if not any(component.name == name for component in stack):
        faults.append((at, f"END:{name} closes nothing: kept, not read"))
        return
    while stack:
        component = stack.pop()
        if component.name == name:
            component.closed = True
            component.stop = at + 1
            return
        component.stop = at
        faults.append((component.start, f"{component.name} is never closed"))


def _unwrap(data: bytes) -> tuple[bytes, bytes, str]:
    """Return (bytes of the lines, byte order mark, codec to write back with)."""
    if data.startswith(_UTF8_BOM):
        return data[3:], _UTF8_BOM, ""
    for bom, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(bom) and not data.startswith(b"\xff\xfe\0\0"):
            try:
                text = data[2:].decode(codec)
            except UnicodeDecodeError as error:
                raise FormatError("the bytes begin as UTF-16 but are not UTF-16") from error
            return text.encode(), bom, codec
    if b"\0" in data[:2]:
        raise UnsupportedError(
            "this looks like UTF-16 or UTF-32 without a byte order mark, or like no text at all",
            remedy="Save the file as UTF-8",
        )
    return data, b"", ""


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


def _packed_lines(body: bytes, end: bytes, limits: Limits) -> list[Line] | None:
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
    lines = []
    for row in rows:
        at = row.find(b":")
        head = known_head(row[:at]) if 0 < at < CACHED_HEAD else None
        lines.append(Line(head or head_of(unpack(row, end)), row, end))
    if rows and max(map(len, rows)) > min(limits.params, limits.line):
        for line, row in zip(lines, rows, strict=True):
            if len(row) > limits.params:
                _check_long(line, limits)
    if last:
        lines.append(Line.of(last.replace(mark, end)))
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


def _lines(body: bytes, limits: Limits) -> list[Line]:
    end = b"\r\n" if b"\r" in body else b"\n"
    if b"\0" not in body and not (b"=" + end in body and _SOFT_BREAKS.search(body)):
        lines = _packed_lines(body, end, limits)
        if lines is not None:
            return lines
    return _any_lines(body, limits)


def parse(data: bytes, *, limits: Limits | None = None) -> ContentDocument:
    """
    Read the bytes of calendars or cards; ``parse(data).to_bytes() == data``.

    Lines that cannot be read are kept as they are and named in ``problems``.

    Raises:
        LimitExceededError: the document is larger or deeper than ``limits``.
        UnsupportedError: UTF-16 without a byte order mark, or no text.
        FormatError: a byte order mark that lies.
    """
    bounds = limits or _DEFAULT
    if len(data) > bounds.total:
        raise LimitExceededError(f"the document is larger than {bounds.total} bytes")
    body, bom, codec = _unwrap(data)
    document = ContentDocument(_lines(body, bounds), bounds, bom, codec)
    document.grow()
    return document
