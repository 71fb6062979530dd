# SPDX-License-Identifier: Apache-2.0
"""
The tags of a web page, whatever it holds, in time proportional to its length.

The parser of the standard library takes quadratic time on unclosed tags, minutes for a page
of one mebibyte. Here each character is looked at a fixed number of times, as a browser
does it: what is opened and never closed runs to the end of the page.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Final

import attrs

_START: Final = re.compile(r"<(?:!--|[!?]|(/?)([A-Za-z][^\s/>]*))")
_BETWEEN: Final = re.compile(r"[\s/]*")
_NAME: Final = re.compile(r"=?[^\s/>=]*")
_EQUALS: Final = re.compile(r"\s*=\s*")
_BARE: Final = re.compile(r"[^\s>]*")
#: Elements whose content is text, whatever signs it holds.
_RAW: Final = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title", "iframe", "noscript", "noframes", "xmp")
}
VOID: Final = frozenset(
    {
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"),
        *("track", "wbr"),
    }
)


@attrs.frozen(kw_only=True)
class Tag:
    """
    One tag: its ``name`` in lower case, whether it closes, and where it stands.

    ``begin`` and ``end`` are offsets into the source, from its ``<`` to behind its ``>``.
    """

    name: str
    closing: bool
    attributes: Mapping[str, str]
    begin: int
    end: int

    @property
    def classes(self) -> frozenset[str]:
        """The tokens of its class attribute."""
        return frozenset(self.attributes.get("class", "").split())


def tags(source: str) -> Iterator[Tag]:
    """
    Yield the tags of ``source`` in order; comments and the insides of scripts are passed over.

    >>> [(one.name, one.closing) for one in tags('<p a="1>2">x<!-- <b> --></P ><br')]
    [('p', False), ('p', True)]
    """
    place = 0
    while (found := _START.search(source, place)) is not None:
        if found[2] is None:
            after = _passed(source, found)
            if after is None:
                return
            place = after
            continue
        name = found[2].lower()
        attributes, place = _attributes(source, found.end())
        if place < 0:
            return
        closing = bool(found[1])
        yield Tag(name=name, closing=closing, attributes=attributes, begin=found.start(), end=place)
        if not closing and name in _RAW:
            end = _RAW[name].search(source, place)
            if end is None:
                return
            place = end.start()


def _passed(source: str, found: re.Match[str]) -> int | None:
    """Return where a comment or a declaration ends."""
    closing = "-->" if found[0] == "<!--" else ">"
    end = source.find(closing, found.end())
    return None if end < 0 else end + len(closing)


def _attributes(source: str, place: int) -> tuple[dict[str, str], int]:
    """Return the attributes from ``place`` on and the end of the tag, -1 if it has none."""
    given: dict[str, str] = {}
    while True:
        place = _skip(_BETWEEN, source, place)
        if place >= len(source):
            return given, -1
        if source[place] == ">":
            return given, place + 1
        behind = _skip(_NAME, source, place)
        name = source[place:behind].lower()
        equals = _EQUALS.match(source, behind)
        value = ""
        place = behind
        if equals is not None:
            value, place = _value(source, equals.end())
            if place < 0:
                return given, -1
        given.setdefault(name, html.unescape(value))


def _value(source: str, place: int) -> tuple[str, int]:
    """Return the value from ``place`` on and what follows it, -1 if its quote never ends."""
    quote = source[place : place + 1]
    if quote in {'"', "'"}:
        end = source.find(quote, place + 1)
        return (source[place + 1 : end], end + 1) if end >= 0 else ("", -1)
    end = _skip(_BARE, source, place)
    return source[place:end], end


def _skip(pattern: re.Pattern[str], source: str, place: int) -> int:
    found = pattern.match(source, place)
    return place if found is None else found.end()
