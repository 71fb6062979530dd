# SPDX-License-Identifier: Apache-2.0
"""Announcements as items of JSON Feed 1.1."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

import attrs

from territoire_sante.errors import FormatError
from territoire_sante.formats._document import Document
from territoire_sante.formats.feed import _json as spans
from territoire_sante.formats.feed._html import text_from_html
from territoire_sante.formats.feed._values import (
    beginning,
    first_shown,
    instant_text,
    parse_rfc3339,
)
from territoire_sante.formats.feed._vocabulary import (
    EXTENSION,
    FIELDS,
    TEXTS,
    announcement,
    attachment,
    category_of,
    changed_fields,
    checked_size,
    contact_from,
    contact_texts,
    entry_id,
    exact_text,
    extension_text,
    fallback_id,
    from_extension,
    with_uid,
)
from territoire_sante.model import Announcement, AnnouncementCategory, Attachment

_UNKNOWN_TYPE: Final = "application/octet-stream"
_ALWAYS: Final = frozenset({"uid", "title", "body", "category", "severity", "language"})
_HALF_PAIRS: Final = re.compile("[\ud800-\udfff]")


class ObjectText:
    """The text of an item or feed under change; each step is located anew, as places move."""

    def __init__(self, text: str) -> None:
        self.text = text

    def put(self, key: str, value: Any) -> None:
        """Change or add a member; ``None`` removes it."""
        place = spans.start_of(self.text)
        if value is None:
            self.text = spans.remove_member(self.text, place, key)
        else:
            self.text = spans.set_member(self.text, place, key, value)

    def put_own(self, key: str, value: Any) -> None:
        """Do the same inside our extension, which is added when needed."""
        place = spans.start_of(self.text)
        there = spans.member(self.text, place, EXTENSION)
        if there is None or self.text[there.value] != "{":
            if value is not None:
                self.put(EXTENSION, {key: value})
        elif value is None:
            self.text = spans.remove_member(self.text, there.value, key)
        else:
            self.text = spans.set_member(self.text, there.value, key, value)


@attrs.frozen
class JsonFeedLens:
    """
    Reads and writes one item of the array ``items``.

    The body is ``content_text``; ``date_published`` is when the publication
    begins, for a day midnight in ``zone`` (IANA name); ``date_modified`` the last change.
    """

    zone: str = "Europe/Paris"

    view: ClassVar[type[Announcement]] = Announcement
    fields: ClassVar[frozenset[str]] = frozenset(FIELDS)
    media_type: ClassVar[str] = "application/feed+json"

    def get(self, document: Document) -> Announcement:
        """
        Return the announcement that the item tells.

        Raises:
            FormatError: it is no JSON object; it names the line.
        """
        _, item = document.parsed(parse_item)
        own = _mapping(item.get(EXTENSION))
        url = _text(item.get("url"))
        values = from_extension({name: _text(own[name]) for name in TEXTS if name in own})
        if "language" in item:
            values["language"] = _text(item["language"])
        values |= {
            "uid": _text(own.get("uid"))
            or self.identifier(document)
            or fallback_id(url, document.data),
            "title": _text(item.get("title")),
            "body": _body(item),
            "url": url,
            "publish_from": first_shown(
                parse_rfc3339(_text(item.get("date_published"))), _text(own.get("publish_from"))
            ),
            "category": _category(item, own),
            "attachments": tuple(
                _attachment(one) for one in _list(item.get("attachments")) if isinstance(one, dict)
            ),
            "audience": tuple(_text(code) for code in _list(own.get("audience"))),
            "contact": _contact(_mapping(own.get("contact"))),
        }
        return announcement(values)

    def identifier(self, document: Document) -> str:
        """Return the identifier that the item names, empty if it has none."""
        return _text(document.parsed(parse_item)[1].get("id"))

    def put(
        self,
        view: Announcement,
        document: Document | None = None,
        *,
        now: dt.datetime | None = None,
    ) -> Document:
        """
        Return the item with the changed fields of ``view``, or a new item.

        Raises:
            FormatError: a text is no Unicode text, or the contact is not public.
        """
        new = document is None
        before = document or Document(b'{\n  "id": ""\n}', self.media_type)
        text, _ = before.parsed(parse_item)
        wanted = with_uid(view)
        changed = changed_fields(self.get(before), wanted) | (_ALWAYS if new else frozenset())
        if not changed:
            return before
        if not self.identifier(before):
            changed.add("uid")
        if "publish_from" in changed:
            # An end that was ignored, being before the beginning, must not come back to life.
            changed.add("publish_until")
        writing = ObjectText(text)
        for field in FIELDS:
            if field in changed:
                _WRITERS.get(field, _write_text)(writing, wanted, field, self.zone)
        if now is not None:
            writing.put("date_modified", instant_text(now))
        return Document(_encoded(writing.text), before.media_type)


def parse_item(data: bytes) -> tuple[str, dict[str, Any]]:
    """
    Return an item as text and as an object.

    Raises:
        FormatError: it is no JSON object; it names the line.
    """
    text = spans.decode(data)
    place = spans.start_of(text)
    value, end = spans.value_at(text, place)
    if not isinstance(value, dict) or text[end:].strip(" \t\r\n"):
        raise FormatError("one JSON object is expected", line=spans.line_of(text, end))
    return text, value


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        bad = ord(text[error.start])
        raise FormatError(
            f"the character U+{bad:04X} is half of a pair", line=spans.line_of(text, error.start)
        ) from error


def _text(value: Any) -> str:
    """Return a text, and a number as text (ids of some feeds are numbers); else nothing."""
    if isinstance(value, str):
        return _HALF_PAIRS.sub("\ufffd", value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return json.dumps(value) if is_number else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _body(item: Mapping[str, Any]) -> str:
    if "content_text" in item:
        return _text(item["content_text"])
    return text_from_html(_text(item.get("content_html")))


def _category(item: Mapping[str, Any], own: Mapping[str, Any]) -> AnnouncementCategory:
    words = [own.get("category"), *_list(item.get("tags"))]
    return category_of([_text(word) for word in words])


def _attachment(given: Mapping[str, Any]) -> Attachment:
    own = _mapping(given.get(EXTENSION))
    media_type = _text(own.get("mime_type", given.get("mime_type")))
    size = _text(given.get("size_in_bytes"))
    return attachment(_text(given.get("url")), media_type, size, _text(given.get("title")))


def _contact(own: Mapping[str, Any]) -> Any:
    rest = {key: _text(value) for key, value in own.items() if key != "value"}
    return contact_from(_text(own.get("value")), rest) if own else None


def _write_text(writing: ObjectText, view: Announcement, field: str, zone: str) -> None:
    del zone
    text = extension_text(view, field)
    writing.put_own(field, text)


def _write_uid(writing: ObjectText, view: Announcement, field: str, zone: str) -> None:
    del field, zone
    identifier = entry_id(view.uid)
    writing.put("id", identifier)
    writing.put_own("uid", None if identifier == view.uid else view.uid)


def _write_title(writing: ObjectText, view: Announcement, field: str, zone: str) -> None:
    del field, zone
    writing.put("title", view.title or None)


def _write_url(writing: ObjectText, view: Announcement, field: str, zone: str) -> None:
    del field, zone
    writing.put("url", view.url or None)


def _write_language(writing: ObjectText, view: Announcement, field: str, zone: str) -> None:
    del zone
    # An item without language has that of the feed: that it has none is for us to tell.
    writing.put_own(field, None if view.language else "")
    writing.put(field, view.language or None)


def _write_body(writing: ObjectText, view: Announcement, field: str, zone: str) -> None:
    del field, zone
    # An item must have one of the two; HTML of the former text would contradict the new one.
    writing.put("content_text", view.body)
    writing.put("content_html", None)


def _write_published(writing: ObjectText, view: Announcement, field: str, zone: str) -> None:
    when = view.publish_from
    writing.put("date_published", None if when is None else beginning(when, zone).isoformat())
    writing.put_own(field, exact_text(view))


def _write_category(writing: ObjectText, view: Announcement, field: str, zone: str) -> None:
    """Write the value in the extension, and the label among the tags instead of the former one."""
    del zone
    _, item = parse_item(_encoded(writing.text))
    former = category_of([_text(_mapping(item.get(EXTENSION)).get(field))])
    label = view.category.label(view.language)
    old = {former.label_fr, former.label_en, label}
    writing.put("tags", [*(tag for tag in _list(item.get("tags")) if tag not in old), label])
    writing.put_own(field, view.category.value)


def _write_audience(writing: ObjectText, view: Announcement, field: str, zone: str) -> None:
    del zone
    writing.put_own(field, list(view.audience) or None)


def _write_contact(writing: ObjectText, view: Announcement, field: str, zone: str) -> None:
    del zone
    told = contact_texts(view)
    writing.put_own(field, told and {"value": told[0], **told[1]})


def _write_attachments(writing: ObjectText, view: Announcement, field: str, zone: str) -> None:
    del zone
    writing.put(field, [_attachment_object(one) for one in view.attachments] or None)


def _attachment_object(one: Attachment) -> dict[str, Any]:
    """Return an attachment; JSON Feed asks for a type even if it is unknown."""
    given: dict[str, Any] = {"url": one.url, "mime_type": one.media_type or _UNKNOWN_TYPE}
    if checked_size(one) != "0":
        given["size_in_bytes"] = one.size
    if one.alt:
        given["title"] = one.alt
    return given if one.media_type else {**given, EXTENSION: {"mime_type": ""}}


_WRITERS: Final[Mapping[str, Callable[[ObjectText, Announcement, str, str], None]]] = {
    "uid": _write_uid,
    "title": _write_title,
    "url": _write_url,
    "language": _write_language,
    "body": _write_body,
    "publish_from": _write_published,
    "category": _write_category,
    "audience": _write_audience,
    "contact": _write_contact,
    "attachments": _write_attachments,
}
