# SPDX-License-Identifier: Apache-2.0
"""Plain text to the little HTML that feeds want, and any HTML back to plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final

_BLANK: Final = " \t\n\r\f"
_SPECIAL: Final = re.compile(
    rf"[{_BLANK}]+|&(?:\#\d{{1,8}}|\#[xX][0-9A-Fa-f]{{1,6}}|[A-Za-z][A-Za-z0-9]{{1,31}});?"
)
_TAG_NAME: Final = re.compile(r"<(!--|[!?]|/?[A-Za-z][^\s/>]*)")
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
    pieces: list[tuple[int, str]] = []
    for is_tag, part in _parts(source):
        if is_tag:
            pieces += _from_tag(part)
        else:
            pieces += _from_text(part)
    return _joined(pieces)


def _parts(source: str) -> Iterator[tuple[bool, str]]:
    """
    Yield tag names and the texts between them.

    The parser of the standard library takes quadratic time on unclosed tags. Here each
    character is looked at once: what is opened and never closed runs to the end.
    """
    place = 0
    while place < len(source):
        start = source.find("<", place)
        if start < 0:
            break
        yield False, source[place:start]
        tag = _TAG_NAME.match(source, start)
        if tag is None:
            yield False, "<"
            place = start + 1
            continue
        closing = "-->" if tag[0] == "<!--" else ">"
        end = source.find(closing, tag.end())
        name = tag[1].lower()
        if end >= 0 and name in _SILENT and source[end - 1] != "/":
            # The content of a script is no text, whatever signs it holds.
            after = re.compile(rf"</{name}", re.IGNORECASE).search(source, end)
            place = after.start() if after else len(source)
            continue
        if end < 0 and closing == ">":
            place = start
            break
        yield True, name
        place = end + len(closing) if end >= 0 else len(source)
    yield False, source[place:]


def _from_tag(name: str) -> list[tuple[int, str]]:
    if name == "br":
        return [(_BREAK, "\n")]
    return [(_EDGE, "\n")] if name.removeprefix("/") in _BLOCKS else []


def _from_text(text: str) -> Iterator[tuple[int, str]]:
    """Yield texts and collapsible blanks; a blank written as a reference is not collapsible."""
    place = 0
    for special in _SPECIAL.finditer(text):
        yield _TEXT, text[place : special.start()]
        found = special.group()
        yield (_TEXT, html.unescape(found)) if found.startswith("&") else (_SPACE, " ")
        place = special.end()
    yield _TEXT, text[place:]


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
