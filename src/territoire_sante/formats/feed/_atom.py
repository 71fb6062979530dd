# SPDX-License-Identifier: Apache-2.0
"""Announcements as Atom entries (RFC 4287)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import attrs

from territoire_sante.formats.feed._edit import Edits, element, text_of
from territoire_sante.formats.feed._html import html_from_text, text_from_html
from territoire_sante.formats.feed._values import beginning, collapsed, instant_text, parse_rfc3339
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
from territoire_sante.formats.feed._xml import XML, Name, Node, XmlSource
from territoire_sante.formats.feed._xml_lens import XmlLens
from territoire_sante.model import Announcement, AnnouncementCategory, Attachment, When

ATOM_NS: Final = "http://www.w3.org/2005/Atom"


def atom(local: str) -> Name:
    """Return a name of the Atom namespace."""
    return ATOM_NS, local


@attrs.frozen
class AtomLens(XmlLens):
    """
    Reads and writes one ``<entry>``.

    The body is HTML, so that readers show its line breaks; ``published`` is when the
    publication begins, for a day midnight in :attr:`zone`; ``updated`` the last change.
    """

    media_type: ClassVar[str] = "application/atom+xml;type=entry"

    def accepts(self, root: Node) -> bool:
        """Say whether ``root`` is an Atom entry."""
        return root.name == atom("entry")

    def _blank(self, now: dt.datetime) -> bytes:
        lines = (
            f'<entry xmlns="{ATOM_NS}" xmlns:{PREFIX}="{NAMESPACE}">',
            "  <id/>",
            "  <title/>",
            f"  <updated>{instant_text(now)}</updated>",
            "</entry>",
        )
        return "\n".join(lines).encode()

    def identifier(self, root: Node) -> str:
        """Return the identifier that the entry names, empty if it has none."""
        return text_of(root.first(atom("id")), one_line=True)

    def _core(self, source: XmlSource) -> dict[str, Any]:
        root = source.root
        links = list(root.all(atom("link")))
        url = next((_attribute(one, "href") for one in links if _is_page(one)), "")
        published = text_of(root.first(atom("published")), one_line=True)
        values: dict[str, Any] = {
            "uid": self.identifier(root) or fallback_id(url, source.markup(root)),
            "title": _text(source, root.first(atom("title")), one_line=True),
            "body": _text(source, _body(root), one_line=False),
            "url": url,
            "publish_from": parse_rfc3339(published),
            "category": _category(root),
            "attachments": tuple(attachment_of(one) for one in links if is_enclosure(one)),
        }
        language = root.attributes.get((XML, "lang"))
        if language and root.first((NAMESPACE, "language")) is None:
            values["language"] = language
        return values

    def _write_core(self, edits: Edits, source: XmlSource, field: str, view: Announcement) -> None:
        root = source.root
        if field == "uid":
            name = edits.core("id")
            markup = element(name, entry_id(view.uid), field=field, one_line=True)
            edits.put(atom("id"), markup)
        elif field == "title":
            markup = element(edits.core("title"), view.title, field=field, one_line=True)
            edits.put(atom("title"), markup)
        elif field == "publish_from":
            _put_published(edits, view.publish_from, self.zone)
        elif field == "url":
            _put_page(edits, root, view.url)
        elif field == "category":
            _put_category(edits, root, view)
        elif field == "body":
            _put_body(edits, root, view.body)
        elif field == "attachments":
            edits.remove_nodes([one for one in root.all(atom("link")) if is_enclosure(one)])
            for one in view.attachments:
                edits.append(enclosure_link(edits.core("link"), one))

    def _touch(self, edits: Edits, now: dt.datetime) -> None:
        markup = element(edits.core("updated"), instant_text(now), field="updated", one_line=True)
        edits.put(atom("updated"), markup)


def _attribute(node: Node, local: str) -> str:
    return node.attributes.get(("", local), "")


def _is_page(link: Node) -> bool:
    return _attribute(link, "rel") in {"", "alternate"}


def is_enclosure(link: Node) -> bool:
    """Say whether a link leads to an attachment."""
    return _attribute(link, "rel") == "enclosure"


def _text(source: XmlSource, node: Node | None, *, one_line: bool) -> str:
    """Return the text of a text construct or of the content (RFC 4287, 3.1 and 4.1.3)."""
    if node is None:
        return ""
    kind = _attribute(node, "type") or "text"
    if kind == "html":
        text = text_from_html(node.text)
    elif kind == "xhtml":
        text = text_from_html(source.content(node).decode())
    elif kind == "text" or kind.startswith("text/"):
        return text_of(node, one_line=one_line)
    else:
        text = ""
    return collapsed(text) if one_line else text


def _body(root: Node) -> Node | None:
    return root.first(atom("content")) or root.first(atom("summary"))


def _put_body(edits: Edits, root: Node, body: str) -> None:
    node = _body(root)
    name = edits.core(node.name[1] if node is not None else "content")
    markup = element(name, html_from_text(body), {"type": "html"}, field="body", one_line=False)
    if node is None:
        edits.append(markup)
        return
    edits.replace(node, markup)
    # A summary of the former text would contradict the new one.
    texts = (atom("content"), atom("summary"))
    edits.remove_nodes([one for one in root.all(*texts) if one is not node])


def _put_published(edits: Edits, when: When | None, zone: str) -> None:
    text = None if when is None else beginning(when, zone).isoformat()
    name = edits.core("published")
    edits.put(atom("published"), text and element(name, text, field="publish_from", one_line=True))


def _put_page(edits: Edits, root: Node, url: str) -> None:
    pages = [one for one in root.all(atom("link")) if _is_page(one)]
    if not url:
        edits.remove_nodes(pages)
    elif pages and ("", "href") in pages[0].attributes:
        edits.set_attribute(pages[0], "href", url, field="url")
    else:
        edits.remove_nodes(pages)
        given = {"rel": "alternate", "href": url}
        edits.append(element(edits.core("link"), "", given, field="url", one_line=True))


def _category(root: Node) -> AnnouncementCategory:
    nodes = list(root.all(atom("category")))
    nodes.sort(key=lambda node: _attribute(node, "scheme") != CATEGORY_SCHEME)
    words = [(_attribute(one, "term"), _attribute(one, "label")) for one in nodes]
    return category_of([word for pair in words for word in pair])


def _put_category(edits: Edits, root: Node, view: Announcement) -> None:
    given = {
        "term": str(view.category.value),
        "scheme": CATEGORY_SCHEME,
        "label": view.category.label(view.language),
    }
    markup = element(edits.core("category"), "", given, field="category", one_line=True)
    own = [
        one for one in root.all(atom("category")) if _attribute(one, "scheme") == CATEGORY_SCHEME
    ]
    edits.replace_first(own, markup)


def attachment_of(link: Node) -> Attachment:
    """Return the attachment that a link leads to."""
    names = ("href", "type", "length", "title")
    return attachment(*(_attribute(link, name) for name in names))


def enclosure_link(name: str, one: Attachment, declared: Mapping[str, str] | None = None) -> str:
    """
    Return the link to an attachment, as an element called ``name``.

    Raises:
        FormatError: a text cannot stand in XML, or the size is negative.
    """
    size = checked_size(one)
    given = {
        "rel": "enclosure",
        "href": one.url,
        "type": one.media_type,
        "length": "" if size == "0" else size,
        "title": one.alt,
    }
    written = {key: value for key, value in given.items() if value or key == "href"}
    return element(name, "", {**(declared or {}), **written}, field="attachments", one_line=True)
