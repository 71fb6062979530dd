# SPDX-License-Identifier: Apache-2.0
"""Keeping the delivery ledger during a run, in the transactions of the run itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from territoire_sante import model, projections
from territoire_sante.errors import (
    ItemRefusedError,
    NeedsPersonError,
    OutcomeUnknownError,
    RetryableError,
)
from territoire_sante.plugins import ConnectorSpec, Words
from territoire_sante.store import Transaction
from territoire_sante.sync._advice import advice_on, in_paris, is_lasting
from territoire_sante.sync._delivery import (
    BY_HAND,
    NOT_WITHDRAWN,
    Delivery,
    DeliveryState,
    after_delivery,
    as_time_goes,
    content_digest,
)
from territoire_sante.sync._ledger import Ledger, new_line
from territoire_sante.sync._link import Link
from territoire_sante.sync._notices import (
    FALLBACK_OVER,
    holds,
    is_past,
    knows_end,
    publishes,
)
from territoire_sante.sync._operation import Action, Operation
from territoire_sante.sync._records import Item
from territoire_sante.sync._state import State

#: Why a line is as it is, beside the classes of errors.
FALLBACK: Final = "fallback"

_NOTHING: Final[Mapping[str, Any]] = {
    "cause": "", "reason": "", "reason_fr": "", "hand_over": "", "proposal": None,
    "retry_at": None,
}  # fmt: skip
_NOT_DUE: Final = Words(
    "Programmée : elle part au premier passage après le {when:%d/%m/%Y à %H:%M}",
    "scheduled: it goes out with the first run after {when:%Y-%m-%d %H:%M}",
)
_STILL_UP: Final = "Le retrait n'a pas encore eu lieu. "
_PLEASE_REMOVE: Final = (
    "Sur le canal « {link} », retirez l'annonce « {title} » ({href}) : {why}. Quand c'est fait, "
    "notez-le : territoire-sante announcements done {announcement} {link}"
)
_NO_CALL: Final = "le programme n'a pas pu le faire lui-même"
_WAS_PUT_THERE: Final = "une personne l'y avait mise"
_MAYBE_THERE: Final = (
    "un envoi avait commencé et sa réponse s'est perdue, elle y est peut-être affichée"
)


@attrs.frozen(kw_only=True)
class Books:
    """The ledger of one link as its run writes it; does nothing for links that keep none."""

    link: Link
    spec: ConnectorSpec[Any]
    now: dt.datetime

    @property
    def are_kept(self) -> bool:
        """Whether this link has a ledger."""
        return publishes(self.link, self.spec)

    def _open(
        self, transaction: Transaction, operation: Operation
    ) -> tuple[Ledger, model.Announcement | None, Delivery]:
        ledger = Ledger(transaction.connection, self.link.name)
        entity = transaction.find(model.Announcement, operation.key)
        line = ledger.line(operation.key) or Delivery(
            link=self.link.name,
            announcement=operation.key,
            uid=operation.uid,
            title=operation.title,
            state=DeliveryState.HELD,
        )
        return ledger, entity, line

    def accepted(
        self, transaction: Transaction, operation: Operation, item: Item, *, sent: bool
    ) -> None:
        """Note that a channel took an announcement, or was found to have it."""
        if not self.are_kept:
            return
        ledger, entity, line = self._open(transaction, operation)
        if entity is None:
            return
        digest = content_digest(entity)
        stale = line.state is DeliveryState.PARTIAL or line.cause == OutcomeUnknownError.__name__
        if sent or stale or not line.state.is_up or line.digest != digest:
            line = attrs.evolve(
                line,
                **_NOTHING,
                state=DeliveryState.ACCEPTED,
                title=operation.title,
                digest=digest,
                sent_at=self.now,
                checked_at=None,
            )
        self._first_choice_again(transaction, line)
        turn = line.turn_at if line.called_back else model.shown_until(entity)
        ledger.save(attrs.evolve(line, href=item.href or "", turn_at=turn, fallback=""), self.now)
        published = after_delivery(entity)
        if published is not entity:
            transaction.put(published)

    def taken_down(self, transaction: Transaction, operation: Operation) -> None:
        """Note that a channel no longer has an announcement, because we asked for that."""
        if not self.are_kept:
            return
        ledger, entity, line = self._open(transaction, operation)
        self._over(ledger, entity, line)

    def forgotten(self, transaction: Transaction, operation: Operation) -> None:
        """Note that an announcement is gone on both sides, or may still be there unknown to us."""
        if not self.are_kept:
            return
        ledger, entity, line = self._open(transaction, operation)
        state = State(transaction.connection, self.link.name, made=True)
        intent = state.intent(operation.uid)
        if intent is not None and intent.payload is not None and operation.href is None:
            line = attrs.evolve(line, state=DeliveryState.HANDED_OVER, cause="sending")
            ledger.save(attrs.evolve(line, hand_over=self._text(line, _MAYBE_THERE)), self.now)
        elif not line.state.is_over:
            self._over(ledger, entity, line)

    def _over(self, ledger: Ledger, entity: model.Announcement | None, line: Delivery) -> None:
        past = entity is not None and is_past(entity, self.now) and not line.called_back
        withdrawn = entity is not None and entity.state is model.AnnouncementState.WITHDRAWN
        state = DeliveryState.EXPIRED if past and not withdrawn else DeliveryState.WITHDRAWN
        # To be looked at once more at the end of the run: its own state may have to follow.
        over = attrs.evolve(line, **_NOTHING, state=state, turn_at=self.now, checked_at=None)
        ledger.save(over, self.now)

    def failed(self, transaction: Transaction, operation: Operation, error: Exception) -> None:
        """Note that an operation ended in an error, and ask the fallback if it will stay so."""
        if not self.are_kept or not operation.key:
            return
        ledger, entity, line = self._open(transaction, operation)
        if operation.action is Action.DELETE_REMOTE:
            ledger.save(self._not_taken_down(line, error), self.now, again=True)
        elif entity is not None:
            self._fail(transaction, line, entity, error)

    def _fail(
        self, transaction: Transaction, line: Delivery, entity: model.Announcement, error: Exception
    ) -> None:
        retry_at = self._retry_at(error)
        words = advice_on(error, retry_at=retry_at)
        line = attrs.evolve(
            line,
            **{**_NOTHING, "retry_at": retry_at},
            state=_state_after(line, error),
        )
        line = attrs.evolve(
            line,
            title=entity.title,
            cause=type(error).__name__,
            reason=str(error),
            reason_fr=words.fr,
            hand_over=error.hand_over if isinstance(error, NeedsPersonError) else "",
            turn_at=retry_at or line.turn_at,
        )
        if is_lasting(error):
            line = self._ask_fallback(transaction, line, entity)
        Ledger(transaction.connection, self.link.name).save(line, self.now, again=True)

    def link_failed(
        self, transaction: Transaction, scope: projections.AnnouncementProjection, error: Exception
    ) -> None:
        """Note of each announcement that is due that the channel as a whole could not be used."""
        ledger = Ledger(transaction.connection, self.link.name)
        for projected in list(scope.project(transaction)):
            entity = transaction.find(model.Announcement, projected.key)
            if entity is None:
                continue
            first = new_line(self.link.name, entity, str(projected.view.uid), DeliveryState.HELD)
            line = ledger.line(entity.id) or first
            up_to_date = line.state.is_up and line.digest == content_digest(entity)
            if not up_to_date and line.state is not DeliveryState.HANDED_OVER:
                self._fail(transaction, line, entity, error)

    def _not_taken_down(self, line: Delivery, error: Exception) -> Delivery:
        retry_at = self._retry_at(error)
        line = attrs.evolve(line, reason=str(error), retry_at=retry_at, turn_at=retry_at)
        if not isinstance(error, ItemRefusedError):
            words = advice_on(error, retry_at=retry_at)
            return attrs.evolve(line, cause=NOT_WITHDRAWN, reason_fr=_STILL_UP + words.fr)
        person = isinstance(error, NeedsPersonError)
        text = error.hand_over if isinstance(error, NeedsPersonError) else ""
        return attrs.evolve(
            line,
            state=DeliveryState.HANDED_OVER,
            cause=type(error).__name__,
            reason_fr=advice_on(error).fr if person else "",
            hand_over=text or self._text(line, _NO_CALL),
        )

    def _text(self, line: Delivery, why: str) -> str:
        return _PLEASE_REMOVE.format(
            link=self.link.name,
            title=line.title,
            href=line.href or line.uid,
            why=why,
            announcement=line.announcement,
        )

    def _retry_at(self, error: Exception) -> dt.datetime | None:
        wait = error.retry_after if isinstance(error, RetryableError) else None
        return None if wait is None else self.now + dt.timedelta(seconds=wait)

    # The fallback.

    def _ask_fallback(
        self, transaction: Transaction, line: Delivery, entity: model.Announcement
    ) -> Delivery:
        name = self.link.fallback
        if not name or line.called_back:
            return line
        ledger = Ledger(transaction.connection, name)
        other = ledger.line(entity.id) or new_line(name, entity, line.uid, DeliveryState.HELD)
        if not other.state.is_up and not other.called_back:
            asked = attrs.evolve(other, fallback_of=self.link.name, turn_at=self.now)
            waits = asked.state in (DeliveryState.HELD, DeliveryState.WITHDRAWN)
            held = attrs.evolve(asked, **_NOTHING, state=DeliveryState.HELD)
            ledger.save(attrs.evolve(held, cause=FALLBACK) if waits else asked, self.now)
        return attrs.evolve(line, fallback=name)

    def _first_choice_again(self, transaction: Transaction, line: Delivery) -> None:
        """Let the fallback go, now that this channel shows it."""
        if not line.fallback:
            return
        ledger = Ledger(transaction.connection, line.fallback)
        other = ledger.line(line.announcement)
        if other is not None and other.fallback_of == self.link.name:
            done = attrs.evolve(other, fallback_of="", cause=FALLBACK_OVER, turn_at=self.now)
            ledger.save(done, self.now)

    # The end of a run.

    def close(
        self,
        transaction: Transaction,
        scope: projections.AnnouncementProjection,
        operations: Iterable[tuple[Operation, Exception | None]],
        *,
        since: int | None,
    ) -> None:
        """
        Note what waits, what is over, and what did not fit or was put off because of an error.

        ``since`` is the revision up to which the link was compared before, ``None`` to look at
        every announcement.
        """
        for operation, error in operations:
            if error is not None:
                self.failed(transaction, operation, error)
            elif operation.action is Action.REFUSE:
                self._refused(transaction, operation)
        ledger = Ledger(transaction.connection, self.link.name)
        keys = {one.id for one in transaction.all(model.Announcement)} if since is None else set()
        if since is not None:
            keys = {c.id for c in transaction.changes(since) if c.kind == model.Announcement.KIND}
        for key in sorted(keys | ledger.turns(self.now)):
            entity = transaction.find(model.Announcement, key)
            if entity is not None:
                self._as_time_goes(transaction, ledger, scope, entity)

    def _refused(self, transaction: Transaction, operation: Operation) -> None:
        ledger, entity, line = self._open(transaction, operation)
        if entity is None or operation.cause not in ("duplicate", "misfit"):
            return
        line = attrs.evolve(line, **_NOTHING, title=operation.title)
        line = attrs.evolve(
            line,
            cause=operation.cause,
            reason=operation.reason,
            reason_fr=operation.reason_fr,
            proposal=operation.proposal,
        )
        if operation.cause == "duplicate":
            ledger.save(attrs.evolve(line, state=DeliveryState.HELD), self.now)
            return
        state = DeliveryState.PARTIAL if line.state.is_up else DeliveryState.REFUSED
        line = attrs.evolve(line, state=state)
        ledger.save(self._ask_fallback(transaction, line, entity), self.now)

    def _as_time_goes(
        self,
        transaction: Transaction,
        ledger: Ledger,
        scope: projections.AnnouncementProjection,
        entity: model.Announcement,
    ) -> None:
        before = ledger.line(entity.id) or self._adopted(transaction, entity)
        line = before or new_line(self.link.name, entity, _uid(entity), DeliveryState.HELD)
        after = self._handed_back(line, entity, scope) or self._timed(
            line, entity, scope, known=before is not None
        )
        if after is not None:
            due = after.turn_at is not None and after.turn_at <= self.now
            ledger.save(attrs.evolve(after, turn_at=None) if due else after, self.now)
        held = after is not None and after.cause == "schedule"
        changed = as_time_goes(entity, self.now, held=held)
        if changed is not entity:
            transaction.put(changed)

    def _handed_back(
        self, line: Delivery, entity: model.Announcement, scope: projections.AnnouncementProjection
    ) -> Delivery | None:
        """Return the line of what a person put there and is to take down now."""
        over = is_past(entity, self.now) or not scope.is_meant(entity)
        if not over or line.cause != BY_HAND or not line.state.is_up:
            return None
        line = attrs.evolve(line, state=DeliveryState.HANDED_OVER, turn_at=None)
        return attrs.evolve(line, hand_over=self._text(line, _WAS_PUT_THERE))

    def _timed(
        self,
        line: Delivery,
        entity: model.Announcement,
        scope: projections.AnnouncementProjection,
        *,
        known: bool,
    ) -> Delivery | None:
        """Return a line as the time makes it, ``None`` if there is nothing to say."""
        if known and is_past(entity, self.now):
            return self._past(line, entity)
        waits = holds(self.spec.limits) and not model.has_begun(entity, self.now)
        if scope.is_meant(entity) and not line.state.is_up and waits and not line.hand_over:
            return self._held(line, entity)
        if not known:
            return None
        if line.state.is_up and scope.is_meant(entity):
            return attrs.evolve(line, turn_at=line.retry_at or model.shown_until(entity))
        waits = line.state in (DeliveryState.HELD, DeliveryState.REFUSED, DeliveryState.FAILED)
        if waits and not scope.is_meant(entity):
            return self._ended(line, DeliveryState.WITHDRAWN)
        return line

    def _past(self, line: Delivery, entity: model.Announcement) -> Delivery:
        """Return the line of what is over: some channels know that, the others are told."""
        stays = (
            line.state.is_over
            or line.called_back
            or line.state is DeliveryState.HANDED_OVER
            or entity.state is model.AnnouncementState.WITHDRAWN
            or (line.state.is_up and not knows_end(self.spec.limits))
        )
        if not stays:
            return self._ended(line, DeliveryState.EXPIRED)
        return attrs.evolve(line, turn_at=None)

    def _ended(self, line: Delivery, state: DeliveryState) -> Delivery:
        return attrs.evolve(line, **_NOTHING, state=state, turn_at=None)

    def _held(self, line: Delivery, entity: model.Announcement) -> Delivery:
        start = in_paris(model.shown_from(entity) or self.now)
        told = {
            "cause": "schedule",
            "reason": _NOT_DUE.en.format(when=start),
            "reason_fr": _NOT_DUE.fr.format(when=start),
        }
        return attrs.evolve(line, **{**_NOTHING, **told}, state=DeliveryState.HELD, turn_at=start)

    def _adopted(self, transaction: Transaction, entity: model.Announcement) -> Delivery | None:
        """Return a line for what was sent before there was a ledger."""
        state = State(transaction.connection, self.link.name, made=True)
        item = state.item(_uid(entity))
        if item is None or item.key != entity.id:
            return None
        line = new_line(self.link.name, entity, item.uid, DeliveryState.ACCEPTED)
        return attrs.evolve(line, href=item.href or "", digest=content_digest(entity))


def _uid(entity: model.Announcement) -> str:
    return projections.AnnouncementProjection.uid_of(entity)


def _state_after(line: Delivery, error: Exception) -> DeliveryState:
    if isinstance(error, OutcomeUnknownError):
        return DeliveryState.UNKNOWN
    if isinstance(error, NeedsPersonError):
        return DeliveryState.HANDED_OVER
    if line.state.is_up and line.sent_at is not None:
        return DeliveryState.PARTIAL
    refused = isinstance(error, ItemRefusedError)
    return DeliveryState.REFUSED if refused else DeliveryState.FAILED
