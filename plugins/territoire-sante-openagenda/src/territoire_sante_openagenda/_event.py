# SPDX-License-Identifier: Apache-2.0
"""The JSON of an event: what we find in it, as we send it or as the service gives it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from territoire_sante.errors import FormatError
from territoire_sante.formats import Document, record

#: The member of a document that stays here.
KEPT: Final = "_territoire_sante"

MEDIA_TYPE: Final = "application/json"

CANCELLED: Final = 6
PUBLISHED: Final = 2

#: What we choose the names of; anything else under our key was not made by us.
HREF: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")

Event = Mapping[str, Any]


def parse_event(data: bytes) -> Event:
    """
    Return the JSON object of an event.

    Raises:
        FormatError: it is none; it names the line.
    """
    event = record.parse(data)
    if b"\\ud" in data.lower():
        document_of(event)  # which refuses half of a pair
    return event


def document_of(event: Event) -> Document:
    """
    Return an event as a document.

    Raises:
        FormatError: a text is no Unicode text.
    """
    return record.document(event, MEDIA_TYPE)


def received(event: Event) -> Document:
    """Return what came from the service as a document; what is no Unicode text stays escaped."""
    try:
        return document_of(event)
    except FormatError:
        return Document(json.dumps(event).encode(), MEDIA_TYPE)


def text_in(event: Event, field: str, language: str) -> str:
    """Return a text in ``language``, or in the first one there is."""
    told = event.get(field)
    if isinstance(told, Mapping):
        found = told.get(language)
        told = found if isinstance(found, str) else next(iter(told.values()), "")
    return told if isinstance(told, str) else ""


def with_text(event: Event, field: str, language: str, text: str) -> dict[str, Any]:
    """Return the texts of a field in all of its languages, one of them changed."""
    told = event.get(field)
    others = dict(told) if isinstance(told, Mapping) else {}
    return {**others, language: text}


def external_ids(event: Event) -> Iterator[tuple[str, str]]:
    """Yield the external ids of an event, key and value."""
    told = event.get("extIds")
    for one in told if isinstance(told, list) else ():
        if isinstance(one, Mapping):
            key, value = one.get("key"), one.get("value")
            if isinstance(key, str) and isinstance(value, str | int):
                yield key, str(value)


def links_of(event: Event) -> list[str]:
    """Return the links among the ways to register."""
    return [value for kind, value in registrations(event) if kind == "link"]


def registrations(event: Event) -> list[tuple[str, str]]:
    """Return the ways to register, kind and value, whether given as texts or as objects."""
    told = event.get("registration")
    found = []
    for one in told if isinstance(told, list) else ():
        if isinstance(one, str):
            found.append((_kind(one), one))
        elif isinstance(one, Mapping) and isinstance(one.get("value"), str):
            kind = one.get("type")
            found.append((kind if isinstance(kind, str) else _kind(one["value"]), one["value"]))
    return found


def _kind(value: str) -> str:
    if value.lower().startswith(("http://", "https://")):
        return "link"
    return "email" if "@" in value else "phone"


def location_uid(event: Event) -> int | None:
    """Return the number of the event's place, as it is written or as it is read."""
    told = event.get("location")
    uid = told.get("uid") if isinstance(told, Mapping) else event.get("locationUid")
    return uid if isinstance(uid, int) else None


def location_name(event: Event) -> str:
    """Return what the service calls the event's place."""
    told = event.get("location")
    name = told.get("name") if isinstance(told, Mapping) else None
    return name if isinstance(name, str) else ""


def image_url(event: Event) -> str:
    """Return the address of the event's picture, in its full size; empty if it has none."""
    told = event.get("image")
    if not isinstance(told, Mapping):
        return ""
    if isinstance(told.get("url"), str):
        return str(told["url"])
    variants = told.get("variants")
    full = [
        one.get("filename")
        for one in (variants if isinstance(variants, list) else ())
        if isinstance(one, Mapping) and one.get("type") == "full"
    ]
    name = next((one for one in [*full, told.get("filename")] if isinstance(one, str)), "")
    base = told.get("base")
    return f"{base if isinstance(base, str) else ''}{name}" if name else ""


def number_of(event: Event, field: str) -> int | None:
    """Return a number; labels may stand round it."""
    told = event.get(field)
    told = told.get("id") if isinstance(told, Mapping) else told
    return told if isinstance(told, int) and not isinstance(told, bool) else None
