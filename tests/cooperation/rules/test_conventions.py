# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.model import (
    Actor,
    ActorKind,
    AidKind,
    AidTerms,
    ClsStage,
    Commitment,
    Convention,
    ConventionKind,
    ConventionState,
    DeliberationRef,
    Duration,
    Event,
    EventStatus,
    GovernanceBody,
    GovernanceKind,
    Lever,
    LeverOffer,
    LeverType,
    LocalHealthContract,
    OfferState,
    Party,
    PartyRole,
    Renewal,
    RenewalMode,
    Signature,
    Tri,
)

TODAY = dt.date(2026, 11, 20)
DECIDED = DeliberationRef(number="2026-12")
MSP = Party(actor_id="actor:msp", role=PartyRole.MSP)
CLS = Party(actor_id="actor:petr", role=PartyRole.CLS)
TOWN = Party(actor_id="actor:ville", role=PartyRole.COLLECTIVITE, empowered_by=DECIDED)
TRIPARTITE = Convention(
    id="convention:1",
    kind=ConventionKind.TRIPARTITE_PARTNERSHIP,
    title="Partenariat",
    parties=(MSP, CLS, TOWN),
    state=ConventionState.ACTIVE,
)


def convention(**changes):
    """Return the convention with these changes."""
    return attrs.evolve(TRIPARTITE, **changes)


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        pytest.param({}, 0, id="three actors"),
        pytest.param({"parties": (MSP, TOWN)}, 1, id="a role missing"),
        pytest.param(
            {"parties": (MSP, TOWN, attrs.evolve(CLS, actor_id="actor:ville"))},
            1,
            id="one actor in two roles",
        ),
        pytest.param({"parties": (MSP, TOWN), "state": ConventionState.EXPIRED}, 0, id="over"),
        pytest.param(
            {"parties": (MSP, TOWN), "kind": ConventionKind.BILATERAL_PARTNERSHIP},
            0,
            id="not tripartite",
        ),
        pytest.param({"parties": ()}, 0, id="parties unknown"),
    ],
)
def test_a_party_is_missing(ask, changes, count):
    """TS016 fires without one of the three roles, or with one actor in two, if any is known."""
    assert len(ask("TS016", convention(**changes))) == count


TEAM = Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP", territory_id="commune:48001")
CONTRACT = LocalHealthContract(
    id="cls:1", name="CLS", territory_id="epci:nord", stage=ClsStage.RUNNING
)
LOAN = convention(id="convention:2", kind=ConventionKind.PREMISES_LOAN)


@pytest.mark.parametrize(
    ("entities", "count"),
    [
        pytest.param([TEAM, CONTRACT, LOAN], 1, id="only another convention"),
        pytest.param([TEAM, CONTRACT, LOAN, TRIPARTITE], 0, id="in force"),
        pytest.param(
            [TEAM, CONTRACT, LOAN, convention(state=ConventionState.DRAFT)], 0, id="in writing"
        ),
        pytest.param([TEAM, CONTRACT, convention(state=ConventionState.EXPIRED)], 1, id="over"),
        pytest.param([TEAM, LOAN], 0, id="CLS unknown"),
        pytest.param([TEAM, CONTRACT], 0, id="conventions unknown"),
        pytest.param([attrs.evolve(TEAM, territory_id=""), CONTRACT, LOAN], 0, id="seat unknown"),
    ],
)
def test_no_tripartite_convention(ask, entities, count):
    """TS017 fires for a team with conventions in the area of a CLS, none of them tripartite."""
    assert len(ask("TS017", *entities)) == count


def signed(*parties, on=dt.date(2026, 9, 20)):
    """Return the signatures of these parties."""
    return tuple(Signature(party_id=one.actor_id, signed_on=on) for one in parties)


SIGNING = {"state": ConventionState.SIGNING}


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        pytest.param(SIGNING | {"signatures": signed(MSP)}, 1, id="61 days"),
        pytest.param(
            SIGNING | {"signatures": signed(MSP, on=dt.date(2026, 9, 21))}, 0, id="60 days"
        ),
        pytest.param({"signatures": signed(MSP, TOWN)}, 1, id="in force"),
        pytest.param({"signatures": signed(MSP, TOWN, CLS)}, 0, id="all signed"),
        pytest.param(
            {
                "signatures": signed(MSP, TOWN, CLS),
                "parties": (MSP, CLS, attrs.evolve(TOWN, empowered_by=None)),
            },
            1,
            id="no deliberation",
        ),
        pytest.param(
            {"parties": (MSP, CLS, attrs.evolve(TOWN, empowered_by=None))},
            0,
            id="signatures unknown",
        ),
    ],
)
def test_a_convention_unsigned(ask, changes, count):
    """TS018 fires where signing halts for 60 days, or a council has not decided."""
    assert len(ask("TS018", convention(**changes))) == count


TACIT = Renewal(mode=RenewalMode.TACIT, period=Duration(years=1), opt_out_notice=Duration(months=2))


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        pytest.param({"ends_on": dt.date(2027, 5, 20)}, 1, id="in six months"),
        pytest.param({"ends_on": dt.date(2027, 5, 21)}, 0, id="a day later"),
        pytest.param({"ends_on": TODAY}, 1, id="today"),
        pytest.param({"ends_on": dt.date(2026, 11, 19)}, 1, id="past"),
        pytest.param({"ends_on": TODAY, "state": ConventionState.EXPIRED}, 0, id="over"),
        pytest.param({}, 0, id="unknown"),
        pytest.param(
            {"ends_on": dt.date(2027, 4, 20), "renewal": TACIT}, 1, id="notice in three months"
        ),
        pytest.param(
            {"ends_on": dt.date(2027, 4, 21), "renewal": TACIT}, 0, id="notice a day later"
        ),
        pytest.param({"ends_on": dt.date(2027, 1, 20), "renewal": TACIT}, 1, id="notice today"),
        pytest.param(
            {"ends_on": dt.date(2027, 1, 19), "renewal": TACIT}, 0, id="notice day is past"
        ),
    ],
)
def test_a_convention_that_ends(ask, changes, count):
    """TS019 fires six months before an end, three before the last day to refuse a renewal."""
    assert len(ask("TS019", convention(**changes))) == count


PROMISE = Commitment(party_id="actor:msp", text="Une consultation avancée")


def steering(*met, **more):
    """Return a steering body that met on these days."""
    return (GovernanceBody(kind=GovernanceKind.STEERING, met_on=met, **more),)


LONG_AGO = dt.date(2025, 11, 19)


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        pytest.param({"commitments": (PROMISE,)}, 1, id="clauses without a body"),
        pytest.param(
            {"governance": (GovernanceBody(kind=GovernanceKind.TECHNICAL),)},
            1,
            id="only a technical body",
        ),
        pytest.param({}, 0, id="clauses unknown"),
        pytest.param({"governance": steering(LONG_AGO)}, 1, id="a day too long ago"),
        pytest.param({"governance": steering(dt.date(2025, 11, 20))}, 0, id="a year ago"),
        pytest.param({"governance": steering(LONG_AGO, next_on=TODAY)}, 0, id="meets today"),
        pytest.param(
            {"governance": steering(LONG_AGO, event_ids=("event:1",))}, 0, id="met as an event"
        ),
        pytest.param(
            {"governance": steering(LONG_AGO, event_ids=("event:2",))}, 1, id="event called off"
        ),
        pytest.param({"governance": steering()}, 0, id="meetings unknown"),
        pytest.param(
            {"commitments": (PROMISE,), "kind": ConventionKind.ACI}, 0, id="no partnership"
        ),
    ],
)
def test_governance(ask, changes, count):
    """TS020 fires without a steering body, or a year after it last met."""
    event = Event(id="event:1", start=dt.date(2026, 5, 1))
    off = Event(id="event:2", start=dt.date(2026, 5, 1), status=EventStatus.CANCELLED)

    assert len(ask("TS020", convention(**changes), event, off)) == count


@pytest.mark.parametrize(
    ("promising", "count"),
    [
        pytest.param((MSP,), 1, id="one of three"),
        pytest.param((MSP, CLS, TOWN), 0, id="all"),
        pytest.param((), 0, id="unknown"),
    ],
)
def test_unbalanced_commitments(ask, promising, count):
    """TS021 fires where some parties promise something and one nothing."""
    promises = tuple(Commitment(party_id=one.actor_id, text="…") for one in promising)

    assert len(ask("TS021", convention(commitments=promises))) == count


def aid(**terms):
    """Return a convention about a bonus."""
    return convention(
        kind=ConventionKind.SUBSIDY,
        starts_on=terms.pop("starts_on", dt.date(2026, 10, 19)),
        aid=AidTerms(kind=AidKind.INSTALLATION_BONUS, **terms),
    )


AID = Lever(id="lever:1", type=LeverType.INSTALLATION_AID, title="Prime")


def offer(required, state=OfferState.PUBLISHED):
    """Return an offer of the bonus."""
    return LeverOffer(
        id="lever_offer:1", lever_id="lever:1", convention_required=required, state=state
    )


@pytest.mark.parametrize(
    ("entities", "count"),
    [
        pytest.param([aid(commitment=Duration(months=35))], 1, id="35 months"),
        pytest.param([aid(commitment=Duration(months=36))], 0, id="36 months"),
        pytest.param([aid(in_zone=Tri.NO)], 1, id="outside of the zone"),
        pytest.param([aid(sent_to_ars_on=TODAY)], 1, id="sent to one, a day too late"),
        pytest.param(
            [aid(sent_to_ars_on=TODAY, starts_on=dt.date(2026, 10, 20))], 0, id="still in time"
        ),
        pytest.param([aid(sent_to_ars_on=TODAY, sent_to_insurance_on=TODAY)], 0, id="sent"),
        pytest.param([aid()], 0, id="nothing known"),
        pytest.param([AID, offer(Tri.NO)], 1, id="offered without a convention"),
        pytest.param([AID, offer(Tri.YES)], 0, id="offered with one"),
        pytest.param([AID, offer(Tri.UNKNOWN)], 0, id="offered, unknown"),
        pytest.param([AID, offer(Tri.NO, OfferState.DRAFT)], 0, id="not yet offered"),
    ],
)
def test_an_aid_out_of_order(ask, entities, count):
    """TS038 fires below three years, outside of the zone, unsent, or offered without a contract."""
    assert len(ask("TS038", *entities)) == count
