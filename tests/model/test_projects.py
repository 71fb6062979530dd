# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.model import (
    Action,
    Building,
    BuildingTrack,
    CareProject,
    ClsStage,
    Document,
    DocumentKind,
    DocumentShare,
    Duration,
    HealthProject,
    HealthProjectState,
    LocalHealthContract,
    Money,
    MspStage,
    Practice,
    ProjectKind,
    SafeguardPlan,
    SafeguardState,
    StageChange,
    Statement,
    StatementKind,
    SupportKind,
    SupportRequest,
    Team,
    Tension,
    TensionKind,
    TensionLevel,
    Tri,
)

DAY = dt.date(2026, 11, 20)
MONTH = Duration(months=1)
PROJECT = CareProject(id="care_project:1", kind=ProjectKind.MSP, name="MSP des Gorges")
YES, NO, UNKNOWN = Tri.YES, Tri.NO, Tri.UNKNOWN


def day(text: str) -> dt.date:
    """Return a day written as in ISO 8601."""
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("doctors", "paramedicals", "answer"),
    [
        (2, 1, YES),
        (5, 4, YES),
        (1, 3, NO),
        (2, 0, NO),
        (1, None, NO),
        (None, 0, NO),
        (2, None, UNKNOWN),
        (None, 1, UNKNOWN),
        (None, None, UNKNOWN),
    ],
)
def test_the_threshold_of_a_team(doctors, paramedicals, answer):
    """Two doctors and a paramedical are needed; what is not known is not guessed."""
    team = Team(general_practitioners=doctors, paramedicals=paramedicals)
    assert team.meets_threshold() is answer


def test_stages_are_remembered():
    """Each verb notes the stage, its day and its evidence, the first stage included."""
    intent = PROJECT.declare_intent(on=day("2025-01-10"), evidence="lettre à la DD")
    assert intent.stage_history == (
        StageChange(stage=MspStage.EMERGENCE),
        StageChange(stage=MspStage.INTENT, on=day("2025-01-10"), evidence="lettre à la DD"),
    )
    assert intent.stage_since() == day("2025-01-10")
    assert PROJECT.stage_since() is None
    assert intent.merge(into="care_project:2", on=DAY).merged_into_id == "care_project:2"
    assert not intent.close(on=DAY).stage.is_live


@pytest.mark.parametrize("history", [(), (StageChange(stage=MspStage.VALIDATED),)])
def test_a_pause_ends_where_it_began(history):
    """Resuming leads to the stage before the pause, even with a history imported in part."""
    running = attrs.evolve(PROJECT, stage=MspStage.OPERATING, stage_history=history)
    resumed = running.pause(on=DAY).resume(on=DAY)
    assert resumed.stage is MspStage.OPERATING
    again = resumed.pause(on=DAY).resume(on=DAY)
    assert again.stage is MspStage.OPERATING


@pytest.mark.parametrize(
    ("building", "health_project", "answer"),
    [
        (None, None, UNKNOWN),
        (Building(), HealthProject(), UNKNOWN),
        (Building(decided_on=DAY), None, UNKNOWN),
        (Building(decided_on=DAY), HealthProject(), YES),
        (Building(decided_on=DAY), HealthProject(state=HealthProjectState.VALIDATED), UNKNOWN),
        (Building(decided_on=DAY), HealthProject(state=HealthProjectState.TO_REVISE), UNKNOWN),
        (Building(decided_on=DAY), HealthProject(state=HealthProjectState.SUBMITTED), YES),
        (Building(works_on=DAY), HealthProject(validated_on=day("2026-11-21")), YES),
        (Building(works_on=DAY), HealthProject(validated_on=DAY), NO),
        (
            Building(decided_on=day("2024-01-01"), works_on=DAY),
            HealthProject(validated_on=day("2025-01-01")),
            YES,
        ),
    ],
)
def test_the_health_project_comes_before_the_building(building, health_project, answer):
    """The two tracks are compared by their dates; without dates nothing is concluded."""
    project = attrs.evolve(PROJECT, building=building, health_project=health_project)
    assert project.building_before_health_project() is answer


def test_money_is_engaged_after_programming():
    """A building is past programming once it is funded."""
    past = [track.name for track in BuildingTrack if track.is_past_programming]
    assert past == ["FUNDED", "WORKS", "DELIVERED"]
    study = Building(track=BuildingTrack.STUDY, decided_on=day("2025-01-01"), funding=Money(10))
    funded = study.programme().fund()
    assert (funded.decided_on, funded.funding) == (day("2025-01-01"), Money(10))
    other = study.programme(decided_on=DAY).fund(funding=Money(20))
    assert (other.decided_on, other.funding) == (DAY, Money(20))


CLS = LocalHealthContract(
    id="cls:1",
    name="CLS des Causses",
    stage=ClsStage.RUNNING,
    signed_on=day("2022-06-01"),
    duration=Duration(years=5),
)


@pytest.mark.parametrize(
    ("today", "active", "soon"),
    [
        ("2022-05-31", False, False),
        ("2022-06-01", True, False),
        ("2027-04-30", True, True),
        ("2027-05-31", True, True),
        ("2027-06-01", False, False),
    ],
)
def test_a_cls_runs_for_its_own_term(today, active, soon):
    """A contract is active from its signature to its last day, which its own duration gives."""
    assert CLS.end_on() == day("2027-05-31")
    assert CLS.active_on(day(today)) is active
    assert CLS.expiring_soon(day(today), Duration(months=1, days=1)) is soon


def test_a_cls_without_dates():
    """Without a known end a contract stays active, and a draft or an ended one never is."""
    endless = attrs.evolve(CLS, duration=None)
    assert endless.end_on() is None
    assert endless.active_on(day("2099-01-01"))
    assert not endless.expiring_soon(day("2099-01-01"), MONTH)
    assert not attrs.evolve(CLS, stage=ClsStage.DRAFTING).active_on(day("2023-01-01"))
    assert not attrs.evolve(CLS, stage=ClsStage.ENDED).active_on(day("2023-01-01"))
    followed = CLS.evaluate(on=DAY).renew(by="cls:2", on=DAY)
    assert (followed.successor_id, followed.stage_history[-1].on) == ("cls:2", DAY)


PLAN = SafeguardPlan(
    id="safeguard_plan:1", state=SafeguardState.ADOPTED, adopted_on=day("2021-11-20")
)


@pytest.mark.parametrize(
    ("fields", "revision", "exercise"),
    [
        ({}, NO, NO),
        ({"adopted_on": day("2021-11-19")}, YES, UNKNOWN),
        ({"adopted_on": None}, UNKNOWN, UNKNOWN),
        ({"adopted_on": day("2010-01-01"), "last_revised_on": day("2024-01-01")}, NO, UNKNOWN),
        ({"last_exercise_on": day("2020-01-01")}, NO, YES),
        ({"last_exercise_on": day("2026-01-01")}, NO, NO),
        ({"state": SafeguardState.UNKNOWN}, UNKNOWN, UNKNOWN),
        ({"state": SafeguardState.NONE}, NO, NO),
    ],
)
def test_plans_grow_old(fields, revision, exercise):
    """Revision and exercise are late after five years; what is not known is not guessed."""
    plan = attrs.evolve(PLAN, **fields)
    assert plan.overdue(DAY) is revision
    assert plan.exercise_overdue(DAY) is exercise
    assert PLAN.overdue(DAY, every=Duration(years=3)) is YES
    assert PLAN.hold_exercise(on=DAY).exercise_overdue(DAY) is NO


@pytest.mark.parametrize(
    ("state", "mandatory", "notified", "answer"),
    [
        (SafeguardState.NONE, YES, "2024-11-19", YES),
        (SafeguardState.IN_PREPARATION, YES, "2024-11-20", NO),
        (SafeguardState.NONE, YES, None, UNKNOWN),
        (SafeguardState.NONE, NO, "2020-01-01", NO),
        (SafeguardState.NONE, UNKNOWN, "2020-01-01", UNKNOWN),
        (SafeguardState.UNKNOWN, YES, "2020-01-01", UNKNOWN),
        (SafeguardState.ADOPTED, YES, "2020-01-01", NO),
    ],
)
def test_compulsory_plans_are_due(state, mandatory, notified, answer):
    """A compulsory plan is late two years after the notification, if it is known to be missing."""
    plan = SafeguardPlan(
        id="safeguard_plan:1",
        state=state,
        mandatory=mandatory,
        notified_on=day(notified) if notified else None,
    )
    assert plan.adoption_overdue(DAY) is answer


def test_plans_are_presented_after_elections():
    """A plan in force must have been presented since the election; unknown stays unknown."""
    election = day("2026-03-22")
    assert PLAN.presented_since(election) is UNKNOWN
    assert PLAN.present(on=day("2025-01-01")).presented_since(election) is NO
    assert PLAN.present(on=election).presented_since(election) is YES
    nothing = attrs.evolve(PLAN, state=SafeguardState.NONE)
    assert nothing.present(on=election).presented_since(election) is UNKNOWN


def test_documents_age_by_their_data():
    """The age of a document is that of its data, or of its publication where that is all."""
    document = Document(id="document:1", kind=DocumentKind.DIAGNOSTIC, title="Portrait")
    assert document.older_than(MONTH, DAY) is UNKNOWN
    published = attrs.evolve(document, published_on=DAY)
    assert published.older_than(MONTH, DAY) is NO
    assert published.older_than(MONTH, day("2026-12-20")) is NO
    assert published.older_than(MONTH, day("2026-12-21")) is YES
    assert attrs.evolve(published, data_as_of=day("2020-01-01")).older_than(MONTH, DAY) is YES


def test_shares_wait_and_are_redacted():
    """A request waits until it is sent, and what was known of redaction is kept."""
    share = DocumentShare(
        id="document_share:1",
        document_id="safeguard_plan:1",
        to_id="actor:msp",
        requested_on=day("2026-10-19"),
        redacted=YES,
    )
    assert share.overdue(DAY, within=MONTH)
    assert not share.overdue(day("2026-11-19"), within=MONTH)
    sent = share.send(on=DAY)
    assert sent.redacted is YES
    assert share.send(on=DAY, redacted=NO).redacted is NO
    assert not sent.overdue(day("2030-01-01"), within=MONTH)
    assert not attrs.evolve(share, requested_on=None).overdue(DAY, within=MONTH)


@pytest.mark.parametrize(
    ("level", "fields", "waiting"),
    [
        (TensionLevel.HIGH, {}, True),
        (TensionLevel.MEDIUM, {}, True),
        (TensionLevel.LOW, {}, False),
        (None, {}, False),
        (TensionLevel.HIGH, {"epci_id": "siren:200069268"}, False),
        (TensionLevel.HIGH, {"reported_on": None}, False),
        (TensionLevel.HIGH, {"reported_on": day("2026-10-20")}, False),
    ],
)
def test_serious_tensions_wait_for_the_epci(level, fields, waiting):
    """A serious open tension waits once it is older than the delay, until the EPCI is there."""
    tension = Tension(
        id="tension:1",
        kind=TensionKind.GP_DEPARTURE,
        title="Départ du Dr Essai",
        **({"level": level, "reported_on": day("2026-10-19")} | fields),
    )
    assert tension.waiting_for_epci(DAY, within=MONTH) is waiting
    closed = tension.close(on=DAY, reason="sans suite")
    assert not closed.is_open
    assert not closed.waiting_for_epci(DAY, within=MONTH)


def test_ideas_lead_to_actions():
    """An adopted idea names its action; an action is late after its day, while it is open."""
    idea = Statement(id="statement:1", kind=StatementKind.IDEA, text="Soirées")
    adopted = idea.shortlist().adopt(action_id="action:1")
    assert adopted.action_ids == ("action:1",)
    assert idea.shortlist().adopt().action_ids == ()
    action = Action(id="action:1", title="Soirée", due=day("2026-11-19"))
    assert action.overdue(DAY)
    assert not action.overdue(day("2026-11-19"))
    assert not action.finish(on=DAY).overdue(DAY)
    assert action.drop(reason="reporté").dropped_because == "reporté"


def test_support_keeps_its_facilitator():
    """A facilitator named when support is accepted replaces the one asked for, and only then."""
    asked = SupportRequest(
        id="support_request:1",
        kind=SupportKind.TOWN_HALL_FACILITATION,
        requester_id="actor:msp",
        facilitator_id="appointment:1",
    )
    assert asked.accept(on=DAY).facilitator_id == "appointment:1"
    assert asked.accept(on=DAY, facilitator_id="appointment:2").facilitator_id == "appointment:2"


def test_practices_count_each_reuse_once():
    """An actor that takes a practice up twice is listed once."""
    practice = Practice(id="practice:1", title="Consultations avancées")
    twice = practice.reused("actor:a").reused("actor:b").reused("actor:a")
    assert twice.reused_by_ids == ("actor:a", "actor:b")


def test_the_days_of_a_safeguard_plan():
    """Each delay gives a day only where what it runs from is known."""
    adopted = SafeguardPlan(
        id="safeguard_plan:1", state=SafeguardState.ADOPTED, adopted_on=dt.date(2024, 2, 29)
    )
    exercised = adopted.hold_exercise(on=dt.date(2026, 10, 1))
    lacking = SafeguardPlan(
        id="safeguard_plan:2",
        state=SafeguardState.NONE,
        mandatory=Tri.YES,
        notified_on=dt.date(2026, 1, 1),
    )

    assert (adopted.revise_by(), adopted.exercise_by()) == (dt.date(2029, 2, 28),) * 2
    assert exercised.exercise_by() == dt.date(2031, 10, 1)
    assert lacking.adopt_by() == dt.date(2028, 1, 1)
    assert (lacking.revise_by(), lacking.exercise_by(), adopted.adopt_by()) == (None, None, None)
