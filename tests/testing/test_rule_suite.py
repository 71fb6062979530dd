# SPDX-License-Identifier: Apache-2.0
"""The suite of rules on a rule as another distribution would bring it, and on one of ours."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.cooperation import Sentence
from territoire_sante.cooperation.rules import RULES, Evidence, Hit, Parameter, Rule, Severity
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import Actor, ActorKind, Duration, Event, EventStatus, LeverRequest
from territoire_sante.testing import RuleCase, RuleSuite, snapshot_of

TEAM = Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP d'Exempleville")
DAY = dt.date(2026, 3, 28)


def unconfirmed_soon(view, event):
    """Find meetings near at hand that are still to be confirmed."""
    day = event.start.date() if isinstance(event.start, dt.datetime) else event.start
    if day is None or event.status is not EventStatus.TENTATIVE:
        return
    if view.today <= day <= view.duration("within").after(view.today):
        name = view.name(event.id)
        yield Hit(
            subject=event,
            message=Sentence(fr=f"« {name} » reste à confirmer.", en=f"“{name}” is not confirmed."),
            evidence=(Evidence(id=event.id, field="status", value="TENTATIVE"),),
        )


RULE = Rule(
    code="XY001",
    name="unconfirmed-soon",
    title=Sentence(fr="Réunion proche à confirmer", en="Meeting to confirm"),
    severity=Severity.WARNING,
    about=(Event,),
    check=unconfirmed_soon,
    action=Sentence(fr="Confirmer ou annuler.", en="Confirm or cancel."),
    unknown=Sentence(fr="Sans état, rien n'est dit.", en="Without a status, nothing is said."),
    parameters=(
        Parameter(
            name="within",
            default=Duration(days=7),
            meaning=Sentence(fr="délai", en="delay"),
        ),
    ),
)

SOON = Event(
    id="event:soon",
    summary="Point",
    start=dt.date(2026, 4, 4),
    status=EventStatus.TENTATIVE,
)


class TestUnconfirmedSoon(RuleSuite):
    installed = False

    @pytest.fixture
    def rule(self):
        """Give the rule."""
        return RULE

    @pytest.fixture
    def cases(self):
        """Give a meeting on the last day that counts, and the day after."""
        return {
            "fires": RuleCase(entities=(SOON, TEAM), finds=("event:soon",), today=DAY),
            "a day early": RuleCase(entities=(SOON, TEAM), today=DAY - dt.timedelta(days=1)),
            "silent": RuleCase(entities=(attrs.evolve(SOON, status=EventStatus.CONFIRMED),)),
            "no status": RuleCase(entities=(attrs.evolve(SOON, status=None),), unknown=True),
        }


class TestOneOfOurs(RuleSuite):
    installed = False

    @pytest.fixture
    def rule(self):
        """Give the rule on requests whose answer is late."""
        return next(one for one in RULES if one.code == "TS031")

    @pytest.fixture
    def cases(self):
        """Give a request that is late, one that is not yet, and one without a day."""
        asked = LeverRequest(
            id="lever_request:a",
            requester_id=TEAM.id,
            need="Barnum",
        ).submit(on=dt.date(2026, 3, 1), due_answer_on=dt.date(2026, 3, 20))
        return {
            "late": RuleCase(entities=(asked, TEAM), finds=(asked.id,), today=DAY),
            "due": RuleCase(entities=(asked, TEAM), today=dt.date(2026, 3, 20)),
            "no day": RuleCase(
                entities=(attrs.evolve(asked, due_answer_on=None), TEAM), today=DAY, unknown=True
            ),
        }


def test_a_case_does_not_contradict_itself():
    """A case that finds something although something is not known is refused."""
    with pytest.raises(InvalidValueError, match="finds nothing"):
        RuleCase(entities=(), finds=("event:a",), unknown=True)


def test_a_snapshot_of_entities_is_one_of_a_store():
    """Entities without a store are found by id and by class, in the order of their ids."""
    later = attrs.evolve(SOON, id="event:zzz")
    snapshot = snapshot_of(later, TEAM, SOON)

    assert list(snapshot.all(Event)) == [SOON, later]
    assert snapshot.name_of(TEAM.id) == TEAM.name
