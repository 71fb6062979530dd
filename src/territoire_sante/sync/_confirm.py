# SPDX-License-Identifier: Apache-2.0
"""Looking whether announcements are really shown: what a reader sees, not what a write answered."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import attrs

from territoire_sante.errors import ConnectorError, InputError
from territoire_sante.formats import Document
from territoire_sante.plugins import (
    Capability,
    Confirmation,
    ConnectorSpec,
    Ref,
    Shown,
    Stored,
    Words,
)
from territoire_sante.store import Store
from territoire_sante.sync._delivery import NOT_WITHDRAWN, Delivery, DeliveryState
from territoire_sante.sync._ledger import Ledger
from territoire_sante.sync._link import Link
from territoire_sante.sync._notices import publishes
from territoire_sante.sync._read import Far
from territoire_sante.sync._state import State
from territoire_sante.sync._tables import same_place

log = logging.getLogger("territoire_sante.sync")

#: So many are asked for together, and at most so many in one run: those not looked at for longest.
BATCH: Final = 50
MOST: Final = 500

#: Why nothing is known of what a channel shows.
NO_CONFIRM: Final = "no_confirm"

_NOBODY_LOOKS: Final = Words(
    "Ce canal ne dit pas ce qu'il affiche : allez le voir",
    "this channel does not tell what it shows: go and look",
)
_STATES: Final[Mapping[Shown, tuple[DeliveryState, Words]]] = {
    Shown.VISIBLE: (DeliveryState.VISIBLE, Words()),
    Shown.DIFFERS: (
        DeliveryState.DIFFERS,
        Words(
            "Le public voit autre chose que ce qui a été envoyé : comparez et corrigez là-bas",
            "people see something else than what was sent: compare, and correct it there",
        ),
    ),
    Shown.GONE: (
        DeliveryState.GONE,
        Words(
            "Elle n'est plus affichée : quelqu'un l'a peut-être retirée là-bas",
            "it is shown no longer: somebody may have taken it down there",
        ),
    ),
    Shown.UNKNOWN: (
        DeliveryState.UNKNOWN,
        Words(
            "L'affichage n'a pas pu être vérifié cette fois",
            "what is shown could not be looked at this time",
        ),
    ),
}


def is_anything_to_confirm(store: Store, link: Link, spec: ConnectorSpec[Any]) -> bool:
    """Say whether a channel is to be asked what it shows."""
    if not publishes(link, spec) or Capability.CONFIRM not in spec.capabilities:
        return False
    with store.reading() as reader:
        return any(_is_asked(line) for line in Ledger(reader.connection, link.name).lines())


def confirm_shown(store: Store, far: Far, now: dt.datetime) -> int:
    """
    Look whether what a link published is shown, and note it in the ledger.

    A failing channel leaves the last known states.

    Returns:
        How many were looked at.
    """
    if not publishes(far.link, far.spec):
        return 0
    if Capability.CONFIRM not in far.spec.capabilities:
        return _note_unknown(store, far.link.name, now)
    if far.transport is None:
        return 0
    done = 0
    asked = iter(_asked(store, far.link.name))
    try:
        while group := list(islice(asked, BATCH)):
            found = _confirmations(far, [stored for _, stored in group])
            _note(store, far.link.name, group, found, now)
            done += len(group)
    except (ConnectorError, InputError) as error:
        told = {"link": far.link.name, "error": type(error).__name__}
        log.warning("link %(link)s: nobody could look: %(error)s", told, extra=told)
    return done


def _is_asked(line: Delivery) -> bool:
    return line.state.is_up and line.cause != NOT_WITHDRAWN


def _asked(store: Store, link: str) -> Iterable[tuple[Delivery, Stored]]:
    """Return what is to be looked at, with the documents as they were sent."""
    with store.reading() as reader:
        lines = [one for one in Ledger(reader.connection, link).lines() if _is_asked(one)]
        lines.sort(key=lambda one: one.checked_at or dt.datetime.min.replace(tzinfo=dt.UTC))
        state = State(reader.connection, link)
        found = []
        for line in lines[:MOST]:
            item = state.item(line.uid)
            if state.intent(line.uid) is not None:
                # What is to be seen there is not known yet.
                continue
            if item is not None and item.href is not None and item.remote_base is not None:
                document = Document(item.remote_base, item.media_type)
                found.append((line, Stored(Ref(item.href, item.etag), document)))
    return found


def _confirmations(far: Far, items: Sequence[Stored]) -> dict[str, Confirmation]:
    def ask() -> Iterator[Confirmation]:
        answers: Iterator[Confirmation] = far.transport.confirm(items)
        return answers

    return {same_place(answer.href): answer for answer in far.call(lambda: list(ask()))}


def _note(
    store: Store,
    link: str,
    group: Sequence[tuple[Delivery, Stored]],
    found: Mapping[str, Confirmation],
    now: dt.datetime,
) -> None:
    with store.transaction() as transaction:
        ledger = Ledger(transaction.connection, link)
        for before, stored in group:
            line = ledger.line(before.announcement)
            if line is None or line != before:
                # Another run was here meanwhile, and knows more.
                continue
            href = stored.ref.href
            answer = found.get(same_place(href)) or Confirmation(href, Shown.UNKNOWN)
            ledger.save(_looked_at(line, answer, now), now)


def _looked_at(line: Delivery, answer: Confirmation, now: dt.datetime) -> Delivery:
    state, words = _STATES[answer.shown]
    line = attrs.evolve(line, checked_at=now)
    older = (DeliveryState.VISIBLE, DeliveryState.DIFFERS, DeliveryState.UNKNOWN)
    if line.state is DeliveryState.PARTIAL and state in older:
        # An older version is up; that the correction did not come through is what matters.
        return line
    # The detail is in French: it is for those who look at the channel.
    reason, reason_fr = (
        f"{general} ({answer.detail})" if general and answer.detail else general or answer.detail
        for general in (words.en, words.fr)
    )
    return attrs.evolve(
        line, state=state, cause="", reason=reason, reason_fr=reason_fr, proposal=None
    )


def _note_unknown(store: Store, link: str, now: dt.datetime) -> int:
    with store.reading() as reader:
        lines = list(Ledger(reader.connection, link).lines())
    fresh = [line for line in lines if line.state is DeliveryState.ACCEPTED]
    if not fresh:
        return 0
    with store.transaction() as transaction:
        ledger = Ledger(transaction.connection, link)
        for before in fresh:
            line = ledger.line(before.announcement)
            if line != before:
                continue
            unknown = attrs.evolve(
                before,
                state=DeliveryState.UNKNOWN,
                cause=NO_CONFIRM,
                reason=_NOBODY_LOOKS.en,
                reason_fr=_NOBODY_LOOKS.fr,
            )
            ledger.save(unknown, now)
    return len(fresh)
