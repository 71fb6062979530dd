# SPDX-License-Identifier: Apache-2.0
"""What is new on the other side comes here: items by the hundred, in one transaction."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from territoire_sante import model, serialization
from territoire_sante.errors import PlanOutdatedError
from territoire_sante.projections import Absorbed
from territoire_sante.store import Gathering
from territoire_sante.sync._commit import Commits
from territoire_sante.sync._operation import Operation
from territoire_sante.sync._pending import Changed
from territoire_sante.sync._records import Item, version_of


@functools.cache
def _deciding(fields: frozenset[str]) -> frozenset[str]:
    """Return with the fields of a calendar the others that decide on what is shown of an event."""
    return fields | {"kind", "visibility"}


def take_in(commits: Commits, operations: Sequence[Operation]) -> list[Changed]:
    """
    Store what is new on the other side, all of it or, if an exception leaves this, nothing.

    Raises:
        InputError: one of them cannot be taken.
        PlanOutdatedError: one of them changed here since the plan, or came in another way.
    """
    changed: list[Changed] = []
    items: list[Item] = []
    with commits.open() as (transaction, state):
        here = Gathering(transaction)
        remembered = state.known([operation.uid for operation in operations])
        if commits.far.spec.view is model.Event:
            kind = model.Event.ID_KINDS[0]
            here.expect(model.Event, [model.make_id(kind, one.uid) for one in operations])
        for operation in operations:
            item, intent = remembered.get(operation.uid, (None, None))
            commits.require_known(here, operation, version_of(item, intent))
            ready = operation.ready
            if ready is not None and not operation.key and ready.fits(commits.projection, here):
                absorbed = ready.absorbed
                here.put_prepared(*ready.entities)
            else:
                absorbed = _absorbed(commits, here, operation)
                here.put(*absorbed.entities)
            items.append(_paired(commits, here, operation, absorbed))
            changed.append(Changed.of(absorbed))
        here.write()
        state.save_all(items, commits.now)
        for operation in operations:
            _, intent = remembered.get(operation.uid, (None, None))
            commits.settle(state, operation, begun=intent is not None)
    return changed


def _absorbed(commits: Commits, here: Gathering, operation: Operation) -> Absorbed:
    plain, view = operation.view or {}, operation.seen
    if view is None:
        view = serialization.view_from_plain(commits.far.spec.view, plain)
    fields = frozenset(plain)
    absorbed = commits.projection.absorb(here, view, operation.key or None, fields)
    other = commits.projection.project_one(here, absorbed.key)
    if other is None:
        return absorbed
    if other.view.uid == operation.uid:
        raise PlanOutdatedError("it came here since the plan", where=operation.uid)
    # The id that the UID gives is that of another item here.
    key = model.make_id(absorbed.key.partition(":")[0], f"uid {operation.uid}")
    return commits.projection.absorb(here, view, key, fields)


def _paired(commits: Commits, here: Gathering, operation: Operation, absorbed: Absorbed) -> Item:
    kind = next(type(e).KIND for e in absorbed.entities if e.id == absorbed.key)
    return Item(
        uid=operation.uid,
        key=absorbed.key,
        kind=kind,
        href=operation.href,
        etag=operation.etag,
        local_base=_shown(commits, here, operation, absorbed),
        remote_base=operation.document,
        media_type=operation.media_type,
    )


def _shown(
    commits: Commits, here: Gathering, operation: Operation, absorbed: Absorbed
) -> Mapping[str, Any]:
    """Return what is shown of an item now: as it was read, where all of it came through."""
    view = operation.view or {}
    fields = commits.far.lens.fields
    came_through = (
        commits.far.spec.view is model.Event
        and operation.seen is not None
        and not absorbed.not_carried
        and view.keys() == fields
        and all(here.reads_same(one, _deciding(fields)) for one in absorbed.entities)
    )
    return view if came_through else commits.view_of(here, operation, absorbed.key) or view
