# SPDX-License-Identifier: Apache-2.0
"""The page of the documentation that lists the rules, made from the rules."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final

from territoire_sante.cooperation.rules._rule import Rule
from territoire_sante.cooperation.rules._table import RULES

_HEAD: Final = """\
# Rules

`territoire-sante check`, `Workspace.check(today=…)` and
`territoire_sante.cooperation.rules.check(snapshot, today=…)` ask these rules and return findings.
An error contradicts what the reports ask for, or the law; a warning probably needs somebody; an
information may help. Codes keep their meaning.

A rule never guesses. What is known to be absent differs from what is not known: of the latter a
rule says nothing, and each rule below tells when it is silent. A list that is kept is taken as
whole: a team for which it is noted how well it knows some lever is taken not to know the others; a
team for which nothing is noted is not spoken of.

Delays are ISO 8601 durations. TS000 tells of a rule that could not be applied; the others were.
Other distributions bring rules by the entry point group `territoire_sante.rules`.

This page is made from the code:
`python -m territoire_sante.cooperation.rules._reference > docs/reference/rules.md`.
"""


def page(rules: Iterable[Rule] = RULES) -> str:
    """Return the page as Markdown."""
    rules = tuple(rules)
    rows = [
        f"| [{rule.code}](#{rule.code.lower()}) | {rule.severity.value} | {rule.title.en} "
        f"| {rule.title.fr} |"
        for rule in rules
    ]
    table = ["| code | severity | finds | en français |", "| --- | --- | --- | --- |", *rows]
    return "\n".join([_HEAD, *table, "", *(line for rule in rules for line in _section(rule))])


def _section(rule: Rule) -> list[str]:
    kinds = ", ".join(f"`{cls.__name__}`" for cls in rule.about)
    lines = [
        f"({rule.code.lower()})=",
        f"## {rule.code} {rule.name}",
        "",
        f"{rule.title.en} — *{rule.title.fr}*. {rule.severity.label_en}, about {kinds}.",
        "",
        f"To do: {rule.action.en} — *{rule.action.fr}*",
        "",
        f"Silent where: {rule.unknown.en} — *{rule.unknown.fr}*.",
        "",
    ]
    if rule.parameters:
        lines += ["| parameter | default | meaning | sens |", "| --- | --- | --- | --- |"]
        lines += [
            f"| `{one.name}` | {one.default} | {one.meaning.en} | {one.meaning.fr} |"
            for one in rule.parameters
        ]
        lines.append("")
    if rule.quote is not None:
        lines += [f"> {rule.quote.text}", ">", f"> {rule.quote.source}", ""]
    return lines


if __name__ == "__main__":
    sys.stdout.write(page())
