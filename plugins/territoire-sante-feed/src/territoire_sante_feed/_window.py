# SPDX-License-Identifier: Apache-2.0
"""
Entries that a feed shows no longer.

A feed shows the newest entries only. That an old one is gone says nothing: it was not taken back.
One that is gone although older ones are still there was, unless its time was over; and so was one
that a tombstone names.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable
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
    vanished: Iterable[Stored],
    present: Collection[Document],
    removed: Iterable[Removed],
    *,
    is_over: Callable[[Document], bool],
) -> list[Stored]:
    """
    Return those of the ``vanished`` entries that nothing says were taken back.

    ``is_over`` says whether the publication of an entry has come to its end.
    """
    named = {one.id for one in removed}
    dates = sorted(when for one in present if (when := _told(one)) is not None)
    enough = min(_OLDER, len(present))
    covered = dates[enough - 1] if 0 < enough <= len(dates) else None
    return [
        one
        for one in vanished
        if not _is_named(one, named)
        and (not _is_gap(one.document, covered) or is_over(one.document))
    ]


def _is_named(stored: Stored, named: set[str]) -> bool:
    uid = unquote(stored.ref.href)
    return uid in named or entry_id(uid) in named


def _is_gap(document: Document, covered: dt.datetime | None) -> bool:
    told = _told(document)
    return told is not None and covered is not None and told > covered + _MARGIN


def _told(document: Document) -> dt.datetime | None:
    try:
        return told_at(document)
    except InputError:
        return None
