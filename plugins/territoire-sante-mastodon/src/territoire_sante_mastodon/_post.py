# SPDX-License-Identifier: Apache-2.0
"""A status to be sent, made of an announcement; and how a status is recognised as its own."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

import attrs

from territoire_sante.errors import FormatError, ItemRefusedError
from territoire_sante.formats import Document
from territoire_sante.formats.feed import text_from_html
from territoire_sante.model import Announcement, Attachment, ChannelLimits, fit, whole_text
from territoire_sante_mastodon._lens import NOTICE

# As the service finds them: an e-mail address is none.
_MENTION: Final = re.compile(r"(?<![=/\w])@\w")


@attrs.frozen(kw_only=True)
class Post:
    """What one status is to say: its whole text, and the pictures below it."""

    text: str
    title: str
    url: str
    language: str
    pictures: tuple[Attachment, ...] = ()

    @property
    def tag(self) -> str:
        """The version tag of what readers get: a hash, in quotes like any ETag."""
        pictures = [[one.url, one.alt] for one in self.pictures]
        told = json.dumps([self.text, self.language, pictures], ensure_ascii=False)
        return f'"{_digest(told)}"'

    def key(self, hint: str) -> str:
        """
        Return the Idempotency-Key of this post.

        Repeating it makes no second status within the hour for which the service remembers it.
        """
        return _digest(f"{hint}\n{self.tag}")


def post_of(href: str, document: Document, limits: ChannelLimits) -> Post:
    """
    Return what is to be sent, whole.

    Raises:
        ItemRefusedError: the document is no announcement, more than a status can hold, or
            would notify somebody.
    """
    try:
        result = fit(NOTICE.get(document), limits)
    except FormatError as error:
        raise ItemRefusedError(f"this is no announcement: {error}", href=href) from error
    if result.shown is None:
        raise ItemRefusedError(
            "; ".join(reason.message_en for reason in result.reasons),
            href=href,
            remedy=" ".join(reason.message_fr for reason in result.reasons),
        )
    post = _post(result.shown)
    if _MENTION.search(post.text):
        raise ItemRefusedError(
            "an @ before a word mentions an account: it would be notified, and shown otherwise",
            href=href,
            remedy="Écrivez le nom sans « @ ». / Write the name without @",
        )
    return post


def expected(document: Document, limits: ChannelLimits) -> Post | None:
    """Return what a document's status should show, ``None`` if it is no announcement."""
    try:
        view = NOTICE.get(document)
    except FormatError:
        return None
    shown = fit(view, limits).shown
    return _post(view if shown is None else shown)


def _post(shown: Announcement) -> Post:
    return Post(
        text=whole_text(shown),
        title=shown.title,
        url=shown.url,
        language=shown.language,
        pictures=shown.attachments,
    )


def same_text(text: str) -> str:
    r"""
    Return a text with its blanks and accents made uniform, to compare what is shown.

    >>> same_text("9 h\u202fà 12 h\n\nEntrée libre") == same_text("9 h à 12 h Entrée libre")
    True
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def seen_text(status: Mapping[str, Any]) -> str:
    """Return the text that a reader sees in a status."""
    return text_from_html(str(status.get("content") or ""))


def seen_title(status: Mapping[str, Any]) -> str:
    """Return the first paragraph of a status, where ours have their title."""
    first = str(status.get("content") or "").partition("</p>")[0]
    return text_from_html(first)


def pictures_of(status: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the files under a status, as the service tells them."""
    told = status.get("media_attachments")
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
