# SPDX-License-Identifier: Apache-2.0
"""Changes to an alert that put elements where the schema wants them, and touch nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from xml.sax.saxutils import escape

from territoire_sante.errors import FormatError
from territoire_sante.formats.cap._words import ORDERS
from territoire_sante.formats.feed._edit import checked
from territoire_sante.formats.feed._xml import Node, XmlSource

# Literal, a parser would turn it into a line feed.
_IN_TEXT: Final = {"\r": "&#13;"}


class Edits:
    """Collects changes to an alert, and applies them at once."""

    def __init__(self, source: XmlSource) -> None:
        self._source = source
        self._changes: list[tuple[int, int, int, bytes]] = []
        prefix, colon, _ = source.qualified(source.root).rpartition(":")
        self._prefix = prefix + colon

    def element(self, local: str, text: str) -> str:
        """
        Return an element with a text.

        Raises:
            FormatError: XML cannot hold the text.
        """
        name = self._prefix + local
        return f"<{name}>{escape(checked(text, local), _IN_TEXT)}</{name}>"

    def group(self, local: str, *members: tuple[str, str | None]) -> str:
        """Return an element with elements in it; those without text are left out."""
        name = self._prefix + local
        inner = "".join(self.element(key, text) for key, text in members if text is not None)
        return f"<{name}>{inner}</{name}>"

    def wrap(self, local: str, *markups: str) -> str:
        """Return an element with what is already markup in it."""
        name = self._prefix + local
        return f"<{name}>{''.join(markups)}</{name}>"

    def text(self, parent: Node, local: str, text: str | None) -> None:
        """Let one element ``local`` with ``text`` be in ``parent``; none for ``None``."""
        self.put(parent, local, () if text is None else (self.element(local, text),))

    def put(
        self,
        parent: Node,
        local: str,
        markups: Sequence[str],
        *,
        mine: Callable[[Node], bool] = lambda _: True,
    ) -> None:
        """Let ``markups`` stand for the children ``local`` of ``parent`` that are ``mine``."""
        nodes = [node for node in parent.all((parent.name[0], local)) if mine(node)]
        for node, markup in zip(nodes, markups, strict=False):
            if self._source.markup(node) != markup.encode():
                self._change(node.start, node.end, 0, markup)
        for node in nodes[len(markups) :]:
            self._remove(parent, node)
        for markup in markups[len(nodes) :]:
            self._insert(parent, local, markup)

    def result(self) -> bytes:
        """Return the document with all changes, in the encoding of the source."""
        parts: list[bytes] = []
        position = 0
        # Sorting is stable: what is inserted at one place keeps the order of its making.
        for start, end, _, new in sorted(self._changes, key=lambda change: change[:3]):
            parts += (self._source.data[position:start], new)
            position = end
        parts.append(self._source.data[position:])
        return self._source.encode(b"".join(parts))

    def _change(self, start: int, end: int, rank: int, new: str) -> None:
        self._changes.append((start, end, rank, new.encode()))

    def _remove(self, parent: Node, node: Node) -> None:
        start = node.start
        while start > parent.inner and self._source.data[start - 1 : start].isspace():
            start -= 1
        self._change(start, node.end, 0, "")

    def _insert(self, parent: Node, local: str, markup: str) -> None:
        if parent.inner == parent.end:
            raise FormatError(f"<{parent.name[1]}/> is empty", line=parent.line)
        order = ORDERS[parent.name[1]]
        rank = order.index(local)
        before = [
            child
            for child in parent.children
            if child.name[1] in order and order.index(child.name[1]) <= rank
        ]
        place = before[-1].end if before else parent.inner
        self._change(place, place, rank + 1, self._indent(parent) + markup)

    def _indent(self, parent: Node) -> str:
        """Return the blanks before the first child, to write before a new one."""
        first = parent.children[0].start if parent.children else parent.inner
        gap = self._source.data[parent.inner : first]
        return "" if gap.strip() else gap.decode()
