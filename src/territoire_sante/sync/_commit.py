# SPDX-License-Identifier: Apache-2.0
"""The transactions of a run: the local change and what the link remembers, together or not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

import attrs

from territoire_sante import model, serialization
from territoire_sante.errors import PlanOutdatedError, UnsupportedError
from territoire_sante.formats import Document
from territoire_sante.plugins import Stored
from territoire_sante.projections import Absorbed, Projected, Projection
from territoire_sante.store import Change, Reader, Store, Transaction
from territoire_sante.sync import _closing, _tombstones
from territoire_sante.sync._books import Books
from territoire_sante.sync._closing import Left
from territoire_sante.sync._decide import first_base
from territoire_sante.sync._forgotten import absence, since_last
from territoire_sante.sync._link import Direction
from territoire_sante.sync._merge import Plain, diff
from territoire_sante.sync._near import local_of
from territoire_sante.sync._operation import Action, Operation, Plan
from territoire_sante.sync._pending import Changed, Pending
from territoire_sante.sync._read import RETRY_AFTER, Far
from territoire_sante.sync._records import (
    Intent,
    Item,
    JournalEntry,
    Quarantined,
    Refusal,
    version_of,
)
from territoire_sante.sync._sides import Pair, Presence, Remote
from territoire_sante.sync._state import State
from territoire_sante.sync._tombstones import Tombstone
from territoire_sante.sync._touched import touched_by

#: Without them, the start and the end of an event that recurs tell of one day only.
_RECURRENCE: Final = ("rrule", "rdates", "occurrences")


@attrs.frozen(kw_only=True)
class Commits:
    """Every way in which a run writes to the store, bound to one link."""

    store: Store
    far: Far
    projection: Projection
    now: dt.datetime
    pending: Pending
    books: Books

    @contextmanager
    def open(self) -> Iterator[tuple[Transaction, State]]:
        """Give a transaction, or a part of the one that is open, and the link's tables in it."""
        with self.store.transaction() as transaction:
            yield transaction, State(transaction.connection, self.far.link.name, made=True)

    def known(self, operation: Operation) -> Pair:
        """Return what is known of an item here, now."""
        with self.open() as (transaction, state):
            projected = self._projected(transaction, operation)
            fields = self.far.lens.fields
            local = local_of(projected, fields) if projected is not None else None
            item, intent = state.item(operation.uid), state.intent(operation.uid)
            gone = local is None
            kind, key = operation.kind, operation.key
            hidden, forgotten = absence(transaction, kind, key) if gone else (False, False)
            return Pair(
                uid=operation.uid,
                item=item,
                local=local,
                remote=Remote(presence=Presence.NEVER),
                intent=intent,
                refusal=state.refusals(self.now - RETRY_AFTER).get(operation.uid),
                hidden=hidden,
                forgotten=forgotten,
            )

    def chosen(self) -> dict[str, JournalEntry]:
        """Return what persons decided and no run has applied yet, by UID."""
        with self.open() as (_, state):
            return {entry.uid: entry for entry in state.journal(states=("decided",))}

    def _require(
        self, transaction: Transaction, state: State, operation: Operation
    ) -> tuple[Item | None, Intent | None]:
        """
        Make sure that an operation still starts from what it was decided on.

        Returns:
            What the link remembers of the item.

        Raises:
            PlanOutdatedError: the entity, or what the link remembers, changed since.
        """
        item, intent = state.item(operation.uid), state.intent(operation.uid)
        self.require_known(transaction, operation, version_of(item, intent))
        return item, intent

    def require_known(self, reader: Reader, operation: Operation, version: str) -> None:
        """
        Make sure that an operation starts from this ``version`` of what the link remembers.

        Raises:
            PlanOutdatedError: it does not, or the entity changed since.
        """
        if version != operation.base:
            raise PlanOutdatedError("the link moved on since the plan", where=operation.uid)
        if operation.key and self.view_of(reader, operation) != operation.local:
            raise PlanOutdatedError("it was changed here since the plan", where=operation.uid)

    def require_unchanged(self, operation: Operation) -> None:
        """
        Make sure that an item is shown as it was when it was decided on.

        Raises:
            PlanOutdatedError: it is not.
        """
        with self.store.reading() as reader:
            if operation.key and self.view_of(reader, operation) != operation.local:
                raise PlanOutdatedError("it was changed here since the plan", where=operation.uid)

    def changes(self, since: int, key: str) -> tuple[list[Change], bool]:
        """Return the changes after a revision, and whether they may concern this view."""
        with self.store.reading() as reader:
            changes = list(reader.changes(since))
            keys = touched_by(changes, reader, self.projection)
            return changes, keys is None or key in keys

    def together(self) -> AbstractContextManager[Transaction]:
        """Bring several commits into one transaction: none of them is durable before its end."""
        return self.store.transaction()

    def intend(self, operation: Operation, document: Document | None) -> tuple[int, Intent | None]:
        """
        Make an intent durable before the write it announces; ``None`` announces a deletion.

        Returns:
            The revision of the store, and the intent that was pending before.

        Raises:
            PlanOutdatedError: another run has the item in hand, or it was changed or hidden.
        """
        intent = Intent(
            uid=operation.uid,
            key=operation.key,
            kind=operation.kind,
            operation=operation.action.value,
            href=None if operation.action is Action.CREATE_REMOTE else operation.href,
            base_etag=operation.etag,
            local_view=operation.local or {},
            payload=None if document is None else document.data,
        )
        with self.open() as (transaction, state):
            item, before = self._require(transaction, state, operation)
            if item is None and before is not None and operation.document is not None:
                self._remember(state, operation, before)
            state.intend(intent, self.now)
            if operation.winner:
                # What the write replaces is nowhere else once it is done.
                self.pending.disputed.add(operation.uid)
                state.record(self._journal_entry(operation, "decided"))
            return transaction.last_revision(), before

    def _remember(self, state: State, operation: Operation, before: Intent) -> None:
        """
        Make a pair of a creation whose answer was lost, and that arrived.

        The next intent takes the place of its own. Without what was sent then, what it sends
        itself would pass for what was in step, and an edit that does not arrive for undone there.
        """
        if before.payload is None or operation.href is None:
            return
        item = Item(
            uid=operation.uid,
            key=before.key,
            kind=before.kind,
            href=operation.href,
            etag=None,
            local_base=before.local_view,
            remote_base=before.payload,
            media_type=operation.media_type,
            status="unverified",
            reason=" ".join(before.local_view),
        )
        state.save(item, self.now)

    def withdraw(self, uid: str, before: Intent | None) -> None:
        """Take back an intent that nothing came of."""
        with self.open() as (_, state):
            if before is None:
                state.settle(uid)
            else:
                state.intend(before, self.now)

    def check(self, operation: Operation) -> None:
        """
        Make sure that what is to come here can be taken, before anything is sent.

        Raises:
            InputError: it cannot.
        """
        with self.open() as (transaction, _):
            self._absorbed(transaction, operation)

    def failed(self, operation: Operation, error: Exception) -> None:
        """Note in the ledger of deliveries that it could not be done."""
        with self.open() as (transaction, _):
            self.books.failed(transaction, operation, error)

    def refused(self, refusal: Refusal) -> None:
        """Remember that the other side does not take this content."""
        with self.open() as (_, state):
            self.pending.refused.add(refusal.uid)
            state.refuse(refusal, self.now)
            state.settle(refusal.uid)

    def unsent(self, uid: str) -> None:
        """Note that nothing reached the other side, so that nothing has to be settled."""
        with self.open() as (_, state):
            state.settle(uid)

    def forget(self, operation: Operation) -> None:
        """Remove all traces of an item that both sides lost."""
        with self.open() as (transaction, state):
            self._require(transaction, state, operation)
            if absence(transaction, operation.kind, operation.key)[1]:
                self.pending.forgotten.add(operation.uid)
            self.books.forgotten(transaction, operation)
            state.forget(operation.uid)
            self.settle(state, operation)

    def release(self, operation: Operation, reason: str) -> None:
        """Stop syncing an item without touching either side."""
        with self.open() as (transaction, state):
            self._require(transaction, state, operation)
            _release(state, operation, reason, self.now)
            item = state.item(operation.uid)
            if item is not None and absence(transaction, item.kind, item.key)[1]:
                # It is only remembered so as not to be taken in again.
                self.pending.forgotten.add(operation.uid)
                state.save(attrs.evolve(item, local_base={}, remote_base=None), self.now)

    def set_aside(self, operation: Operation, item: Quarantined) -> None:
        """Put a remote item in quarantine; what was begun with it waits there too."""
        with self.open() as (_, state):
            self.pending.aside.add(item.href)
            state.quarantine(item, self.now)
            state.settle(operation.uid)

    def conflict(self, operation: Operation) -> None:
        """Write a conflict into the journal, open."""
        with self.open() as (_, state):
            self.pending.disputed.add(operation.uid)
            state.record(self._journal_entry(operation, "open"))

    def document(self, operation: Operation, base: Document | None) -> Document:
        """
        Return the document to write: the one that was merged, with the fields to take over.

        Fields that only differ because the other side rewrote them stay as it has them.

        Raises:
            FormatError: the documents of the other side cannot say it.
        """
        self._require_sayable(operation)
        view = {**(operation.view or {}), **operation.there}
        if operation.action is Action.CREATE_REMOTE and base is None:
            base = self.pending.restored.get(operation.uid)
        elif operation.action is not Action.CREATE_REMOTE and base is not None:
            theirs = self.far.view(base)
            view = {**theirs, **{name: view[name] for name in operation.to_remote}}
        return self.far.call(
            lambda: self.far.lens.put(
                serialization.view_from_plain(self.far.spec.view, view), base, now=self.now
            )
        )

    def _require_sayable(self, operation: Operation) -> None:
        """Refuse an event that recurs where a lens, which sees its own fields only, would not."""
        if self.far.spec.view is not model.Event or "rrule" in self.far.lens.fields:
            return
        with self.store.reading() as reader:
            shown = self._projected(reader, operation)
        if shown is not None and any(getattr(shown.view, name) for name in _RECURRENCE):
            raise UnsupportedError(
                "the event recurs, which this connector cannot say: it would be shown once",
                where=operation.title,
                remedy="Leave it out of the link, or make an event of each date",
            )

    def pair(self, operation: Operation, stored: Stored, *, sent: bool) -> tuple[Item, Changed]:
        """
        Write the local side of a merge and remember both new bases.

        Raises:
            PlanOutdatedError: it was changed here meanwhile. What was sent stays noted
                as an intent, so that the next run does not take it for somebody's edit.
        """
        with self.open() as (transaction, state):
            local = operation.local or {}
            changed = Changed()
            if not sent:
                self._require(transaction, state, operation)
            elif operation.to_local and self.view_of(transaction, operation) != local:
                raise PlanOutdatedError("it was changed here meanwhile", where=operation.uid)
            if operation.to_local:
                changed = self._absorb(transaction, operation)
                local = self.view_of(transaction, operation) or local
            unread = sent and self.far.can_read
            item = Item(
                uid=operation.uid,
                key=operation.key,
                kind=operation.kind,
                href=stored.ref.href,
                etag=stored.ref.etag,
                local_base=self._local_base(operation, state, local, stored),
                remote_base=stored.document.data,
                media_type=stored.document.media_type,
                status="unverified" if unread else "synced",
                reason=" ".join(operation.to_remote) if unread else "",
            )
            state.save(item, self.now)
            self.books.accepted(transaction, operation, item, sent=sent)
            if operation.uid in self.pending.restored:
                _tombstones.forget(transaction.connection, self.far.link.name, operation.uid)
            self.settle(state, operation)
        return item, changed

    def _local_base(
        self, operation: Operation, state: State, local: Plain, stored: Stored
    ) -> Plain:
        """On a link that only reads, an edit made here stays known as an edit."""
        if self.far.link.direction is not Direction.PULL:
            return local
        remembered = state.item(operation.uid)
        theirs = self.far.view(stored.document)
        before = remembered.local_base if remembered is not None else first_base(local, theirs)
        edited = diff(before, local) - set(operation.to_local) - {"uid"}
        kept = {name for name in edited if local[name] != theirs[name]}
        return {**local, **{name: before[name] for name in kept}}

    def _absorb(self, transaction: Transaction, operation: Operation) -> Changed:
        absorbed = self._absorbed(transaction, operation)
        transaction.put(*absorbed.entities)
        return Changed.of(absorbed)

    def _absorbed(self, transaction: Transaction, operation: Operation) -> Absorbed:
        view: Any = serialization.view_from_plain(self.far.spec.view, operation.view or {})
        return self.projection.absorb(
            transaction, view, operation.key, frozenset(operation.to_local)
        )

    def delete_local(self, operation: Operation) -> Changed:
        """Delete here what was deleted there, unless something here still needs it."""
        with self.open() as (transaction, state):
            self._require(transaction, state, operation)
            removal = self.projection.remove(transaction, operation.key)
            if removal.kept_because:
                _release(state, operation, removal.kept_because, self.now)
                return Changed(kept_because=removal.kept_because)
            kept = [transaction.find(cls, entity_id) for cls, entity_id in removal.delete]
            for cls, entity_id in removal.delete:
                transaction.delete(cls, entity_id)
            entities = tuple(
                serialization.to_plain(entity) for entity in kept if entity is not None
            )
            self._bury(transaction, operation, "local", entities)
            state.forget(operation.uid)
            self.settle(state, operation)
        return Changed(wrote_local=1)

    def deleted_remote(self, operation: Operation) -> None:
        """Forget an item that was deleted on the other side by us; keep what it held."""
        with self.open() as (transaction, state):
            cls = serialization.KINDS.get(operation.kind)
            past = [] if cls is None else transaction.history(cls, operation.key)
            if absence(transaction, operation.kind, operation.key)[1]:
                # Nothing may stay, not even in what the file has no use for any more.
                self.pending.forgotten.add(operation.uid)
            elif any(version.entity is not None for version in past):
                self._bury(transaction, operation, "remote")
            self.books.taken_down(transaction, operation)
            state.forget(operation.uid)
            self.settle(state, operation)

    def _bury(
        self,
        transaction: Transaction,
        operation: Operation,
        side: str,
        entities: tuple[Mapping[str, Any], ...] = (),
    ) -> None:
        """Keep for a while what is being deleted."""
        days = self.far.link.keep_deleted
        told = operation.uid in self.pending.told
        if days == 0 or (told and not entities):
            return
        tombstone = Tombstone(
            link=self.far.link.name,
            uid=operation.uid,
            key=operation.key,
            kind=operation.kind,
            title=operation.title,
            side=side,
            entities=entities,
            document=None if told else operation.document,
            media_type=operation.media_type,
            at=self.now,
            until=self.now + dt.timedelta(days=days),
        )
        _tombstones.keep(transaction.connection, tombstone)

    def close(self, plan: Plan, left: Sequence[Left]) -> None:
        """Keep the quarantine, how far both sides are compared, and what is left over."""
        with self.open() as (transaction, state):
            _tombstones.purge(transaction.connection, self.now)
            if self.pending.forgotten or since_last(transaction.connection, plan.link.name):
                # What was overwritten just now may be in the log, and beside the rows.
                transaction.forgot = True
            for href in plan.recovered:
                state.release(href)
            for item in plan.quarantined:
                if item.lasting:
                    state.quarantine(item, self.now)
            _closing.close(state, plan, left, self.now)

    def _projected(self, reader: Reader, operation: Operation, key: str = "") -> Projected | None:
        """Return an item as it is shown now, ``None`` also if it has become another one."""
        projected = self.projection.project_one(reader, key or operation.key)
        same = projected is not None and projected.view.uid == operation.uid
        return projected if same else None

    def view_of(self, reader: Reader, operation: Operation, key: str = "") -> dict[str, Any] | None:
        """Return an item as the link shows it now, ``None`` if it is not shown."""
        projected = self._projected(reader, operation, key)
        if projected is None:
            return None
        return serialization.view_to_plain(projected.view, self.far.lens.fields)

    def settle(self, state: State, operation: Operation, *, begun: bool = True) -> None:
        """
        End everything that was pending for an item, and keep the loser of a conflict.

        ``begun``: there may be an intent.
        """
        if begun:
            state.settle(operation.uid)
        if operation.uid in self.pending.refused:
            state.accept(operation.uid)
        if operation.href in self.pending.aside:
            state.release(operation.href or "")
        if operation.uid in self.pending.told:
            state.end_journal(operation.uid)
            self.pending.told.discard(operation.uid)
            self.pending.forgotten.add(operation.uid)
            return
        if operation.winner:
            state.record(self._journal_entry(operation, "settled"))
            return
        if operation.uid not in self.pending.disputed:
            return
        for entry in state.journal(states=("open", "decided"), uid=operation.uid):
            # One that is still open ended by itself: nobody lost.
            winner = entry.winner if entry.state == "decided" else ""
            state.mark(entry.id, state="settled", winner=winner)

    def _journal_entry(self, operation: Operation, state: str) -> JournalEntry:
        return JournalEntry(
            link=self.far.link.name,
            uid=operation.uid,
            key=operation.key,
            title=operation.title,
            fields=tuple(attrs.asdict(conflict) for conflict in operation.conflicts),
            document=operation.document,
            state=state,
            winner=operation.winner,
            at=self.now,
        )


def _release(state: State, operation: Operation, reason: str, now: dt.datetime) -> None:
    item = state.item(operation.uid)
    if item is not None:
        state.save(attrs.evolve(item, status="released", reason=reason, etag=None), now)
    state.settle(operation.uid)
