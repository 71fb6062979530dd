# SPDX-License-Identifier: Apache-2.0
"""
What the PanneauPocket stand-in accepts as a sign.

It counts and checks for itself and shares no code with the connector, so that a mistake in
one is seen by the other. Where the unit of a limit is not known, the stricter reading holds; what
the real application silently leaves out (a second paragraph, a list) is refused, to be noticed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urlsplit

TITLE_MAX: Final = 50
DOCUMENTS_MAX: Final = 5
DOCUMENT_ENDINGS: Final = (".jpg", ".jpeg", ".png", ".pdf")
TYPES: Final = ("info", "alert")

_TAGS: Final = frozenset({"p", "br", "strong", "em", "u", "s", "del", "a"})
_BREAKS: Final = re.compile(r"(?:<br\s*/?>\s*){3,}", re.IGNORECASE)


def faults(sign: Mapping[str, Any]) -> list[str]:
    """Return all that is wrong with a sign, in sentences; empty if it is accepted."""
    return [*_text_faults(sign), *_date_faults(sign), *_document_faults(sign.get("documents"))]


def _text_faults(sign: Mapping[str, Any]) -> Iterator[str]:
    title, content = sign.get("title", ""), sign.get("content", "")
    if not isinstance(title, str) or not isinstance(content, str):
        yield "title and content must be texts"
        return
    if max(len(title), len(title.encode("utf-16-le", "replace")) // 2) > TITLE_MAX:
        yield f"title: This value is too long. It should have {TITLE_MAX} characters or less."
    if not (title.strip() or content.strip() or sign.get("documents")):
        yield "one of title, content and documents must not be empty"
    if sign.get("type") not in TYPES:
        yield "type: The value you selected is not a valid choice."
    yield from _content_faults(content)


def _content_faults(content: str) -> Iterator[str]:
    if not content:
        return
    reader = _Tags()
    reader.feed(content)
    reader.close()
    if reader.tags.count("p") > 1:
        yield "content: only one paragraph is shown"
    unknown = sorted(set(reader.tags) - _TAGS)
    if unknown:
        yield f"content: not allowed: {', '.join(unknown)}"
    if _BREAKS.search(content):
        yield "content: more than two line breaks in a row"


class _Tags(HTMLParser):
    """Collects the names of the elements."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags.append(tag)


def _date_faults(sign: Mapping[str, Any]) -> Iterator[str]:
    if not sign.get("startAt"):
        yield "startAt: This value should not be blank."
    for name in ("startAt", "endAt"):
        value = sign.get(name)
        if value is not None and not _is_day(value):
            yield f"{name}: This value is not a valid date."


def _is_day(value: object) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return False
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _document_faults(documents: object) -> Iterator[str]:
    if documents is None:
        return
    if not isinstance(documents, list) or not all(isinstance(one, str) for one in documents):
        yield "documents: a list of addresses is expected"
        return
    if len(documents) > DOCUMENTS_MAX:
        yield f"documents: at most {DOCUMENTS_MAX}"
    for address in documents:
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.path.lower().endswith(
            DOCUMENT_ENDINGS
        ):
            yield f"documents: {address} is not a public address of a jpg, png or pdf file"
