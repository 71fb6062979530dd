# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    ABSENT,
    UNKNOWN,
    ActorKind,
    AwarenessLevel,
    Duration,
    Known,
    Lever,
    LeverAwareness,
    LeverFamily,
    LeverOffer,
    LeverRequest,
    LeverType,
    Mobilisation,
    MobilisationState,
    OfferState,
    Outcome,
    Period,
    ProofKind,
    RequestState,
    Tri,
    UsageProof,
    VerificationStatus,
)

DAY = dt.date(2026, 11, 20)
OFFER = LeverOffer(id="lever_offer:1", lever_id="lever:1")
REQUEST = LeverRequest(id="lever_request:1", requester_id="actor:msp")


def test_a_lever_may_belong_to_more_families():
    """The primary family is that of the type and comes first, once."""
    lever = Lever(
        id="lever:1",
        type=LeverType.INTERN_HOUSING,
        title="Studio",
        secondary_families=(LeverFamily.PREMISES, LeverFamily.HUMAN),
    )
    assert lever.family is LeverFamily.HUMAN
    assert lever.families == (LeverFamily.HUMAN, LeverFamily.PREMISES)
    assert lever.verification(DAY) is VerificationStatus.UNKNOWN


@pytest.mark.parametrize(
    ("lead_time", "last"),
    [
        (UNKNOWN, None),
        (ABSENT, dt.date(2026, 12, 31)),
        (Known(Duration(months=1)), dt.date(2026, 11, 30)),
    ],
)
def test_lead_time_known_absent_or_unknown(lead_time, last):
    """No lead time and one that nobody noted are different: only the second gives no day."""
    offer = attrs.evolve(OFFER, lead_time=lead_time)
    assert offer.last_request_day(dt.date(2026, 12, 31)) == last


def test_the_audience_is_never_guessed():
    """Without an audience it is unknown whether an actor may ask; with one it is known."""
    assert OFFER.open_to("actor:msp", ActorKind.MSP) is Tri.UNKNOWN
    for_teams = attrs.evolve(OFFER, audience_kinds=(ActorKind.MSP,), audience_ids=("actor:x",))
    assert for_teams.open_to("actor:msp", ActorKind.MSP) is Tri.YES
    assert for_teams.open_to("actor:x", ActorKind.OTHER) is Tri.YES
    assert for_teams.open_to("actor:y", ActorKind.OTHER) is Tri.NO
    by_name = attrs.evolve(OFFER, audience_ids=("actor:x",))
    assert by_name.open_to("actor:y", ActorKind.MSP) is Tri.NO


def test_an_offer_is_available_when_published_and_valid():
    """Only a published offer within its period can be had."""
    published = attrs.evolve(OFFER, state=OfferState.PUBLISHED, valid=Period(end=DAY))
    assert published.available_on(DAY - dt.timedelta(days=1))
    assert not published.available_on(DAY)
    assert not published.pause().available_on(dt.date(2026, 1, 1))


def test_a_request_is_overdue_while_it_waits():
    """A request is late after its due day as long as nobody answered."""
    sent = REQUEST.submit(on=dt.date(2026, 11, 1), due_answer_on=dt.date(2026, 11, 19))
    assert sent.submitted_on == dt.date(2026, 11, 1)
    assert sent.overdue(DAY)
    assert not sent.overdue(dt.date(2026, 11, 19))
    assert sent.acknowledge().overdue(DAY)
    answered = sent.acknowledge().decline(by="Maire", on=DAY, reason="Salle prise")
    assert not answered.overdue(DAY)
    assert (answered.decision, answered.answered_by, answered.answered_on) == (
        "Salle prise",
        "Maire",
        DAY,
    )
    assert not REQUEST.overdue(DAY)
    kept = attrs.evolve(REQUEST, due_answer_on=DAY).submit(on=DAY)
    assert kept.due_answer_on == DAY
    assert sent.cancel(reason="reporté").state is RequestState.CANCELLED


def test_uses_are_proven():
    """The first proof makes a finished use proven, later ones are added, and outcomes are kept."""
    photo = UsageProof(kind=ProofKind.PHOTO, ref="document:1")
    report = UsageProof(kind=ProofKind.REPORT, ref="document:2")
    done = Mobilisation(id="mobilisation:1", state=MobilisationState.IN_PROGRESS).finish(
        outcome=Outcome(people_reached=40, satisfaction=5)
    )
    proven = done.prove(photo).with_proof(report)
    assert proven.proofs == (photo, report)
    assert proven.outcome == Outcome(people_reached=40, satisfaction=5)
    assert proven.state is MobilisationState.PROVEN


@pytest.mark.parametrize(
    "field", [{"people_reached": -1}, {"satisfaction": 0}, {"satisfaction": 6}]
)
def test_outcomes_have_a_range(field):
    """A negative number of people or a mark off the scale is refused, the field being named."""
    with pytest.raises(InvalidValueError) as caught:
        Outcome(**field)
    assert caught.value.where in field


def test_awareness_only_grows():
    """Somebody who used a lever does not become somebody who only saw it."""
    awareness = LeverAwareness(id="lever_awareness:1", lever_id="lever:1", actor_id="actor:msp")
    used = awareness.reach(AwarenessLevel.USED, on=DAY)
    assert (used.level, used.since) == (AwarenessLevel.USED, DAY)
    for level in (AwarenessLevel.SEEN, AwarenessLevel.USED):
        assert used.reach(level, on=dt.date(2027, 1, 1)) is used
