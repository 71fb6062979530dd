# SPDX-License-Identifier: Apache-2.0
"""Pictures: read at their public address, uploaded as bytes with the text that stands for them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from territoire_sante.errors import ConnectorError, ItemRefusedError, RetryableError
from territoire_sante.http import Fetched
from territoire_sante.model import Attachment, ChannelLimits
from territoire_sante_mastodon._api import Api

#: How often, and after how many seconds, a picture is asked for that is still being processed.
_WAITS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)


class Pictures:
    """Uploads pictures; ``sleep`` waits for seconds."""

    def __init__(self, api: Api, *, sleep: Callable[[float], object] = time.sleep) -> None:
        self._api = api
        self._sleep = sleep

    def uploaded(
        self, pictures: Sequence[Attachment], limits: ChannelLimits, *, href: str
    ) -> list[str]:
        """
        Return the ids of ``pictures`` once all of them can be attached.

        Raises:
            ItemRefusedError: one of them is not to be had, no picture, or too large.
            RetryableError: one of them is still being processed.
        """
        return [self._uploaded(one, limits, href) for one in pictures]

    def _uploaded(self, picture: Attachment, limits: ChannelLimits, href: str) -> str:
        kind, data = self._read(picture, limits, href)
        body, content_type = form(picture, kind, data)
        media_id, ready = self._api.upload(body, content_type, href=href)
        for seconds in () if ready else _WAITS:
            if self._api.is_processed(media_id):
                return media_id
            self._sleep(seconds)
        if ready or self._api.is_processed(media_id):
            return media_id
        raise RetryableError(
            "a picture is still being processed",
            retry_after=60.0,
            where=picture.url,
            remedy="Une image n'est pas encore prête ; l'envoi reprend ensuite. / It is sent later",
        )

    def _read(self, picture: Attachment, limits: ChannelLimits, href: str) -> tuple[str, bytes]:
        try:
            found = self._api.fetch(picture.url)
        except RetryableError:
            raise
        except ConnectorError as error:
            raise _refused(picture, href, error.what, "n'a pas pu être lue") from error
        kind = _kind(picture, found)
        if not found.ok or found.looks_like_html or kind not in limits.attachment_types:
            what = f"no picture is at its address ({found.status}, {kind or 'of unknown type'})"
            raise _refused(picture, href, what, "n'est pas une image acceptée")
        if len(found.body) > (limits.attachment_bytes_max or len(found.body)):
            what = f"the picture has {len(found.body)} bytes"
            raise _refused(picture, href, what, "est trop lourde pour cette instance")
        return kind, found.body


def _kind(picture: Attachment, found: Fetched) -> str:
    told = found.media_type
    return picture.media_type if told in {"", "application/octet-stream"} else told


def _refused(picture: Attachment, href: str, what: str, french: str) -> ItemRefusedError:
    return ItemRefusedError(
        f"the picture {picture.url}: {what}",
        href=href,
        remedy=f"L'image {picture.url} {french} : remplacez-la, ou mettez son lien dans le texte.",
    )


def form(picture: Attachment, kind: str, data: bytes) -> tuple[bytes, str]:
    """Return the body of an upload (RFC 7578) and its content type."""
    boundary = hashlib.sha256(data + picture.alt.encode("utf-8", "replace")).hexdigest()[:40]
    name = PurePosixPath(urlsplit(picture.url).path).name
    safe = "".join(sign for sign in name if sign.isascii() and (sign.isalnum() or sign in "._-"))
    parts = [_part(boundary, f'name="file"; filename="{safe or "image"}"', kind, data)]
    if picture.alt:
        kind = "text/plain; charset=utf-8"
        parts.insert(0, _part(boundary, 'name="description"', kind, picture.alt.encode()))
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def _part(boundary: str, name: str, kind: str, data: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {name}\r\nContent-Type: {kind}\r\n\r\n"
    return head.encode() + data + b"\r\n"
