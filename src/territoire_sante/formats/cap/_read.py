# SPDX-License-Identifier: Apache-2.0
"""An alert as a tree, its times and its parameters."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Final

from territoire_sante.errors import FormatError
from territoire_sante.formats._document import Document
from territoire_sante.formats.cap._words import NAMESPACES, PARAMETER, SIGNATURES
from territoire_sante.formats.feed._xml import Node, XmlSource, parse_xml
from territoire_sante.model import When

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
_MINUTE: Final = dt.timedelta(minutes=1)


def parsed(document: Document) -> XmlSource:
    """
    Return the tree of an alert.

    Raises:
        FormatError: it is no XML, or no alert of CAP 1.1 or 1.2; a DOCTYPE is refused.
    """
    source = document.parsed(parse_xml)
    uri, local = source.root.name
    if local != "alert" or uri not in NAMESPACES:
        raise FormatError(
            f"<{local}> is no CAP alert", line=source.root.line, remedy="Give one alert of CAP 1.2"
        )
    return source


def child(parent: Node, local: str) -> Node | None:
    """Return the first child of a name in the parent's own namespace."""
    return parent.first((parent.name[0], local))


def children(parent: Node, local: str) -> Iterator[Node]:
    """Yield the children of a name."""
    return parent.all((parent.name[0], local))


def text(parent: Node, local: str) -> str | None:
    """Return the text of a child as it is written, ``None`` if there is none."""
    node = child(parent, local)
    return None if node is None else node.text


def word(parent: Node, local: str) -> str:
    """Return the text of a child without blanks around, empty if there is none."""
    return (text(parent, local) or "").strip()


def is_signed(source: XmlSource) -> bool:
    """Say whether an enveloped signature covers the alert."""
    return any(one.name[0] == SIGNATURES for one in source.root.children)


def parameters(info: Node) -> dict[str, str]:
    """Return our own parameters by the rest of their name."""
    found: dict[str, str] = {}
    for node in children(info, "parameter"):
        name = word(node, "valueName")
        if name.startswith(PARAMETER):
            found.setdefault(name.removeprefix(PARAMETER), text(node, "value") or "")
    return found


def is_parameter(node: Node, name: str) -> bool:
    """Say whether a node is our parameter of this name."""
    return word(node, "valueName") == PARAMETER + name


def time_text(moment: dt.datetime) -> str:
    """
    Return an aware time as CAP writes it: to the second, never with Z (CAP 1.2, 3.3.2).

    >>> time_text(dt.datetime(2026, 11, 14, 8, tzinfo=dt.UTC))
    '2026-11-14T08:00:00-00:00'
    """
    offset = moment.utcoffset() or dt.timedelta()
    if offset % _MINUTE:
        moment, offset = moment.astimezone(dt.UTC), dt.timedelta()
    written = moment.replace(microsecond=0, tzinfo=dt.timezone(offset)).isoformat()
    return written if offset else written.removesuffix("+00:00") + "-00:00"


def parse_time(written: str) -> dt.datetime | None:
    """Return the time of a text as CAP has it, ``None`` if it is none."""
    if not _TIME.fullmatch(written):
        return None
    try:
        return dt.datetime.fromisoformat(written)
    except ValueError:
        return None


def told_time(parent: Node, local: str) -> When | None:
    """Return the time of a child; others write Z or fractions, which are read all the same."""
    written = word(parent, local)
    try:
        moment = dt.datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment if "T" in written and moment.tzinfo is not None else None
