# SPDX-License-Identifier: Apache-2.0
"""
Which items a run has to look at, so that its cost follows what changed.

After a run that was carried out, everything but what waits is in step: to decide on it again
would end in nothing as long as neither side changes. So a run looks at what changed here since the
revision up to which it was compared, at what changed there, and at what waits. Whatever else
a decision depends on makes it look at everything: the date, the rules, the link, a write
of which nobody knows the outcome.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Final

import attrs

from territoire_sante import serialization
from territoire_sante.projections import Projection, Traced
from territoire_sante.store import Change, Transaction
from territoire_sante.sync._link import Link
from territoire_sante.sync._memory import Memory
from territoire_sante.sync._near import local_of
from territoire_sante.sync._read import FULL_EVERY_RUNS, Snapshot
from territoire_sante.sync._sides import Local

#: When more changed than that, and than a quarter of the link, looking at everything is faster.
MANY: Final = 500


def changed_here(
    reader: Transaction, memory: Memory, link: Link, projection: Projection, now: dt.datetime
) -> set[str] | None:
    """
    Return the keys of the views that may have changed since the last run.

    ``None`` means that everything has to be looked at.
    """
    since, last = memory.link.revision, reader.last_revision()
    if since is None or _is_another_time(memory, link, now):
        return None
    if since > last or last - since > max(MANY, memory.count // 4):
        return None
    return touched_by(reader.changes(since), reader, projection)


def touched_by(
    changes: Iterable[Change], reader: Transaction, projection: Projection
) -> set[str] | None:
    """Return the keys of the views that changes here may concern, ``None`` for all."""
    if not isinstance(projection, Traced):
        return None
    keys: set[str] = set()
    for kind, id_ in dict.fromkeys((change.kind, change.id) for change in changes):
        cls = serialization.KINDS.get(kind)
        affected = None if cls is None else projection.affected(reader, cls, id_)
        if affected is None:
            return None
        keys.update(affected)
    return keys


def _is_another_time(memory: Memory, link: Link, now: dt.datetime) -> bool:
    """Say whether something other than the two sides may lead to another decision."""
    state = memory.link
    return (
        state.last_look is None
        or state.last_look.astimezone(now.tzinfo).date() != now.date()
        or state.runs_since_look >= FULL_EVERY_RUNS
        or (state.place, state.scope) != (link.place, link.scope)
        or bool(memory.intents)
    )


@attrs.define(kw_only=True)
class Here:
    """This side, as far as it was looked at: each view by its key, ``None`` if not shown."""

    projection: Projection
    fields: Collection[str]
    memory: Memory
    shown: dict[str, Local | None] = attrs.field(factory=dict)

    def look_at(
        self,
        reader: Transaction,
        *,
        keys: Iterable[str] = (),
        uids: Iterable[str] = (),
        places: Collection[str] = (),
    ) -> None:
        """
        Look at these views and pairs, and at all that they have to do with.

        A view has to do with the pair of its UID and of its key, a pair with the view of its
        key; of views with one UID, all have to be seen.
        """
        memory = self.memory
        new, named = set(keys), set(uids)
        new |= memory.load(reader, places=places)
        while new or named:
            new |= memory.load(reader, uids=named)
            new |= memory.keys_of(reader, named) if named else set()
            new -= set(self.shown)
            named = set()
            for key in sorted(new):
                projected = self.projection.project_one(reader, key)
                local = None if projected is None else local_of(projected, self.fields)
                self.shown[key] = local
                if local is not None:
                    named.add(local.uid)
            new = memory.load(reader, keys=new) - set(self.shown)

    def look_there(self, reader: Transaction, snapshot: Snapshot) -> None:
        """Look at what the other side's changes concern."""
        uids = {str(found.view["uid"]) for found in snapshot.found.values()}
        self.look_at(reader, uids=uids, places={*snapshot.found, *snapshot.gone})

    @property
    def views(self) -> list[Local]:
        """What is shown, in the order of the keys."""
        return [local for _, local in sorted(self.shown.items()) if local is not None]
