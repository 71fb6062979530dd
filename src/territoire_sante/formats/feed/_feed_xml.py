# SPDX-License-Identifier: Apache-2.0
"""Whole Atom and RSS feeds: entries cut out so that they stand alone, and put back as they were."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from xml.sax.saxutils import quoteattr

import attrs

from territoire_sante.errors import FormatError, Problem, UnsupportedError
from territoire_sante.formats._document import Document
from territoire_sante.formats.feed._atom import ATOM_NS, AtomLens, atom
from territoire_sante.formats.feed._edit import text_of
from territoire_sante.formats.feed._format import Entry, FeedFormat
from territoire_sante.formats.feed._limits import Limits
from territoire_sante.formats.feed._removed import (
    DELETED,
    Removed,
    beyond_kept,
    removed_in_xml,
)
from territoire_sante.formats.feed._removed import tombstone as markup_of
from territoire_sante.formats.feed._rss import RssLens
from territoire_sante.formats.feed._values import instant_text, joined, rfc822_text
from territoire_sante.formats.feed._xml import XML, Node, XmlSource, parse_xml
from territoire_sante.formats.feed._xml_lens import XmlLens

_OTHERS: Final = {
    ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "RDF"): "RSS 1.0",
    ("http://purl.org/atom/ns#", "feed"): "Atom 0.3",
    ("urn:oasis:names:tc:emergency:cap:1.2", "alert"): "CAP 1.2",
    ("urn:oasis:names:tc:emergency:cap:1.1", "alert"): "CAP 1.1",
    (ATOM_NS, "entry"): "a lone Atom entry",
}


_ENTRIES: Final[Mapping[FeedFormat, tuple[str, XmlLens]]] = {
    FeedFormat.ATOM: ("entry", AtomLens()),
    FeedFormat.RSS: ("item", RssLens()),
}


@attrs.frozen(eq=False, kw_only=True)
class XmlLayout:
    """
    An Atom or RSS feed over its bytes.

    ``head`` is the element that holds the entries, ``scope`` the namespaces declared
    down to it.
    """

    format: FeedFormat
    lens: XmlLens
    source: XmlSource
    head: Node
    scope: Mapping[str, str]
    nodes: tuple[Node, ...]

    @property
    def title(self) -> str:
        """The title of the feed, without mark-up."""
        return text_of(self.head.first((self._core, "title")), one_line=True)

    @property
    def language(self) -> str:
        """The language of the feed, empty if it names none."""
        named = self.head.attributes.get((XML, "lang"), "")
        return text_of(self.head.first((self._core, "language")), one_line=True) or named

    @property
    def _core(self) -> str:
        return self.head.name[0]

    def entries(self, problems: list[Problem]) -> Iterator[Entry]:
        """Yield the entries in order; one without identifier is kept, and reported."""
        for node in self.nodes:
            document = Document(self._standing_alone(node), self.lens.media_type)
            name = self.lens.identifier(node)
            if not name:
                problems.append(Problem(f"line {node.line}", "an entry without identifier"))
                name = self.lens.get(document).uid
            yield Entry(name, document, node.line, self._base(node))

    def removed(self) -> Iterator[Removed]:
        """Yield what the feed says it took back (RFC 6721, 3)."""
        return (one for node in self.head.all(DELETED) if (one := removed_in_xml(node)).id)

    def insert(self, document: Document, now: dt.datetime | None) -> bytes:
        """Add an entry before the first one, indented like it; it is not taken back any more."""
        markup = self._put_back(document, frozenset())
        name = self.lens.identifier(document.parsed(parse_xml).root)
        data = self.source.data
        if self.nodes:
            first = self.nodes[0]
            before = data[: first.start]
            gap = before[len(before.rstrip()) :]
            risen = self._cuts(self._tombstones(name))
            return self._changed([(first.start, first.start, markup + gap), *risen], now)
        head = self.head
        if head.inner == head.end:
            name = self.source.qualified(head)
            closed = b">" + markup + f"</{name}>".encode()
            return self._changed([(head.inner - 2, head.inner, closed)], now)
        buried = self._tombstones(name)
        if buried:
            node = buried[0]
            return self._changed([(node.start, node.end, markup), *self._cuts(buried[1:])], now)
        last = head.children[-1] if head.children else None
        place = last.end if last is not None else head.inner
        before = data[: last.start] if last is not None else b""
        gap = before[len(before.rstrip()) :] or b"\n"
        return self._changed([(place, place, gap + markup)], now)

    def replace(self, number: int, document: Document, now: dt.datetime | None) -> bytes:
        """Put another entry in the place of entry ``number``."""
        node = self.nodes[number]
        markup = self._put_back(document, frozenset(node.declarations))
        return self._changed([(node.start, node.end, markup)], now)

    def remove(self, number: int, now: dt.datetime | None, *, tombstone: bool) -> bytes:
        """Take entry ``number`` out, with the blanks before it, or put a tombstone there."""
        node = self.nodes[number]
        name = self.lens.identifier(node)
        if not tombstone or not name:
            return self._changed(self._cuts([node]), now)
        gone = Removed(name, now)
        old = beyond_kept([*self.removed(), gone])
        buried = [
            one
            for one in self.head.all(DELETED)
            if (told := removed_in_xml(one)).id == name or told in old
        ]
        return self._changed([(node.start, node.end, markup_of(gone)), *self._cuts(buried)], now)

    def _tombstones(self, name: str) -> list[Node]:
        return [one for one in self.head.all(DELETED) if name and removed_in_xml(one).id == name]

    def _cuts(self, nodes: Iterable[Node]) -> list[tuple[int, int, bytes]]:
        """Return the changes that take elements out, with the blanks before them."""
        data = self.source.data
        return [(len(data[: one.start].rstrip()), one.end, b"") for one in nodes]

    def _base(self, node: Node) -> str:
        """Return what the links of an entry are relative to, as far as the feed says."""
        around = [] if self.head is self.source.root else [self.source.root]
        base = ""
        for one in (*around, self.head, node):
            base = joined(base, one.attributes.get((XML, "base"), "").strip())
        return base

    def _standing_alone(self, node: Node) -> bytes:
        """Return an entry with the namespaces that it uses and the feed declares for it."""
        markup = self.source.markup(node)
        used = self.source.prefixes(node) | {""}
        missing = {
            prefix: uri
            for prefix, uri in sorted(self.scope.items())
            if uri and prefix in used and prefix not in node.declarations
        }
        declared = "".join(
            f" xmlns{':' if prefix else ''}{prefix}={quoteattr(uri)}"
            for prefix, uri in missing.items()
        )
        place = 1 + len(self.source.qualified(node).encode())
        return markup[:place] + declared.encode() + markup[place:]

    def _put_back(self, document: Document, kept: frozenset[str]) -> bytes:
        """
        Return an entry for this feed, without the namespaces that the feed declares itself.

        ``kept`` are prefixes that stay declared, as they were in the entry replaced.
        """
        source = document.parsed(parse_xml)
        root = source.root
        if not self.lens.accepts(root):
            raise FormatError(
                f"<{root.name[1]}> cannot be put in a feed of format {self.format.value}"
            )
        spans = source.attribute_spans(root)
        cuts = [
            spans[f"xmlns:{prefix}" if prefix else "xmlns"]
            for prefix, uri in root.declarations.items()
            if prefix not in kept and uri == self.scope.get(prefix)
        ]
        markup, end = b"", root.end
        for start, _, stop in sorted(cuts, reverse=True):
            markup, end = source.data[stop:end] + markup, start
        return source.data[root.start : end] + markup

    def _changed(self, changes: list[tuple[int, int, bytes]], now: dt.datetime | None) -> bytes:
        data = self.source.data
        parts: list[bytes] = []
        position = 0
        for start, end, new in sorted(changes + self._touched(now)):
            parts += (data[position:start], new)
            position = end
        return self.source.encode(b"".join(parts) + data[position:])

    def _touched(self, now: dt.datetime | None) -> list[tuple[int, int, bytes]]:
        """Return the change that sets the feed's own time, if it has one."""
        if now is None:
            return []
        local = "updated" if self.format is FeedFormat.ATOM else "lastBuildDate"
        node = self.head.first((self._core, local))
        if node is None or node.inner == node.end:
            return []
        text = instant_text(now) if self.format is FeedFormat.ATOM else rfc822_text(now)
        return [(node.inner, node.inner_end, text.encode())]


def read_xml(data: bytes, limits: Limits) -> XmlLayout:
    """
    Find the entries of an Atom or RSS feed.

    Raises:
        UnsupportedError: RSS 1.0, Atom 0.3, CAP, a DOCTYPE, an unknown encoding.
        FormatError: no feed; it names the line.
    """
    source = parse_xml(data, limits)
    root = source.root
    if root.name == atom("feed"):
        return _layout(FeedFormat.ATOM, source, root, limits)
    if root.name[1] == "rss":
        channel = next((one for one in root.children if one.name[1] == "channel"), None)
        if channel is None:
            raise FormatError("<rss> without <channel>", line=root.line)
        return _layout(FeedFormat.RSS, source, channel, limits)
    known = _OTHERS.get(root.name)
    if known is not None:
        raise UnsupportedError(f"{known} is not read by this version", line=root.line)
    raise FormatError(f"<{root.name[1]}> is no feed", line=root.line)


def _layout(format_: FeedFormat, source: XmlSource, head: Node, limits: Limits) -> XmlLayout:
    entry, lens = _ENTRIES[format_]
    nodes = tuple(head.all((head.name[0], entry)))
    limits.check_entries(len(nodes))
    above = {} if head is source.root else source.root.declarations
    return XmlLayout(
        format=format_,
        lens=lens,
        source=source,
        head=head,
        scope={**above, **head.declarations},
        nodes=nodes,
    )
