# SPDX-License-Identifier: Apache-2.0
"""
One form of bytes for an item, however it was fetched.

A report carries items inside XML, whose readers turn every line end into LF; GET gives
what is stored, mostly with CR LF. So that both give equal bytes, every line end
becomes CR LF, with nothing before the first line and one line end after the last.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

_UNFOLDED: Final = re.compile(rb"\r\n[ \t]")
_UID: Final = re.compile(rb"^UID(?:;[^:\r\n]*)?:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_CONTENT_TAG: Final = "sha256:"


def normal(data: bytes) -> bytes:
    r"""
    Return ``data`` with its line ends as RFC 5545 and RFC 6350 want them.

    >>> normal(b"\nBEGIN:VCARD\nFN:A\r\nEND:VCARD")
    b'BEGIN:VCARD\r\nFN:A\r\nEND:VCARD\r\n'
    """
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").strip(b" \t\n")
    return lines.replace(b"\n", b"\r\n") + b"\r\n"


def content_tag(data: bytes) -> str:
    """
    Return a version tag made of the content, for servers that give none.

    It is ours alone and never sent; no server's tag looks like it, for want of quotes.
    """
    return _CONTENT_TAG + hashlib.sha256(normal(data)).hexdigest()


def is_content_tag(etag: str) -> bool:
    """Return whether :func:`content_tag` made ``etag``."""
    return etag.startswith(_CONTENT_TAG)


def uids(data: bytes) -> frozenset[bytes]:
    r"""
    Return the texts of all UID properties, as they are written.

    >>> uids(b"BEGIN:VCARD\r\nUID:ab\r\n c\r\nEND:VCARD\r\n")
    frozenset({b'abc'})
    """
    return frozenset(_UID.findall(_UNFOLDED.sub(b"", normal(data))))
