# SPDX-License-Identifier: Apache-2.0
"""What a rule answers about cases, about little, about much, and when asked again."""
# ruff: noqa: S101 - asserts are how pytest tests speak

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from territoire_sante.cooperation.rules import Evidence, Hit, Rule
from territoire_sante.snapshot import Snapshot
from territoire_sante.testing._rule_case import RuleCase
from territoire_sante.testing._rule_suite._described import DescribedTests
from territoire_sante.testing._rule_suite._tools import (
    bare,
    crowded,
    found,
    hits,
    seconds,
    subjects,
)

_FEW: Final = 250
_MANY: Final = 1000
#: Four times the subjects may take so many times the time; each with each would take sixteen.
_GROWTH: Final = 9
#: What is over in this time is quick, however it grows.
_SECONDS: Final = 0.05


class AnswerTests(DescribedTests):
    """Cases, silence, purity, subjects that exist, and time."""

    def test_each_case_is_answered(self, rule: Rule, cases: Mapping[str, RuleCase]) -> None:
        """In each case the rule finds exactly the subjects that the case names."""
        wanted = {name: sorted(case.finds) for name, case in cases.items()}
        assert {name: found(rule, case) for name, case in cases.items()} == wanted

    def test_the_cases_tell_enough(self, rule: Rule, cases: Mapping[str, RuleCase]) -> None:
        """There are cases that fire, are silent, and do not know; each parameter decides one."""
        assert [name for name, case in cases.items() if case.finds] != []
        assert [n for n, case in cases.items() if not case.finds and not case.unknown] != []
        assert [name for name, case in cases.items() if case.unknown] != []
        undecided = [one.name for one in rule.parameters if not _decided(one.name, cases)]
        assert undecided == []

    def test_nothing_known_is_nothing_found(
        self, rule: Rule, cases: Mapping[str, RuleCase]
    ) -> None:
        """Of a subject of which only the obligatory is known, the rule says nothing: no guess."""
        for name, case in cases.items():
            for one in subjects(rule, case.snapshot):
                assert hits(rule, attrs.evolve(case, entities=(bare(one),))) == [], name

    def test_a_subject_alone_is_no_fault(self, rule: Rule, cases: Mapping[str, RuleCase]) -> None:
        """A subject whose neighbours are not stored is looked at without failing."""
        for case in cases.values():
            for one in subjects(rule, case.snapshot):
                alone = attrs.evolve(case, entities=(one,))
                assert all(isinstance(hit, Hit) for hit in hits(rule, alone))

    def test_the_same_answer_twice(self, rule: Rule, cases: Mapping[str, RuleCase]) -> None:
        """Asked again, and of the same entities in another order, the rule says the same."""
        for name, case in cases.items():
            first = hits(rule, case)
            turned = attrs.evolve(case, entities=tuple(reversed(case.entities)))
            assert hits(rule, case) == first, name
            assert hits(rule, turned) == first, name

    def test_nothing_is_changed(self, rule: Rule, cases: Mapping[str, RuleCase]) -> None:
        """The snapshot holds the same entities after the rule was asked as before."""
        for name, case in cases.items():
            snapshot = case.snapshot
            before = _state(snapshot)
            hits(rule, case, snapshot)
            assert _state(snapshot) == before, name

    def test_hits_name_what_exists(self, rule: Rule, cases: Mapping[str, RuleCase]) -> None:
        """Subjects, evidence, territories and teams of a hit are entities of the snapshot."""
        for name, case in cases.items():
            snapshot = case.snapshot
            for hit in hits(rule, case, snapshot):
                assert isinstance(hit.subject, rule.about), name
                assert snapshot.named(hit.subject.id) == hit.subject, name
                assert {type(one).__name__ for one in hit.evidence} <= {Evidence.__name__}, name
                ids = [one.id for one in hit.evidence] + [hit.territory_id, hit.team_id]
                assert [i for i in ids if i and snapshot.named(i) is None] == [], name

    def test_many_subjects_take_their_share(
        self, rule: Rule, cases: Mapping[str, RuleCase]
    ) -> None:
        """Four times the subjects take about four times the time: it looks at each by itself."""
        for name, case in cases.items():
            many = seconds(rule, case, crowded(rule, case, _MANY))
            if many > _SECONDS:
                few = seconds(rule, case, crowded(rule, case, _FEW))
                assert many / few < _GROWTH, name


def _decided(parameter: str, cases: Mapping[str, RuleCase]) -> bool:
    """Say whether two cases that differ in the day or this parameter only answer differently."""
    several = list(cases.values())
    return any(
        one.entities == other.entities
        and one.finds != other.finds
        and (one.today != other.today or _value(one, parameter) != _value(other, parameter))
        for one in several
        for other in several
    )


def _value(case: RuleCase, parameter: str) -> Any:
    return case.parameters.get(parameter)


def _state(snapshot: Snapshot) -> list[str]:
    return [repr(one) for cls in snapshot.classes for one in snapshot.all(cls)]
