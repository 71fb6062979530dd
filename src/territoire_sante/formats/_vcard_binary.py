# SPDX-License-Identifier: Apache-2.0
"""Photos, logos, sounds and keys inside a card: BASE64 (2.1), ENCODING=b (3.0), ``data:`` (4.0)."""

from __future__ import annotations

import base64
import binascii
import re
import urllib.parse
from typing import Final

#: The properties that may hold bytes.
BINARY: Final = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})

_ANY: Final = "application/octet-stream"
_DATA = re.compile(r"data:([^,]*),(.*)", re.IGNORECASE | re.DOTALL)
_MAGIC: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG", "image/png"),
    (b"GIF8", "image/gif"),
)
_MEDIA: Final = {
    "JPG": "image/jpeg",
    "WAVE": "audio/wav",
    "PGP": "application/pgp-keys",
    "X509": "application/pkix-cert",
}
_TYPES: Final = {media: word for word, media in _MEDIA.items() if word != "JPG"}
_WORDS: Final = frozenset({"home", "work", "pref"})


def is_format(word: str) -> bool:
    """Say whether a TYPE word names a format, not a place or a preference."""
    return word.lower() not in _WORDS


def media_type(name: str, word: str, data: bytes = b"") -> str:
    """
    Return the media type for the TYPE word of an older card, looking at ``data`` without one.

    >>> media_type("PHOTO", "JPEG"), media_type("KEY", "PGP"), media_type("LOGO", "", b"GIF89a")
    ('image/jpeg', 'application/pgp-keys', 'image/gif')
    """
    if "/" in word:
        return word
    if word.upper() in _MEDIA:
        return _MEDIA[word.upper()]
    if word and name != "KEY":
        return f"{'audio' if name == 'SOUND' else 'image'}/{word.lower()}"
    if word:
        return f"application/{word.lower()}"
    return next((media for magic, media in _MAGIC if data.startswith(magic)), _ANY)


def type_word(name: str, media: str) -> str:
    """
    Return the TYPE word of older cards for a media type; empty if it says nothing.

    >>> type_word("PHOTO", "image/jpeg"), type_word("PHOTO", "text/plain")
    ('JPEG', 'text/plain')
    """
    if media in ("", _ANY):
        return ""
    if media in _TYPES:
        return _TYPES[media]
    family, _, form = media.partition("/")
    expected = {"SOUND": "audio", "KEY": "application"}.get(name, "image")
    return form.upper() if family == expected and ";" not in form else media


def data_uri(data: bytes, media: str) -> str:
    """Return ``data`` as a ``data:`` URI (RFC 2397)."""
    return f"data:{media};base64,{base64.b64encode(data).decode()}"


def parse_data_uri(uri: str) -> tuple[str, bytes] | None:
    """Return the media type and the bytes of a ``data:`` URI, ``None`` if it is none."""
    found = _DATA.fullmatch(uri)
    if found is None:
        return None
    media, payload = found[1], found[2]
    try:
        if media.lower().endswith(";base64"):
            data = binascii.a2b_base64("".join(payload.split()), strict_mode=True)
            return media[: -len(";base64")], data
        return media, urllib.parse.unquote_to_bytes(payload)
    except ValueError:
        return None
