# SPDX-License-Identifier: Apache-2.0
"""What servers are known to do to the documents they store, as functions of a document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from territoire_sante.formats import Document

Rewriting = Callable[[Document], Document]

_DROPPED: Final = frozenset({b"LOCATION", b"URL"})
_ESCAPED: Final = frozenset({b"SUMMARY", b"DESCRIPTION", b"LOCATION", b"NOTE", b"TITLE", b"ROLE"})
_LONG: Final = 60
_FOLD: Final = b"\r\n "


def _by_line(change: Callable[[bytes, bytes], bytes | None]) -> Rewriting:
    """Return a rewriting of each line, given its name and the line without folds."""

    def rewrite(document: Document) -> Document:
        lines = document.data.replace(_FOLD, b"").split(b"\r\n")
        changed = (change(line.split(b":")[0].split(b";")[0].upper(), line) for line in lines)
        return Document(b"\r\n".join(x for x in changed if x is not None), document.media_type)

    return rewrite


def _dropping(name: bytes, line: bytes) -> bytes | None:
    return None if name in _DROPPED else line


def _respelling(name: bytes, line: bytes) -> bytes:
    head, _, value = line.partition(b":")
    if name == b"CATEGORIES":
        return b"CATEGORIES:" + value.upper()
    return head + b":" + value.replace(b" ", b"") if name == b"TEL" else line


def _escaping(name: bytes, line: bytes) -> bytes:
    if name in _ESCAPED:
        return line.replace(b"\\,", b",")
    return b"X-STORED:1\r\n" + line if line in (b"END:VEVENT", b"END:VCARD") else line


def _reordering(document: Document) -> Document:
    """Turn the order of the properties round and fold them anew, as serialisers do."""
    out: list[bytes] = []
    held: list[bytes] = []
    for line in document.data.replace(_FOLD, b"").split(b"\r\n"):
        if line.startswith((b"BEGIN:", b"END:")) or not line:
            out += [*reversed(held), line]
            held = []
        elif line.isascii() and len(line) > _LONG:
            held.append(line[:50] + _FOLD + line[50:])
        else:
            held.append(line)
    return Document(b"\r\n".join(out), document.media_type)


#: By name: ``keep`` stores what it is sent; ``drop`` leaves out places and addresses of pages;
#: ``respell`` capitalises categories and closes up telephone numbers; ``escape`` takes escapes
#: away and adds a line; ``reorder`` turns round and folds anew.
REWRITES: Final[Mapping[str, Rewriting | None]] = {
    "keep": None,
    "drop": _by_line(_dropping),
    "respell": _by_line(_respelling),
    "escape": _by_line(_escaping),
    "reorder": _reordering,
}

#: The fields that ``drop`` empties.
DROPPED_FIELDS: Final = frozenset({"location", "url", "urls"})
