# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.model import (
    Actor,
    ActorKind,
    DiagnosticKind,
    Document,
    DocumentKind,
    DocumentShare,
    LiaisonAssignment,
    LiaisonKind,
    SafeguardKind,
    SafeguardPlan,
    SafeguardState,
    ShareState,
    Tri,
    Visibility,
)

TEAM = Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP", territory_id="commune:48001")
OTHER = Actor(id="actor:esp", kind=ActorKind.ESP, name="ESP", territory_id="commune:48002")
PLAN = SafeguardPlan(
    id="safeguard_plan:1", territory_id="commune:48001", state=SafeguardState.ADOPTED
)
DIAGNOSIS = Document(
    id="document:1",
    kind=DocumentKind.DIAGNOSTIC,
    diagnostic_kind=DiagnosticKind.CLS,
    title="Diagnostic local",
    territory_id="epci:nord",
    owner_id="actor:epci",
)


def plan(**changes):
    """Return the plan with these changes."""
    return attrs.evolve(PLAN, **changes)


def share(state, to="actor:msp", document="safeguard_plan:1", requested=None):
    """Return who was given what."""
    return DocumentShare(
        id=f"document_share:{to[6:]}",
        document_id=document,
        to_id=to,
        state=state,
        requested_on=requested,
    )


@pytest.mark.parametrize(
    ("entities", "count"),
    [
        pytest.param([TEAM], 1, id="nothing known of a plan"),
        pytest.param([TEAM, PLAN], 1, id="adopted"),
        pytest.param([TEAM, plan(state=SafeguardState.UNKNOWN)], 1, id="perhaps"),
        pytest.param([TEAM, plan(state=SafeguardState.NONE)], 0, id="none"),
        pytest.param([TEAM, PLAN, share(ShareState.REQUESTED)], 0, id="asked for"),
        pytest.param([TEAM, PLAN, share(ShareState.SENT)], 0, id="sent"),
        pytest.param([attrs.evolve(TEAM, territory_id="")], 0, id="commune unknown"),
    ],
)
def test_a_plan_not_asked_for(ask, entities, count):
    """TS011 fires for a team that has asked its known commune for nothing, unless there is none."""
    assert len(ask("TS011", *entities)) == count


LATE = dt.date(2026, 10, 19)
IN_TIME = dt.date(2026, 10, 20)
RELAY = LiaisonAssignment(
    id="liaison:1", kind=LiaisonKind.CCAS, actor_id="actor:ccas", serves_ids=("actor:msp",)
)
SHARES = [
    pytest.param([ShareState.REFUSED], None, 1, id="refused"),
    pytest.param([ShareState.REQUESTED], LATE, 1, id="asked for, too long ago"),
    pytest.param([ShareState.REQUESTED], IN_TIME, 0, id="asked for a month ago"),
    pytest.param([ShareState.REQUESTED], None, 0, id="asked for, day unknown"),
    pytest.param([ShareState.SENT], None, 0, id="sent"),
    pytest.param([ShareState.RECEIVED], None, 0, id="received"),
    pytest.param([], None, 0, id="nothing noted"),
]


@pytest.mark.parametrize(("states", "requested", "count"), SHARES)
def test_a_plan_not_shared(ask, states, requested, count):
    """TS012 fires where the team is known to wait, or to have been refused."""
    shares = [share(state, requested=requested) for state in states]

    assert len(ask("TS012", TEAM, PLAN, *shares)) == count


def test_a_plan_given_to_others(ask):
    """TS012 fires where the recipients are listed and neither the team nor its relay is one."""
    given = share(ShareState.SENT, "actor:ccas")

    assert len(ask("TS012", TEAM, PLAN, given)) == 1
    assert not ask("TS012", TEAM, PLAN, given, RELAY)
    assert not ask("TS012", TEAM, plan(state=SafeguardState.IN_PREPARATION), given)


@pytest.mark.parametrize(("states", "requested", "count"), SHARES)
def test_a_diagnosis_not_shared(ask, states, requested, count):
    """TS005 fires where a team of the area is known to wait, or to have been refused."""
    shares = [share(state, document="document:1", requested=requested) for state in states]

    assert len(ask("TS005", TEAM, DIAGNOSIS, *shares)) == count


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        pytest.param({}, 1, id="given to another team"),
        pytest.param({"contributor_ids": ("actor:msp",)}, 0, id="wrote it"),
        pytest.param({"owner_id": "actor:msp"}, 0, id="owns it"),
        pytest.param(
            {"visibility": Visibility.PUBLIC, "url": "https://example.org/d"}, 0, id="public"
        ),
        pytest.param({"kind": DocumentKind.CHARTER}, 0, id="no diagnosis"),
        pytest.param({"territory_id": "epci:sud"}, 0, id="elsewhere"),
        pytest.param({"territory_id": ""}, 0, id="area unknown"),
    ],
)
def test_a_diagnosis_given_to_others(ask, changes, count):
    """TS005 fires for a team of the area that is not among those who have it."""
    given = share(ShareState.SENT, "actor:esp", "document:1")

    assert len(ask("TS005", TEAM, OTHER, attrs.evolve(DIAGNOSIS, **changes), given)) == count


KINDS = (
    ActorKind.CPTS,
    ActorKind.EPCI,
    ActorKind.ARS_DD,
    ActorKind.DAC,
    ActorKind.USER_ASSOCIATION,
)
ALL = [Actor(id=f"actor:{kind.value}", kind=kind, name=kind.value) for kind in KINDS]


@pytest.mark.parametrize("left_out", range(5))
def test_a_diagnosis_without_a_party(ask, left_out):
    """TS006 fires where one of five groups is not among the contributors, and names it."""
    others = [one for number, one in enumerate(ALL) if number != left_out]
    subject = attrs.evolve(DIAGNOSIS, contributor_ids=tuple(one.id for one in others))

    assert len(ask("TS006", subject, *others)) == 1


@pytest.mark.parametrize(
    ("changes", "stored", "count"),
    [
        pytest.param({"contributor_ids": tuple(one.id for one in ALL)}, ALL, 0, id="all of them"),
        pytest.param({"contributor_ids": ("actor:cpts",)}, [], 0, id="kinds unknown"),
        pytest.param({}, [], 0, id="nothing known"),
        pytest.param({"data_as_of": dt.date(2021, 11, 19)}, [], 1, id="a day too old"),
        pytest.param({"data_as_of": dt.date(2021, 11, 20)}, [], 0, id="five years old"),
    ],
)
def test_a_diagnosis_to_consolidate(ask, changes, stored, count):
    """TS006 fires on data older than five years, and says nothing of unknown contributors."""
    assert len(ask("TS006", attrs.evolve(DIAGNOSIS, **changes), *stored)) == count


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        pytest.param({"adopted_on": dt.date(2021, 11, 19)}, 1, id="adopted a day too long ago"),
        pytest.param({"adopted_on": dt.date(2021, 11, 20)}, 0, id="adopted five years ago"),
        pytest.param(
            {"adopted_on": dt.date(2012, 1, 1), "last_revised_on": dt.date(2025, 1, 1)},
            0,
            id="revised since",
        ),
        pytest.param({"last_exercise_on": dt.date(2021, 11, 19)}, 1, id="exercise too long ago"),
        pytest.param({"last_exercise_on": dt.date(2021, 11, 20)}, 0, id="exercise in time"),
        pytest.param({}, 0, id="no day known"),
        pytest.param(
            {"adopted_on": dt.date(2012, 1, 1), "state": SafeguardState.SUPERSEDED},
            0,
            id="superseded",
        ),
    ],
)
def test_a_plan_that_is_late(ask, changes, count):
    """TS013 fires once five years without a revision, or without an exercise, are over."""
    assert len(ask("TS013", plan(**changes))) == count


PICS = {"kind": SafeguardKind.PICS, "territory_id": "epci:nord", "mandatory": Tri.YES}
LACKING = {"mandatory": Tri.YES, "state": SafeguardState.NONE}


@pytest.mark.parametrize(
    ("changes", "on", "count"),
    [
        pytest.param(
            LACKING | {"notified_on": dt.date(2024, 11, 19)}, None, 1, id="a day too late"
        ),
        pytest.param(LACKING | {"notified_on": dt.date(2024, 11, 20)}, None, 0, id="last day"),
        pytest.param(LACKING, None, 0, id="notification unknown"),
        pytest.param(
            {"state": SafeguardState.NONE, "notified_on": dt.date(2020, 1, 1)},
            None,
            0,
            id="duty unknown",
        ),
        pytest.param(
            {"mandatory": Tri.YES, "state": SafeguardState.UNKNOWN}, None, 0, id="plan unknown"
        ),
        pytest.param(
            PICS | {"state": SafeguardState.IN_PREPARATION},
            dt.date(2026, 11, 27),
            1,
            id="PICS a day too late",
        ),
        pytest.param(
            PICS | {"state": SafeguardState.NONE},
            dt.date(2026, 11, 26),
            0,
            id="PICS on its last day",
        ),
    ],
)
def test_a_plan_that_is_missing(ask, today, changes, on, count):
    """TS014 fires after the last day for a plan that is compulsory and known not to be there."""
    assert len(ask("TS014", plan(**changes), on=on or today)) == count


RENEWAL = dt.date(2026, 3, 22)


@pytest.mark.parametrize(
    ("adopted", "presented", "count"),
    [
        pytest.param(dt.date(2020, 1, 1), dt.date(2026, 3, 21), 1, id="a day before"),
        pytest.param(dt.date(2020, 1, 1), RENEWAL, 0, id="on the day"),
        pytest.param(RENEWAL, dt.date(2026, 3, 21), 0, id="adopted since"),
        pytest.param(dt.date(2020, 1, 1), None, 0, id="presentation unknown"),
        pytest.param(None, dt.date(2020, 1, 1), 0, id="adoption unknown"),
    ],
)
def test_a_plan_not_presented(ask, adopted, presented, count):
    """TS015 fires where an older plan was last presented before the last general renewal."""
    found = ask("TS015", plan(adopted_on=adopted, presented_to_council_on=presented))

    assert len(found) == count
