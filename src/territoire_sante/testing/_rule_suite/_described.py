# SPDX-License-Identifier: Apache-2.0
"""What can be said of a rule before it is asked anything."""
# ruff: noqa: S101 - asserts are how pytest tests speak

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

import attrs
import pytest

from territoire_sante.cooperation.rules import RULES, Quote, Rule, RuleBook, Severity
from territoire_sante.model import Entity
from territoire_sante.testing._network import no_network
from territoire_sante.testing._rule_case import RuleCase
from territoire_sante.testing._rule_suite._tools import hits, sentences

_PLACEHOLDER: Final = re.compile(r"\{\w*\}")


class DescribedTests:
    """Code, words, weight, parameters; ``rule`` and ``cases`` are the author's to give."""

    installed: ClassVar[bool] = True

    @pytest.fixture
    def rule(self) -> Rule:
        """Give the rule under test."""
        raise pytest.UsageError("a subclass of RuleSuite gives the fixture 'rule'")

    @pytest.fixture
    def cases(self) -> Mapping[str, RuleCase]:
        """Give cases by name."""
        raise pytest.UsageError("a subclass of RuleSuite gives the fixture 'cases'")

    @pytest.fixture(autouse=True)
    def only_this_machine(self) -> Iterator[None]:
        """Forbid connections to other machines."""
        with no_network():
            yield

    def test_registered_under_its_group(self, rule: Rule) -> None:
        """A distribution of this environment brings the rule, and the book of rules takes it."""
        if not self.installed:
            pytest.skip(f"{rule.code} is not part of a distribution")
        rules, broken = RuleBook.installed(RULES).load()
        assert [str(error) for error in broken] == []
        assert rule in rules

    def test_its_code_is_its_own(self, rule: Rule) -> None:
        """The code is none of this library's (TS and three digits), nor is the name."""
        others = [one for one in RULES if one is not rule]
        if rule not in RULES:
            assert not re.fullmatch(r"TS\d{3}", rule.code)
        assert rule.code not in {one.code for one in others}
        assert rule.name not in {one.name for one in others}
        assert re.fullmatch(r"[a-z][a-z0-9-]*", rule.name)

    def test_it_says_what_it_weighs_and_looks_at(self, rule: Rule) -> None:
        """Severity, classes of subjects and the quote are of the classes that reports expect."""
        parts: dict[str, Any] = attrs.asdict(rule, recurse=False)
        assert isinstance(parts["severity"], Severity)
        assert isinstance(parts["about"], tuple)
        assert parts["about"]
        assert all(isinstance(cls, type) and issubclass(cls, Entity) for cls in parts["about"])
        assert isinstance(parts["quote"], Quote | None)

    def test_sentences_are_in_both_languages(
        self, rule: Rule, cases: Mapping[str, RuleCase]
    ) -> None:
        """Each sentence is there in French and in English, whole and filled in."""
        told = [hit for case in cases.values() for hit in hits(rule, case)]
        for where, sentence in sentences(rule, told):
            for text in (sentence.fr, sentence.en):
                assert text.strip() == text, where
                assert text, where
                assert not _PLACEHOLDER.search(text), where
            if where.startswith("message"):
                assert sentence.fr != sentence.en, where

    def test_parameters_read_what_they_write(self, rule: Rule) -> None:
        """Each parameter has another name, and reads its default as people write it."""
        names = [one.name for one in rule.parameters]
        assert len(set(names)) == len(names)
        assert {one.name: one.read(str(one.default)) for one in rule.parameters} == {
            one.name: one.default for one in rule.parameters
        }
