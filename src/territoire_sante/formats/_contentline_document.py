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

from territoire_sante.errors import FormatError, LimitExceededError, Problem, UnsupportedError
from territoire_sante.formats._contentline_cut import (
    Limits,
    PackedLines,
    by_name,
    cut_lines,
    is_utf8,
    joined,
    mark_of,
    marks_in,
)
from territoire_sante.formats._contentline_line import EOL, NUL, Line

_BREAK = re.compile(EOL)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
UTF8_BOM: Final = b"\xef\xbb\xbf"


_DEFAULT: Final = Limits()
_MARKS: Final = frozenset({"BEGIN", "END"})


class Component:
    """
    A component: name, own lines, subcomponents, and its place ``[start, stop)`` among all lines.

    ``lines`` and ``components`` are without its BEGIN and END. ``closed`` is false when END
    is missing.
    """

    __slots__ = ("_all", "_index", "_own", "closed", "components", "name", "start", "stop")

    def __init__(
        self,
        name: str,
        lines: Sequence[Line],
        start: int,
        index: dict[str, list[Line]] | None = None,
    ) -> None:
        self.name = name
        self.start = start
        self.stop = start + 1
        self.closed = False
        self.components: list[Component] = []
        self._all = lines
        self._own: list[Line] | None = None
        self._index = index

    def __repr__(self) -> str:
        return f"Component({self.name!r}, lines {self.start} to {self.stop})"

    @property
    def begin(self) -> Line:
        """Its BEGIN line."""
        return self._all[self.start]

    @property
    def raw(self) -> bytes:
        """All its bytes, BEGIN, END and subcomponents included."""
        return joined(self._all, self.start, self.stop)

    @property
    def lines(self) -> list[Line]:
        """Its own lines, in document order."""
        if self._own is None:
            own = (self._all[at] for span in self._spans() for at in span)
            self._own = [line for line in own if not _is_mark(line)]
        return self._own

    def _spans(self) -> list[range]:
        """Return where lines are between its BEGIN, its subcomponents and its END."""
        spans = []
        at = self.start + 1
        for child in self.components:
            spans.append(range(at, child.start))
            at = child.stop
        spans.append(range(at, self.stop - self.closed))
        return spans

    @property
    def index(self) -> dict[str, list[Line]]:
        """Its own lines by upper-case name, in document order."""
        index = self._index
        if index is None:
            index = by_name(self._all, self._spans())
            if "BEGIN" in index or "END" in index:
                for name in _MARKS & index.keys():
                    index[name] = [line for line in index[name] if not _is_mark(line)]
                    if not index[name]:
                        del index[name]
            self._index = index
        return index

    def all(self, name: str) -> Sequence[Line]:
        """Return its own lines of this upper-case name."""
        return (self._index or self.index).get(name, ())

    def first(self, name: str) -> Line | None:
        """Return its first line of this upper-case name."""
        found = (self._index or self.index).get(name)
        return found[0] if found else None

    def text(self, name: str) -> str:
        """Return the text of its first line of this upper-case name, empty without one."""
        found = (self._index or self.index).get(name)
        return found[0].unescaped() if found else ""


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
            card = _only_card(self.lines) if self.limits.depth else None
            if card is not None:
                self._outer = [card]
            else:
                self._outer, self._faults = _tree(self.lines, self.limits)
        return self._outer

    @property
    def components(self) -> list[Component]:
        """The outermost components."""
        return self._outer if self._outer is not None else self.grow()

    def require_whole(self) -> None:
        """
        Return if its last component has its END.

        Raises:
            FormatError: it has none, so that the document may be cut short.
        """
        for component in self.components[-1:]:
            if not component.closed:
                raise FormatError(
                    f"{component.name} is never closed: it may be cut short",
                    line=self.number(component.begin),
                    remedy=f"Have it written again, or add END:{component.name} at its end",
                )

    def to_bytes(self) -> bytes:
        """Return the document's bytes: what was parsed, or what a patch made of it."""
        raw = joined(self.lines, 0, len(self.lines))
        return self.bom + self.encoded(raw) if self.bom or self.codec else raw

    @property
    def raw(self) -> bytes:
        """The bytes of all lines, before they are wrapped in the document's codec."""
        return joined(self.lines, 0, len(self.lines))

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
        if isinstance(self.lines, PackedLines) and len(self.lines) > 1:
            return self.lines.end
        return next((line.eol for line in self.lines if line.eol), b"\r\n")

    @property
    def fallback(self) -> str:
        """``"utf-8"``, or ``"cp1252"`` when some line is not UTF-8 (see ``decode``)."""
        # A fold inside a character does not make the document foreign.
        lines = self.lines
        whole = lines.is_utf8() if isinstance(lines, PackedLines) else is_utf8(self.raw)
        return "utf-8" if whole or all(is_utf8(line.text) for line in lines) else "cp1252"

    def number(self, line: Line) -> int:
        """Return the 1-based number of the physical line on which ``line`` begins."""
        count = 1
        for other in self.lines:
            if other is line:
                return count
            count += count_breaks(other.raw)
        return 0

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in it, by line: unreadable lines, charset, control characters, nesting."""
        if self._problems is None:
            self._problems = self.problems_from(1)
        return self._problems

    def problems_from(self, number: int, *, within: bool = False) -> tuple[Problem, ...]:
        """
        Return the problems with lines counted from ``number``.

        ``within`` says that the lines are an excerpt of a component, so that nesting and
        lines outside of components do not count.
        """
        outer = self.grow()
        found: list[tuple[int, str]] = []
        numbers = []
        for line in self.lines:
            numbers.append(number)
            found.extend((number, cause) for cause in _causes(line))
            number += count_breaks(line.raw)
        if not within:
            for at, cause in (*self._faults, *_strays(self.lines, outer)):
                found.append((numbers[at], cause))
        return tuple(Problem(f"line {n}", cause) for n, cause in sorted(found))

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
        instead = self._instead(replaced, inserted or {})
        if isinstance(self.lines, PackedLines):
            packed = self.lines.patched(instead)
            if packed is not None:
                return ContentDocument(packed, self.limits, self.bom, self.codec)
        patched = [new for line in self.lines for new in instead.get(line, (line,))]
        return ContentDocument(patched, self.limits, self.bom, self.codec)

    def patched_bytes(
        self, replaced: Mapping[Line, Sequence[Line]], inserted: Mapping[Line, Sequence[Line]]
    ) -> bytes:
        """Return the bytes of what :meth:`patched` returns, without making its lines."""
        if isinstance(self.lines, PackedLines):
            raw = self.lines.patched_raw(self._instead(replaced, inserted))
            if raw is not None:
                return self.bom + self.encoded(raw) if self.bom or self.codec else raw
        return self.patched(replaced, inserted).to_bytes()

    def _instead(
        self, replaced: Mapping[Line, Sequence[Line]], inserted: Mapping[Line, Sequence[Line]]
    ) -> dict[Line | None, Sequence[Line]]:
        instead: dict[Line | None, Sequence[Line]] = dict(replaced.items())
        for line, lines in inserted.items():
            if not line.eol:
                raise FormatError(
                    "nothing can be added after a last line that has no end",
                    line=self.number(line),
                    remedy="Close the component and end the file with a line end",
                )
            instead[line] = (*instead.get(line, (line,)), *lines)
        return instead

    def replace(self, line: Line, *new: Line) -> ContentDocument:
        """Return the document with ``new`` in the place of ``line``."""
        return self.patched({line: new})

    def insert(self, after: Line, *new: Line) -> ContentDocument:
        """Return the document with ``new`` behind the line ``after``."""
        return self.patched({}, {after: new})

    def remove(self, *lines: Line) -> ContentDocument:
        """Return the document without ``lines``."""
        return self.patched(dict.fromkeys(lines, ()))


def _is_mark(line: Line) -> bool:
    """Say whether it is a BEGIN or END: one that opens or closes nothing is no component's."""
    return line.name in _MARKS and mark_of(line) is not None


def count_breaks(raw: bytes) -> int:
    """Return of how many physical lines these bytes are, at least one."""
    lf, cr = raw.count(b"\n"), raw.count(b"\r")
    plain = not cr or lf == cr == raw.count(b"\r\n")
    return max(1, lf if plain else len(_BREAK.findall(raw)))


def _causes(line: Line) -> Iterator[str]:
    if not line.name and not line.blank:
        yield "not a content line (no name and colon): kept as it is, not read"
    if not is_utf8(line.text):
        charset = line.head.charset
        yield f"not UTF-8: read as {charset or 'Windows-1252'}"
    if _CONTROL.search(line.raw):
        yield "a control character: kept in the bytes, left out of what is read"


def _only_card(lines: Sequence[Line]) -> Component | None:
    """
    Return the card that is all of the document, its lines in the index, as nearly all cards come.

    All lines of a card are read in any case: so no search for BEGIN and END is needed.
    """
    if not isinstance(lines, PackedLines) or not lines.one_card:
        return None
    stop = len(lines)
    index = lines.by_name([range(1, stop - 1)])
    if "BEGIN" in index or "END" in index:
        return None
    card = Component("VCARD", lines, 0, index)
    card.stop, card.closed = stop, True
    return card


def _tree(lines: Sequence[Line], limits: Limits) -> tuple[list[Component], list[tuple[int, str]]]:
    """Return the outermost components and what is wrong with the nesting."""
    outer: list[Component] = []
    stack: list[Component] = []
    faults: list[tuple[int, str]] = []
    for at, (begins, name) in marks_in(lines):
        if begins:
            component = Component(name, lines, at)
            (stack[-1].components if stack else outer).append(component)
            stack.append(component)
            if len(stack) > limits.depth:
                raise LimitExceededError(f"components are nested deeper than {limits.depth}")
        elif stack and stack[-1].name == name:
            component = stack.pop()
            component.closed = True
            component.stop = at + 1
        else:
            _close(stack, name, at, faults)
    for component in stack:
        component.stop = len(lines)
        faults.append((component.start, f"{component.name} is never closed"))
    return outer, faults


def _strays(lines: Sequence[Line], outer: Sequence[Component]) -> Iterator[tuple[int, str]]:
    """Yield the lines that stand outside of all components."""
    at = 0
    for stop, following in [*((c.start, c.stop) for c in outer), (len(lines), len(lines))]:
        for place in range(at, stop):
            line = lines[place]
            if line.name and mark_of(line) is None:
                yield place, f"{line.name} stands outside of any component: kept, not read"
        at = following


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
    start = data[:2]
    if start.isascii() and NUL not in start:
        return data, b"", ""
    if data.startswith(UTF8_BOM):
        return data[3:], UTF8_BOM, ""
    for bom, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(bom) and not data.startswith(b"\xff\xfe\0\0"):
            try:
                text = data[2:].decode(codec)
            except UnicodeDecodeError as error:
                raise FormatError("the bytes begin as UTF-16 but are not UTF-16") from error
            return text.encode(), bom, codec
    if NUL in start:
        raise UnsupportedError(
            "this looks like UTF-16 or UTF-32 without a byte order mark, or like no text at all",
            remedy="Save the file as UTF-8",
        )
    return data, b"", ""


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
    document = ContentDocument(cut_lines(body, bounds), bounds, bom, codec)
    document.grow()
    return document
