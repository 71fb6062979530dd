# SPDX-License-Identifier: Apache-2.0
"""What a plan has to know of announcements: whose time is over, what waits, what is said twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

import attrs

from territoire_sante import model
from territoire_sante.plugins import ConnectorSpec, Limited, guard
from territoire_sante.store import Transaction
from territoire_sante.sync._delivery import BY_HAND, Delivery, content_digest
from territoire_sante.sync._ledger import Ledger
from territoire_sante.sync._link import Direction, Link
from territoire_sante.sync._operation import Action, Operation
from territoire_sante.sync._sides import Pair, Presence

#: Why a fallback stops showing what the first channel shows again.
FALLBACK_OVER: Final = "fallback_over"

_TWICE: Final = "the same notice is shown there already, as {twin}"
_TWICE_FR: Final = "La même annonce y est déjà affichée ({twin}) : elle n'est pas envoyée deux fois"


def publishes(link: Link, spec: ConnectorSpec[Any]) -> bool:
    """Say whether a link has a delivery ledger: announcements go out, and nothing comes back."""
    return link.direction is Direction.PUSH and shows_announcements(spec)


def shows_announcements(spec: ConnectorSpec[Any]) -> bool:
    """Say whether the views of a connector are announcements; for others, nothing is loaded."""
    return spec.view.__name__ == "Announcement"


def as_told(spec: ConnectorSpec[Any], transport: object) -> ConnectorSpec[Any]:
    """Return a connector with the limits that its instance tells, where it does."""
    if not shows_announcements(spec) or not isinstance(transport, Limited):
        return spec
    with guard(spec.name):
        return attrs.evolve(spec, limits=transport.limits())


def holds(limits: model.ChannelLimits | None) -> bool:
    """Say whether we have to wait for the first instant, as the channel would show it at once."""
    return limits is None or limits.dates is not model.DateGranularity.MINUTE


def knows_end(limits: model.ChannelLimits | None) -> bool:
    """Say whether a channel stops showing what is over by itself."""
    return limits is not None and limits.dates is not model.DateGranularity.NONE


def is_past(announcement: model.Announcement, now: dt.datetime) -> bool:
    """Say whether an announcement has had its time."""
    return announcement.state is model.AnnouncementState.EXPIRED or model.is_over(announcement, now)


@attrs.frozen(kw_only=True)
class Notices:
    """The view of a plan on the announcements of one link; does nothing for any other link."""

    link: Link
    spec: ConnectorSpec[Any]
    reader: Transaction
    now: dt.datetime

    @property
    def _ledger(self) -> Ledger:
        return Ledger(self.reader.connection, self.link.name)

    def turns(self) -> Collection[str]:
        """Return the keys of the announcements whose time has come since the last run."""
        return self._ledger.turns(self.now) if publishes(self.link, self.spec) else ()

    def without_idle(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """Yield the pairs of which something may have to be done now."""
        if not publishes(self.link, self.spec):
            yield from pairs
            return
        ledger = self._ledger
        for pair in pairs:
            key = _key(pair)
            line = ledger.line(key) if key else None
            idle = self._waits(line) or self._was_done_by_hand(pair, key, line)
            if not (idle or self._ended_by_itself(pair, key, line)):
                yield pair

    def judged(self, operations: Iterable[Operation]) -> Iterator[Operation]:
        """Yield the operations: what is said twice is held back, what was asked for is noted."""
        seen: dict[str, str] = {}
        for operation in operations:
            yield self._judged(operation, seen)

    def _judged(self, operation: Operation, seen: dict[str, str]) -> Operation:
        if operation.action is Action.DELETE_REMOTE:
            return attrs.evolve(operation, meant=self._was_meant(operation.key))
        if operation.action is Action.REFUSE:
            if operation.reason_fr:
                return attrs.evolve(operation, cause="misfit")
            line = self._ledger.line(operation.key)
            told = "" if line is None else line.hand_over or line.reason_fr
            return attrs.evolve(operation, cause="refused", reason_fr=told)
        entity = self.reader.find(model.Announcement, operation.key)
        if entity is None:
            return operation
        digest = content_digest(entity)
        twin = seen.setdefault(digest, operation.key)
        if twin == operation.key:
            twin = self._ledger.twin(digest, operation.key)
        if operation.action is not Action.CREATE_REMOTE or not twin:
            return operation
        return attrs.evolve(
            operation,
            action=Action.REFUSE,
            cause="duplicate",
            reason=_TWICE.format(twin=twin),
            reason_fr=_TWICE_FR.format(twin=twin),
        )

    def _was_meant(self, key: str) -> bool:
        entity, line = self.reader.find(model.Announcement, key), self._ledger.line(key)
        if entity is None:
            return False
        withdrawn = entity.state is model.AnnouncementState.WITHDRAWN
        called_back = line is not None and (line.called_back or line.cause == FALLBACK_OVER)
        late = not model.has_begun(entity, self.now)
        return withdrawn or called_back or late or is_past(entity, self.now)

    def _waits(self, line: Delivery | None) -> bool:
        """Say whether the channel asked for patience until later."""
        retry_at = line.retry_at if line is not None else None
        return retry_at is not None and retry_at > self.now

    def _was_done_by_hand(self, pair: Pair, key: str, line: Delivery | None) -> bool:
        """Say whether a person put there what the channel cannot take, and it is the same still."""
        if line is None or line.cause != BY_HAND or pair.item is not None or pair.local is None:
            return False
        entity = self.reader.find(model.Announcement, key)
        return entity is not None and line.digest == content_digest(entity)

    def _ended_by_itself(self, pair: Pair, key: str, line: Delivery | None) -> bool:
        """Say whether it is over, and its channel knows that."""
        if pair.item is None or pair.intent is not None or pair.local is not None:
            return False
        if pair.remote.presence is Presence.GONE or not knows_end(self.spec.limits):
            return False
        entity = self.reader.find(model.Announcement, key)
        called_back = line is not None and line.called_back
        return (
            entity is not None
            and not called_back
            and entity.state is not model.AnnouncementState.WITHDRAWN
            and is_past(entity, self.now)
        )


def _key(pair: Pair) -> str:
    if pair.local is not None:
        return pair.local.key
    known = pair.item or pair.intent
    return known.key if known is not None else ""
