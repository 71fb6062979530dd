# SPDX-License-Identifier: Apache-2.0
"""
What the three formats share: the fields, the identifiers, and our own extension.

What a feed has no word for travels under :data:`NAMESPACE` in XML and in the object
``_territoire_sante`` in JSON Feed, under the names that the fields have in the model.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import uuid
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, unquote

import attrs

from territoire_sante.errors import FormatError
from territoire_sante.formats.feed._values import parse_day, parse_when, when_text
from territoire_sante.model import (
    Announcement,
    AnnouncementCategory,
    Attachment,
    CapCertainty,
    CapSeverity,
    CapUrgency,
    ContactPoint,
    ContactPointKind,
    LabelledEnum,
    Severity,
    Visibility,
    When,
    ends_before,
    make_id,
)

#: The XML namespace of what an announcement says and feeds have no word for.
NAMESPACE: Final = "urn:x-territoire-sante:feed:1"
PREFIX: Final = "ts"
EXTENSION: Final = "_territoire_sante"
CATEGORY_SCHEME: Final = f"{NAMESPACE}:category"

#: The fields that an entry carries, in the order in which a new entry is written.
FIELDS: Final = (
    "uid",
    "title",
    "publish_from",
    "publish_until",
    "url",
    "category",
    "body",
    "attachments",
    "title_short",
    "body_short",
    "severity",
    "cap_urgency",
    "cap_severity",
    "cap_certainty",
    "language",
    "audience",
    "event_start",
    "event_end",
    "place",
    "contact",
)

#: Those that each are one text in the extension.
TEXTS: Final = (
    "title_short",
    "body_short",
    "severity",
    "cap_urgency",
    "cap_severity",
    "cap_certainty",
    "language",
    "publish_until",
    "event_start",
    "event_end",
    "place",
)

#: Of these, the ones that are one line.
ONE_LINE: Final = frozenset({"title_short", "place"})

_ENUMS: Final[Mapping[str, type[LabelledEnum]]] = {
    "severity": Severity,
    "cap_urgency": CapUrgency,
    "cap_severity": CapSeverity,
    "cap_certainty": CapCertainty,
}
_PLAIN: Final = ("title_short", "body_short", "language", "place")
_EMPTY: Final = '""'
_CONTACT_KINDS: Final = {str(one.value): one for one in ContactPointKind}

# Fixed for ever: readers of a feed know its entries by what is derived from it.
_NAMESPACE_UUID: Final = uuid.UUID("7c3fb0a4-31b0-5d0e-8d2a-0f4c6f3b9a52")
_IRI: Final = re.compile(r"(?:https?://|urn:[A-Za-z0-9][A-Za-z0-9-]*:|tag:)[^\s<>\"{}|\\^`]+")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def entry_id(uid: str) -> str:
    """
    Return the identifier of an entry, an IRI as Atom asks (RFC 4287, 4.2.6).

    >>> entry_id("0b54dfb8-7dc0-4d6a-a4b0-40db53b6a3e2")
    'urn:uuid:0b54dfb8-7dc0-4d6a-a4b0-40db53b6a3e2'
    >>> entry_id("barnum")
    'urn:uuid:1b07f296-461f-5272-8276-20114000b3ac'
    """
    if _IRI.fullmatch(uid):
        return uid
    local = uid if _UUID.fullmatch(uid) else str(uuid.uuid5(_NAMESPACE_UUID, uid))
    return f"urn:uuid:{local}"


def fallback_id(link: str, data: bytes) -> str:
    """Return what an entry without identifier is known by: its link, or a hash of its bytes."""
    return link or f"sha256:{hashlib.sha256(data).hexdigest()[:32]}"


def with_uid(view: Announcement) -> Announcement:
    """Return the view with a UID, the local part of its id if it had none."""
    return view if view.uid else attrs.evolve(view, uid=view.id.partition(":")[2])


def changed_fields(before: Announcement, after: Announcement) -> set[str]:
    """Return the fields that differ; two times of one instant in two zones do."""
    return {name for name in FIELDS if _told(before, name) != _told(after, name)}


def _told(view: Announcement, name: str) -> Any:
    value = getattr(view, name)
    return when_text(value) if isinstance(value, dt.date) else value


def announcement(values: Mapping[str, Any]) -> Announcement:
    """Return the view with what was read; an end before the beginning is left out."""
    given = dict(values)
    start, end = given.get("publish_from"), given.get("publish_until")
    if start is not None and end is not None and ends_before(start, end):
        del given["publish_until"]
    return Announcement(id=make_id("announcement", given["uid"]), **given)


def extension_text(view: Announcement, name: str) -> str | None:
    """Return one of :data:`TEXTS` as it is written, ``None`` for an element left out."""
    value = getattr(view, name)
    if isinstance(value, dt.date):
        return when_text(value)
    if isinstance(value, LabelledEnum):
        # What nobody set is not told; the severity always is.
        unset = name != "severity" and value.name == "UNKNOWN"
        return None if unset else str(value.value)
    # Without a language the default holds, so that the empty one must be told.
    return value if value or name == "language" else None


def from_extension(texts: Mapping[str, str]) -> dict[str, Any]:
    """Return fields of the view from the texts of the extension; what is unreadable is left out."""
    values: dict[str, Any] = {name: texts[name] for name in _PLAIN if name in texts}
    for name, kind in _ENUMS.items():
        for one in kind:
            if one.value == texts.get(name):
                values[name] = one
    values["publish_until"] = _shown_when(parse_when(texts.get("publish_until", "")))
    for name in ("event_start", "event_end"):
        values[name] = parse_when(texts.get(name, ""))
    return values


def _shown_when(when: When | None) -> When | None:
    """Return a day or an aware time; a publication has no floating times."""
    floating = isinstance(when, dt.datetime) and when.utcoffset() is None
    return None if floating else when


def exact_text(view: Announcement) -> str | None:
    """Return ``publish_from`` as the extension tells it, ``None`` if it is a day."""
    begins = view.publish_from
    return when_text(begins) if isinstance(begins, dt.datetime) else None


def category_of(words: list[str]) -> AnnouncementCategory:
    """Return the category that one of ``words`` names by value or label, else OTHER."""
    for word in words:
        folded = word.strip().casefold()
        for category in AnnouncementCategory:
            labels = (str(category.value), category.label_fr, category.label_en)
            if folded in {label.casefold() for label in labels}:
                return category
    return AnnouncementCategory.OTHER


def contact_texts(view: Announcement) -> tuple[str, dict[str, str]] | None:
    """
    Return the contact's value and the rest of it as attributes.

    Raises:
        FormatError: it is not public; a feed is.
    """
    contact = view.contact
    if contact is None:
        return None
    if contact.visibility is not Visibility.PUBLIC:
        raise FormatError(
            f"a feed is public, the contact of {view.id} is not",
            where="contact",
            remedy="Leave the contact out, or give it the visibility PUBLIC",
        )
    day = contact.verified_on
    rest = {
        "kind": str(contact.kind.value),
        "label": contact.label,
        "rank": "" if contact.rank == 1 else str(contact.rank),
        "verified_on": "" if day is None else day.isoformat(),
        "card_types": _one_text(contact.card_types),
    }
    return contact.value, {key: text for key, text in rest.items() if text}


def contact_from(value: str, rest: Mapping[str, str]) -> ContactPoint | None:
    """Return the contact, ``None`` if it cannot be read."""
    kind = _CONTACT_KINDS.get(rest.get("kind", ""))
    if kind is None:
        return None
    try:
        return ContactPoint(
            kind=kind,
            value=value,
            label=rest.get("label", ""),
            visibility=Visibility.PUBLIC,
            rank=int(rest.get("rank", "1")),
            verified_on=parse_day(rest.get("verified_on", "")),
            card_types=_words(rest.get("card_types", "")),
        )
    except ValueError:
        return None


def _one_text(words: tuple[str, ...]) -> str:
    """Return words as one text with spaces between, whatever signs they hold."""
    return " ".join(quote(one, safe="", errors="surrogatepass") or _EMPTY for one in words)


def _words(text: str) -> tuple[str, ...]:
    return tuple(
        "" if one == _EMPTY else unquote(one, errors="surrogatepass") for one in text.split()
    )


def attachment(url: str, media_type: str, length: str, alt: str) -> Attachment:
    """Return an attachment; a length that is no number counts as unknown, 0."""
    size = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else 0  # noqa: PLR2004 - above the size of any file
    return Attachment(url=url, media_type=media_type, size=size, alt=alt)


def checked_size(one: Attachment) -> str:
    """
    Return the size of an attachment as text.

    Raises:
        FormatError: it is negative.
    """
    if one.size < 0:
        raise FormatError(f"{one.url} has a size of {one.size} bytes", where="attachments")
    return str(one.size)
