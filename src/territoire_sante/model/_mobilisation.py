# SPDX-License-Identifier: Apache-2.0
"""Asking for a lever, using it, and proving the use (domain reference, 3.2)."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs

from territoire_sante.model._checks import between
from territoire_sante.model._entity import Entity
from territoire_sante.model._event import When
from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._states import Machine
from territoire_sante.model._values import Money, Quantity


class RequestState(LabelledEnum):
    """Life of a request for a lever."""

    DRAFT = "draft", "Brouillon", "Draft"
    SUBMITTED = "submitted", "Envoyée", "Submitted"
    ACKNOWLEDGED = "acknowledged", "Reçue", "Acknowledged"
    ACCEPTED = "accepted", "Acceptée", "Accepted"
    DECLINED = "declined", "Refusée", "Declined"
    EXPIRED = "expired", "Expirée", "Expired"
    CANCELLED = "cancelled", "Annulée", "Cancelled"


_R = RequestState

REQUEST_MACHINE = Machine(
    name="lever request",
    states=RequestState,
    initial=_R.DRAFT,
    table={
        "submit": {_R.DRAFT: _R.SUBMITTED},
        "acknowledge": {_R.SUBMITTED: _R.ACKNOWLEDGED},
        "accept": {_R.ACKNOWLEDGED: _R.ACCEPTED},
        "decline": {_R.ACKNOWLEDGED: _R.DECLINED},
        "expire": {_R.SUBMITTED: _R.EXPIRED, _R.ACKNOWLEDGED: _R.EXPIRED},
        "cancel": {_R.SUBMITTED: _R.CANCELLED, _R.ACKNOWLEDGED: _R.CANCELLED},
    },
)


@attrs.frozen(kw_only=True)
class LeverRequest(Entity):
    """
    A team asks for a lever, under an offer, or states a need without one.

    ``need`` is free text for when no lever is known. ``start`` and ``end`` (exclusive) say
    when, ``site`` where. ``due_answer_on`` is the last day on which an answer is still in time.
    """

    KIND: ClassVar[str] = "lever_request"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("lever_request",)

    requester_id: str
    lever_id: str = ""
    offer_id: str = ""
    need: str = ""
    purpose: str = ""
    start: When | None = None
    end: When | None = None
    quantity: Quantity | None = None
    site: str = ""
    beneficiaries_estimate: int | None = attrs.field(default=None, validator=between(0))
    document_ids: tuple[str, ...] = ()
    convention_id: str = ""
    submitted_on: dt.date | None = None
    due_answer_on: dt.date | None = None
    answered_on: dt.date | None = None
    answered_by: str = ""
    decision: str = ""
    state: RequestState = RequestState.DRAFT

    def overdue(self, today: dt.date) -> bool:
        """Say whether it waits for an answer that was due before ``today``."""
        waiting = self.state in (RequestState.SUBMITTED, RequestState.ACKNOWLEDGED)
        return waiting and self.due_answer_on is not None and self.due_answer_on < today

    def submit(self, *, on: dt.date, due_answer_on: dt.date | None = None) -> LeverRequest:
        """Return it as sent to the holder; a due day given before is kept if none is given."""
        due = due_answer_on or self.due_answer_on
        return attrs.evolve(self._step("submit"), submitted_on=on, due_answer_on=due)

    def acknowledge(self) -> LeverRequest:
        """Return it as received by the holder."""
        return self._step("acknowledge")

    def accept(self, *, by: str, on: dt.date, reason: str = "") -> LeverRequest:
        """Return it as granted by the person or function ``by``."""
        return self._answered("accept", by, on, reason)

    def decline(self, *, by: str, on: dt.date, reason: str) -> LeverRequest:
        """Return it as refused; a refusal without a reason teaches nobody anything."""
        return self._answered("decline", by, on, reason)

    def expire(self) -> LeverRequest:
        """Return it as left without an answer for good."""
        return self._step("expire")

    def cancel(self, *, reason: str = "") -> LeverRequest:
        """Return it as taken back by the requester."""
        return attrs.evolve(self._step("cancel"), decision=reason)

    def _answered(self, verb: str, by: str, on: dt.date, reason: str) -> LeverRequest:
        stepped = self._step(verb)
        return attrs.evolve(stepped, answered_by=by, answered_on=on, decision=reason)

    def _step(self, verb: str) -> LeverRequest:
        return attrs.evolve(self, state=REQUEST_MACHINE.step(self.state, verb, subject=self.id))


class ProofKind(LabelledEnum):
    """What shows that a lever was used."""

    PHOTO = "photo", "Photo", "Photo"
    ATTENDANCE = "attendance", "Feuille de présence", "Attendance sheet"
    DELIVERY_NOTE = "delivery_note", "Bon de livraison", "Delivery note"
    INVOICE = "invoice", "Facture", "Invoice"
    REPORT = "report", "Compte rendu", "Report"
    POST_URL = "post_url", "Lien vers la publication", "Link to the post"


@attrs.frozen(kw_only=True)
class UsageProof:
    """Evidence that a lever was used: ``ref`` is a document id, a file name or a URL."""

    kind: ProofKind
    ref: str
    by: str = ""
    on: dt.date | None = None


@attrs.frozen(kw_only=True)
class Outcome:
    """What a use brought; ``satisfaction`` goes from 1 to 5."""

    people_reached: int | None = attrs.field(default=None, validator=between(0))
    satisfaction: int | None = attrs.field(default=None, validator=between(1, 5))
    notes: str = ""


class MobilisationState(LabelledEnum):
    """Life of an actual use."""

    PLANNED = "planned", "Prévue", "Planned"
    CONFIRMED = "confirmed", "Confirmée", "Confirmed"
    IN_PROGRESS = "in_progress", "En cours", "In progress"
    DONE = "done", "Réalisée", "Done"
    PROVEN = "proven", "Justifiée", "Proven"
    CANCELLED = "cancelled", "Annulée", "Cancelled"
    NO_SHOW = "no_show", "Non honorée", "No-show"


_M = MobilisationState

MOBILISATION_MACHINE = Machine(
    name="mobilisation",
    states=MobilisationState,
    initial=_M.PLANNED,
    table={
        "confirm": {_M.PLANNED: _M.CONFIRMED},
        "begin": {_M.CONFIRMED: _M.IN_PROGRESS},
        "finish": {_M.IN_PROGRESS: _M.DONE},
        "prove": {_M.DONE: _M.PROVEN},
        "cancel": {_M.PLANNED: _M.CANCELLED, _M.CONFIRMED: _M.CANCELLED},
        "miss": {_M.PLANNED: _M.NO_SHOW, _M.CONFIRMED: _M.NO_SHOW},
    },
)


@attrs.frozen(kw_only=True)
class Mobilisation(Entity):
    """
    The actual use of a lever: when, how much, what it brought, what proves it.

    ``valuation`` is its worth for the budget annex of the authority and the
    team's yearly report. ``tension_id`` is set when it answers a tension.
    """

    KIND: ClassVar[str] = "mobilisation"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("mobilisation",)

    lever_id: str = ""
    request_id: str = ""
    beneficiary_id: str = ""
    event_id: str = ""
    tension_id: str = ""
    convention_id: str = ""
    title: str = ""
    site: str = ""
    quantity: Quantity | None = None
    start: When | None = None
    end: When | None = None
    proofs: tuple[UsageProof, ...] = ()
    outcome: Outcome | None = None
    valuation: Money | None = None
    cancelled_because: str = ""
    state: MobilisationState = MobilisationState.PLANNED

    def confirm(self) -> Mobilisation:
        """Return it as certain to take place."""
        return self._step("confirm")

    def begin(self) -> Mobilisation:
        """Return it as under way."""
        return self._step("begin")

    def finish(self, *, outcome: Outcome | None = None) -> Mobilisation:
        """Return it as over, with what it brought; an outcome noted before is kept."""
        return attrs.evolve(self._step("finish"), outcome=outcome or self.outcome)

    def prove(self, proof: UsageProof) -> Mobilisation:
        """Return it with its first proof; later ones are added by :meth:`with_proof`."""
        return attrs.evolve(self._step("prove"), proofs=(*self.proofs, proof))

    def with_proof(self, proof: UsageProof) -> Mobilisation:
        """Return it with one more proof, in whatever state it is."""
        return attrs.evolve(self, proofs=(*self.proofs, proof))

    def cancel(self, *, reason: str = "") -> Mobilisation:
        """Return it as called off before it began."""
        return attrs.evolve(self._step("cancel"), cancelled_because=reason)

    def miss(self, *, reason: str = "") -> Mobilisation:
        """Return it as planned, but nobody came."""
        return attrs.evolve(self._step("miss"), cancelled_because=reason)

    def _step(self, verb: str) -> Mobilisation:
        state = MOBILISATION_MACHINE.step(self.state, verb, subject=self.id)
        return attrs.evolve(self, state=state)
