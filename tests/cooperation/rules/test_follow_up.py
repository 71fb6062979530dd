# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    ContactPoint,
    ContactPointKind,
    Duration,
    Lever,
    LeverOffer,
    LeverType,
    LiaisonAssignment,
    LiaisonKind,
    OfferState,
    Period,
    Practice,
    PracticeState,
    Role,
    Statement,
    StatementKind,
    StatementStatus,
    Tension,
    TensionKind,
    TensionLevel,
    TensionState,
    Visibility,
    Workshop,
)

TODAY = dt.date(2026, 11, 20)
TENSION = Tension(
    id="tension:1",
    kind=TensionKind.GP_DEPARTURE,
    title="Départ du médecin",
    level=TensionLevel.MEDIUM,
    reported_on=dt.date(2026, 11, 4),
    territory_id="commune:48001",
)


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        pytest.param({}, 1, id="sixteen days"),
        pytest.param({"reported_on": dt.date(2026, 11, 5)}, 0, id="fifteen days"),
        pytest.param({"level": TensionLevel.LOW}, 0, id="low"),
        pytest.param({"level": TensionLevel.HIGH}, 1, id="high"),
        pytest.param({"epci_id": "actor:epci"}, 0, id="EPCI called"),
        pytest.param({"state": TensionState.CLOSED}, 0, id="over"),
        pytest.param({"level": None}, 0, id="level unknown"),
        pytest.param({"reported_on": None}, 0, id="day unknown"),
    ],
)
def test_a_tension_without_the_epci(ask, changes, count):
    """TS025 fires when a tension from MEDIUM on lasts for more than fifteen days without it."""
    assert len(ask("TS025", attrs.evolve(TENSION, **changes))) == count


PRACTICE = Practice(
    id="practice:1",
    title="Permanence partagée",
    context="…",
    what_was_done=("…",),
    reused_by_ids=("actor:other",),
)


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        pytest.param({}, 1, id="conditions missing"),
        pytest.param({"conditions_of_transfer": "Un local"}, 0, id="whole sheet"),
        pytest.param({"state": PracticeState.PUBLISHED}, 0, id="published"),
        pytest.param({"reused_by_ids": ()}, 0, id="unknown whether it works"),
    ],
)
def test_a_practice_not_written_down(ask, changes, count):
    """TS036 fires for practices that others took up and whose sheet is not complete."""
    assert len(ask("TS036", attrs.evolve(PRACTICE, **changes))) == count


IDEA = Statement(
    id="statement:1",
    kind=StatementKind.KEY_IDEA,
    text="Inviter les élus sur le terrain",
    workshop_id="workshop:1",
)
LONG_AGO = dt.date(2026, 9, 20)


@pytest.mark.parametrize(
    ("held", "changes", "count"),
    [
        pytest.param(LONG_AGO, {}, 1, id="61 days"),
        pytest.param(dt.date(2026, 9, 21), {}, 0, id="60 days"),
        pytest.param(LONG_AGO, {"action_ids": ("action:1",)}, 0, id="an action"),
        pytest.param(LONG_AGO, {"status": StatementStatus.DROPPED}, 0, id="set aside"),
        pytest.param(LONG_AGO, {"kind": StatementKind.IDEA}, 0, id="not a key idea"),
        pytest.param(None, {}, 0, id="day unknown"),
        pytest.param(LONG_AGO, {"workshop_id": ""}, 0, id="workshop unknown"),
    ],
)
def test_a_key_idea_without_an_action(ask, held, changes, count):
    """TS037 fires sixty days after a workshop for key ideas that led to nothing."""
    workshop = Workshop(id="workshop:1", title="MSP – élus", held_on=held)

    assert len(ask("TS037", workshop, attrs.evolve(IDEA, **changes))) == count


TOWN = Actor(id="actor:ville", kind=ActorKind.COMMUNE, name="Ville")
LAST_YEAR = dt.date(2025, 11, 20)


@pytest.mark.parametrize(
    ("verified", "every", "count"),
    [
        pytest.param(LAST_YEAR, None, 1, id="a year ago"),
        pytest.param(dt.date(2025, 11, 21), None, 0, id="a day less"),
        pytest.param(dt.date(2026, 5, 20), Duration(months=6), 1, id="its own six months"),
        pytest.param(dt.date(2026, 5, 21), Duration(months=6), 0, id="a day less than its own"),
        pytest.param(None, Duration(months=6), 0, id="never verified"),
    ],
)
def test_a_stale_sheet(ask, verified, every, count):
    """TS032 fires once the review period after the last verification is over."""
    lever = Lever(id="lever:1", type=LeverType.TENT, title="Barnum")
    for sheet in (TOWN, lever):
        found = ask("TS032", attrs.evolve(sheet, verified_on=verified, review_every=every))

        assert len(found) == count


PHONE = ContactPoint(kind=ContactPointKind.PHONE, value="+33 4 66 00 00 00")
HIDDEN = attrs.evolve(PHONE, visibility=Visibility.TEAM)
OVER = Period(end=TODAY)
POST = Appointment(id="appointment:1", actor_id="actor:ville", role=Role.MAYOR, period=OVER)
OFFER = LeverOffer(
    id="lever_offer:1", lever_id="lever:1", contact_id=POST.id, state=OfferState.PUBLISHED
)
RELAY = LiaisonAssignment(id="liaison:1", kind=LiaisonKind.HEALTH_REFERENT, appointment_id=POST.id)


@pytest.mark.parametrize(
    ("changes", "others", "count"),
    [
        pytest.param({"contact_points": (PHONE,)}, [], 1, id="shown, over today"),
        pytest.param(
            {"contact_points": (PHONE,), "period": Period(end=dt.date(2026, 11, 21))},
            [],
            0,
            id="over tomorrow",
        ),
        pytest.param({"contact_points": (PHONE,), "period": Period()}, [], 0, id="end unknown"),
        pytest.param({"contact_points": (HIDDEN,)}, [], 0, id="not shown"),
        pytest.param({}, [], 0, id="no contact"),
        pytest.param({}, [OFFER], 1, id="contact of an offer"),
        pytest.param({}, [attrs.evolve(OFFER, state=OfferState.DRAFT)], 0, id="of a draft"),
        pytest.param({}, [RELAY], 1, id="still a relay"),
        pytest.param({}, [attrs.evolve(RELAY, period=OVER)], 0, id="was a relay"),
    ],
)
def test_a_role_that_is_over(ask, changes, others, count):
    """TS033 fires from the first day without the post, where people are still sent to it."""
    assert len(ask("TS033", TOWN, attrs.evolve(POST, **changes), *others)) == count
