# SPDX-License-Identifier: Apache-2.0
"""
Carrying out a plan, one item at a time.

Each item is committed on its own: the local change and what the link remembers of
it in one transaction. An intent is durable before each remote write, so that a crash or a
lost answer is settled by reading at the next run.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Final

import attrs

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConflictError,
    ConnectorError,
    InputError,
    ItemError,
    ItemNotFoundError,
    ItemRefusedError,
    MassDeletionError,
    OutcomeUnknownError,
    PlanOutdatedError,
    ReadOnlyError,
    RetryableError,
)
from territoire_sante.formats import Document
from territoire_sante.plugins import Catalog, Ref, Stored
from territoire_sante.projections import Projection
from territoire_sante.store import Store
from territoire_sante.sync._commit import Changed, Commits, Sent, kept_document
from territoire_sante.sync._decide import Policy, digest, operation_for
from territoire_sante.sync._near import link_projection
from territoire_sante.sync._operation import Action, Operation, Plan
from territoire_sante.sync._plan import policy_for, relook
from territoire_sante.sync._read import Far, open_far
from territoire_sante.sync._report import Entry, Outcome, Report
from territoire_sante.sync._state import COMPONENT, STEPS, Quarantined, Refusal

log = logging.getLogger("territoire_sante.sync")

#: How often a refused write is read again, merged again and tried again.
ATTEMPTS: Final = 3

Progress = Callable[[int, int, Entry], None]

_OUTCOMES: Final[Mapping[type[Exception], Outcome]] = {
    ItemRefusedError: Outcome.REFUSED,
    OutcomeUnknownError: Outcome.UNKNOWN,
    PlanOutdatedError: Outcome.DEFERRED,
    ReadOnlyError: Outcome.REFUSED,
}


def apply_plan(
    store: Store,
    plan: Plan,
    *,
    catalog: Catalog,
    confirm: str | None,
    now: dt.datetime,
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
    spec = catalog.get(plan.link.connector)
    opening, lens = open_far(plan.link, spec)
    # What waits for a person touches neither side: a quiet run asks the server nothing more.
    works = any(not operation.action.waits for operation in plan.operations)
    with opening if works else nullcontext() as transport:
        far = Far(link=plan.link, spec=spec, lens=lens, transport=transport)
        projection = link_projection(store, spec, plan.link, now=now, opposition_key=opposition_key)
        run = Run(store, far, plan, projection, now)
        for number, operation in enumerate(plan.operations, start=1):
            entry = run.execute(operation)
            if progress is not None:
                progress(number, len(plan.operations), entry)
        run.verify()
    return run.finish()


class Run:
    """The carrying out of one plan: what was done so far, and what has to be read back."""

    def __init__(
        self, store: Store, far: Far, plan: Plan, projection: Projection, now: dt.datetime
    ) -> None:
        self._store = store
        self._far = far
        self._plan = plan
        self._now = now
        self._projection = projection
        self._commits = Commits(store=store, far=far, projection=self._projection, now=now)
        self._policy: Policy = policy_for(far, store, self._commits.chosen())
        self._entries: list[Entry] = []
        self._sent: dict[str, Sent] = {}
        self._stopped: ConnectorError | None = None
        self._remote_writes = 0
        self._local_writes = 0

    def execute(self, operation: Operation) -> Entry:
        """Carry out one operation; whatever happens to it, the next one can follow."""
        if self._stopped is not None and not operation.action.waits:
            entry = _entry(operation, Outcome.DEFERRED, str(self._stopped))
        else:
            entry = self._attempt(operation)
        log.info(
            "link %s: %s %s: %s",
            self._far.link.name,
            entry.action.value,
            entry.uid,
            entry.outcome.value,
        )
        self._entries.append(entry)
        return entry

    def _attempt(self, operation: Operation) -> Entry:
        try:
            return self._with_retries(operation)
        except InputError as error:
            return self._unusable(operation, error)
        except (ConnectorError, PlanOutdatedError) as error:
            if isinstance(error, ItemRefusedError):
                self._commits.refused(
                    Refusal(uid=operation.uid, digest=digest(operation), reason=str(error))
                )
            if isinstance(error, ReadOnlyError):
                # Not for good: the right may be given, and what can be read still comes here.
                self._commits.unsent(operation.uid)
            elif isinstance(error, (AuthError, CollectionGoneError, RetryableError)):
                self._stopped = error
            outcomes = (outcome for cls, outcome in _OUTCOMES.items() if isinstance(error, cls))
            return _entry(operation, next(outcomes, Outcome.FAILED), str(error))

    def _with_retries(self, operation: Operation) -> Entry:
        """Carry out an operation; read, merge and try again when somebody else was faster."""
        current: Operation | None = operation
        for _ in range(ATTEMPTS):
            if current is None:
                return _entry(operation, Outcome.DONE, "settled on the other side meanwhile")
            try:
                return self._carry_out(current)
            except (ConflictError, ItemNotFoundError) as error:
                if not self._far.can_read or current.href is None:
                    return _entry(current, Outcome.DEFERRED, str(error))
                current = self._decide_again(current)
                if current is not None and current.action.deletes > operation.action.deletes:
                    # Deletions are for the guard of the next plan to count.
                    return _entry(operation, Outcome.DEFERRED, "deleted there meanwhile")
        return _entry(operation, Outcome.DEFERRED, "the other side keeps changing it")

    def _decide_again(self, operation: Operation) -> Operation | None:
        pair = relook(operation, self._far, self._commits.known(operation))
        return operation_for(pair, self._policy)

    def _carry_out(self, operation: Operation) -> Entry:
        action = operation.action
        if action.waits:
            return self._wait(operation)
        if action in (Action.FORGET, Action.RELEASE):
            return self._let_go(operation)
        if action.deletes:
            remote = action is Action.DELETE_REMOTE
            return self._delete_remote(operation) if remote else self._delete_local(operation)
        if action is Action.CREATE_LOCAL:
            return self._told(operation, self._commits.create_local(operation))
        stored, sent = self._write(operation)
        return self._told(operation, self._commits.pair(operation, stored, sent=sent))

    def _wait(self, operation: Operation) -> Entry:
        """Nothing is written; a conflict is noted in the journal."""
        if operation.action is not Action.CONFLICT:
            return _entry(operation, Outcome.REFUSED, operation.reason)
        self._commits.conflict(operation)
        fields = ", ".join(conflict.field for conflict in operation.conflicts)
        return _entry(operation, Outcome.CONFLICT, fields)

    def _let_go(self, operation: Operation) -> Entry:
        """Forget or release an item, touching neither side."""
        if operation.action is Action.FORGET:
            self._commits.forget(operation)
            return _entry(operation, Outcome.DONE)
        self._commits.release(operation, operation.reason)
        return _entry(operation, Outcome.RELEASED, operation.reason)

    def _write(self, operation: Operation) -> tuple[Stored, bool]:
        """Write what the other side has to take over; return what it holds, and if it was sent."""
        base = kept_document(operation)
        ref = Ref(operation.href or "", operation.etag)
        if not operation.to_remote and base is not None:
            return Stored(ref, base), False
        creates = operation.action is Action.CREATE_REMOTE
        document = self._document(operation, base)
        if not creates and base is not None and document.data == base.data:
            return Stored(ref, base), False
        if not creates:
            self._look_first(operation)
        self._commits.intend(operation, document)
        transport = self._far.transport
        written = self._far.call(
            lambda: (
                transport.create(operation.hint, document)
                if creates
                else transport.replace(ref, document)
            )
        )
        self._remote_writes += 1
        if self._far.can_read:
            self._sent[operation.uid] = Sent(document, frozenset(operation.to_remote))
        return Stored(written, document), True

    def _look_first(self, operation: Operation) -> None:
        """
        Make sure that what is there was read, where no ETag lets the server do that.

        Raises:
            ConflictError: another version is there.
        """
        if operation.etag is not None or operation.href is None or not self._far.can_read:
            return
        for answer in self._far.read([operation.href]):
            if not isinstance(answer, Stored) or answer.document.data != operation.document:
                raise ConflictError("another version is there now", where=operation.href)

    def _document(self, operation: Operation, base: Document | None) -> Document:
        """Return what to send, once it is sure that what is to come here can be taken."""
        if operation.to_local:
            self._commits.check(operation)
        try:
            return self._commits.document(operation, base)
        except InputError as error:
            # Not the fault of the document there: that one must not be set aside.
            raise ItemError(str(error), href=operation.href or operation.uid) from error

    def _told(self, operation: Operation, changed: Changed) -> Entry:
        """Turn what a commit changed into an entry of the report."""
        self._local_writes += changed.wrote_local
        detail = operation.reason
        if changed.not_carried:
            kept = ", ".join(sorted(changed.not_carried))
            detail = f"{detail}; " * bool(detail) + f"kept only on the other side: {kept}"
        detail = "; ".join(filter(None, (detail, *changed.problems)))
        return _entry(operation, Outcome.DONE, detail)

    def _delete_remote(self, operation: Operation) -> Entry:
        self._look_first(operation)
        self._commits.intend(operation, None)
        try:
            ref = Ref(operation.href or "", operation.etag)
            self._far.call(lambda: self._far.transport.delete(ref))
        except ItemNotFoundError:
            log.debug("link %s: %s was gone already", self._far.link.name, operation.uid)
        else:
            self._remote_writes += 1
        self._commits.deleted_remote(operation)
        return _entry(operation, Outcome.DONE, operation.reason)

    def _delete_local(self, operation: Operation) -> Entry:
        changed = self._commits.delete_local(operation)
        if changed.kept_because:
            return _entry(operation, Outcome.RELEASED, changed.kept_because)
        return self._told(operation, changed)

    def _unusable(self, operation: Operation, error: InputError) -> Entry:
        """One side's content cannot be said on the other: set the item aside until it changes."""
        takes = operation.action in (Action.CREATE_LOCAL, Action.UPDATE_LOCAL, Action.MERGE)
        if takes and operation.href is not None:
            self._commits.set_aside(
                operation,
                Quarantined(href=operation.href, etag=operation.etag, reason=str(error)),
            )
            return _entry(operation, Outcome.QUARANTINED, str(error))
        return _entry(operation, Outcome.FAILED, str(error))

    def verify(self) -> None:
        """Read back what was written, in one go: the other side may store something else."""
        if not self._sent or self._stopped is not None:
            return
        try:
            noted = self._commits.verify(self._sent)
        except ConnectorError as error:
            log.warning("link %s: read-back failed: %s", self._far.link.name, type(error).__name__)
            return
        for number, entry in enumerate(self._entries):
            fields = noted.get(entry.uid)
            if fields:
                text = "the server changed: " + ", ".join(sorted(fields))
                joined = f"{entry.detail}; {text}" if entry.detail else text
                self._entries[number] = attrs.evolve(entry, detail=joined)

    def finish(self) -> Report:
        """Keep the cursor if everything before it is durable, and return the report."""
        unfinished = (Outcome.DEFERRED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.CONFLICT)
        complete = not any(
            entry.outcome in unfinished or (entry.outcome is Outcome.REFUSED and refused.to_local)
            for entry, refused in zip(self._entries, self._plan.operations, strict=True)
        )
        self._commits.close(self._plan, complete=complete)
        broken = [
            Entry(
                uid=item.href,
                title=item.href,
                action=Action.QUARANTINE,
                outcome=Outcome.QUARANTINED,
                detail=item.reason,
            )
            for item in self._plan.quarantined
        ]
        return Report(
            link=self._far.link.name,
            started=self._now,
            entries=(*self._entries, *broken),
            listed=self._plan.listed,
            read=self._plan.read,
            unchanged=self._plan.unchanged,
            remote_writes=self._remote_writes,
            local_writes=self._local_writes,
        )


def _entry(operation: Operation, outcome: Outcome, detail: str = "") -> Entry:
    return Entry(
        uid=operation.uid,
        title=operation.title,
        action=operation.action,
        outcome=outcome,
        detail=detail,
        fields=tuple(sorted({*operation.to_local, *operation.to_remote})),
        proposal=operation.proposal,
        detail_fr=operation.reason_fr if detail == operation.reason else "",
    )
