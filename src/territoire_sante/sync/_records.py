# SPDX-License-Identifier: Apache-2.0
"""What a link remembers, as records: pairs, intents, what was refused, set aside or disputed."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

import attrs


@attrs.frozen(kw_only=True)
class Item:
    """
    One pair of a local entity and a remote document.

    ``local_base`` is the view (plain data) and ``remote_base`` the document's
    bytes as both sides last agreed. ``status`` is ``synced``, ``unverified`` (written, not
    read back yet; ``reason`` names the fields for whose sake) or ``released`` (no longer
    synced; ``reason`` says why).
    """

    uid: str
    key: str
    kind: str
    href: str | None = None
    etag: str | None = None
    local_base: Mapping[str, Any]
    remote_base: bytes | None = None
    media_type: str = ""
    status: str = "synced"
    reason: str = ""


@attrs.frozen(kw_only=True)
class LinkState:
    """
    How far a link was compared, and when everything last was.

    The other side was up to ``cursor``, and as a whole at ``last_full``; this side up to
    ``revision`` of the store (``None``: not yet), and as a whole at ``last_look``.
    ``place``, ``scope`` and ``rules`` are those of the link at that time, empty before the first
    run.
    """

    cursor: str | None = None
    last_full: dt.datetime | None = None
    runs_since_full: int = 0
    place: str = ""
    scope: str = ""
    revision: int | None = None
    last_look: dt.datetime | None = None
    runs_since_look: int = 0
    rules: str = ""


@attrs.frozen(kw_only=True)
class Waiting:
    """
    What the last comparison did not bring in step.

    With ``again``, something is to be done and could not be: the next run looks at the item,
    and reads it at ``href`` if there is one. Without, there is nothing to do, and no pair of this
    UID is remembered: an item of this side on a link that only reads.
    """

    uid: str
    key: str = ""
    href: str = ""
    again: bool = True


@attrs.frozen(kw_only=True)
class Intent:
    """A remote write that was begun; it is settled by reading."""

    uid: str
    key: str
    kind: str
    operation: str
    href: str | None
    base_etag: str | None
    local_view: Mapping[str, Any]
    payload: bytes | None


@attrs.frozen(kw_only=True)
class Quarantined:
    """
    An item that could not be used, until its ETag changes or a day has passed.

    ``since`` is when it was last tried, ``None`` for now. One that is not ``lasting``
    is only reported: the other side of it is in order.
    """

    href: str
    etag: str | None
    reason: str
    since: dt.datetime | None = None
    lasting: bool = True

    def to_plain(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        since = self.since.isoformat() if self.since else None
        return {**attrs.asdict(self), "since": since}

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Quarantined:
        """Return what :meth:`to_plain` wrote."""
        since = data["since"]
        return cls(**{**data, "since": dt.datetime.fromisoformat(since) if since else None})


@attrs.frozen(kw_only=True)
class Refusal:
    """What the other side refused: tried again when ``digest`` changes, or a day has passed."""

    uid: str
    digest: str
    reason: str


@attrs.frozen(kw_only=True)
class JournalEntry:
    """
    One conflict: the values of both sides, and what became of it.

    ``state`` is ``open`` (waiting for a person), ``decided`` (a person or the policy chose,
    and it is yet to be applied), ``settled`` (applied, or the two sides came to agree).
    ``document`` holds the remote bytes, so that either side can be restored.
    """

    id: int = 0
    link: str
    uid: str
    key: str
    title: str
    fields: tuple[Mapping[str, Any], ...]
    document: bytes | None = None
    state: str = "open"
    winner: str = ""
    at: dt.datetime


def bare(etag: str | None) -> str | None:
    """Return an ETag without its mark of weakness: compression on the way adds one."""
    return etag.removeprefix("W/") if etag else None


def version_of(item: Item | None, intent: Intent | None) -> str:
    """Return what names exactly this memory of an item, empty for none."""
    if item is None and intent is None:
        return ""
    # Both are read from rows, so the same memory has its parts in the same order.
    text = repr([attrs.astuple(one, recurse=False) for one in (item, intent) if one is not None])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
