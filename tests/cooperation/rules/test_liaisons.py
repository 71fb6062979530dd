# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.model import (
    Actor,
    ActorKind,
    Appointment,
    ClsStage,
    ContactPoint,
    ContactPointKind,
    Institution,
    LiaisonAssignment,
    LiaisonKind,
    LocalHealthContract,
    Period,
    Role,
    Territory,
    TerritoryKind,
)

TODAY = dt.date(2026, 11, 20)
TOMORROW = dt.date(2026, 11, 21)
PAST = Period(end=TODAY)
TEAM = Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP", territory_id="commune:48001")
LIAISON = LiaisonAssignment(
    id="liaison:1",
    kind=LiaisonKind.DAC,
    actor_id="actor:dac",
    serves_ids=("actor:msp",),
    purpose="Situations complexes",
    how_to_reach="Un seul numéro",
)
POST = Appointment(id="appointment:1", actor_id="actor:msp", role=Role.SECRETARY)
RELAYS = (Institution.CLS, Institution.CCAS, Institution.DAC, Institution.HEALTH_REFERENT)


def commune(*absent):
    """Return the commune where these institutions are known to be absent."""
    return Territory(
        id="commune:48001",
        kind=TerritoryKind.COMMUNE,
        name="Mende-le-Haut",
        communes=("48001",),
        absent=absent,
    )


def over(end=TODAY, **changes):
    """Return the relay whose first day without it is ``end``."""
    return attrs.evolve(LIAISON, period=Period(end=end), **changes)


@pytest.mark.parametrize(
    ("entities", "count"),
    [
        pytest.param([TEAM, over()], 1, id="the last ended today"),
        pytest.param([TEAM, over(TOMORROW)], 0, id="the last ends tomorrow"),
        pytest.param([TEAM, LIAISON], 0, id="one in force"),
        pytest.param([TEAM, over(serves_ids=(), territory_id="epci:nord")], 1, id="of the EPCI"),
        pytest.param([TEAM, over(serves_ids=(), territory_id="region:76")], 0, id="of the region"),
        pytest.param([TEAM], 0, id="nothing known"),
        pytest.param([TEAM, commune(*RELAYS), POST], 1, id="none can be"),
        pytest.param(
            [attrs.evolve(TEAM, coverage=("commune:48002",)), commune(*RELAYS), POST],
            0,
            id="one may be in another commune",
        ),
        pytest.param([TEAM, commune(*RELAYS[1:]), POST], 0, id="one may be"),
        pytest.param([TEAM, commune(*RELAYS)], 0, id="posts of the team unknown"),
        pytest.param(
            [TEAM, commune(*RELAYS), attrs.evolve(POST, role=Role.MSP_COORDINATOR)],
            0,
            id="own coordinator",
        ),
        pytest.param([attrs.evolve(TEAM, kind=ActorKind.PHARMACY), over()], 0, id="no team"),
    ],
)
def test_no_liaison(ask, entities, count):
    """TS007 fires where the last relay is over, or where all others are known to be absent."""
    assert len(ask("TS007", *entities)) == count


REFERENT = attrs.evolve(
    LIAISON, kind=LiaisonKind.HEALTH_REFERENT, serves_ids=(), territory_id="commune:48001"
)
BOTH = (Institution.CLS, Institution.HEALTH_REFERENT)


@pytest.mark.parametrize(
    ("entities", "count"),
    [
        pytest.param([commune(*BOTH)], 1, id="both absent"),
        pytest.param([commune(Institution.CLS), attrs.evolve(REFERENT, period=PAST)], 1, id="left"),
        pytest.param(
            [commune(Institution.CLS), attrs.evolve(REFERENT, period=Period(end=TOMORROW))],
            0,
            id="leaves tomorrow",
        ),
        pytest.param([commune(*BOTH), REFERENT], 0, id="a referent"),
        pytest.param(
            [commune(*BOTH), attrs.evolve(REFERENT, territory_id="epci:nord")],
            0,
            id="a referent of the EPCI",
        ),
        pytest.param(
            [
                commune(*BOTH),
                LocalHealthContract(
                    id="cls:1", name="CLS", territory_id="epci:nord", stage=ClsStage.RUNNING
                ),
            ],
            0,
            id="a CLS of the EPCI",
        ),
        pytest.param([commune(Institution.CLS)], 0, id="referent unknown"),
        pytest.param([commune(Institution.HEALTH_REFERENT)], 0, id="CLS unknown"),
    ],
)
def test_no_health_referent(ask, entities, count):
    """TS008 fires where it is known that there is neither a CLS nor a health contact."""
    assert len(ask("TS008", *entities)) == count


CLS = LocalHealthContract(
    id="cls:1",
    name="CLS du Causse",
    territory_id="epci:nord",
    coordinator_ids=("appointment:1",),
    stage=ClsStage.RUNNING,
)
PHONE = ContactPoint(kind=ContactPointKind.PHONE, value="+33 4 66 00 00 00")


@pytest.mark.parametrize(
    ("entities", "count"),
    [
        pytest.param([CLS, POST], 1, id="no way to reach them"),
        pytest.param([CLS, attrs.evolve(POST, contact_points=(PHONE,))], 0, id="reachable"),
        pytest.param(
            [CLS, attrs.evolve(POST, contact_points=(PHONE,), period=PAST)], 1, id="left today"
        ),
        pytest.param(
            [CLS, attrs.evolve(POST, contact_points=(PHONE,), period=Period(end=TOMORROW))],
            0,
            id="leaves tomorrow",
        ),
        pytest.param([CLS], 0, id="coordinator not stored"),
        pytest.param([attrs.evolve(CLS, coordinator_ids=())], 0, id="coordinator unknown"),
        pytest.param([attrs.evolve(CLS, stage=ClsStage.ENDED), POST], 0, id="contract over"),
    ],
)
def test_a_contract_without_a_contact(ask, entities, count):
    """TS009 fires where the coordinators that are named have left or cannot be reached."""
    assert len(ask("TS009", *entities)) == count


@pytest.mark.parametrize(
    ("end", "changes", "count"),
    [
        pytest.param(dt.date(2027, 11, 20), {}, 1, id="in twelve months"),
        pytest.param(dt.date(2027, 11, 21), {}, 0, id="a day later"),
        pytest.param(dt.date(2026, 1, 1), {}, 1, id="past"),
        pytest.param(dt.date(2026, 1, 1), {"stage": ClsStage.ENDED}, 0, id="ended"),
        pytest.param(dt.date(2026, 1, 1), {"successor_id": "cls:2"}, 0, id="followed"),
        pytest.param(None, {}, 0, id="unknown"),
    ],
)
def test_a_contract_that_ends(ask, end, changes, count):
    """TS010 fires within twelve months of the end of a contract in force, and after it."""
    assert len(ask("TS010", attrs.evolve(CLS, ends_on=end, **changes))) == count


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        pytest.param({}, 0, id="whole card"),
        pytest.param({"purpose": " "}, 1, id="for what?"),
        pytest.param({"how_to_reach": ""}, 1, id="how?"),
        pytest.param({"actor_id": ""}, 1, id="who?"),
        pytest.param({"actor_id": "actor:not-stored"}, 0, id="actor unknown"),
        pytest.param({"purpose": "", "period": PAST}, 0, id="over today"),
        pytest.param({"purpose": "", "period": Period(end=TOMORROW)}, 1, id="over tomorrow"),
    ],
)
def test_a_role_that_is_not_legible(ask, changes, count):
    """TS034 fires for relays in force whose card does not say who, for what and how."""
    assert len(ask("TS034", attrs.evolve(LIAISON, **changes))) == count


def held(number, person, **changes):
    """Return a relay of the commune and the post that holds it."""
    post = Appointment(
        id=f"appointment:{number}", actor_id="actor:x", role=Role.STAFF, person_id=person
    )
    relay = attrs.evolve(
        LIAISON,
        id=f"liaison:{number}",
        territory_id="commune:48001",
        appointment_id=post.id,
        **changes,
    )
    return [post, relay]


@pytest.mark.parametrize(
    ("entities", "count"),
    [
        pytest.param([*held(1, "person:a"), *held(2, "person:a")], 1, id="one person"),
        pytest.param([*held(1, "person:a"), *held(2, "person:b")], 0, id="two persons"),
        pytest.param(held(1, "person:a"), 0, id="one role only"),
        pytest.param([*held(1, "person:a"), *held(2, "")], 0, id="one person unknown"),
        pytest.param(
            [*held(1, "person:a"), *held(2, "person:a", period=PAST)], 0, id="one role is over"
        ),
    ],
)
def test_a_single_point(ask, entities, count):
    """TS040 fires where one known person holds two or more relays, which are all."""
    assert len(ask("TS040", *entities)) == count
