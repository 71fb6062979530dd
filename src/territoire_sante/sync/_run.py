# SPDX-License-Identifier: Apache-2.0
"""
The loop of a run: what may go side by side does, and everything ends in the plan's order.

Only the calls of the transport leave this thread. Intents of several writes are
made durable together before the first of them is sent; answers that came at the same time are
remembered together. A crash in between leaves intents, which the next run settles by reading.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import attrs

from territoire_sante import projections
from territoire_sante.errors import (
    ConflictError,
    ConnectorError,
    InputError,
    PlanOutdatedError,
    RetryableError,
    UnreachableError,
)
from territoire_sante.plugins import Ref
from territoire_sante.store import Transaction
from territoire_sante.sync._closing import left_over
from territoire_sante.sync._fitting import FittingProjection
from territoire_sante.sync._lease import Lease
from territoire_sante.sync._operation import Action, Operation, Plan
from territoire_sante.sync._pace import Pace
from territoire_sante.sync._readback import read_back
from territoire_sante.sync._report import Entry, Outcome, Report
from territoire_sante.sync._state import State
from territoire_sante.sync._steps import Steps, Write, entry_of, needs_a_look, sends
from territoire_sante.sync._writers import Answer, Writers

log = logging.getLogger("territoire_sante.sync")

#: Called with the number of operations done, of all, and the entry of the last one.
Progress = Callable[[int, int, Entry], None]

#: At most so many operations, writes among them and bytes of these are taken up together.
TAKEN: Final = 1000
WRITES: Final = 16
BYTES: Final = 4 * 1024 * 1024

#: Why a run stopped that had a deadline.
TIME_IS_UP: Final = "the time allowed for this run was over"
_TAKEN_OVER: Final = "another run has taken over"


@attrs.define(kw_only=True)
class Run:
    """The carrying out of one plan: what is still to do, what is under way, how it ended."""

    plan: Plan
    steps: Steps
    writers: Writers[Write, Ref | None]
    lease: Lease | None
    pace: Pace
    progress: Progress | None
    stopped: str = ""
    _waiting: deque[tuple[int, Operation]] = attrs.field(factory=deque)
    _ready: deque[Write] = attrs.field(factory=deque)
    _under_way: dict[int, frozenset[str]] = attrs.field(factory=dict)
    _later: list[tuple[int, Operation, ConnectorError | None]] = attrs.field(factory=list)
    _entries: dict[int, Entry] = attrs.field(factory=dict)
    _pause: float = 0.0
    _one_by_one: bool = False
    _again: set[int] = attrs.field(factory=set)

    def carry_out(self) -> None:
        """Carry out every operation, or say of it why not."""
        self._waiting.extend(enumerate(self.plan.operations))
        while self._waiting or self._ready or self.writers.under_way:
            self._mind_the_end()
            self._start()
            if self._waiting and len(self._ready) < self.writers.width:
                self._take_up()
            elif self.writers.is_due:
                self._settle(self.writers.answers())
            elif self.writers.under_way:
                self.writers.wait()
            elif self._pause:
                self.pace.wait(self._pause)
                self._pause = 0.0
        for number, operation, error in sorted(self._later, key=lambda one: one[0]):
            self._mind_the_end()
            if self.stopped:
                self._end(number, entry_of(operation, Outcome.DEFERRED, self.stopped))
            else:
                self._end(number, self.steps.attempt(operation, error))

    def _mind_the_end(self) -> None:
        """Once the run has to stop, put off everything that was not begun."""
        if self.steps.stopped is not None:
            self.stopped = self.stopped or str(self.steps.stopped)
        elif self.pace.is_over:
            self.stopped = self.stopped or TIME_IS_UP
        if not self.stopped or not (self._ready or self._waiting):
            return
        ended: list[tuple[int, Entry]] = []
        with self.steps.commits.together():
            for write in self._ready:
                self.steps.withdraw(write)
                ended.append((write.number, self._put_off(write.operation)))
            ended += [(number, self._put_off(operation)) for number, operation in self._waiting]
        self._ready.clear()
        self._waiting.clear()
        for number, entry in ended:
            self._end(number, entry)

    def _put_off(self, operation: Operation) -> Entry:
        if operation.action.waits:
            # What waits for a person touches neither side.
            return self.steps.attempt(operation)
        return entry_of(operation, Outcome.DEFERRED, self.stopped)

    def _take_up(self) -> None:
        """Do what is to be done here only, and make the next writes ready."""
        ended: list[tuple[int, Entry]] = []
        writes = size = 0
        together = WRITES if self.steps.far.can_read else 1
        with self.steps.commits.together() as transaction:
            if self.lease is not None and not self.lease.renew(
                transaction.connection, self.pace.present
            ):
                self.stopped = _TAKEN_OVER
                return
            while self._waiting and len(ended) < TAKEN and writes < together and size < BYTES:
                news = self._news(TAKEN - len(ended))
                if news:
                    numbers, operations = zip(*news, strict=True)
                    ended += zip(numbers, self.steps.take_in(operations), strict=True)
                    continue
                number, operation = self._waiting.popleft()
                done = self._prepared(number, operation)
                if isinstance(done, Write):
                    self._ready.append(done)
                    writes, size = writes + 1, size + done.size
                elif done is not None:
                    ended.append((number, done))
        for number, entry in ended:
            self._end(number, entry)

    def _news(self, most: int) -> list[tuple[int, Operation]]:
        """Return the next operations as long as they are new items of the other side."""
        news: list[tuple[int, Operation]] = []
        while self._waiting and len(news) < most:
            if self._waiting[0][1].action is not Action.CREATE_LOCAL:
                break
            news.append(self._waiting.popleft())
        return news

    def _prepared(self, number: int, operation: Operation) -> Write | Entry | None:
        """Return a write that is ready, the entry of what is done, or nothing for later."""
        if not sends(operation):
            return self.steps.attempt(operation)
        if needs_a_look(operation, self.steps.far):
            # The look and the write belong together, and no transaction waits for a server.
            self._later.append((number, operation, None))
            return None
        try:
            return self.steps.prepare(number, operation)
        except ConflictError as error:
            self._later.append((number, operation, error))
            return None
        except (InputError, ConnectorError, PlanOutdatedError) as error:
            return self.steps.failed(operation, error)

    def _start(self) -> None:
        """Begin the next writes, as many as may be under way."""
        while self._ready and self.writers.has_room and not self._pause:
            if self._one_by_one and self.writers.under_way:
                return
            write = self._ready[0]
            if any(not write.keys.isdisjoint(keys) for keys in self._under_way.values()):
                return
            self._ready.popleft()
            try:
                write = self.steps.still_right(write)
            except PlanOutdatedError as error:
                self.steps.withdraw(write)
                self._end(write.number, self.steps.failed(write.operation, error))
                continue
            self._under_way[write.number] = write.keys
            self.writers.start(write, partial(self.steps.send, write))

    def _settle(self, answers: Sequence[Answer[Write, Ref | None]]) -> None:
        """Remember what came of writes."""
        ended: list[tuple[int, Entry]] = []
        with self.steps.commits.together():
            for answer in answers:
                entry = self._settled(answer)
                if entry is not None:
                    ended.append((answer.task.number, entry))
        for number, entry in ended:
            self._end(number, entry)

    def _settled(self, answer: Answer[Write, Ref | None]) -> Entry | None:
        write, error = answer.task, answer.error
        del self._under_way[write.number]
        if error is not None and not isinstance(error, Exception):
            raise error
        if isinstance(error, RetryableError) and (
            self._is_patient(error) or self._was_crowded(write, error)
        ):
            # Its intent stays: it may be sent again as it is.
            self._ready.appendleft(write)
            return None
        entry = self.steps.settle(write, answer.result, error)
        if entry is None and isinstance(error, ConnectorError):
            self._later.append((write.number, write.operation, error))
        return entry

    def _was_crowded(self, write: Write, error: RetryableError) -> bool:
        """Send once more, alone, what a server had no time for beside our other writes."""
        again = self.writers.width > 1 and write.number not in self._again
        if not again or self.stopped or isinstance(error, UnreachableError):
            return False
        self._again.add(write.number)
        self._one_by_one = True
        return True

    def _is_patient(self, error: RetryableError) -> bool:
        """Wait for a server that says how long, and go on one by one."""
        wait = error.retry_after
        if wait is None or self.stopped or not self.pace.may_wait(max(wait, self._pause)):
            return False
        self._pause = max(wait, self._pause)
        self._one_by_one = True
        return True

    def _end(self, number: int, entry: Entry) -> None:
        if log.isEnabledFor(logging.INFO):
            told = {
                "link": self.plan.link.name,
                "action": entry.action.value,
                "item": entry.mark,
                "outcome": entry.outcome.value,
            }
            log.info("link %(link)s: %(action)s %(item)s: %(outcome)s", told, extra=told)
        self._entries[number] = entry
        if self.progress is not None:
            self.progress(len(self._entries), len(self.plan.operations), entry)

    def verify(self) -> None:
        """Read back what was written, in one go: the other side may store something else."""
        if not self.steps.sent or self.stopped or self.steps.stopped is not None:
            return
        try:
            commits = self.steps.commits
            noted = read_back(commits.store, commits.far, self.steps.sent, self.pace.now)
        except ConnectorError as error:
            told = {"link": self.plan.link.name, "error": type(error).__name__}
            log.warning("link %(link)s: read-back failed: %(error)s", told, extra=told)
            return
        for number, entry in self._entries.items():
            fields = noted.get(entry.uid)
            if fields:
                names = ", ".join(sorted(fields))
                text, text_fr = f"the server changed: {names}", f"le serveur a changé : {names}"
                self._entries[number] = attrs.evolve(
                    entry,
                    detail=f"{entry.detail}; {text}" if entry.detail else text,
                    detail_fr=f"{entry.why('fr')} ; {text_fr}" if entry.detail else text_fr,
                )

    def _keep_the_books(self, transaction: Transaction, entries: Sequence[Entry]) -> None:
        """Bring the ledger of deliveries up to date, before it is noted how far the link is."""
        commits = self.steps.commits
        scope = commits.projection
        scope = scope.inner if isinstance(scope, FittingProjection) else scope
        if not commits.books.are_kept or not isinstance(scope, projections.AnnouncementProjection):
            return
        ended = (
            (operation, self.steps.stopped if entry.outcome is Outcome.DEFERRED else None)
            for operation, entry in zip(self.plan.operations, entries, strict=True)
        )
        before = State(transaction.connection, self.plan.link.name, made=True).link()
        since = None if self.plan.whole else before.revision
        commits.books.close(transaction, scope, ended, since=since)

    def finish(self) -> Report:
        """Keep the cursor if everything before it is durable, and return the report."""
        operations = self.plan.operations
        entries = [self._entries[number] for number in range(len(operations))]
        with self.steps.commits.together() as transaction:
            self._keep_the_books(transaction, entries)
            self.steps.commits.close(self.plan, left_over(self.plan, entries))
            if self.lease is not None:
                self.lease.give_back(transaction.connection)
        broken = [
            Entry(
                uid=item.href,
                title=item.href,
                action=Action.QUARANTINE,
                outcome=Outcome.QUARANTINED,
                detail=item.reason,
            )
            for item in self.plan.quarantined
        ]
        report = Report(
            link=self.plan.link.name,
            started=self.pace.now,
            entries=(*entries, *broken),
            listed=self.plan.listed,
            read=self.plan.read,
            unchanged=self.plan.unchanged,
            remote_writes=self.steps.remote_writes,
            local_writes=self.steps.local_writes,
            stopped=self.stopped,
        )
        counts = {"read": report.read, "there": report.remote_writes, "here": report.local_writes}
        told = {"link": report.link, **counts, "counts": report.counts()}
        log.info(
            "link %(link)s: read %(read)d, wrote %(there)d there, %(here)d here", told, extra=told
        )
        return report
