# SPDX-License-Identifier: Apache-2.0
"""Records of services: a JSON object as a document, and many out of a stream."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from territoire_sante._scanner import Scanner
from territoire_sante.errors import FormatError
from territoire_sante.formats._document import Document

__all__ = ["Scanner", "document", "parse", "text"]


def parse(data: bytes) -> Mapping[str, Any]:
    """
    Return the JSON object in ``data``, for ``Document.parsed``.

    Raises:
        FormatError: it is none; it names the line.

    >>> parse(b'{"title": "Marche"}')
    {'title': 'Marche'}
    """
    try:
        found = json.loads(data)
    except json.JSONDecodeError as error:
        raise FormatError(f"not JSON: {error.msg}", line=error.lineno) from None
    except (ValueError, RecursionError) as error:
        raise FormatError("not JSON") from error
    if not isinstance(found, dict):
        raise FormatError("not a JSON object", line=1)
    return found


def document(members: Mapping[str, Any], media_type: str = "application/json") -> Document:
    """
    Return an object as a document, its members in their order.

    Raises:
        FormatError: a text is no Unicode text.
    """
    written = json.dumps(members, ensure_ascii=False, indent=2)
    try:
        return Document(written.encode(), media_type)
    except UnicodeEncodeError as error:
        bad = ord(written[error.start])
        raise FormatError(f"the character U+{bad:04X} is half of a pair") from error


def text(members: Mapping[str, Any], name: str) -> str:
    """
    Return the member ``name`` if it is text, with ``?`` for halves of characters; else nothing.

    >>> text({"title": "A", "number": 3}, "title"), text({"number": 3}, "number")
    ('A', '')
    """
    value = members.get(name)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
