# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import json

import pytest

from territoire_sante import Workspace
from territoire_sante.cooperation.rules import Mute
from territoire_sante.model import (
    Actor,
    ActorKind,
    ClsStage,
    Duration,
    LiaisonAssignment,
    LiaisonKind,
    LocalHealthContract,
    Period,
    Territory,
    TerritoryKind,
)

DAY = dt.date(2026, 11, 20)


@pytest.fixture
def team(territory):
    """Store a commune and a team whose relay ended; return where."""
    with Workspace.open() as workspace:
        workspace.store.put(
            Territory(
                id="commune:48001",
                kind=TerritoryKind.COMMUNE,
                name="Mende-le-Haut",
                communes=("48001",),
            ),
            Actor(
                id="actor:msp",
                kind=ActorKind.MSP,
                name="MSP du Causse",
                territory_id="commune:48001",
            ),
            LiaisonAssignment(
                id="liaison:1",
                kind=LiaisonKind.DAC,
                actor_id="actor:dac",
                serves_ids=("actor:msp",),
                period=Period(end=DAY),
            ),
        )
    return territory


@pytest.mark.parametrize(("language", "word"), [("fr", "Erreur"), ("en", "Error")])
def test_findings_in_both_languages(run, team, language, word):
    """The table stands under the commune, and an error makes the code 1."""
    ran = run("check", "--today", "2026-11-20", language=language)

    assert ran.code == 1
    assert ran.out.startswith("Mende-le-Haut (commune:48001)")
    assert "TS007" in ran.out
    assert word in ran.out


def test_what_is_no_error_is_no_failure(run, team):
    """Information and warnings alone end in 0; so does nothing at all."""
    assert run("check", "--rule", "TS011", "--today", "2026-11-20").code == 0
    assert run("check", "--commune", "48002", "--today", "2026-11-20").code == 0
    assert run("check", "--team", "actor:other").code == 0


@pytest.mark.parametrize("arguments", [["--json"], ["--format", "json"]], ids=["json", "format"])
def test_json(run, team, arguments):
    """JSON holds the findings in both languages."""
    ran = run("check", "--today", "2026-11-20", *arguments)
    found = {one["code"]: one for one in ran.json["findings"]}

    assert ran.code == 1
    assert found["TS007"]["team"] == "actor:msp"
    assert set(found["TS007"]["message"]) == {"fr", "en"}


@pytest.mark.parametrize(
    ("form", "start"),
    [("sarif", "{"), ("markdown", "# Findings"), ("html", "<!DOCTYPE html>")],
)
def test_other_forms(run, team, form, start):
    """Each form is written whole on the output."""
    ran = run("check", "--today", "2026-11-20", "--team", "actor:msp", "--format", form)

    assert ran.code == 1
    assert ran.out.startswith(start)
    assert "TS007" in ran.out
    assert form != "sarif" or json.loads(ran.out)["runs"][0]["results"]


def test_a_rule_that_there_is_not(run, team):
    """A wrong code or commune is a mistake of usage."""
    assert run("check", "--rule", "TS999").code == 2
    assert run("check", "--commune", "Mende").code == 2


def test_a_workspace_checks(team):
    """A script asks the workspace, on a day, about a team, with mutes."""
    with Workspace.open() as workspace:
        found = workspace.check(today=DAY, team="actor:msp")
        mute = Mute(code="TS007", reason="En cours de désignation", until=DAY)

        assert [one.code for one in found] == ["TS007", "TS011"]
        assert [one.code for one in workspace.check(today=DAY, mutes=[mute])] == ["TS011"]
        assert workspace.check(today=DAY, only=["TS007"], commune="48001") == found[:1]
        assert workspace.check(only=["TS010"]) == []


MUTED = """
[[check.mute]]
rule = "TS007"
subject = "actor:msp"
until = 2026-11-20
reason = "En cours de désignation"

[check.parameters.TS011]
"""


def test_mutes_of_the_configuration(run, team, configure):
    """A mute of the configuration holds up to its last day."""
    configure(MUTED)

    assert run("check", "--today", "2026-11-20").code == 0
    assert run("check", "--today", "2026-11-21").code == 1


def test_parameters_of_the_configuration(team, configure):
    """Thresholds of the configuration hold unless a script gives others."""
    configure('[check.parameters.TS010]\nwithin = "P41D"\n')
    ending = LocalHealthContract(
        id="cls:1", name="CLS", stage=ClsStage.RUNNING, ends_on=dt.date(2027, 1, 1)
    )
    other = {"TS010": {"within": Duration(days=42)}}
    with Workspace.open() as workspace:
        workspace.store.put(ending)

        assert workspace.check(today=DAY, only=["TS010"]) == []
        assert len(workspace.check(today=DAY, only=["TS010"], parameters=other)) == 1


@pytest.mark.parametrize(
    ("text", "word"),
    [
        pytest.param("check = 3", "[check]", id="no table"),
        pytest.param("[check]\nmutes = []", "mutes", id="unknown key"),
        pytest.param("[check]\nparameters = 3", "check.parameters", id="parameters"),
        pytest.param("[check]\nmute = 3", "check.mute", id="mute"),
        pytest.param('[[check.mute]]\nrule = "TS007"\nuntil = 2027-01-01', "reason", id="no why"),
        pytest.param('[[check.mute]]\nrule = "TS007"\nreason = "…"', "until", id="no end"),
        pytest.param('[[check.mute]]\ncode = "TS007"', "code", id="key of a mute"),
        pytest.param("[[check.mute]]\nsubject = 3", "subject", id="subject"),
        pytest.param("[check.parameters.TS999]", "TS999", id="no such rule"),
    ],
)
def test_a_wrong_configuration(run, territory, text, word):
    """What is wrong in the table is named by its place, and nothing is checked."""
    path = territory / "territoire.toml"
    path.write_text(
        f"{text}\n{path.read_text()}" if "=" in text[:8] else f"{path.read_text()}{text}"
    )
    ran = run("check")

    assert ran.code == 2
    assert word in ran.err
