# SPDX-License-Identifier: Apache-2.0
"""Carrying out a plan: who may, with what, and for how long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Final

from territoire_sante.errors import MassDeletionError, StoreError
from territoire_sante.plugins import Catalog, Ref
from territoire_sante.projections import Projection
from territoire_sante.store import Store
from territoire_sante.sync._books import Books
from territoire_sante.sync._commit import Commits
from territoire_sante.sync._confirm import confirm_shown, is_anything_to_confirm
from territoire_sante.sync._lease import Holder, Lease
from territoire_sante.sync._near import link_projection
from territoire_sante.sync._notices import as_told
from territoire_sante.sync._operation import Plan
from territoire_sante.sync._pace import Pace
from territoire_sante.sync._pending import Pending
from territoire_sante.sync._plan import policy_for
from territoire_sante.sync._read import Far, open_far
from territoire_sante.sync._report import Report
from territoire_sante.sync._run import Progress, Run
from territoire_sante.sync._state import State
from territoire_sante.sync._steps import Steps, Write
from territoire_sante.sync._tables import COMPONENT, STEPS
from territoire_sante.sync._writers import Writers, writers

_LATELY: Final = dt.timedelta(minutes=5)


def apply_plan(
    store: Store,
    plan: Plan,
    *,
    catalog: Catalog,
    confirm: str | None,
    pace: Pace,
    holder: Holder,
    opposition_key: bytes | None,
    progress: Progress | None,
) -> Report:
    """Carry out a plan; see :func:`territoire_sante.sync.apply`."""
    if plan.is_blocked and confirm != plan.fingerprint:
        raise MassDeletionError(
            f"the plan deletes {plan.deletions} of {plan.linked} items",
            fingerprint=plan.fingerprint,
            where=f"link {plan.link.name!r}",
            remedy=f"If that is right, confirm it with the fingerprint {plan.fingerprint}",
        )
    store.migrate(COMPONENT, STEPS)
    link, spec = plan.link, catalog.get(plan.link.connector)
    # A secret, or what was found there, may be another one later.
    lately = catalog is plan.catalog and pace.now - plan.made_at < _LATELY
    opening, lens = open_far(link, spec, plan.config if lately else None)
    # What waits for a person touches neither side: a quiet run asks the server nothing more.
    works = any(not operation.action.waits for operation in plan.operations)
    works = works or is_anything_to_confirm(store, link, spec)
    lease = Lease(link=link.name, holder=holder) if works else None
    with ExitStack() as stack:
        if lease is not None:
            stack.enter_context(_held(store, lease, pace))
        transport = stack.enter_context(opening) if works else None
        spec = as_told(spec, transport)
        far = Far(link=link, spec=spec, lens=lens, transport=transport)
        _tell_what_is_known(store, far)
        width = spec.parallel_writes if link.parallel is None else link.parallel
        at_work: AbstractContextManager[Writers[Write, Ref | None]] = writers(
            width, settles=far.can_read, clock=pace.clock
        )

        def look_here() -> Projection:
            return link_projection(store, spec, link, now=pace.now, opposition_key=opposition_key)

        run = Run(
            plan=plan,
            steps=_steps(store, far, look_here, pace),
            writers=stack.enter_context(at_work),
            lease=lease,
            pace=pace,
            progress=progress,
        )
        run.carry_out()
        run.verify()
        report = run.finish()
        confirm_shown(store, far, pace.now)
        return report


def _steps(store: Store, far: Far, look_here: Callable[[], Projection], pace: Pace) -> Steps:
    commits = Commits(
        store=store,
        far=far,
        projection=look_here(),
        now=pace.now,
        pending=Pending.of(store, far.link.name),
        books=Books(link=far.link, spec=far.spec, now=pace.now),
    )
    policy = policy_for(far, store, commits.chosen())
    return Steps(far=far, commits=commits, policy=policy, look_again=look_here)


def _tell_what_is_known(store: Store, far: Far) -> None:
    """
    Tell a connector that asks for it which items are the link's.

    To one that cannot read, any other may be a lost one; to one that gives names by what it
    recognises, the items of the plan would be unknown under theirs.
    """
    with store.reading() as reader:
        state = State(reader.connection, far.link.name)
        far.recognise(state.items, state.intents().values)


@contextmanager
def _held(store: Store, lease: Lease, pace: Pace) -> Iterator[None]:
    """Hold a link for a ``with`` block."""
    with store.transaction() as transaction:
        lease.take(transaction.connection, pace.present)
    try:
        with lease.holder.at_work():
            yield
    except BaseException:
        # The error that ends the run is the one to tell of.
        with suppress(StoreError), store.transaction() as transaction:
            lease.give_back(transaction.connection)
        raise
