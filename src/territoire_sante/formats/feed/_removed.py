# SPDX-License-Identifier: Apache-2.0
"""
Entries that a feed says it took back, as RFC 6721 writes them for Atom.

RSS has no word for it; it gets the same element, as an extension. JSON Feed gets a list in our own
object. That an entry is only gone says nothing: most feeds show the newest ones only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final
from xml.sax.saxutils import quoteattr

import attrs

from territoire_sante.formats.feed._edit import checked
from territoire_sante.formats.feed._values import instant_text, parse_rfc3339
from territoire_sante.formats.feed._xml import Name, Node

#: RFC 6721, 2.
TOMBSTONES: Final = "http://purl.org/atompub/tombstones/1.0"
DELETED: Final[Name] = (TOMBSTONES, "deleted-entry")

#: A feed tells the last ones that were taken back; a reader that was away longer asks anew.
KEPT: Final = 100

_EARLIEST: Final = dt.datetime.min.replace(tzinfo=dt.UTC)


@attrs.frozen
class Removed:
    """An entry that was taken back: its identifier, and when (aware), ``None`` if not told."""

    id: str
    when: dt.datetime | None = None


def removed_in_xml(node: Node) -> Removed:
    """Read a ``deleted-entry``."""
    given = node.attributes
    return Removed(given.get(("", "ref"), "").strip(), _when(given.get(("", "when"), "")))


def removed_in_json(given: Mapping[str, Any]) -> Removed:
    """Read one of the list ``deleted`` in our object."""
    name, when = given.get("id"), given.get("when")
    return Removed(
        name if isinstance(name, str) else "", _when(when if isinstance(when, str) else "")
    )


def tombstone(removed: Removed) -> bytes:
    """
    Return a ``deleted-entry``.

    Raises:
        FormatError: the identifier cannot stand in XML.
    """
    ref = quoteattr(checked(removed.id, "id"))
    when = instant_text(removed.when or _EARLIEST)
    return f'<at:deleted-entry xmlns:at="{TOMBSTONES}" ref={ref} when="{when}"/>'.encode()


def beyond_kept(removed: Iterable[Removed]) -> set[Removed]:
    """Return those that are older than the last :data:`KEPT`."""
    return set(sorted(removed, key=lambda one: one.when or _EARLIEST)[:-KEPT])


def _when(text: str) -> dt.datetime | None:
    told = parse_rfc3339(text)
    return told if told is not None and told.utcoffset() is not None else None
