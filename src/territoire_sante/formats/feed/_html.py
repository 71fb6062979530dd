# SPDX-License-Identifier: Apache-2.0
"""Plain text to the little HTML that feeds want, and any HTML back to plain text."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Final

_BLANK: Final = " \t\n\r\f"
_BLANKS: Final = re.compile(rf"[{_BLANK}]+")
# A reader would collapse every blank but a space between two words.
_COLLAPSED: Final = re.compile(rf"[\t\r\f]|(?<![^{_BLANK}]) | (?![^{_BLANK}])")

_BLOCKS: Final = frozenset(
    {
        *("address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5"),
        *("h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table"),
        *("tbody", "td", "th", "thead", "tr", "ul"),
    }
)
_SILENT: Final = frozenset({"script", "style", "title", "head"})

_TEXT, _SPACE, _BREAK, _EDGE = range(4)


def html_from_text(text: str) -> str:
    r"""
    Return ``text`` as HTML that shows every line break and every space.

    :func:`text_from_html` turns it back into exactly ``text``.

    >>> html_from_text("Prix < 5 €\nEntrée libre")
    'Prix &lt; 5 €<br />\nEntrée libre'
    """
    escaped = html.escape(text, quote=False)
    kept = _COLLAPSED.sub(lambda blank: f"&#{ord(blank.group())};", escaped)
    return kept.replace("\n", "<br />\n")


def text_from_html(source: str) -> str:
    r"""
    Return the text that a person reads in ``source``; mark-up and scripts are left out.

    >>> text_from_html("<p>Samedi&nbsp;:<ul><li>soins</li><li>conseil</li></ul>")
    'Samedi\xa0:\nsoins\nconseil'
    """
    reader = _TextReader()
    reader.feed(source)
    reader.close()
    return _joined(reader.pieces)


class _TextReader(HTMLParser):
    """Collects pieces: text, collapsible spaces, line breaks, edges of blocks."""

    def __init__(self) -> None:
        # References are kept apart: a blank written as one is not collapsible.
        super().__init__(convert_charrefs=False)
        self.pieces: list[tuple[int, str]] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _SILENT:
            self._silent += 1
        elif tag == "br":
            self.pieces.append((_BREAK, "\n"))
        elif tag in _BLOCKS:
            self.pieces.append((_EDGE, "\n"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SILENT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS:
            self.pieces.append((_EDGE, "\n"))

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        position = 0
        for blank in _BLANKS.finditer(data):
            self.pieces.append((_TEXT, data[position : blank.start()]))
            self.pieces.append((_SPACE, " "))
            position = blank.end()
        self.pieces.append((_TEXT, data[position:]))

    def handle_charref(self, name: str) -> None:
        self._reference(f"&#{name};")

    def handle_entityref(self, name: str) -> None:
        self._reference(f"&{name};")

    def _reference(self, reference: str) -> None:
        if not self._silent:
            self.pieces.append((_TEXT, html.unescape(reference)))


def _joined(pieces: list[tuple[int, str]]) -> str:
    """Join the pieces; spaces and edges count only between two texts of one line or of two."""
    parts: list[str] = []
    waiting = ""
    for kind, text in pieces:
        if kind == _BREAK:
            parts.append(text)
            waiting = ""
        elif kind == _EDGE:
            waiting = text
        elif kind == _SPACE:
            waiting = waiting or text
        elif text:
            if parts and not (parts[-1] == "\n" and waiting):
                parts.append(waiting)
            parts.append(text)
            waiting = ""
    return "".join(parts)
