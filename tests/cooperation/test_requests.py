# SPDX-License-Identifier: Apache-2.0
"""From a request to its proof: what is made, what is due next, by whom and when."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.cooperation import due_steps, mobilisation_for, request_for
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Actor,
    ActorKind,
    Duration,
    Knowledge,
    Known,
    Lever,
    LeverOffer,
    LeverType,
    MobilisationState,
    OfferState,
    ProofKind,
    RequestState,
    UsageProof,
)

TODAY = dt.date(2026, 11, 20)
USE = dt.date(2026, 12, 20)
HOLDER = Actor(id="actor:mairie", kind=ActorKind.COMMUNE, name="Mairie")
TEAM = Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP")
LEVER = Lever(id="lever:a", type=LeverType.TENT, title="Tente", holder_id=HOLDER.id)
OFFER = LeverOffer(
    id="lever_offer:a",
    lever_id=LEVER.id,
    lead_time=Known(Duration(days=15)),
    state=OfferState.PUBLISHED,
)
GROUND = (HOLDER, TEAM, LEVER, OFFER)


def ask(start=USE, today=TODAY, offer=OFFER, **more):
    """Return a request of the team for the tent."""
    return request_for(
        offer, id="lever_request:a", requester_id=TEAM.id, today=today, start=start, **more
    )


def accepted(**more):
    """Return the same, accepted."""
    return ask(**more).acknowledge().accept(by="Mairie", on=TODAY)


def use(**more):
    """Return the planned use of two days that an accepted request leads to."""
    request = accepted(end=USE + dt.timedelta(days=2), purpose="Journée de prévention", **more)
    return mobilisation_for(request, id="mobilisation:a")


def test_a_request_is_submitted_with_a_day_for_the_answer():
    """A request under an offer is on its way, and says when an answer is due."""
    request = ask(purpose="Prévention")

    assert request.state is RequestState.SUBMITTED
    assert (request.lever_id, request.offer_id) == (LEVER.id, OFFER.id)
    assert (request.submitted_on, request.due_answer_on) == (TODAY, dt.date(2026, 12, 5))


def test_an_answer_is_due_before_the_use():
    """Where the use comes first, the answer is due on the day before, never before today."""
    offer = attrs.evolve(OFFER, lead_time=Knowledge.ABSENT)
    assert ask(TODAY + dt.timedelta(days=3), offer=offer).due_answer_on == dt.date(2026, 11, 22)
    assert ask(TODAY, offer=offer).due_answer_on == TODAY


@pytest.mark.parametrize(("days", "refused"), [(14, True), (15, False)])
def test_it_may_be_too_late_to_ask(days, refused):
    """On the last day of the lead time one may still ask; a day later it is refused with it."""
    start = TODAY + dt.timedelta(days=days)
    if not refused:
        assert ask(start).state is RequestState.SUBMITTED
        return
    with pytest.raises(InvalidValueError, match="one had to ask by 2026-11-19"):
        ask(start)


def test_an_offer_that_is_not_open_is_refused():
    """One cannot ask under an offer that is paused."""
    with pytest.raises(InvalidValueError, match="not open"):
        ask(offer=OFFER.pause())


def test_a_use_follows_from_an_accepted_request_only():
    """The use takes over what was asked for; without acceptance there is none."""
    planned = use()

    assert planned.state is MobilisationState.PLANNED
    assert (planned.request_id, planned.beneficiary_id) == ("lever_request:a", TEAM.id)
    assert (planned.start, planned.title) == (USE, "Journée de prévention")
    with pytest.raises(InvalidValueError, match="SUBMITTED"):
        mobilisation_for(ask(), id="mobilisation:a")


def done():
    """Return the use, over."""
    return use().confirm().begin().finish()


@pytest.mark.parametrize(
    ("records", "today", "expected"),
    [
        ([ask()], TODAY, ("ANSWER", HOLDER.id, dt.date(2026, 12, 5), False)),
        ([ask()], dt.date(2026, 12, 5), ("ANSWER", HOLDER.id, dt.date(2026, 12, 5), False)),
        ([ask()], dt.date(2026, 12, 6), ("ANSWER", HOLDER.id, dt.date(2026, 12, 5), True)),
        ([ask().acknowledge()], TODAY, ("ANSWER", HOLDER.id, dt.date(2026, 12, 5), False)),
        ([accepted()], TODAY, ("PLAN", HOLDER.id, dt.date(2026, 12, 19), False)),
        ([accepted(), use()], TODAY, ("CONFIRM", HOLDER.id, dt.date(2026, 12, 19), False)),
        (
            [use().confirm()],
            dt.date(2026, 12, 22),
            ("CLOSE", TEAM.id, dt.date(2026, 12, 22), False),
        ),
        ([use()], dt.date(2026, 12, 23), ("CLOSE", TEAM.id, dt.date(2026, 12, 22), True)),
        ([done()], dt.date(2026, 12, 22), ("PROOF", TEAM.id, dt.date(2027, 1, 20), False)),
        ([done()], dt.date(2027, 1, 21), ("PROOF", TEAM.id, dt.date(2027, 1, 20), True)),
    ],
    ids=[
        "sent",
        "last day",
        "day after",
        "received",
        "accepted",
        "planned",
        "used",
        "never closed",
        "done",
        "no proof",
    ],
)
def test_what_is_due_next(picture, records, today, expected):
    """Each state has one next thing to do, of one actor, by a day, late only after that day."""
    (due,) = due_steps(picture(*GROUND, *records), today=today)

    assert (due.kind.name, due.actor_id, due.by, due.overdue) == expected
    assert due.message.fr.startswith(due.kind.label_fr)
    assert (", late" in due.message.en) is due.overdue


@pytest.mark.parametrize(
    "records",
    [
        [ask().acknowledge().decline(by="Mairie", on=TODAY, reason="Déjà prêtée")],
        [ask().cancel()],
        [ask().expire()],
        [use().confirm()],
        [use().cancel()],
        [done().prove(UsageProof(kind=ProofKind.PHOTO, ref="photo.jpg"))],
        [],
    ],
    ids=["declined", "cancelled", "expired", "confirmed", "called off", "proven", "nothing"],
)
def test_nothing_is_due(picture, records):
    """What is over, proven or only waits for its day asks nothing of anybody."""
    assert due_steps(picture(*GROUND, *records), today=TODAY) == ()


def test_without_days_and_holder_nothing_is_guessed(picture):
    """Without a day nothing is late; without a holder somebody is to be named; it comes last."""
    request = attrs.evolve(
        ask(), id="lever_request:b", lever_id="", offer_id="", due_answer_on=None
    )
    first, last = due_steps(picture(*GROUND, ask(), request), today=dt.date(2030, 1, 1))

    assert (first.subject_id, first.overdue) == ("lever_request:a", True)
    assert (last.subject_id, last.by, last.overdue) == ("lever_request:b", None, False)
    assert "quelqu'un à désigner (sans échéance)" in last.message.fr
