# SPDX-License-Identifier: Apache-2.0
"""Reading back what was written: the other side may hold something else than it was sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

import attrs

from territoire_sante.errors import ConnectorCrashedError, InputError
from territoire_sante.formats import Document
from territoire_sante.plugins import Stored
from territoire_sante.store import Store
from territoire_sante.sync._merge import diff
from territoire_sante.sync._read import Far
from territoire_sante.sync._records import Item, bare
from territoire_sante.sync._statements import ECHO
from territoire_sante.sync._tables import same_place

#: So many answers are remembered together.
_TOGETHER: Final = 200


@attrs.frozen
class Sent:
    """A document that was written, the fields for whose sake, and how the link remembers it."""

    document: Document
    fields: frozenset[str]
    item: Item


@attrs.frozen
class _Echo:
    before: Item
    after: Item
    rewritten: frozenset[str]

    def row(self, link: str, now: dt.datetime) -> dict[str, Any]:
        """Return what :data:`ECHO` is told: what was written, and what there is of it."""
        before, after = self.before, self.after
        return {
            "of": link,
            "known": before.uid,
            "tag": before.etag,
            "bytes": before.remote_base,
            "etag": after.etag,
            "remote_base": after.remote_base,
            "media_type": after.media_type,
            "status": after.status,
            "updated_at": now.isoformat(),
        }


def read_back(
    store: Store, far: Far, sent: Mapping[str, Sent], now: dt.datetime
) -> dict[str, frozenset[str]]:
    """
    Read what was written, and remember what the other side really holds.

    What another run or another client changed since is left to the next run.

    Returns:
        By UID, the fields that it holds otherwise than they were sent.

    Raises:
        ConnectorError: it cannot be read now.
    """
    by_place = {same_place(s.item.href): s for s in sent.values() if s.item.href is not None}
    noted: dict[str, frozenset[str]] = {}
    echoes = _echoes(far, by_place)
    while group := list(islice(echoes, _TOGETHER)):
        with store.transaction() as transaction:
            rows = [echo.row(far.link.name, now) for echo in group]
            transaction.connection.execute_many(ECHO, rows)
        noted.update({echo.before.uid: echo.rewritten for echo in group})
    return noted


def _echoes(far: Far, by_place: Mapping[str, Sent]) -> Iterator[_Echo]:
    for answer in far.read([sent.item.href or "" for sent in by_place.values()]):
        sent = by_place.get(same_place(answer.ref.href))
        if sent is None or not isinstance(answer, Stored):
            continue
        try:
            rewritten = _rewritten(far, sent, answer)
        except (InputError, ConnectorCrashedError):
            continue
        item = sent.item
        if item.etag is None:
            # Servers withhold the ETag of what they rewrote, which they do to what was sent;
            # in anything else it is somebody's edit, to be read at the next run.
            confirmed = rewritten <= sent.fields
        else:
            confirmed = bare(item.etag) == bare(answer.ref.etag)
        if confirmed:
            after = attrs.evolve(
                item,
                etag=answer.ref.etag,
                remote_base=answer.document.data,
                media_type=answer.document.media_type,
                status="synced",
                reason="",
            )
            yield _Echo(item, after, rewritten)


def _rewritten(far: Far, sent: Sent, answer: Stored) -> frozenset[str]:
    if answer.document.data == sent.document.data:
        return frozenset()
    return frozenset(diff(far.view(sent.document), far.view(answer.document)))
