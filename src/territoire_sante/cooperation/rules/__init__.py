# SPDX-License-Identifier: Apache-2.0
"""
What the reports ask for, checked: rules over a snapshot that find what is missing or late.

A rule never guesses: where data is not known it says nothing.
"""

from territoire_sante.cooperation.rules._book import ENTRY_POINT_GROUP, RuleBook, RuleEntry
from territoire_sante.cooperation.rules._check import Parameters, check, installed_rules
from territoire_sante.cooperation.rules._finding import Evidence, Finding, Mute, Quote, Severity
from territoire_sante.cooperation.rules._recheck import Checked, check_all, recheck
from territoire_sante.cooperation.rules._reports import (
    grouped,
    to_html,
    to_markdown,
    to_plain,
    to_sarif,
)
from territoire_sante.cooperation.rules._rule import Hit, Parameter, Rule, Value, View
from territoire_sante.cooperation.rules._scope import concerning
from territoire_sante.cooperation.rules._table import RULES

__all__ = [
    "ENTRY_POINT_GROUP",
    "RULES",
    "Checked",
    "Evidence",
    "Finding",
    "Hit",
    "Mute",
    "Parameter",
    "Parameters",
    "Quote",
    "Rule",
    "RuleBook",
    "RuleEntry",
    "Severity",
    "Value",
    "View",
    "check",
    "check_all",
    "concerning",
    "grouped",
    "installed_rules",
    "recheck",
    "to_html",
    "to_markdown",
    "to_plain",
    "to_sarif",
]
