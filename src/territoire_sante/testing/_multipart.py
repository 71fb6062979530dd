# SPDX-License-Identifier: Apache-2.0
"""Forms with files, as stand-ins are sent them."""

from __future__ import annotations

import email
import email.policy


def parts_of(content_type: str, data: bytes) -> dict[str, tuple[str, str, bytes]]:
    """Return the parts of a multipart body: name to file name, media type and bytes."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = email.message_from_bytes(head + data, policy=email.policy.HTTP)
    parts: dict[str, tuple[str, str, bytes]] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        kind = part.get_content_type() if part.get_filename() else "text/plain"
        parts[str(name)] = (
            str(part.get_filename() or ""),
            kind,
            payload if isinstance(payload, bytes) else b"",
        )
    return parts
