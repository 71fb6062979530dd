# SPDX-License-Identifier: Apache-2.0
"""What is sent of an event: its own fields, and its picture as bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import attrs

from territoire_sante.errors import ConnectorError, ItemError, ItemRefusedError
from territoire_sante.http import HttpClient, encode_json
from territoire_sante_openagenda import _event as events
from territoire_sante_openagenda._event import Event
from territoire_sante_openagenda._limits import LIMITS

#: What the service makes itself, or what is sent in another form.
_NOT_SENT: Final = frozenset(
    {
        *(
            "uid",
            "slug",
            "createdAt",
            "updatedAt",
            "removed",
            "location",
            "image",
            "links",
            "state",
        ),
        *("originAgenda", "agenda", "sourceAgendas", "dateRange", "sort", "private", "draft"),
        *("firstTiming", "nextTiming", "lastTiming", "canonicalUrl", "country", "featured"),
        *("creatorUid", "ownerUid", "member", "contributor", "addMethod", "motive", "valid"),
    }
)
_STARTS: Final[Mapping[bytes, tuple[str, str]]] = {
    b"\xff\xd8\xff": ("image/jpeg", "image.jpg"),
    b"\x89PNG\r\n\x1a\n": ("image/png", "image.png"),
    b"GIF8": ("image/gif", "image.gif"),
    b"RIFF": ("image/webp", "image.webp"),
}


@attrs.frozen
class Picture:
    """The bytes of a picture, their media type and a name for them."""

    data: bytes = attrs.field(repr=False)
    media_type: str
    name: str


def payload(event: Event, extra: Mapping[str, Any], ext_id: tuple[str, str] | None) -> Event:
    """
    Return the fields to send.

    ``extra`` are those of the configuration. ``ext_id`` is the id that is written under; a
    full update that left out the ids could take them away.
    """
    sent = {
        name: value
        for name, value in event.items()
        if name not in _NOT_SENT and not name.startswith("_")
    }
    number = events.location_uid(event)
    if number is not None:
        sent["locationUid"] = number
    if not events.image_url(event):
        sent.pop("imageCredits", None)
    if "registration" in event:
        sent["registration"] = [value for _, value in events.registrations(event)]
    ids = dict([*([ext_id] if ext_id else []), *events.external_ids(event)])
    ids.update([ext_id] if ext_id else [])
    sent["extIds"] = [{"key": key, "value": value} for key, value in ids.items()]
    return {**sent, **extra}


def encoded(fields: Event, picture: Picture | None) -> tuple[bytes, str]:
    """Return body and content type of a write; with a picture a form of two parts (RFC 7578)."""
    data = encode_json(fields)
    if picture is None:
        return data, "application/json"
    mark = hashlib.sha256(data + picture.data).hexdigest()
    head = f"--{mark}\r\nContent-Disposition: form-data; name="
    body = b"".join(
        (
            f'{head}"data"\r\nContent-Type: application/json\r\n\r\n'.encode(),
            data,
            f'\r\n{head}"image"; filename="{picture.name}"\r\n'.encode(),
            f"Content-Type: {picture.media_type}\r\n\r\n".encode(),
            picture.data,
            f"\r\n--{mark}--\r\n".encode(),
        )
    )
    return body, f"multipart/form-data; boundary={mark}"


def picture_at(url: str, client: HttpClient, *, href: str) -> Picture:
    """
    Return the picture at a public address.

    Raises:
        ItemError: it cannot be had just now; the other events are not concerned.
        ItemRefusedError: this is no picture that the service takes.
    """
    try:
        answer = client.fetch(url)
    except ConnectorError as error:
        raise ItemError(
            f"the picture cannot be fetched: {error.what}",
            href=href,
            remedy="L'image de l'annonce n'est pas accessible : vérifiez son adresse.",
        ) from error
    kind = next((found for start, found in _STARTS.items() if answer.body.startswith(start)), None)
    most = LIMITS.attachment_bytes_max or 0
    if not answer.ok or kind is None or len(answer.body) > most:
        raise ItemRefusedError(
            f"there is no picture of a known type at {url} ({answer.status})",
            href=href,
            remedy="Donnez l'adresse publique d'une image JPEG, PNG, GIF ou WebP de 10 Mo au plus.",
        )
    return Picture(answer.body, *kind)
