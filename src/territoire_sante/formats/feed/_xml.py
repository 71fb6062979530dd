# SPDX-License-Identifier: Apache-2.0
"""
XML with the place of everything: a small tree over bytes that stay as they are.

expat tells where each tag is; nothing is ever re-serialised. Whatever the encoding of
the source, places count in its UTF-8 form, and :meth:`XmlSource.encode` goes back.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from typing import Final
from xml.parsers import expat

import attrs

from territoire_sante.errors import FormatError, LimitExceededError, UnsupportedError
from territoire_sante.formats.feed._limits import Limits

XML: Final = "http://www.w3.org/XML/1998/namespace"

Name = tuple[str, str]

_START_TAG: Final = re.compile(rb"<[^\s/>]+(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_ATTRIBUTE: Final = re.compile(rb"\s+([^\s=]+)\s*=\s*(\"[^\"]*\"|'[^']*')")
_DECLARED: Final = re.compile(rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Text encodings only: Python's registry also holds zips and escapes.
_ENCODINGS: Final = re.compile(
    r"utf-8|ascii|iso8859-\d+|cp125\d|cp437|cp850|koi8-[rut]|mac-roman"
    r"|gb2312|gbk|gb18030|big5|euc_jp|shift_jis|cp932|euc_kr|cp949"
)


@attrs.define(eq=False)
class Node:
    """
    An element: its expanded name, and where its parts begin and end.

    ``start`` to ``inner`` is the start tag, ``inner`` to ``inner_end`` the content,
    ``inner_end`` to ``end`` the end tag (empty for ``<a/>``).
    """

    name: Name
    attributes: Mapping[Name, str]
    declarations: Mapping[str, str]
    start: int
    inner: int
    line: int
    inner_end: int = 0
    end: int = 0
    text: str = ""
    children: list[Node] = attrs.field(factory=list)

    def all(self, *names: Name) -> Iterator[Node]:
        """Yield the children that bear one of ``names``."""
        return (child for child in self.children if child.name in names)

    def first(self, *names: Name) -> Node | None:
        """Return the first child that bears one of ``names``."""
        return next(self.all(*names), None)


@attrs.define(eq=False)
class XmlSource:
    """A parsed XML document: its tree, and ``data``, its bytes in UTF-8 without byte order mark."""

    data: bytes
    root: Node
    bom: bytes
    codec: str

    def markup(self, node: Node) -> bytes:
        """Return the bytes of an element, in UTF-8."""
        return self.data[node.start : node.end]

    def content(self, node: Node) -> bytes:
        """Return the bytes between an element's tags, in UTF-8."""
        return self.data[node.inner : node.inner_end]

    def qualified(self, node: Node) -> str:
        """Return the element's name as it is written, prefix included."""
        return re.split(rb"[\s/>]", self.data[node.start + 1 : node.inner], maxsplit=1)[0].decode()

    def prefixes(self, node: Node) -> set[str]:
        """Return the prefixes that names in an element use and it does not declare; "" for none."""
        found: set[str] = set()
        waiting = [(node, frozenset[str]())]
        while waiting:
            one, around = waiting.pop()
            declared = around | one.declarations.keys() if one.declarations else around
            waiting += [(child, declared) for child in one.children]
            used = {name.rpartition(":")[0] for name in self.attribute_spans(one)}
            found |= {self.qualified(one).rpartition(":")[0], *used} - declared
        return found

    def attribute_spans(self, node: Node) -> dict[str, tuple[int, int, int]]:
        """Return for each attribute as written: where it, its quoted value and its end are."""
        tag = self.data[node.start : node.inner]
        begin = 1 + len(self.qualified(node).encode())
        return {
            match[1].decode(): (
                node.start + match.start(),
                node.start + match.start(2),
                node.start + match.end(),
            )
            for match in _ATTRIBUTE.finditer(tag, begin)
        }

    def encode(self, data: bytes) -> bytes:
        """Return changed UTF-8 bytes in the encoding of the source."""
        if self.codec == "utf-8":
            return self.bom + data
        return self.bom + data.decode().encode(self.codec, "xmlcharrefreplace")


def parse_xml(data: bytes, limits: Limits | None = None) -> XmlSource:
    """
    Read ``data`` into a tree with places.

    Raises:
        LimitExceededError: too large or too deep.
        UnsupportedError: a DOCTYPE, or an encoding that is not known.
        FormatError: not well-formed; it names the line.
    """
    limits = limits or Limits()
    limits.check_size(data)
    bom, codec = _encoding(data)
    plain = _utf8(data[len(bom) :], codec)
    builder = _Builder(plain, limits)
    try:
        builder.parser.Parse(plain, True)  # noqa: FBT003 - expat takes it by position only
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise FormatError(f"not well-formed XML: {reason}", line=error.lineno) from error
    return XmlSource(data=plain, root=builder.root, bom=bom, codec=codec)


def _encoding(data: bytes) -> tuple[bytes, str]:
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return bom, codec
    if data.startswith((b"<\0", b"\0<")):
        return b"", "utf-16-le" if data.startswith(b"<") else "utf-16-be"
    declared = _DECLARED.match(data)
    if declared is None:
        return b"", "utf-8"
    label = declared[1].decode()
    try:
        codec = codecs.lookup(label).name
    except LookupError:
        codec = ""
    if not _ENCODINGS.fullmatch(codec):
        raise UnsupportedError(
            f"the encoding {label!r} is not read", line=1, remedy="Convert the feed to UTF-8"
        )
    return b"", "utf-8" if codec == "ascii" else codec


def _utf8(data: bytes, codec: str) -> bytes:
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormatError(f"bytes that are not {codec}", line=line) from error
    if codec != "utf-8" and text.encode(codec, "replace") != data:
        raise UnsupportedError(f"bytes that {codec} can write in two ways", line=1)
    return data if codec == "utf-8" else text.encode("utf-8", "replace")


class _Builder:
    """Builds the tree while expat reads."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data = data
        self._limits = limits
        self._open: list[Node] = []
        self._texts: list[list[str]] = []
        self._declared: dict[str, str] = {}
        self.root: Node
        self.parser = parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartNamespaceDeclHandler = self._declare
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters

    def _doctype(self, *_: object) -> None:
        raise UnsupportedError(
            "a DOCTYPE, which could define entities, is refused",
            line=self.parser.CurrentLineNumber,
            remedy="Remove the DOCTYPE from the feed",
        )

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        self._declared[prefix or ""] = uri or ""

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line = self.parser.CurrentLineNumber
        if len(self._open) >= self._limits.depth_max:
            raise LimitExceededError(
                f"elements nested deeper than {self._limits.depth_max}", line=line
            )
        start = self.parser.CurrentByteIndex
        tag = _START_TAG.match(self._data, start)
        node = Node(
            name=_expanded(name),
            attributes={_expanded(key): value for key, value in attributes.items()},
            declarations=self._declared,
            start=start,
            inner=tag.end() if tag else start,
            line=line,
        )
        self._declared = {}
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)
        self._texts.append([])

    def _end(self, name: str) -> None:
        del name
        node = self._open.pop()
        node.text = "".join(self._texts.pop())
        if self._data[node.inner - 2 : node.inner] == b"/>":
            node.inner_end = node.end = node.inner
        else:
            node.inner_end = self.parser.CurrentByteIndex
            node.end = self._data.index(b">", node.inner_end) + 1

    def _characters(self, data: str) -> None:
        self._texts[-1].append(data)


def _expanded(name: str) -> Name:
    uri, _, local = name.rpartition(" ")
    return uri, local
