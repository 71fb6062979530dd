# SPDX-License-Identifier: Apache-2.0
"""The transactions of a run: the local change and what the link remembers, together or not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import attrs

from territoire_sante.errors import FormatError
from territoire_sante.formats import Document
from territoire_sante.plugins import Stored
from territoire_sante.projections import Absorbed, Projection
from territoire_sante.serialization import view_from_plain, view_to_plain
from territoire_sante.store import Reader, Store, Transaction
from territoire_sante.sync._link import Direction
from territoire_sante.sync._merge import Plain, diff
from territoire_sante.sync._operation import Action, Operation, Plan
from territoire_sante.sync._read import Far, bare
from territoire_sante.sync._state import (
    Intent,
    Item,
    JournalEntry,
    LinkState,
    Quarantined,
    Refusal,
    State,
)


@attrs.frozen(kw_only=True)
class Changed:
    """
    What a commit did.

    ``outdated``: nothing, the entity changed since the plan. ``not_carried``: fields
    that the entities here have no room for; they stay in the document.
    """

    outdated: bool = False
    wrote_local: int = 0
    not_carried: frozenset[str] = frozenset()
    kept_because: str = ""
    problems: tuple[str, ...] = ()


def kept_document(operation: Operation) -> Document | None:
    """Return the remote document that an operation builds on."""
    if operation.document is None:
        return None
    return Document(operation.document, operation.media_type)


@attrs.frozen(kw_only=True)
class Commits:
    """Every way in which a run writes to the store, bound to one link."""

    store: Store
    far: Far
    projection: Projection
    now: dt.datetime

    @contextmanager
    def _open(self) -> Iterator[tuple[Transaction, State]]:
        with self.store.transaction() as transaction:
            yield transaction, State(transaction.connection, self.far.link.name)

    def item(self, uid: str) -> Item | None:
        """Return what is remembered of an item."""
        with self._open() as (_, state):
            return state.item(uid)

    def chosen(self) -> dict[str, str]:
        """Return what persons decided and no run has applied yet, by UID."""
        with self._open() as (_, state):
            return {e.uid: e.winner for e in state.journal(states=("decided",))}

    def is_outdated(self, operation: Operation) -> bool:
        """Say whether another run handled the item since the plan was made."""
        item = self.item(operation.uid)
        return (item.etag if item is not None else None) != operation.base_etag

    def intend(self, intent: Intent) -> None:
        """Make an intent durable before the write it announces."""
        with self._open() as (_, state):
            state.intend(intent, self.now)

    def refused(self, refusal: Refusal) -> None:
        """Remember that the other side does not take this content."""
        with self._open() as (_, state):
            state.refuse(refusal, self.now)
            state.settle(refusal.uid)

    def forget(self, uid: str) -> None:
        """Remove all traces of an item that both sides lost."""
        with self._open() as (_, state):
            state.forget(uid)
            state.settle(uid)
            state.accept(uid)

    def release(self, operation: Operation, reason: str) -> None:
        """Stop syncing an item without touching either side."""
        with self._open() as (_, state):
            _release(state, operation, reason, self.now)

    def set_aside(self, item: Quarantined) -> None:
        """Put a remote item in quarantine."""
        with self._open() as (_, state):
            state.quarantine(item, self.now)

    def conflict(self, operation: Operation) -> None:
        """Write a conflict into the journal, open."""
        with self._open() as (_, state):
            state.record(self._journal_entry(operation, "open"))

    def document(self, operation: Operation, base: Document | None) -> Document:
        """
        Return the document to write: the one that was merged, with the fields to take over.

        Fields that only differ because the other side rewrote them stay as it has them.
        """
        view = dict(operation.view or {})
        if operation.action is not Action.CREATE_REMOTE and base is not None:
            theirs = self.far.view(base)
            view = {**theirs, **{name: view[name] for name in operation.to_remote}}
        return self.far.lens.put(view_from_plain(self.far.spec.view, view), base, now=self.now)

    def pair(self, operation: Operation, stored: Stored) -> Changed:
        """Write the local side of a merge and remember both new bases."""
        written = bool(operation.to_remote) and self.far.can_read
        with self._open() as (transaction, state):
            local = operation.local or {}
            changed = Changed()
            if operation.to_local:
                if self._plain(transaction, operation.key) != local:
                    state.settle(operation.uid)
                    return Changed(outdated=True)
                changed = self._absorb(transaction, operation)
                local = self._plain(transaction, operation.key) or local
            remembered = state.item(operation.uid)
            item = Item(
                uid=operation.uid,
                key=operation.key,
                kind=operation.kind,
                href=stored.ref.href,
                etag=stored.ref.etag,
                local_base=self._local_base(operation, remembered, local, stored),
                remote_base=stored.document.data,
                media_type=stored.document.media_type,
                status="unverified" if written else "synced",
            )
            state.save(item, self.now)
            self._settle(state, operation)
        return changed

    def _local_base(
        self, operation: Operation, remembered: Item | None, local: Plain, stored: Stored
    ) -> Plain:
        """On a link that only reads, an edit made here stays known as an edit."""
        if self.far.link.direction is not Direction.PULL or remembered is None:
            return local
        theirs = self.far.view(stored.document)
        edited = diff(remembered.local_base, local) - set(operation.to_local)
        kept = {name for name in edited if local[name] != theirs[name]}
        return {**local, **{name: remembered.local_base[name] for name in kept}}

    def _absorb(self, transaction: Transaction, operation: Operation) -> Changed:
        view: Any = view_from_plain(self.far.spec.view, operation.view or {})
        absorbed = self.projection.absorb(
            transaction, view, operation.key, frozenset(operation.to_local)
        )
        transaction.put(*absorbed.entities)
        return _changed(absorbed)

    def create_local(self, operation: Operation) -> Changed:
        """Store what is new on the other side."""
        plain = operation.view or {}
        view: Any = view_from_plain(self.far.spec.view, plain)
        with self._open() as (transaction, state):
            absorbed = self.projection.absorb(
                transaction, view, operation.key or None, frozenset(plain)
            )
            transaction.put(*absorbed.entities)
            kind = next(type(e).KIND for e in absorbed.entities if e.id == absorbed.key)
            item = Item(
                uid=operation.uid,
                key=absorbed.key,
                kind=kind,
                href=operation.href,
                etag=operation.etag,
                local_base=self._plain(transaction, absorbed.key) or plain,
                remote_base=operation.document,
                media_type=operation.media_type,
            )
            state.save(item, self.now)
            self._settle(state, operation)
        return _changed(absorbed)

    def delete_local(self, operation: Operation) -> Changed:
        """Delete here what was deleted there, unless something here still needs it."""
        with self._open() as (transaction, state):
            if self._plain(transaction, operation.key) != operation.local:
                return Changed(outdated=True)
            removal = self.projection.remove(transaction, operation.key)
            if removal.kept_because:
                _release(state, operation, removal.kept_because, self.now)
                return Changed(kept_because=removal.kept_because)
            for cls, entity_id in removal.delete:
                transaction.delete(cls, entity_id)
            state.forget(operation.uid)
            self._settle(state, operation)
        return Changed(wrote_local=1)

    def deleted_remote(self, operation: Operation) -> None:
        """Forget an item that was deleted on the other side by us; keep what it held."""
        with self._open() as (_, state):
            state.forget(operation.uid)
            self._settle(state, operation)

    def verify(self, sent: Mapping[str, Document]) -> dict[str, frozenset[str]]:
        """
        Read back what was written; remember what the other side really holds.

        Returns:
            By UID, the fields that it holds otherwise than they were sent.
        """
        with self._open() as (_, state):
            items = {uid: item for uid in sent if (item := state.item(uid)) is not None}
        by_href = {item.href: item for item in items.values() if item.href is not None}
        noted: dict[str, frozenset[str]] = {}
        for answer in self.far.read(list(by_href)):
            item = by_href.get(answer.ref.href)
            if item is None or not isinstance(answer, Stored):
                continue
            try:
                rewritten = diff(self.far.view(sent[item.uid]), self.far.view(answer.document))
            except FormatError:
                continue
            if item.etag is None:
                # Without an ETag somebody else's edit looks like a rewriting: read it next time.
                confirmed = not rewritten
            else:
                confirmed = bare(item.etag) == bare(answer.ref.etag)
            if confirmed:
                self._confirm(item, answer)
                noted[item.uid] = rewritten
        return noted

    def _confirm(self, item: Item, answer: Stored) -> None:
        echo = attrs.evolve(
            item,
            etag=answer.ref.etag,
            remote_base=answer.document.data,
            media_type=answer.document.media_type,
            status="synced",
        )
        with self._open() as (_, state):
            state.save(echo, self.now)

    def close(self, plan: Plan, *, complete: bool) -> None:
        """Keep the quarantine and, if nothing before it is left over, the cursor."""
        with self._open() as (_, state):
            for href in plan.recovered:
                state.release(href)
            for item in plan.quarantined:
                state.quarantine(item, self.now)
            before = state.link()
            if complete:
                state.save_link(
                    LinkState(
                        cursor=plan.cursor,
                        last_full=self.now if plan.full else before.last_full,
                        runs_since_full=0 if plan.full else before.runs_since_full + 1,
                    )
                )

    def _plain(self, reader: Reader, key: str) -> dict[str, Any] | None:
        projected = self.projection.project_one(reader, key)
        if projected is None:
            return None
        return view_to_plain(projected.view, self.far.lens.fields)

    def _settle(self, state: State, operation: Operation) -> None:
        """End everything that was pending for an item, and keep the loser of a conflict."""
        state.settle(operation.uid)
        state.accept(operation.uid)
        if operation.href is not None:
            state.release(operation.href)
        for entry in state.journal(states=("open", "decided")):
            if entry.uid == operation.uid:
                winner = operation.winner or entry.winner
                state.mark(entry.id, state="settled", winner=winner)
                return
        if operation.winner:
            state.record(self._journal_entry(operation, "settled"))

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


def _changed(absorbed: Absorbed) -> Changed:
    return Changed(
        wrote_local=int(bool(absorbed.entities)),
        not_carried=absorbed.not_carried,
        problems=tuple(str(problem) for problem in absorbed.problems),
    )


def _release(state: State, operation: Operation, reason: str, now: dt.datetime) -> None:
    item = state.item(operation.uid)
    if item is not None:
        state.save(attrs.evolve(item, status="released", reason=reason), now)
    state.settle(operation.uid)
