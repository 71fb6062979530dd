# SPDX-License-Identifier: Apache-2.0
"""What people and programs ask of the delivery ledger, and tell it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

import attrs

from territoire_sante.errors import (
    ConfigError,
    InvalidValueError,
    TerritoireSanteError,
)
from territoire_sante.model import Announcement, AnnouncementState
from territoire_sante.plugins import Catalog
from territoire_sante.store import Store, Transaction
from territoire_sante.sync._books import Books
from territoire_sante.sync._confirm import confirm_shown, is_anything_to_confirm
from territoire_sante.sync._delivery import (
    BY_HAND,
    Delivery,
    DeliveryChange,
    DeliveryState,
    after_delivery,
    content_digest,
)
from territoire_sante.sync._ledger import Ledger, all_lines, new_line
from territoire_sante.sync._link import Link
from territoire_sante.sync._near import announcements_of
from territoire_sante.sync._notices import publishes
from territoire_sante.sync._read import Far, open_far
from territoire_sante.sync._state import State
from territoire_sante.sync._tables import COMPONENT, STEPS


def deliveries(store: Store, link: str = "", announcement: str = "") -> Iterator[Delivery]:
    """
    Yield what became of each announcement on each link, or on one, or of one.

    A write that was begun and whose answer nobody saw is unknown, with the cause ``sending``.
    """
    store.migrate(COMPONENT, STEPS, create=False)
    with store.reading() as reader:
        found = list(all_lines(reader.connection, link=link, announcement=announcement))
    yield from found


def delivery_history(store: Store, link: str, announcement: str) -> tuple[DeliveryChange, ...]:
    """Return what happened to an announcement on a link, oldest first."""
    store.migrate(COMPONENT, STEPS, create=False)
    with store.reading() as reader:
        return tuple(Ledger(reader.connection, link).history(announcement))


def withdraw(
    store: Store, announcement: str, *, links: Collection[str] = (), now: dt.datetime
) -> Announcement:
    """
    Withdraw an announcement, from everywhere or only from some links; the next runs carry it out.

    Raises:
        EntityNotFoundError: there is no such announcement.
        TransitionError: it is not approved yet, or over.
    """
    store.migrate(COMPONENT, STEPS)
    with store.transaction() as transaction:
        entity = transaction.get(Announcement, announcement)
        if not links and entity.state is not AnnouncementState.WITHDRAWN:
            entity = entity.withdraw()
            transaction.put(entity)
        names = links or {one.link for one in all_lines(transaction.connection)}
        for name in sorted(names):
            ledger = Ledger(transaction.connection, name)
            line = ledger.line(announcement)
            if links:
                line = line or new_line(name, entity, "", DeliveryState.HELD)
                line = attrs.evolve(line, called_back=True, fallback_of="")
                _let_go(transaction, name, line, now)
                line = attrs.evolve(line, fallback="")
            if line is not None:
                ledger.save(attrs.evolve(line, turn_at=now, retry_at=None), now)
    return entity


def _let_go(transaction: Transaction, link: str, line: Delivery, now: dt.datetime) -> None:
    """End what a fallback shows for a link from which the announcement was withdrawn."""
    if not line.fallback:
        return
    ledger = Ledger(transaction.connection, line.fallback)
    other = ledger.line(line.announcement)
    if other is not None and other.fallback_of == link:
        done = attrs.evolve(other, fallback_of="", cause="fallback_over", turn_at=now)
        ledger.save(done, now)


def mark_done(store: Store, announcement: str, link: str, *, now: dt.datetime) -> Delivery:
    """
    Note that a person did what was handed over: the announcement is no longer there, or is now.

    Raises:
        InvalidValueError: nothing was handed over to a person here.
    """
    store.migrate(COMPONENT, STEPS)
    with store.transaction() as transaction:
        ledger = Ledger(transaction.connection, link)
        line = ledger.line(announcement)
        if line is None or line.state is not DeliveryState.HANDED_OVER:
            state = "unknown here" if line is None else line.state.value
            raise InvalidValueError(
                f"nothing was handed over to a person: it is {state}",
                where=f"{announcement} {link}",
                remedy="See `announcements status`",
            )
        entity = transaction.find(Announcement, announcement)
        line = attrs.evolve(line, cause=BY_HAND, reason="", reason_fr="", turn_at=None)
        if entity is not None and entity.state in _WANTED and not line.called_back:
            transaction.put(after_delivery(entity))
            digest = content_digest(entity)
            line = attrs.evolve(line, state=DeliveryState.UNKNOWN, digest=digest, sent_at=now)
            return ledger.save(line, now)
        memory = State(transaction.connection, link, made=True)
        memory.forget(line.uid)
        memory.settle(line.uid)
        memory.accept(line.uid)
        return ledger.save(attrs.evolve(line, state=DeliveryState.WITHDRAWN), now)


_WANTED = (
    AnnouncementState.APPROVED,
    AnnouncementState.SCHEDULED,
    AnnouncementState.PUBLISHED,
)


def refresh(
    store: Store,
    link: Link,
    *,
    catalog: Catalog | None = None,
    now: dt.datetime,
) -> int:
    """
    Look whether what a link published is shown, without publishing anything.

    Returns:
        How many announcements were looked at.

    Raises:
        ConfigError: the link's options are wrong, or it publishes no announcements.
        PluginError: the connector cannot be used.
        ConnectorError: the other side cannot be opened.
    """
    spec = (catalog or Catalog.installed()).get(link.connector)
    if not publishes(link, spec):
        raise ConfigError(
            "it publishes no announcements",
            where=f"link {link.name}",
            remedy='Name a link with view = "announcement" and direction = "push"',
        )
    store.migrate(COMPONENT, STEPS)
    opening, lens = open_far(link, spec)
    far = Far(link=link, spec=spec, lens=lens, transport=None)
    if not is_anything_to_confirm(store, link, spec):
        return confirm_shown(store, far, now)
    with opening as transport:
        return confirm_shown(store, attrs.evolve(far, transport=transport), now)


def note_failure(
    store: Store,
    link: Link,
    error: TerritoireSanteError,
    *,
    catalog: Catalog | None = None,
    now: dt.datetime,
) -> None:
    """
    Note in the ledger that a link could not be used at all, and ask the fallback if need be.

    ``Workspace`` does this by itself; call it where you call :func:`plan` and :func:`apply`, with
    what they raised.
    """
    catalog = catalog or Catalog.installed()
    try:
        spec = catalog.get(link.connector)
    except TerritoireSanteError:
        return
    if not publishes(link, spec):
        return
    store.migrate(COMPONENT, STEPS)
    with store.transaction() as transaction:
        scope = announcements_of(transaction, link, spec.limits, now=now)
        Books(link=link, spec=spec, now=now).link_failed(transaction, scope, error)
