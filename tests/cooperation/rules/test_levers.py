# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.model import (
    Actor,
    ActorKind,
    AwarenessLevel,
    Channel,
    ChannelKind,
    ContactPoint,
    ContactPointKind,
    Duration,
    Institution,
    Known,
    Lever,
    LeverAwareness,
    LeverOffer,
    LeverRequest,
    LeverType,
    OfferState,
    RequestState,
    Territory,
    TerritoryKind,
)

TEAM = Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP", territory_id="commune:48001")
TOWN = Actor(id="actor:ville", kind=ActorKind.COMMUNE, name="Ville", territory_id="commune:48001")
PHONE = ContactPoint(kind=ContactPointKind.PHONE, value="+33 4 66 00 00 00")
TENT = Lever(
    id="lever:tent",
    type=LeverType.TENT,
    title="Barnum",
    holder_id="actor:ville",
    coverage=("epci:nord",),
)
OFFER = LeverOffer(
    id="lever_offer:1",
    lever_id="lever:tent",
    contact=PHONE,
    lead_time=Known(Duration(days=15)),
    state=OfferState.PUBLISHED,
)
OTHER = LeverAwareness(
    id="lever_awareness:0",
    lever_id="lever:bus",
    actor_id="actor:msp",
    level=AwarenessLevel.USED,
)


def aware(level):
    """Return how well the team knows the tent."""
    return attrs.evolve(OTHER, id="lever_awareness:1", lever_id="lever:tent", level=level)


@pytest.mark.parametrize(
    ("entities", "count"),
    [
        pytest.param([OFFER, OTHER], 1, id="not among those it knows"),
        pytest.param([OFFER, aware(AwarenessLevel.UNKNOWN)], 1, id="known to be unknown"),
        pytest.param([OFFER, aware(AwarenessLevel.SEEN)], 0, id="seen"),
        pytest.param([OFFER], 0, id="nobody follows it"),
        pytest.param([attrs.evolve(OFFER, state=OfferState.PAUSED), OTHER], 0, id="paused"),
        pytest.param(
            [attrs.evolve(OFFER, audience_kinds=(ActorKind.CCAS,)), OTHER], 0, id="not for teams"
        ),
        pytest.param([attrs.evolve(TENT, coverage=("epci:sud",)), OFFER, OTHER], 0, id="elsewhere"),
        pytest.param([attrs.evolve(TENT, coverage=()), OFFER, OTHER], 0, id="area unknown"),
    ],
)
def test_a_lever_that_the_team_does_not_know(ask, entities, count):
    """TS026 fires for open levers around a team whose awareness is followed at all."""
    assert len(ask("TS026", TEAM, TENT, *entities)) == count


def test_one_finding_for_all_levers_of_a_team(ask):
    """TS026 names some levers and lists all as evidence."""
    many = [attrs.evolve(TENT, id=f"lever:{number}") for number in range(9)]
    offers = [
        attrs.evolve(OFFER, id=f"lever_offer:{number}", lever_id=f"lever:{number}")
        for number in range(9)
    ]
    (found,) = ask("TS026", TEAM, OTHER, *many, *offers)

    assert [one.id for one in found.evidence] == [one.id for one in many]
    assert "9" in found.message.fr


@pytest.mark.parametrize(
    ("lever", "offer", "count"),
    [
        pytest.param(TENT, OFFER, 0, id="whole sheet"),
        pytest.param(attrs.evolve(TENT, holder_id=""), OFFER, 1, id="holder"),
        pytest.param(attrs.evolve(TENT, coverage=()), OFFER, 1, id="coverage"),
        pytest.param(TENT, attrs.evolve(OFFER, contact=None), 1, id="contact"),
        pytest.param(
            TENT, attrs.evolve(OFFER, contact=None, contact_id="actor:ville"), 0, id="contact by id"
        ),
        pytest.param(
            TENT, LeverOffer(id=OFFER.id, lever_id=TENT.id, contact=PHONE).publish(), 1, id="terms"
        ),
        pytest.param(
            attrs.evolve(TENT, holder_id=""),
            attrs.evolve(OFFER, state=OfferState.DRAFT),
            0,
            id="draft",
        ),
    ],
)
def test_a_lever_that_cannot_be_asked_for(ask, lever, offer, count):
    """TS027 fires for published levers without holder, contact, terms or area."""
    assert len(ask("TS027", TOWN, lever, offer)) == count


def test_the_contact_of_the_holder_is_enough(ask):
    """TS027 takes the contact points of who decides, and says nothing where nothing is offered."""
    silent = attrs.evolve(OFFER, contact=None)
    reachable = attrs.evolve(TOWN, contact_points=(PHONE,))

    assert not ask("TS027", reachable, TENT, silent)
    assert not ask("TS027", attrs.evolve(TENT, holder_id=""))


TYPES = (
    LeverType.POSTER,
    LeverType.TENT,
    LeverType.ROOM_LOAN,
    LeverType.SHUTTLE,
    LeverType.CHILDCARE,
)


def levers(types):
    """Return one lever of the commune of each type."""
    return [attrs.evolve(TENT, id=f"lever:{one.value}", type=one) for one in types]


@pytest.mark.parametrize(
    ("types", "count"),
    [
        pytest.param(TYPES[:-1], 1, id="some"),
        pytest.param(TYPES, 0, id="all"),
        pytest.param((), 0, id="none"),
    ],
)
def test_families_without_a_lever(ask, types, count):
    """TS028 fires for an authority with some levers, and not for one with all or with none."""
    assert len(ask("TS028", TOWN, *levers(types))) == count


@pytest.mark.parametrize(
    ("absent", "channel", "count"),
    [
        pytest.param(True, False, 1, id="known to be absent"),
        pytest.param(True, True, 0, id="one all the same"),
        pytest.param(False, False, 0, id="unknown"),
    ],
)
def test_no_channel(ask, absent, channel, count):
    """TS029 fires for communes that are known to have no channel."""
    commune = Territory(
        id="commune:48001",
        kind=TerritoryKind.COMMUNE,
        name="Mende-le-Haut",
        communes=("48001",),
        absent=(Institution.ANNOUNCEMENT_CHANNEL,) if absent else (),
    )
    panel = Channel(
        id="channel:1", kind=next(iter(ChannelKind)), name="Panneau", communes=("48001",)
    )

    assert len(ask("TS029", commune, *([panel] if channel else []))) == count


@pytest.mark.parametrize(
    ("due", "state", "count"),
    [
        pytest.param(dt.date(2026, 11, 19), RequestState.SUBMITTED, 1, id="since yesterday"),
        pytest.param(dt.date(2026, 11, 20), RequestState.SUBMITTED, 0, id="due today"),
        pytest.param(dt.date(2026, 11, 19), RequestState.ACCEPTED, 0, id="answered"),
        pytest.param(None, RequestState.SUBMITTED, 0, id="due day unknown"),
    ],
)
def test_a_request_without_an_answer(ask, due, state, count):
    """TS031 fires from the day after the answer was due."""
    request = LeverRequest(
        id="lever_request:1",
        requester_id="actor:msp",
        offer_id="lever_offer:1",
        due_answer_on=due,
        state=state,
    )
    found = ask("TS031", TEAM, TENT, OFFER, request)

    assert len(found) == count
    assert all("Barnum" in one.message.fr and one.team_id == TEAM.id for one in found)
