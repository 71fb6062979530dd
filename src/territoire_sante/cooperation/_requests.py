# SPDX-License-Identifier: Apache-2.0
"""From asking for a lever to the proof that it was used: the records, and what is due next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

import attrs

from territoire_sante.cooperation._words import Sentence, day_words, say
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Duration,
    LabelledEnum,
    Lever,
    LeverOffer,
    LeverRequest,
    Mobilisation,
    MobilisationState,
    Quantity,
    RequestState,
    When,
)
from territoire_sante.snapshot import Snapshot

#: How long a holder has to answer, unless something else is agreed.
ANSWER_WITHIN: Final = Duration(days=15)
#: How long after a use its proof is due.
PROOF_WITHIN: Final = Duration(days=30)

_WAITING: Final = frozenset({RequestState.SUBMITTED, RequestState.ACKNOWLEDGED})
_AHEAD: Final = frozenset({MobilisationState.PLANNED, MobilisationState.CONFIRMED})
_DAY: Final = dt.timedelta(days=1)


class DueKind(LabelledEnum):
    """What comes next on the way from a request to its proof."""

    ANSWER = "answer", "Réponse attendue", "Answer expected"
    PLAN = "plan", "Mise à disposition à prévoir", "Use to be planned"
    CONFIRM = "confirm", "Mise à disposition à confirmer", "Use to be confirmed"
    CLOSE = "close", "Utilisation à clore", "Use to be closed"
    PROOF = "proof", "Preuve à fournir", "Proof to be given"


@attrs.frozen(kw_only=True)
class Due:
    """One thing to do: about which record, by whom, by when (``None`` if no day follows)."""

    kind: DueKind
    subject_id: str
    lever_id: str
    actor_id: str
    by: dt.date | None
    overdue: bool
    message: Sentence


def request_for(
    offer: LeverOffer,
    *,
    id: str,
    requester_id: str,
    today: dt.date,
    start: When,
    end: When | None = None,
    purpose: str = "",
    quantity: Quantity | None = None,
    answer_within: Duration = ANSWER_WITHIN,
) -> LeverRequest:
    """
    Return a request under an offer, submitted today, with the day an answer is due.

    That is after ``answer_within``, or on the day before the use if that comes first.

    Raises:
        InvalidValueError: the offer is not open today, or it is too late to ask for this use.
    """
    if not offer.available_on(today):
        raise InvalidValueError(
            "the offer is not open today", where=offer.id, remedy="Choose an offer that is"
        )
    use_on = _day(start)
    last = offer.last_request_day(use_on)
    if last is not None and last < today:
        raise InvalidValueError(
            f"one had to ask by {last} for a use on {use_on}",
            where=offer.id,
            remedy="Choose a later day, or ask the holder for an exception outside of this",
        )
    draft = LeverRequest(
        id=id,
        requester_id=requester_id,
        lever_id=offer.lever_id,
        offer_id=offer.id,
        purpose=purpose,
        start=start,
        end=end,
        quantity=quantity,
    )
    due = max(today, min(answer_within.after(today), use_on - _DAY))
    return draft.submit(on=today, due_answer_on=due)


def mobilisation_for(request: LeverRequest, *, id: str) -> Mobilisation:
    """
    Return the use that an accepted request leads to, planned.

    Raises:
        InvalidValueError: the request was not accepted.
    """
    if request.state is not RequestState.ACCEPTED:
        raise InvalidValueError(
            f"the request is {request.state.name}, not ACCEPTED",
            where=request.id,
            remedy="Plan its use once it was accepted",
        )
    return Mobilisation(
        id=id,
        lever_id=request.lever_id,
        request_id=request.id,
        beneficiary_id=request.requester_id,
        convention_id=request.convention_id,
        title=request.purpose,
        site=request.site,
        quantity=request.quantity,
        start=request.start,
        end=request.end,
    )


def due_steps(
    snapshot: Snapshot, *, today: dt.date, proof_within: Duration = PROOF_WITHIN
) -> tuple[Due, ...]:
    """
    Return what is to be done next for every request and use that is not over, earliest first.

    An answer is due of the holder, a use to be planned and confirmed of the holder, to be
    closed and proven of those who had it. What has no day comes last.
    """
    found = [*_of_requests(snapshot, today), *_of_uses(snapshot, today, proof_within)]
    return tuple(sorted(found, key=lambda one: (one.by is None, one.by, one.subject_id)))


def _of_requests(snapshot: Snapshot, today: dt.date) -> Iterator[Due]:
    for one in snapshot.all(LeverRequest):
        holder = _holder(snapshot, one.lever_id)
        if one.state in _WAITING:
            yield _due(snapshot, DueKind.ANSWER, one, holder, one.due_answer_on, today=today)
        elif one.state is RequestState.ACCEPTED and not snapshot.referring(
            Mobilisation, "request_id", one.id
        ):
            yield _due(snapshot, DueKind.PLAN, one, holder, _before(one.start), today=today)


def _of_uses(snapshot: Snapshot, today: dt.date, proof_within: Duration) -> Iterator[Due]:
    for one in snapshot.all(Mobilisation):
        holder = _holder(snapshot, one.lever_id)
        over = _last_day(one)
        if one.state is MobilisationState.DONE:
            by = proof_within.after(over) if over is not None else None
            yield _due(snapshot, DueKind.PROOF, one, one.beneficiary_id, by, today=today)
        elif over is not None and over < today and one.state in _AHEAD | {_M.IN_PROGRESS}:
            yield _due(snapshot, DueKind.CLOSE, one, one.beneficiary_id, over + _DAY, today=today)
        elif one.state is MobilisationState.PLANNED:
            yield _due(snapshot, DueKind.CONFIRM, one, holder, _before(one.start), today=today)


_M = MobilisationState


def _due(
    snapshot: Snapshot,
    kind: DueKind,
    subject: LeverRequest | Mobilisation,
    actor_id: str,
    by: dt.date | None,
    *,
    today: dt.date,
) -> Due:
    late = by is not None and by < today
    what = snapshot.name_of(subject.lever_id) if subject.lever_id else subject.id
    who = snapshot.name_of(actor_id) if actor_id else ""
    day = day_words(by) if by is not None else say("sans échéance", "no day set")
    return Due(
        kind=kind,
        subject_id=subject.id,
        lever_id=subject.lever_id,
        actor_id=actor_id,
        by=by,
        overdue=late,
        message=say(
            "{kind} : {what}, par {who} ({day}{late}).",
            "{kind}: {what}, by {who} ({day}{late}).",
            kind=Sentence(fr=kind.label_fr, en=kind.label_en),
            what=what,
            who=who or Sentence(fr="quelqu'un à désigner", en="somebody to be named"),
            day=day,
            late=Sentence(fr=", en retard", en=", late") if late else "",
        ),
    )


def _holder(snapshot: Snapshot, lever_id: str) -> str:
    lever = snapshot.find(Lever, lever_id)
    return lever.holder_id if lever is not None else ""


def _day(when: When) -> dt.date:
    return when.date() if isinstance(when, dt.datetime) else when


def _before(start: When | None) -> dt.date | None:
    return None if start is None else _day(start) - _DAY


def _last_day(use: Mobilisation) -> dt.date | None:
    """Return the last day of a use: the end of a span of days is the day after it."""
    if use.end is None:
        return None if use.start is None else _day(use.start)
    if isinstance(use.end, dt.datetime):
        return use.end.date()
    return use.end - _DAY
