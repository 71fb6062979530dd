# SPDX-License-Identifier: Apache-2.0
"""
Entries that a feed shows no longer.

A feed shows the newest entries only. That an old one is gone says nothing: it was not taken back.
One that is gone although older ones are still there, or that a tombstone names, was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Final
from urllib.parse import unquote

from territoire_sante.errors import InputError
from territoire_sante.formats import Document
from territoire_sante.formats.feed import Removed, entry_id, told_at
from territoire_sante.plugins import Stored

#: So many older entries must be there: a single one may be pinned to the feed.
_OLDER: Final = 2

# Some feeds tell days, and two servers have two clocks.
_MARGIN: Final = dt.timedelta(days=1)


def still_told(
    vanished: Iterable[Stored], present: Collection[Document], removed: Iterable[Removed]
) -> list[Stored]:
    """Return those of the ``vanished`` entries that nothing says were taken back."""
    named = {one.id for one in removed}
    dates = sorted(when for one in present if (when := _told(one)) is not None)
    enough = min(_OLDER, len(present))
    covered = dates[enough - 1] if 0 < enough <= len(dates) else None
    return [one for one in vanished if not _taken_back(one, named, covered)]


def _taken_back(stored: Stored, named: set[str], covered: dt.datetime | None) -> bool:
    uid = unquote(stored.ref.href)
    if uid in named or entry_id(uid) in named:
        return True
    told = _told(stored.document)
    return told is not None and covered is not None and told > covered + _MARGIN


def _told(document: Document) -> dt.datetime | None:
    try:
        return told_at(document)
    except InputError:
        return None
