# SPDX-License-Identifier: Apache-2.0
"""Rules that guess, forget, stammer or take all day."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs
import pytest

from territoire_sante.cooperation import Sentence
from territoire_sante.cooperation.rules import RULES, Evidence, Hit, Parameter, Rule, Severity
from territoire_sante.model import Duration, Event, EventStatus
from territoire_sante.testing import RuleCase, RuleSuite

DAY = dt.date(2026, 3, 28)
SOON = Event(
    id="event:soon", summary="Point", start=dt.date(2026, 4, 4), status=EventStatus.TENTATIVE
)
SURE = attrs.evolve(SOON, id="event:sure", status=EventStatus.CONFIRMED)


def _hit(event, fr="« {} » reste à confirmer.", en="“{}” is not confirmed.", **parts):
    return Hit(
        subject=event,
        message=Sentence(fr=fr.format(event.summary), en=en.format(event.summary)),
        **{"evidence": (Evidence(id=event.id, field="status"),), **parts},
    )


def _is_soon(view, event):
    soon = view.duration("within").after(view.today)
    is_tentative = event.status is EventStatus.TENTATIVE
    return event.start is not None and view.today <= event.start <= soon and is_tentative


def sound(view, event):
    """Find meetings near at hand that are still to be confirmed."""
    if _is_soon(view, event):
        yield _hit(event)


RULE = Rule(
    code="XY001",
    name="unconfirmed-soon",
    title=Sentence(fr="Réunion proche à confirmer", en="Meeting to confirm"),
    severity=Severity.WARNING,
    about=(Event,),
    check=sound,
    action=Sentence(fr="Confirmer ou annuler.", en="Confirm or cancel."),
    unknown=Sentence(fr="Sans état, rien n'est dit.", en="Without a status, nothing is said."),
    parameters=(
        Parameter(
            name="within", default=Duration(days=7), meaning=Sentence(fr="délai", en="delay")
        ),
    ),
)

CASES = {
    "fires": RuleCase(entities=(SOON, SURE), finds=(SOON.id,), today=DAY),
    "a day early": RuleCase(entities=(SOON, SURE), today=DAY - dt.timedelta(days=1)),
    "silent": RuleCase(entities=(SURE,)),
    "no status": RuleCase(entities=(attrs.evolve(SOON, status=None),), unknown=True),
}


class BrokenRule(RuleSuite):
    """A sound rule, of which subclasses replace the function or other parts."""

    installed = False
    caught_by: ClassVar[str] = ""
    also: ClassVar[frozenset[str]] = frozenset()
    parts: ClassVar[dict] = {}

    @pytest.fixture
    def rule(self):
        """Give the broken rule."""
        return attrs.evolve(RULE, check=type(self).check, **self.parts)

    @pytest.fixture
    def cases(self):
        """Give the cases of the sound rule."""
        return CASES

    @staticmethod
    def check(view, event):
        """Do the right thing."""
        return sound(view, event)


class TestRuleFindsTooMuch(BrokenRule):
    """Finds something where all is well."""

    caught_by = "test_each_case_is_answered"

    @staticmethod
    def check(view, event):
        """Find every meeting that is near."""
        if event.start and view.today <= event.start <= view.duration("within").after(view.today):
            yield _hit(event)


class TestRuleGuesses(BrokenRule):
    """Takes what is not known for missing."""

    caught_by = "test_nothing_known_is_nothing_found"
    also = frozenset({"test_each_case_is_answered"})

    @staticmethod
    def check(_view, event):
        """Find every meeting without a status."""
        if event.status is not EventStatus.CONFIRMED:
            yield _hit(event)


class TestRuleFindsSomethingInNothing(BrokenRule):
    """Has cases that prove too little: none without knowledge, none for its threshold."""

    caught_by = "test_the_cases_tell_enough"

    @pytest.fixture
    def cases(self):
        """Give one that fires, and one that does not."""
        return {"fires": CASES["fires"], "silent": CASES["silent"]}


class TestRuleNeedsItsNeighbours(BrokenRule):
    """Fails when another entity is not stored."""

    caught_by = "test_a_subject_alone_is_no_fault"
    also = frozenset({"test_nothing_known_is_nothing_found"})

    @pytest.fixture
    def cases(self):
        """Give the cases of the sound rule, each with the neighbour."""
        return {
            name: attrs.evolve(case, entities=tuple(dict.fromkeys((*case.entities, SURE))))
            for name, case in CASES.items()
        }

    @staticmethod
    def check(view, event):
        """Ask for another meeting first."""
        if event.id == SOON.id:
            view.snapshot.get(Event, SURE.id)
        return sound(view, event)


class TestRuleRemembers(BrokenRule):
    """Answers otherwise when it is asked again."""

    caught_by = "test_the_same_answer_twice"
    told: ClassVar[list[str]] = []

    @staticmethod
    def check(view, event):
        """Number the messages."""
        if _is_soon(view, event):
            TestRuleRemembers.told.append(event.id)
            number = len(TestRuleRemembers.told)
            yield _hit(event, fr=f"« {{}} », {number}e fois.", en=f"“{{}}”, time {number}.")


class TestRuleChangesWhatItLooksAt(BrokenRule):
    """Changes the entities that it looks at."""

    caught_by = "test_nothing_is_changed"

    @staticmethod
    def check(view, event):
        """Mark what was looked at."""
        object.__setattr__(event, "agenda", f"{event.agenda}+")
        return sound(view, event)


class TestRuleSpeaksOneLanguage(BrokenRule):
    """Says the same in French and in English."""

    caught_by = "test_sentences_are_in_both_languages"

    @staticmethod
    def check(view, event):
        """Speak French only."""
        if _is_soon(view, event):
            yield _hit(event, en="« {} » reste à confirmer.")


class TestRuleLeavesBlanks(BrokenRule):
    """Leaves a blank of its sentence unfilled."""

    caught_by = "test_sentences_are_in_both_languages"

    @staticmethod
    def check(view, event):
        """Fill in the English sentence only."""
        if _is_soon(view, event):
            yield _hit(event, fr="« {{name}} » reste à confirmer.")


class TestRuleTakesOurCode(BrokenRule):
    """Takes a code of this library's range."""

    caught_by = "test_its_code_is_its_own"
    parts: ClassVar[dict] = {"code": "TS901"}


class TestRuleTakesOurName(BrokenRule):
    """Takes the name of one of our rules."""

    caught_by = "test_its_code_is_its_own"
    parts: ClassVar[dict] = {"name": RULES[0].name}


class TestRuleWeighsNothing(BrokenRule):
    """Has a severity of another kind."""

    caught_by = "test_it_says_what_it_weighs_and_looks_at"
    parts: ClassVar[dict] = {"severity": "warning"}


class TestRuleNamesStrangers(BrokenRule):
    """Names what is not stored as evidence."""

    caught_by = "test_hits_name_what_exists"

    @staticmethod
    def check(view, event):
        """Name a team that nobody knows."""
        if _is_soon(view, event):
            yield _hit(event, team_id="actor:nobody")


class TestRuleReadsNoParameters(BrokenRule):
    """Has two parameters of one name."""

    caught_by = "test_parameters_read_what_they_write"
    parts: ClassVar[dict] = {"parameters": RULE.parameters * 2}


class TestRuleLooksAtEachWithEach(BrokenRule):
    """Looks at everything again for each subject."""

    caught_by = "test_many_subjects_take_their_share"

    @staticmethod
    def check(view, event):
        """Count all meetings first."""
        if sum(1 for _ in view.snapshot.all(Event)) >= 1:
            yield from sound(view, event)


class TestRuleSuiteDropsATest(BrokenRule):
    """Drops a standard test of rules."""

    caught_by = "test_no_standard_test_is_lost"
    test_each_case_is_answered = None


class TestRuleIsNotInstalled(BrokenRule):
    """Is declared by no distribution."""

    installed = True
    caught_by = "test_registered_under_its_group"
