# SPDX-License-Identifier: Apache-2.0
"""Announcements as items of RSS 2.0."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Final

import attrs

from territoire_sante.formats.feed._atom import (
    ATOM_NS,
    atom,
    attachment_of,
    enclosure_link,
    is_enclosure,
)
from territoire_sante.formats.feed._edit import Edits, element, text_of
from territoire_sante.formats.feed._html import html_from_text, text_from_html
from territoire_sante.formats.feed._values import beginning, parse_rfc822, rfc822_text
from territoire_sante.formats.feed._vocabulary import (
    CATEGORY_SCHEME,
    NAMESPACE,
    PREFIX,
    attachment,
    category_of,
    checked_size,
    entry_id,
    fallback_id,
)
from territoire_sante.formats.feed._xml import Name, Node, XmlSource
from territoire_sante.formats.feed._xml_lens import XmlLens, ours
from territoire_sante.model import Announcement, AnnouncementCategory, Attachment

_ENCODED: Final = ("http://purl.org/rss/1.0/modules/content/", "encoded")
_UNKNOWN_TYPE: Final = "application/octet-stream"


@attrs.frozen
class RssLens(XmlLens):
    """
    Reads and writes one ``<item>``.

    ``guid`` is never a link, ``description`` is HTML. RSS has no word for the time of
    the last change: none is written. The first attachment is an ``enclosure``, of which an
    item should have one only (RSS Advisory Board profile); the others are Atom links.
    """

    media_type: ClassVar[str] = "application/rss+xml"

    def accepts(self, root: Node) -> bool:
        """Say whether ``root`` is an RSS item; some feeds put it in a namespace."""
        return root.name[1] == "item"

    def _blank(self, now: dt.datetime) -> bytes:
        del now
        return f'<item xmlns:{PREFIX}="{NAMESPACE}">\n  <title/>\n</item>'.encode()

    def identifier(self, root: Node) -> str:
        """Return the identifier that the entry names, empty if it has none."""
        return text_of(root.first(_sibling(root, "guid")), one_line=True)

    def _core(self, source: XmlSource) -> dict[str, Any]:
        root = source.root
        url = text_of(root.first(_sibling(root, "link")), one_line=True)
        title = text_of(root.first(_sibling(root, "title")), one_line=True)
        date = text_of(root.first(_sibling(root, "pubDate")), one_line=True)
        return {
            "uid": self.identifier(root) or fallback_id(url, source.markup(root)),
            "title": title,
            "body": _text(source, _body(root)),
            "url": url,
            "publish_from": parse_rfc822(date),
            "category": _category(root),
            "attachments": tuple(map(_attachment, _files(root))),
        }

    def _write_core(self, edits: Edits, source: XmlSource, field: str, view: Announcement) -> None:
        root = source.root
        if field == "uid":
            name, given = edits.core("guid"), {"isPermaLink": "false"}
            markup = element(name, entry_id(view.uid), given, field=field, one_line=True)
            edits.put(_sibling(root, "guid"), markup)
        elif field == "title":
            _put_text(edits, root, "title", view.title, field=field)
        elif field == "url":
            _put_text(edits, root, "link", view.url or None, field=field)
        elif field == "publish_from":
            when = view.publish_from
            text = None if when is None else rfc822_text(beginning(when, self.zone))
            _put_text(edits, root, "pubDate", text, field=field)
        elif field == "category":
            _put_category(edits, root, view)
        elif field == "body":
            _put_body(edits, root, view.body)
        elif field == "attachments":
            edits.remove_nodes(_files(root))
            for number, one in enumerate(view.attachments):
                edits.append((_link if number else _enclosure)(edits, one))

    def _touch(self, edits: Edits, now: dt.datetime) -> None:
        del edits, now


def _sibling(root: Node, local: str) -> Name:
    return root.name[0], local


def _put_text(edits: Edits, root: Node, local: str, text: str | None, *, field: str) -> None:
    markup = None
    if text is not None:
        markup = element(edits.core(local), text, field=field, one_line=True)
    edits.put(_sibling(root, local), markup)


def _body(root: Node) -> Node | None:
    return root.first(_ENCODED) or root.first(_sibling(root, "description"))


def _text(source: XmlSource, node: Node | None) -> str:
    if node is None:
        return ""
    # Some feeds write the HTML's tags as elements of the feed.
    return text_from_html(source.content(node).decode() if node.children else node.text)


def _put_body(edits: Edits, root: Node, body: str) -> None:
    """Write one description; a second text beside it would contradict the new one."""
    html = html_from_text(body)
    markup = element(edits.core("description"), html, field="body", one_line=False)
    edits.replace_first(list(root.all(_ENCODED, _sibling(root, "description"))), markup)


def _category(root: Node) -> AnnouncementCategory:
    nodes = list(root.all(_sibling(root, "category")))
    nodes.sort(key=lambda node: node.attributes.get(("", "domain")) != CATEGORY_SCHEME)
    return category_of([text_of(node, one_line=True) for node in nodes])


def _put_category(edits: Edits, root: Node, view: Announcement) -> None:
    given = {"domain": CATEGORY_SCHEME}
    label = view.category.label(view.language)
    markup = element(edits.core("category"), label, given, field="category", one_line=True)
    own = [
        one
        for one in root.all(_sibling(root, "category"))
        if one.attributes.get(("", "domain")) == CATEGORY_SCHEME
    ]
    edits.replace_first(own, markup)


def _files(root: Node) -> list[Node]:
    """Return the elements that are attachments, in their order."""
    return [
        one
        for one in root.all(_sibling(root, "enclosure"), atom("link"))
        if one.name != atom("link") or is_enclosure(one)
    ]


def _attachment(node: Node) -> Attachment:
    if node.name == atom("link"):
        return attachment_of(node)
    given = node.attributes
    media_type = given.get(ours("type"), given.get(("", "type"), ""))
    url, length = given.get(("", "url"), ""), given.get(("", "length"), "")
    return attachment(url, media_type, length, given.get(ours("alt"), ""))


def _link(edits: Edits, one: Attachment) -> str:
    prefix, declared = edits.foreign(ATOM_NS, "atom")
    return enclosure_link(f"{prefix}link", one, declared)


def _enclosure(edits: Edits, one: Attachment) -> str:
    """Return an enclosure; RSS asks for a type and a length even if they are unknown."""
    prefix, declared = edits.foreign(NAMESPACE, PREFIX)
    given = {
        "url": one.url,
        "length": checked_size(one),
        "type": one.media_type or _UNKNOWN_TYPE,
    }
    extra = {f"{prefix}alt": one.alt} if one.alt else {}
    if not one.media_type:
        extra[f"{prefix}type"] = ""
    attributes = {**given, **(declared if extra else {}), **extra}
    return element(edits.core("enclosure"), "", attributes, field="attachments", one_line=True)
