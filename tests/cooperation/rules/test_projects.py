# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.model import (
    Building,
    BuildingTrack,
    CareProject,
    HealthProject,
    HealthProjectState,
    MspStage,
    ProjectKind,
    StageChange,
    SupportKind,
    SupportRequest,
    Team,
)

DAY = dt.date(2026, 3, 1)
PROJECT = CareProject(
    id="care_project:1",
    kind=ProjectKind.MSP,
    name="MSP du Causse",
    lead_id="actor:a",
    territory_id="commune:48001",
)
FUNDED = Building(track=BuildingTrack.FUNDED, decided_on=DAY)
NO_PARAMEDICAL = Team(general_practitioners=2, paramedicals=0)
NO_PROJECT = HealthProject()
VALIDATED = HealthProjectState.VALIDATED


def project(**changes):
    """Return the project with these changes."""
    return attrs.evolve(PROJECT, **changes)


def health(on=None, state=VALIDATED):
    """Return a health project in this state, validated on this day."""
    return HealthProject(state=state, validated_on=on)


@pytest.mark.parametrize(
    ("building", "team", "count"),
    [
        pytest.param(FUNDED, Team(general_practitioners=1), 1, id="one doctor"),
        pytest.param(FUNDED, NO_PARAMEDICAL, 1, id="no paramedical"),
        pytest.param(
            FUNDED, Team(general_practitioners=2, paramedicals=1), 0, id="just enough of both"
        ),
        pytest.param(Building(track=BuildingTrack.PROGRAMMING), NO_PARAMEDICAL, 0, id="programmed"),
        pytest.param(Building(track=BuildingTrack.WORKS), NO_PARAMEDICAL, 1, id="under works"),
        pytest.param(
            FUNDED,
            Team(general_practitioners=2, paramedicals=1, committed_on=dt.date(2026, 11, 21)),
            1,
            id="committed tomorrow",
        ),
        pytest.param(
            FUNDED,
            Team(general_practitioners=2, paramedicals=1, committed_on=dt.date(2026, 11, 20)),
            0,
            id="committed today",
        ),
        pytest.param(FUNDED, None, 0, id="team unknown"),
        pytest.param(FUNDED, Team(), 0, id="numbers unknown"),
        pytest.param(None, NO_PARAMEDICAL, 0, id="building unknown"),
    ],
)
def test_a_building_without_a_team(ask, building, team, count):
    """TS001 fires from the funding on, below two doctors or one paramedical, if these are known."""
    assert len(ask("TS001", project(building=building, team=team))) == count


def test_the_numbers_of_a_team_can_be_set(ask):
    """TS001 takes other numbers than those of the law."""
    found = ask(
        "TS001",
        project(building=FUNDED, team=Team(general_practitioners=2)),
        general_practitioners=3,
    )

    assert len(found) == 1


@pytest.mark.parametrize(
    ("building", "state", "count"),
    [
        pytest.param(BuildingTrack.IDEA, HealthProjectState.NONE, 1, id="idea and nothing"),
        pytest.param(BuildingTrack.IDEA, HealthProjectState.DRAFT, 0, id="health project begun"),
        pytest.param(BuildingTrack.NONE, HealthProjectState.NONE, 0, id="no building"),
        pytest.param(BuildingTrack.WORKS, None, 0, id="health project unknown"),
        pytest.param(None, HealthProjectState.NONE, 0, id="building unknown"),
    ],
)
def test_a_building_without_a_health_project(ask, building, state, count):
    """TS002 fires where there is a building of any stage and known to be no health project."""
    subject = project(
        building=None if building is None else Building(track=building),
        health_project=None if state is None else HealthProject(state=state),
    )

    assert len(ask("TS002", subject)) == count


@pytest.mark.parametrize(
    ("building", "health_project", "count"),
    [
        pytest.param(FUNDED, health(dt.date(2026, 3, 2)), 1, id="a day before"),
        pytest.param(FUNDED, health(DAY), 0, id="the same day"),
        pytest.param(FUNDED, health(state=HealthProjectState.DRAFT), 1, id="not yet validated"),
        pytest.param(FUNDED, health(), 0, id="validated, day unknown"),
        pytest.param(FUNDED, None, 0, id="health project unknown"),
        pytest.param(
            Building(track=BuildingTrack.WORKS), health(dt.date(2026, 3, 2)), 0, id="no day known"
        ),
        pytest.param(
            Building(decided_on=dt.date(2026, 11, 21)),
            health(state=HealthProjectState.DRAFT),
            0,
            id="decided tomorrow",
        ),
    ],
)
def test_a_building_before_the_health_project(ask, building, health_project, count):
    """TS003 compares the first day of the building with that of the validation."""
    found = ask("TS003", project(building=building, health_project=health_project))

    assert len(found) == count


def other(**changes):
    """Return a second project, led by another actor."""
    return project(
        **{"id": "care_project:2", "name": "Maison médicale", "lead_id": "actor:b"} | changes
    )


@pytest.mark.parametrize(
    ("second", "count"),
    [
        pytest.param(other(), 1, id="same commune"),
        pytest.param(other(territory_id="commune:48002"), 1, id="same EPCI"),
        pytest.param(other(territory_id="epci:nord"), 1, id="the EPCI itself"),
        pytest.param(other(territory_id="commune:48003"), 0, id="other EPCI"),
        pytest.param(other(lead_id="actor:a"), 0, id="same lead"),
        pytest.param(other(kind=ProjectKind.CPTS), 0, id="another kind"),
        pytest.param(other(partner_ids=("actor:a",)), 0, id="partners"),
        pytest.param(other(stage=MspStage.CLOSED), 0, id="given up"),
        pytest.param(other(lead_id=""), 0, id="lead unknown"),
        pytest.param(other(territory_id=""), 0, id="area unknown"),
    ],
)
def test_duplicate_projects(ask, second, count):
    """TS004 tells each pair once: one kind, one area, different leads, no link."""
    found = ask("TS004", project(), second)

    assert len(found) == count


def test_neighbours_need_not_be_one_area(ask):
    """TS004 looks at single communes only, if so told."""
    assert not ask("TS004", project(), other(territory_id="commune:48002"), same_epci=0)


def still(since, **changes):
    """Return a project in the stage INTENT since this day."""
    change = StageChange(stage=MspStage.INTENT, on=since)
    return project(stage=MspStage.INTENT, stage_history=(change,), **changes)


ELSEWHERE = SupportRequest(
    id="support_request:1", kind=SupportKind.CREATION, requester_id="actor:other"
)
OWN = attrs.evolve(ELSEWHERE, id="support_request:2", requester_id="actor:a")
LONG = dt.date(2025, 5, 19)


@pytest.mark.parametrize(
    ("entities", "count"),
    [
        pytest.param([still(LONG), ELSEWHERE], 1, id="a day too long"),
        pytest.param([still(dt.date(2025, 5, 20)), ELSEWHERE], 0, id="just as long as it may"),
        pytest.param([still(LONG), OWN], 0, id="asked for support"),
        pytest.param([still(LONG)], 0, id="support is not followed"),
        pytest.param([still(None), ELSEWHERE], 0, id="day unknown"),
    ],
)
def test_a_team_without_support(ask, entities, count):
    """TS035 fires after 18 months in a stage without support, where support is followed."""
    assert len(ask("TS035", *entities)) == count
