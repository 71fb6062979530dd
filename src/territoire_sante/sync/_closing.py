# SPDX-License-Identifier: Apache-2.0
"""The end of a run: how far both sides are compared, and what has to be looked at again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import attrs

from territoire_sante.sync._operation import Action, Operation, Plan
from territoire_sante.sync._records import Item, Waiting, bare
from territoire_sante.sync._report import Entry, Outcome
from territoire_sante.sync._state import State

#: With more than this left over, a run looks at everything anew.
MOST: Final = 1000

#: How what is to be looked at again has ended.
UNFINISHED: Final = (
    Outcome.DEFERRED,
    Outcome.FAILED,
    Outcome.UNKNOWN,
    Outcome.CONFLICT,
    Outcome.REFUSED,
)


@attrs.frozen
class Left:
    """An operation that did not bring its item in step, and how it ended."""

    operation: Operation
    outcome: Outcome

    @property
    def is_only_refused(self) -> bool:
        """Whether nothing of the other side is still to come here."""
        return self.outcome is Outcome.REFUSED and not self.operation.to_local

    @property
    def is_in_the_way(self) -> bool:
        """Whether a new item may have met another one there, which only a full listing shows."""
        new = self.operation.action is Action.CREATE_REMOTE and self.operation.href is None
        return new and self.outcome is Outcome.DEFERRED


def left_over(plan: Plan, entries: Sequence[Entry]) -> tuple[Left, ...]:
    """Return what a run did not bring in step."""
    pairs = zip(plan.operations, entries, strict=True)
    return tuple(Left(operation, e.outcome) for operation, e in pairs if e.outcome in UNFINISHED)


def close(state: State, plan: Plan, left: Sequence[Left], now: dt.datetime) -> None:
    """
    Note how far the link is compared; call it when everything else is durable.

    What was left over is noted to be looked at again. If that is too much, nothing is:
    both sides are then compared anew from where they were before.
    """
    many = len(left) > MOST
    if many and not all(one.is_only_refused for one in left):
        return
    before = state.link()
    state.save_link(
        attrs.evolve(
            before,
            cursor=None if any(one.is_in_the_way for one in left) else plan.cursor,
            last_full=now if plan.full else before.last_full,
            runs_since_full=0 if plan.full else before.runs_since_full + 1,
            place=plan.link.place,
            scope=plan.link.scope,
            revision=None if many else plan.revision,
            last_look=now if plan.whole else before.last_look,
            runs_since_look=0 if plan.whole else before.runs_since_look + 1,
            rules=plan.rules,
        )
    )
    state.look_done(until=plan.made_at, keys=None if plan.whole else plan.looked)
    state.wait(plan.waiting, now)
    if not many:
        state.wait((_waiting(one, state.item(one.operation.uid)) for one in left), now)


def _waiting(left: Left, item: Item | None) -> Waiting:
    """Return what makes the next run look at an item, and read it if something is new there."""
    operation = left.operation
    known = item is not None and bare(item.etag) == bare(operation.etag) is not None
    read = "" if known and left.is_only_refused else operation.href or ""
    return Waiting(uid=operation.uid, key=operation.key, href=read)
