# SPDX-License-Identifier: Apache-2.0
"""Files that hold many items: who is who in them, and changing one without the others."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet

from territoire_sante.formats._contentline_document import Component, ContentDocument
from territoire_sante.formats._contentline_edit import Edit
from territoire_sante.formats._contentline_head import decode
from territoire_sante.formats._contentline_line import EOL, Line

_EOL = re.compile(EOL)


def fingerprint(content: ContentDocument, component: Component, fleeting: AbstractSet[str]) -> str:
    """
    Return what identifies an item without UID: a hash of its lines, 40 hexadecimal digits.

    Folds, the case of names and the properties ``fleeting``, which some programs renew at
    each writing, do not count.
    """
    parts = [
        line.name.encode() + line.text[len(line.name) :]
        for line in content.span(component)
        if line.name not in fleeting and not line.blank
    ]
    return hashlib.sha256(b"\n".join(parts)).hexdigest()[:40]


def keyed(
    content: ContentDocument,
    components: Iterable[Component],
    uid_of: Callable[[Component], str],
    fleeting: AbstractSet[str],
) -> dict[str, list[Component]]:
    """
    Return the components by key: UID, else fingerprint, with ``-2`` … for identical twins.

    Components of one UID stay together.
    """
    twins: Counter[str] = Counter()
    found: dict[str, list[Component]] = {}
    for component in components:
        key = uid_of(component)
        if not key:
            mark = fingerprint(content, component, fleeting)
            twins[mark] += 1
            key = mark if twins[mark] == 1 else f"{mark}-{twins[mark]}"
        found.setdefault(key, []).append(component)
    return found


def adapted(lines: Sequence[Line], edit: Edit, source: ContentDocument) -> list[Line]:
    """Return lines of another document with the line end and charset of the file of ``edit``."""
    known = {line.raw for line in edit.content.lines}
    foreign_eol = source.eol != edit.eol
    adapted_lines = []
    for line in lines:
        raw = line.raw
        if raw not in known:
            if foreign_eol or not line.eol:
                raw = _EOL.sub(edit.eol, raw if line.eol else raw + edit.eol)
            if edit.fallback != "utf-8":
                raw = _recoded(raw, edit.fallback)
        adapted_lines.append(line if raw is line.raw else Line.of(raw))
    return adapted_lines


def _recoded(raw: bytes, charset: str) -> bytes:
    try:
        text = raw.decode()
        data = text.encode(charset)
    except UnicodeError:
        return raw
    return data if decode(data) == text else raw


def _ends(raw: bytes) -> bool:
    return raw.endswith((b"\n", b"\r"))


def fill(edit: Edit, old: Sequence[Component], new: Sequence[Sequence[Line]]) -> None:
    """
    Put the components ``new`` into the places of ``old``, further ones behind the last.

    Raises:
        UnsupportedError: an old one that has to change is never closed.
    """
    for at, component in enumerate(old):
        entries = new[at : at + 1] if at < len(old) - 1 else new[at:]
        lines = [line for entry in entries for line in entry]
        before, after = component.raw, b"".join([line.raw for line in lines])
        # A document always ends its last line, its file perhaps not.
        if after not in (before, before + (b"" if _ends(before) else edit.eol)):
            edit.need_closed(component)
            edit.substitute(component, lines)
