# SPDX-License-Identifier: Apache-2.0
"""
The suite of rules: that one finds what it says and nothing else, as pytest tests.

.. code-block:: python

    class TestNoSummary(RuleSuite):
        @pytest.fixture
        def rule(self):
            return RULE

        @pytest.fixture
        def cases(self):
            return {
                "fires": RuleCase(entities=(bare,), finds=("event:bare",)),
                "silent": RuleCase(entities=(told,)),
                "not known": RuleCase(entities=(other,), unknown=True),
            }

A rule that cannot keep a promise overrides that one test with
``@pytest.mark.xfail(reason="…", strict=True)``; leaving one out is found.
"""

from __future__ import annotations

from territoire_sante.testing._rule_suite._answers import AnswerTests
from territoire_sante.testing._rule_suite._described import DescribedTests
from territoire_sante.testing._standard import Defended


class RuleSuite(AnswerTests, DescribedTests, Defended, suite=True):
    """
    Derive from it, and give the fixtures ``rule`` and ``cases`` (of ``RuleCase``, by name).

    One case at least makes the rule fire, one leaves it silent because all is well, and one,
    marked ``unknown``, because something is not known. For each parameter there are two cases
    with the same entities of which one fires: another day, or another value, decides.

    Attributes:
        installed: whether an installed distribution declares the rule.
    """


__all__ = ["RuleSuite"]
