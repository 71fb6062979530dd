# SPDX-License-Identifier: Apache-2.0
"""How long a text is for a channel, and what it looks like in the channel's markup."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from typing import Final

from territoire_sante.model._announcement import Announcement
from territoire_sante.model._limits import ChannelLimits, Markup

_ADDRESS: Final = re.compile(r"https?://\S+", re.IGNORECASE)

# What every counter takes for an address, and where it surely ends.
_PLAIN_ADDRESS: Final = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::\d{1,5})?"
    r"(?:[/?#][a-z0-9._~/?#%=&+:-]*)?",
    re.IGNORECASE,
)
_PUNCTUATION: Final = "._~?#%=&+:-"
_AFTER: Final = ").,;:!?»”\"'"

_NEWLINE: Final = re.compile(r"\r\n|[\r\n]")
_PARAGRAPHS: Final = re.compile(r"\n{2,}")
_MARKDOWN_SIGN: Final = re.compile(r"[\\`*\[\]<>|~]|(?<![^\W_])_|_(?![^\W_])|&(?=[#a-zA-Z])")
_MARKDOWN_START: Final = re.compile(r"^( {0,3})(?:([#+=-])|(\d{1,9})([.)])(?=\s|$))", re.MULTILINE)


def length(text: str, url_cost: int | None = None) -> int:
    """
    Return the larger of the counts in code points and in UTF-16 units.

    With ``url_cost``, each http(s) address counts as so many instead. One that counters
    may cut out differently (other signs in it, a letter before it) counts both ways, so
    that the result is never less than the channel's own count.

    >>> length("🩺"), length("https://example.org/a-long-address", 23)
    (2, 23)
    """
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if url_cost is None:
        return units
    return units + sum(_difference(text, found, url_cost) for found in _ADDRESS.finditer(text))


def _difference(text: str, found: re.Match[str], url_cost: int) -> int:
    plain = _PLAIN_ADDRESS.match(found[0])
    before = text[found.start() - 1 : found.start()]
    ending = found[0][plain.end() :] if plain else found[0]
    joined = before.isalnum() or (before and before in "@#$_/-.:")
    if plain is None or joined or ending.strip(_AFTER):
        return url_cost * found[0].lower().count("http")
    return url_cost - len(plain[0].rstrip(_PUNCTUATION))


def line_count(text: str) -> int:
    """Return the number of lines of a text, 0 for the empty one."""
    return len(text.splitlines())


def marked_up(text: str, markup: Markup) -> str:
    r"""
    Return plain ``text`` written in ``markup`` so that each sign and each line is shown.

    Of several empty lines, and at both ends, HTML and Markdown keep one or none.

    >>> marked_up("Samedi & dimanche\n9 h", Markup.PARAGRAPH)
    '<p>Samedi &amp; dimanche<br />9 h</p>'
    >>> marked_up("Un\n\nDeux", Markup.HTML)
    '<p>Un</p><p>Deux</p>'
    >>> print(marked_up("*Entrée libre*", Markup.MARKDOWN))
    \*Entrée libre\*
    """
    return _WRITERS[markup](_NEWLINE.sub("\n", text)) if text else ""


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text, quote=False)}</p>".replace("\n", "<br />")


def _html(text: str) -> str:
    return "".join(_paragraph(part) for part in _PARAGRAPHS.split(text.strip("\n")))


def _markdown(text: str) -> str:
    escaped = _MARKDOWN_START.sub(_escaped_start, _MARKDOWN_SIGN.sub(r"\\\g<0>", text))
    parts = _PARAGRAPHS.split(escaped.strip("\n"))
    return "\n\n".join(part.replace("\n", "\\\n") for part in parts)


def _escaped_start(found: re.Match[str]) -> str:
    indent, sign, number, dot = found.groups()
    return f"{indent}\\{sign}" if sign else f"{indent}{number}\\{dot}"


_WRITERS: Final[Mapping[Markup, Callable[[str], str]]] = {
    Markup.PLAIN: str,
    Markup.PARAGRAPH: _paragraph,
    Markup.HTML: _html,
    Markup.MARKDOWN: _markdown,
}


def whole_text(announcement: Announcement) -> str:
    r"""
    Return title, body and link as one text, an empty line between them.

    It is what a channel shows whose ``ChannelLimits.text_max`` is set.

    >>> whole_text(Announcement(id="announcement:1", title="Marche", url="https://example.org/"))
    'Marche\n\nhttps://example.org/'
    """
    parts = (announcement.title, announcement.body, announcement.url)
    return "\n\n".join(part for part in parts if part)


def summary_of(announcement: Announcement, limits: ChannelLimits) -> str | None:
    """
    Return the short text that is shown beside the body, ``None`` if none has room.

    It is the short body that a person wrote, else the whole body, never a part of it.
    """
    for text in (announcement.body_short, announcement.body):
        if text and (limits.summary_max is None or length(text) <= limits.summary_max):
            return text
    return None if announcement.body or announcement.body_short else ""
