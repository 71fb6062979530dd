# SPDX-License-Identifier: Apache-2.0
"""New feeds, without entries."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Final
from xml.sax.saxutils import quoteattr

import attrs

from territoire_sante.formats.feed._atom import ATOM_NS
from territoire_sante.formats.feed._edit import checked, element
from territoire_sante.formats.feed._format import FeedFormat
from territoire_sante.formats.feed._values import EPOCH, instant_text, rfc822_text
from territoire_sante.formats.feed._vocabulary import NAMESPACE, PREFIX, entry_id


@attrs.frozen(kw_only=True)
class Head:
    """
    What a feed says of itself.

    ``self_url`` is where the feed will be read, ``site_url`` the page it belongs to. ``author``
    is an organisation; left empty, the title stands for it.
    """

    title: str
    description: str = ""
    site_url: str = ""
    self_url: str = ""
    language: str = "fr"
    author: str = ""


def new_feed(format: FeedFormat, head: Head, *, now: dt.datetime | None = None) -> bytes:  # noqa: A002 - the word that users of feeds say
    """
    Return an empty feed, changed ``now`` (aware; without it, 1970-01-01).

    Raises:
        FormatError: a text of the head cannot stand in XML.
    """
    return _WRITERS[format](head, now or EPOCH)


def _line(name: str, text: str, **attributes: str) -> str:
    given = {key: value for key, value in attributes.items() if value}
    return element(name, text, given, field=name, one_line=True)


def _atom(head: Head, now: dt.datetime) -> bytes:
    # RFC 4287, 4.1.1: id, title and updated are required, and an author as long as
    # some entry may have none.
    identifier = entry_id(head.self_url or head.site_url or head.title)
    language = f" xml:lang={quoteattr(checked(head.language, 'language'))}" if head.language else ""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="{ATOM_NS}" xmlns:{PREFIX}="{NAMESPACE}"{language}>',
        _line("id", identifier),
        _line("title", head.title),
        _line("subtitle", head.description) if head.description else "",
        _line("updated", instant_text(now)),
        f"<author>{_line('name', head.author or head.title)}</author>",
        _line("link", "", rel="self", href=head.self_url) if head.self_url else "",
        _line("link", "", rel="alternate", href=head.site_url) if head.site_url else "",
    ]
    return _joined(lines, "</feed>", depth=2)


def _rss(head: Head, now: dt.datetime) -> bytes:
    # RSS 2.0: title, link and description of the channel are required.
    own = {"rel": "self", "type": FeedFormat.RSS.media_type, "href": head.self_url}
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<rss version="2.0" xmlns:atom="{ATOM_NS}" xmlns:{PREFIX}="{NAMESPACE}"><channel>',
        _line("title", head.title),
        # Required; a feed without any address is named by what is derived from its title.
        _line("link", head.site_url or head.self_url or entry_id(head.title)),
        _line("description", head.description or head.title),
        _line("language", head.language) if head.language else "",
        _line("lastBuildDate", rfc822_text(now)),
        _line("atom:link", "", **own) if head.self_url else "",
    ]
    return _joined(lines, "</channel></rss>", depth=2)


def _joined(lines: list[str], closing: str, *, depth: int) -> bytes:
    """Return the lines that are not empty; those after the first two are indented."""
    written = [line for line in lines if line]
    indented = [*written[:depth], *(f"  {line}" for line in written[depth:]), closing, ""]
    return "\n".join(indented).encode()


def _json(head: Head, now: dt.datetime) -> bytes:
    del now
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": head.title,
        "description": head.description,
        "home_page_url": head.site_url,
        "feed_url": head.self_url,
        "language": head.language,
    }
    known: dict[str, object] = {key: text for key, text in told.items() if text}
    known["authors"] = [{"name": head.author or head.title}]
    known["items"] = []
    return (json.dumps(known, ensure_ascii=False, indent=2) + "\n").encode()


_WRITERS: Final[Mapping[FeedFormat, Callable[[Head, dt.datetime], bytes]]] = {
    FeedFormat.ATOM: _atom,
    FeedFormat.RSS: _rss,
    FeedFormat.JSON: _json,
}
