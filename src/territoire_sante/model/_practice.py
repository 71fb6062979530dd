# SPDX-License-Identifier: Apache-2.0
"""What peers learn from each other: practices, exchanges, support (domain reference, 2.4, 6.3)."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs

from territoire_sante.model._entity import Entity
from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._states import Machine


class PracticeState(LabelledEnum):
    """Life of a practice sheet."""

    DRAFT = "draft", "Brouillon", "Draft"
    REVIEWED = "reviewed", "Relue", "Reviewed"
    PUBLISHED = "published", "Publiée", "Published"
    ARCHIVED = "archived", "Archivée", "Archived"


_P = PracticeState

PRACTICE_MACHINE = Machine(
    name="practice",
    states=PracticeState,
    initial=_P.DRAFT,
    table={
        "review": {_P.DRAFT: _P.REVIEWED},
        "rework": {_P.REVIEWED: _P.DRAFT},
        "publish": {_P.REVIEWED: _P.PUBLISHED},
        "archive": {_P.REVIEWED: _P.ARCHIVED, _P.PUBLISHED: _P.ARCHIVED},
    },
)


@attrs.frozen(kw_only=True)
class Practice(Entity):
    """A sheet on something that works: context, what was done, with whom, how to redo it."""

    KIND: ClassVar[str] = "practice"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("practice",)

    title: str
    actor_id: str = ""
    territory_id: str = ""
    context: str = ""
    problem: str = ""
    what_was_done: tuple[str, ...] = ()
    key_moments: tuple[str, ...] = ()
    partner_ids: tuple[str, ...] = ()
    lever_ids: tuple[str, ...] = ()
    convention_ids: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    user_involvement: str = ""
    results: str = ""
    lessons: str = ""
    conditions_of_transfer: str = ""
    contact_id: str = ""
    reused_by_ids: tuple[str, ...] = ()
    reviewed_on: dt.date | None = None
    reviewed_by: str = ""
    state: PracticeState = PracticeState.DRAFT

    def review(self, *, by: str, on: dt.date) -> Practice:
        """Return it as read and validated by ``by``."""
        return attrs.evolve(self._step("review"), reviewed_by=by, reviewed_on=on)

    def rework(self) -> Practice:
        """Return it to its authors."""
        return self._step("rework")

    def publish(self) -> Practice:
        """Return it as open to peers."""
        return self._step("publish")

    def archive(self) -> Practice:
        """Return it as kept for history only."""
        return self._step("archive")

    def reused(self, actor_id: str) -> Practice:
        """Return it as taken up by one more actor, once each."""
        if actor_id in self.reused_by_ids:
            return self
        return attrs.evolve(self, reused_by_ids=(*self.reused_by_ids, actor_id))

    def _step(self, verb: str) -> Practice:
        return attrs.evolve(self, state=PRACTICE_MACHINE.step(self.state, verb, subject=self.id))


class ExchangeState(LabelledEnum):
    """Life of an exchange between peers."""

    PROPOSED = "proposed", "Proposé", "Proposed"
    PLANNED = "planned", "Prévu", "Planned"
    HELD = "held", "Réalisé", "Held"
    CANCELLED = "cancelled", "Annulé", "Cancelled"


_X = ExchangeState

EXCHANGE_MACHINE = Machine(
    name="peer exchange",
    states=ExchangeState,
    initial=_X.PROPOSED,
    table={
        "plan": {_X.PROPOSED: _X.PLANNED},
        "hold": {_X.PLANNED: _X.HELD},
        "cancel": {_X.PROPOSED: _X.CANCELLED, _X.PLANNED: _X.CANCELLED},
    },
)


@attrs.frozen(kw_only=True)
class PeerExchange(Entity):
    """A team receives another to show how it works."""

    KIND: ClassVar[str] = "peer_exchange"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("peer_exchange",)

    host_id: str
    guest_id: str
    topic: str = ""
    on: dt.date | None = None
    event_id: str = ""
    practice_id: str = ""
    state: ExchangeState = ExchangeState.PROPOSED

    def plan(self, *, on: dt.date) -> PeerExchange:
        """Return it as agreed for this day."""
        return attrs.evolve(self._step("plan"), on=on)

    def hold(self) -> PeerExchange:
        """Return it as having taken place."""
        return self._step("hold")

    def cancel(self) -> PeerExchange:
        """Return it as called off."""
        return self._step("cancel")

    def _step(self, verb: str) -> PeerExchange:
        return attrs.evolve(self, state=EXCHANGE_MACHINE.step(self.state, verb, subject=self.id))


class SupportKind(LabelledEnum):
    """What a federation is asked for."""

    TOWN_HALL_FACILITATION = (
        "town_hall_facilitation",
        "Facilitation mairie",
        "Town-hall facilitation",
    )
    CREATION = "creation", "Aide à la création", "Help with creation"
    OPERATION = "operation", "Aide au fonctionnement", "Help with operation"
    MEDIATION = "mediation", "Médiation", "Mediation"
    PEER_EXCHANGE = "peer_exchange", "Partage d'expérience", "Peer exchange"
    TRAINING = "training", "Formation", "Training"


class SupportState(LabelledEnum):
    """Life of a request for support."""

    REQUESTED = "requested", "Demandé", "Requested"
    ACCEPTED = "accepted", "Accepté", "Accepted"
    IN_PROGRESS = "in_progress", "En cours", "In progress"
    DONE = "done", "Réalisé", "Done"
    DECLINED = "declined", "Décliné", "Declined"
    CANCELLED = "cancelled", "Annulé", "Cancelled"


_U = SupportState

SUPPORT_MACHINE = Machine(
    name="support request",
    states=SupportState,
    initial=_U.REQUESTED,
    table={
        "accept": {_U.REQUESTED: _U.ACCEPTED},
        "decline": {_U.REQUESTED: _U.DECLINED},
        "begin": {_U.ACCEPTED: _U.IN_PROGRESS},
        "finish": {_U.IN_PROGRESS: _U.DONE},
        "cancel": {
            _U.REQUESTED: _U.CANCELLED,
            _U.ACCEPTED: _U.CANCELLED,
            _U.IN_PROGRESS: _U.CANCELLED,
        },
    },
)


@attrs.frozen(kw_only=True)
class SupportRequest(Entity):
    """A team, or an authority, asks a federation to help; ``facilitator_id`` is an appointment."""

    KIND: ClassVar[str] = "support_request"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("support_request",)

    kind: SupportKind
    requester_id: str
    territory_id: str = ""
    party_ids: tuple[str, ...] = ()
    provider_id: str = ""
    facilitator_id: str = ""
    purpose: str = ""
    requested_on: dt.date | None = None
    answered_on: dt.date | None = None
    ended_on: dt.date | None = None
    outcome: str = ""
    state: SupportState = SupportState.REQUESTED

    def accept(self, *, on: dt.date, facilitator_id: str = "") -> SupportRequest:
        """Return it as taken on, by this facilitator if named."""
        facilitator = facilitator_id or self.facilitator_id
        return attrs.evolve(self._step("accept"), answered_on=on, facilitator_id=facilitator)

    def decline(self, *, on: dt.date, reason: str) -> SupportRequest:
        """Return it as refused, with the reason."""
        return attrs.evolve(self._step("decline"), answered_on=on, outcome=reason)

    def begin(self) -> SupportRequest:
        """Return it as under way."""
        return self._step("begin")

    def finish(self, *, on: dt.date, outcome: str = "") -> SupportRequest:
        """Return it as completed."""
        return attrs.evolve(self._step("finish"), ended_on=on, outcome=outcome)

    def cancel(self, *, on: dt.date, reason: str = "") -> SupportRequest:
        """Return it as taken back."""
        return attrs.evolve(self._step("cancel"), ended_on=on, outcome=reason)

    def _step(self, verb: str) -> SupportRequest:
        return attrs.evolve(self, state=SUPPORT_MACHINE.step(self.state, verb, subject=self.id))
