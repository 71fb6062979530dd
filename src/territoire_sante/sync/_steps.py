# SPDX-License-Identifier: Apache-2.0
"""
What is done to one item: prepare its write, send it, and remember what came of it.

An intent is durable before each remote write, so that a crash or a lost answer is
settled by reading at the next run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import attrs

from territoire_sante import model
from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConflictError,
    ConnectorError,
    InputError,
    ItemNotFoundError,
    ItemRefusedError,
    NeedsPersonError,
    OutcomeUnknownError,
    PlanOutdatedError,
    ReadOnlyError,
    RetryableError,
)
from territoire_sante.formats import Document
from territoire_sante.plugins import Ref, Stored
from territoire_sante.projections import Projection
from territoire_sante.sync._advice import advice_on
from territoire_sante.sync._arrivals import take_in
from territoire_sante.sync._commit import Commits
from territoire_sante.sync._decide import digest, operation_for
from territoire_sante.sync._operation import Action, Operation
from territoire_sante.sync._pending import Changed, kept_document
from territoire_sante.sync._plan import relook
from territoire_sante.sync._read import Far
from territoire_sante.sync._readback import Sent
from territoire_sante.sync._records import Intent, Quarantined, Refusal
from territoire_sante.sync._report import Entry, Outcome
from territoire_sante.sync._sides import Policy
from territoire_sante.sync._tables import same_place

log = logging.getLogger("territoire_sante.sync")

#: How often a refused write is read again, merged again and tried again.
ATTEMPTS: Final = 3

_OUTCOMES: Final[Mapping[type[Exception], Outcome]] = {
    ItemRefusedError: Outcome.REFUSED,
    OutcomeUnknownError: Outcome.UNKNOWN,
    PlanOutdatedError: Outcome.DEFERRED,
    ReadOnlyError: Outcome.REFUSED,
}

_HERE_ONLY: Final = frozenset(
    {Action.CREATE_LOCAL, Action.DELETE_LOCAL, Action.FORGET, Action.RELEASE}
)


@attrs.frozen(kw_only=True)
class Write:
    """
    A remote write whose intent is durable: the document to send, ``None`` to delete.

    ``seen`` is the revision of the store in which it was last right, ``before`` what
    was pending for the item until then.
    """

    number: int
    operation: Operation
    document: Document | None
    before: Intent | None
    seen: int

    @property
    def keys(self) -> frozenset[str]:
        """What no other write that is under way may have to do with: names, UIDs, entities."""
        operation = self.operation
        names = {operation.uid.removeprefix("urn:uuid:"), operation.hint, operation.key}
        if operation.href is not None:
            last = same_place(operation.href).rstrip("/").rpartition("/")[2]
            names |= {last, last.rpartition(".")[0]}
        return frozenset(name.casefold() for name in names if name)

    @property
    def size(self) -> int:
        """Bytes to send."""
        return 0 if self.document is None else len(self.document.data)


@attrs.define(kw_only=True)
class Steps:
    """
    The steps of one run, what it has sent so far, and why it stopped.

    ``look_again`` makes the projection anew, when the opposition list has changed.
    """

    look_again: Callable[[], Projection]
    far: Far
    commits: Commits
    policy: Policy
    sent: dict[str, Sent] = attrs.field(factory=dict)
    stopped: ConnectorError | None = None
    remote_writes: int = 0
    local_writes: int = 0

    # One item from its beginning to its end.

    def attempt(self, operation: Operation, error: ConnectorError | None = None) -> Entry:
        """
        Carry out one operation; whatever happens to it, the next one can follow.

        ``error`` says that its write was refused already, because another version is there.
        """
        try:
            return self._with_retries(operation, error)
        except (InputError, ConnectorError, PlanOutdatedError) as failure:
            return self.failed(operation, failure)

    def take_in(self, operations: Sequence[Operation]) -> list[Entry]:
        """Store new items together; one that cannot be taken leaves each to be done by itself."""
        try:
            changed = take_in(self.commits, operations)
        except (InputError, ConnectorError, PlanOutdatedError):
            return [self.attempt(operation) for operation in operations]
        return [*map(self._told, operations, changed)]

    def _with_retries(self, operation: Operation, error: ConnectorError | None) -> Entry:
        """Carry out an operation; read, merge and try again when somebody else was faster."""
        current: Operation | None = operation
        for _ in range(ATTEMPTS):
            if current is None:
                return entry_of(operation, Outcome.DONE, "settled on the other side meanwhile")
            if error is None:
                try:
                    return self._carry_out(current)
                except (ConflictError, ItemNotFoundError) as refusal:
                    error = refusal
            if not self.far.can_read or current.href is None:
                return entry_of(current, Outcome.DEFERRED, str(error))
            current, error = self._decide_again(current), None
            if current is not None and current.action.deletes > operation.action.deletes:
                # Deletions are for the guard of the next plan to count.
                return entry_of(operation, Outcome.DEFERRED, "deleted there meanwhile")
        return entry_of(operation, Outcome.DEFERRED, "the other side keeps changing it")

    def _decide_again(self, operation: Operation) -> Operation | None:
        pair = relook(operation, self.far, self.commits.known(operation))
        return operation_for(pair, self.policy)

    def _carry_out(self, operation: Operation) -> Entry:
        action = operation.action
        if action.waits:
            return self._wait(operation)
        if action in (Action.FORGET, Action.RELEASE):
            return self._let_go(operation)
        if action is Action.DELETE_LOCAL:
            return self._delete_local(operation)
        if action is Action.CREATE_LOCAL:
            (changed,) = take_in(self.commits, [operation])
            return self._told(operation, changed)
        if not sends(operation):
            return self._kept(operation)
        write = self.prepare(0, operation)
        return write if isinstance(write, Entry) else self._at_once(write)

    def _at_once(self, write: Write) -> Entry:
        try:
            return self.written(write, self.send(write))
        except ItemNotFoundError:
            if write.document is not None:
                self.withdraw(write)
                raise
            return self.written(write, None, gone=True)
        except ConflictError:
            self.withdraw(write)
            raise

    def _wait(self, operation: Operation) -> Entry:
        """Nothing is written; a conflict is noted in the journal."""
        if operation.action is not Action.CONFLICT:
            return entry_of(operation, Outcome.REFUSED, operation.reason)
        self.commits.conflict(operation)
        fields = ", ".join(conflict.field for conflict in operation.conflicts)
        return entry_of(operation, Outcome.CONFLICT, fields)

    def _let_go(self, operation: Operation) -> Entry:
        """Forget or release an item, touching neither side."""
        if operation.action is Action.FORGET:
            self.commits.forget(operation)
            return entry_of(operation, Outcome.DONE)
        self.commits.release(operation, operation.reason)
        return entry_of(operation, Outcome.RELEASED, operation.reason)

    def _delete_local(self, operation: Operation) -> Entry:
        changed = self.commits.delete_local(operation)
        if changed.kept_because:
            return entry_of(operation, Outcome.RELEASED, changed.kept_because)
        return self._told(operation, changed)

    def _kept(self, operation: Operation) -> Entry:
        """Take over here what the other side holds; nothing is sent."""
        base = kept_document(operation) or Document(b"", self.far.lens.media_type)
        stored = Stored(Ref(operation.href or "", operation.etag), base)
        _, changed = self.commits.pair(operation, stored, sent=False)
        return self._told(operation, changed)

    # A remote write in three steps, of which only the second one needs no database.

    def prepare(self, number: int, operation: Operation) -> Write | Entry:
        """
        Make a write ready and its intent durable, or return how it ended if nothing is to be sent.

        Raises:
            InputError: this side's content cannot be said on the other one.
            ConflictError: another version is there.
            PlanOutdatedError: the item was changed here since the plan, or hidden.
        """
        document = None
        if operation.action is not Action.DELETE_REMOTE:
            base = kept_document(operation)
            creates = operation.action is Action.CREATE_REMOTE
            document = self._document(operation, base)
            if not creates and base is not None and document.data == base.data:
                return self._kept(operation)
        if needs_a_look(operation, self.far):
            self._look_first(operation)
        seen, before = self.commits.intend(operation, document)
        return Write(
            number=number, operation=operation, document=document, before=before, seen=seen
        )

    def send(self, write: Write) -> Ref | None:
        """Send a write; any thread may do this."""
        operation, document, transport = write.operation, write.document, self.far.transport
        ref = Ref(operation.href or "", operation.etag)
        if document is None:
            last = kept_document(operation)
            if last is not None:
                self.far.remind(Stored(ref, last))
            self.far.call(lambda: transport.delete(ref))
            return None
        creates = operation.action is Action.CREATE_REMOTE
        written: Ref = self.far.call(
            lambda: (
                transport.create(operation.hint, document)
                if creates
                else transport.replace(ref, document)
            )
        )
        return written

    def written(self, write: Write, ref: Ref | None, *, gone: bool = False) -> Entry:
        """Remember what was written, at ``ref``; ``gone``: what was to be deleted was already."""
        operation, document = write.operation, write.document
        self.remote_writes += not gone
        if document is None or ref is None:
            self.commits.deleted_remote(operation)
            return entry_of(operation, Outcome.DONE, operation.reason)
        item, changed = self.commits.pair(operation, Stored(ref, document), sent=True)
        if self.far.can_read:
            self.sent[operation.uid] = Sent(document, frozenset(operation.to_remote), item)
        return self._told(operation, changed)

    def settle(self, write: Write, ref: Ref | None, error: Exception | None) -> Entry | None:
        """
        Remember the answer to a write and return its entry, ``None`` if it has to be tried again.

        Raises:
            Exception: what is no error of a connector.
        """
        operation = write.operation
        gone = isinstance(error, ItemNotFoundError) and write.document is None
        if isinstance(error, (ConflictError, ItemNotFoundError)) and not gone:
            self.withdraw(write)
            return None
        try:
            if error is not None and not gone:
                raise error
            return self.written(write, ref, gone=gone)
        except (InputError, ConnectorError, PlanOutdatedError) as failure:
            return self.failed(operation, failure)

    def still_right(self, write: Write) -> Write:
        """
        Look once more right before the bytes leave, if anything was changed here since.

        Raises:
            PlanOutdatedError: the item was, or it may no longer be shown.
            ConfigError: somebody objected, and the key of the opposition list is missing.
        """
        changes, concerned = self.commits.changes(write.seen, write.operation.key)
        if not changes:
            return write
        if any(change.kind == model.OppositionEntry.KIND for change in changes):
            self.commits = attrs.evolve(self.commits, projection=self.look_again())
        if concerned:
            self.commits.require_unchanged(write.operation)
        return attrs.evolve(write, seen=changes[-1].revision)

    def withdraw(self, write: Write) -> None:
        """
        Take back the intent of a write that was not sent, or refused for what is there.

        What stands in its way must not be taken for our own work, nor be compared with it.
        """
        self.commits.withdraw(write.operation.uid, write.before)

    def _look_first(self, operation: Operation) -> None:
        """
        Make sure that what is there was read, where no ETag lets the server do that.

        Raises:
            ConflictError: another version is there.
        """
        for answer in self.far.read([operation.href or ""]):
            if not isinstance(answer, Stored) or answer.document.data != operation.document:
                raise ConflictError("another version is there now", where=operation.href or "")

    def _document(self, operation: Operation, base: Document | None) -> Document:
        """Return what to send, once it is sure that what is to come here can be taken."""
        if operation.to_local:
            self.commits.check(operation)
        try:
            return self.commits.document(operation, base)
        except InputError as error:
            # Not the fault of the document there: that one must not be set aside. A person can
            # say it otherwise, or leave it out; nothing is gained by trying it in each run.
            raise ItemRefusedError(str(error), href=operation.href or operation.uid) from error

    # How it ended.

    def _told(self, operation: Operation, changed: Changed) -> Entry:
        """Turn what a commit changed into an entry of the report."""
        self.local_writes += changed.wrote_local
        kept = ", ".join(sorted(changed.not_carried))
        carried = f"kept only on the other side: {kept}" if kept else ""
        detail = "; ".join(filter(None, (operation.reason, carried, *changed.problems)))
        return entry_of(operation, Outcome.DONE, detail)

    def failed(self, operation: Operation, error: Exception) -> Entry:
        """Remember what has to be, stop the run if the rest would fail too, return the entry."""
        if isinstance(error, InputError) and not self.commits.books.are_kept:
            return self._unusable(operation, error)
        if isinstance(error, ItemRefusedError):
            refusal = Refusal(uid=operation.uid, digest=digest(operation), reason=str(error))
            self.commits.refused(refusal)
        if self.commits.books.are_kept:
            self.commits.failed(operation, error)
        if isinstance(error, ReadOnlyError):
            # Not for good: the right may be given, and what can be read still comes here.
            self.commits.unsent(operation.uid)
        elif isinstance(error, (AuthError, CollectionGoneError, RetryableError)):
            self.stopped = error
        outcomes = (outcome for cls, outcome in _OUTCOMES.items() if isinstance(error, cls))
        entry = entry_of(operation, next(outcomes, Outcome.FAILED), str(error))
        advice = self._advice(error)
        return attrs.evolve(entry, cause=type(error).__name__, detail_fr=advice)

    def _advice(self, error: Exception) -> str:
        """Return what a person has to do about it; only announcements are for anybody."""
        if not self.commits.books.are_kept:
            return ""
        return error.hand_over if isinstance(error, NeedsPersonError) else advice_on(error).fr

    def _unusable(self, operation: Operation, error: InputError) -> Entry:
        """One side's content cannot be said on the other: set the item aside until it changes."""
        takes = operation.action in (Action.CREATE_LOCAL, Action.UPDATE_LOCAL, Action.MERGE)
        if takes and operation.href is not None:
            self.commits.set_aside(
                operation,
                Quarantined(href=operation.href, etag=operation.etag, reason=str(error)),
            )
            return entry_of(operation, Outcome.QUARANTINED, str(error))
        return entry_of(operation, Outcome.FAILED, str(error))


def sends(operation: Operation) -> bool:
    """Say whether an operation may write to the other side."""
    if operation.action.waits or operation.action in _HERE_ONLY:
        return False
    deletes_there = operation.action is Action.DELETE_REMOTE
    return deletes_there or bool(operation.to_remote) or operation.document is None


def needs_a_look(operation: Operation, far: Far) -> bool:
    """Say whether only a look right before the write can show that it is based on what is there."""
    return operation.etag is None and operation.href is not None and far.can_read


def entry_of(operation: Operation, outcome: Outcome, detail: str = "") -> Entry:
    """Return the entry of an operation."""
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
