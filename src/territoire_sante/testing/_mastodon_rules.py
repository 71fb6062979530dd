# SPDX-License-Identifier: Apache-2.0
"""
How the Mastodon stand-in counts a text, and shows it.

It shares no code with the connector, so that a mistake in one is seen by the other. Mastodon counts
what looks like one character as one; here the stricter of code points and UTF-16 units holds.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Final

_LINK: Final = re.compile(
    r"(?<![\w@/.:-])https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?(?:/[\w./~%+&=?#:-]*[\w/~%+=#-])?",
    re.IGNORECASE,
)
_MENTION: Final = re.compile(r"(?<![=/\w])@(\w+)@[\w.-]+\w")
_SHOWN_OF_LINK: Final = 30


def counted(text: str, url_cost: int) -> int:
    """
    Return how long a status is, each address as ``url_cost``.

    >>> counted("Voir https://example.org/une-page-au-nom-long", 23)
    28
    """
    plain = _LINK.sub("x" * url_cost, text)
    return max(len(plain), len(plain.encode("utf-16-le", "replace")) // 2)


def rendered(text: str) -> str:
    """
    Return the HTML of a status, with its traps.

    Several empty lines show as one, of an address a part is hidden, and of somebody mentioned
    the server is.

    >>> rendered("Dépistage & conseil")
    '<p>Dépistage &amp; conseil</p>'
    """
    paragraphs = re.split(r"\n{2,}", text.strip())
    return "".join("<p>" + _inline(one).replace("\n", "<br />") + "</p>" for one in paragraphs)


def _inline(text: str) -> str:
    place, parts = 0, []
    for found in re.finditer(f"{_LINK.pattern}|{_MENTION.pattern}", text, re.IGNORECASE):
        parts.append(html.escape(text[place : found.start()], quote=False))
        parts.append(_mention(found[0]) if found[0].startswith("@") else _anchor(found[0]))
        place = found.end()
    return "".join(parts) + html.escape(text[place:], quote=False)


def _anchor(address: str) -> str:
    scheme, _, rest = address.partition("://")
    seen, hidden = rest[:_SHOWN_OF_LINK], rest[_SHOWN_OF_LINK:]
    kind = ' class="ellipsis"' if hidden else ""
    safe = html.escape(address)
    return (
        f'<a href="{safe}" target="_blank" rel="nofollow noopener"><span class="invisible">{scheme}://'
        f"</span><span{kind}>{html.escape(seen)}</span>"
        f'<span class="invisible">{html.escape(hidden)}</span></a>'
    )


def _mention(text: str) -> str:
    name = text.split("@")[1]
    link = f'<a href="/@{name}" class="u-url mention">@<span>{name}</span></a>'
    return f'<span class="h-card">{link}</span>'


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "br":
            self.text += "\n"
        elif tag == "p" and self.text:
            self.text += "\n\n"


def read_by_people(source: str) -> str:
    r"""
    Return the text that a reader can copy out of a status.

    >>> read_by_people("<p>Samedi<br />9 h</p><p>Entrée libre</p>")
    'Samedi\n9 h\n\nEntrée libre'
    """
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return reader.text
