# SPDX-License-Identifier: Apache-2.0
"""Changes to an XML element that leave every other byte as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from xml.sax.saxutils import escape

from territoire_sante.errors import FormatError
from territoire_sante.formats.feed._values import collapsed
from territoire_sante.formats.feed._xml import XML, Name, Node, XmlSource

# XML 1.0, 2.2: what no XML document may hold, not even as a reference.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Literal, a parser would turn these into a line feed or a space.
_IN_TEXT: Final = {"\r": "&#13;"}
_IN_VALUE: Final = {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;", '"': "&quot;"}


def checked(text: str, field: str) -> str:
    """
    Return ``text`` if XML can hold it.

    Raises:
        FormatError: it has a control character or half of a surrogate pair.
    """
    bad = _FORBIDDEN.search(text)
    if bad is None:
        return text
    raise FormatError(
        f"the character U+{ord(bad.group()):04X} cannot stand in XML",
        where=field,
        remedy="Remove it; it often comes with text copied from a word processor",
    )


def element(
    name: str, text: str, attributes: Mapping[str, str] | None = None, *, field: str, one_line: bool
) -> str:
    """
    Return an element with ``text``, its blanks protected where a reader would drop them.

    Raises:
        FormatError: ``text`` or an attribute cannot stand in XML; it names ``field``.
    """
    given = dict(attributes or {})
    plain = collapsed(text) if one_line else text.strip(" \t\r\n")
    if plain != text:
        given["xml:space"] = "preserve"
    tag = name + "".join(
        f' {key}="{escape(checked(value, field), _IN_VALUE)}"' for key, value in given.items()
    )
    content = escape(checked(text, field), _IN_TEXT)
    return f"<{tag}>{content}</{name}>" if content else f"<{tag}/>"


def text_of(node: Node | None, *, one_line: bool) -> str:
    """Return the text of an element, blanks round it removed unless it says otherwise."""
    if node is None:
        return ""
    if node.attributes.get((XML, "space")) == "preserve":
        return node.text
    return collapsed(node.text) if one_line else node.text.strip(" \t\r\n")


class Edits:
    """Collects changes to the children of the root element, and applies them at once."""

    def __init__(self, source: XmlSource) -> None:
        self._source = source
        self._root = source.root
        self._changes: list[tuple[int, int, bytes]] = []
        prefix, colon, _ = source.qualified(self._root).rpartition(":")
        self._core = prefix + colon

    def core(self, local: str) -> str:
        """Return a name in the namespace of the root element, as it is to be written."""
        return self._core + local

    def foreign(self, uri: str, usual: str) -> tuple[str, dict[str, str]]:
        """Return a prefix for ``uri``, with the declaration to write if there is none."""
        for prefix, declared in self._root.declarations.items():
            if declared == uri and prefix:
                return f"{prefix}:", {}
        return f"{usual}:", {f"xmlns:{usual}": uri}

    def replace(self, node: Node, markup: str) -> None:
        """Put ``markup`` in the place of an element."""
        self._changes.append((node.start, node.end, markup.encode()))

    def append(self, markup: str) -> None:
        """Add an element after the last one, indented like it."""
        children = self._root.children
        if not children:
            self._changes.append((self._root.inner, self._root.inner, markup.encode()))
            return
        before = children[-2].end if len(children) > 1 else self._root.inner
        gap = self._source.data[before : children[-1].start]
        indent = b"" if gap.strip() else gap
        place = children[-1].end
        self._changes.append((place, place, indent + markup.encode()))

    def remove(self, *names: Name) -> None:
        """Remove every child with one of ``names``, and the blanks before it."""
        self.remove_nodes(list(self._root.all(*names)))

    def remove_nodes(self, nodes: Sequence[Node]) -> None:
        """Remove children, and the blanks before them."""
        for node in nodes:
            start = node.start
            while self._source.data[start - 1 : start].isspace():
                start -= 1
            self._changes.append((start, node.end, b""))

    def replace_first(self, nodes: Sequence[Node], markup: str) -> None:
        """Put ``markup`` in the place of ``nodes``; after the last element if there are none."""
        if not nodes:
            self.append(markup)
            return
        self.replace(nodes[0], markup)
        self.remove_nodes(nodes[1:])

    def put(self, name: Name, markup: str | None) -> None:
        """Let ``markup`` be the only child with ``name``; ``None`` removes it."""
        if markup is None:
            self.remove(name)
        else:
            self.replace_first(list(self._root.all(name)), markup)

    def set_attribute(self, node: Node, name: str, value: str, *, field: str) -> None:
        """Change one attribute of a child, which must have it."""
        _, begin, end = self._source.attribute_spans(node)[name]
        quoted = f'"{escape(checked(value, field), _IN_VALUE)}"'
        self._changes.append((begin, end, quoted.encode()))

    def result(self) -> bytes:
        """Return the document with all changes, in the encoding of the source."""
        parts: list[bytes] = []
        position = 0
        for start, end, new in self._all_changes():
            parts += (self._source.data[position:start], new)
            position = end
        parts.append(self._source.data[position:])
        return self._source.encode(b"".join(parts))

    def _all_changes(self) -> list[tuple[int, int, bytes]]:
        changes = sorted(self._changes, key=lambda change: change[:2])
        root = self._root
        if changes and root.inner == root.end:
            # <item/> gets an end tag once there is something to hold.
            closing = f"</{self._source.qualified(root)}>".encode()
            changes.insert(0, (root.inner - 2, root.inner, b">"))
            changes.append((root.inner, root.inner, closing))
        return changes
