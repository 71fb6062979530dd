# SPDX-License-Identifier: Apache-2.0
"""One rule asked about one subject, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs

from territoire_sante.cooperation._words import Sentence, say
from territoire_sante.cooperation.rules._finding import Evidence, Finding, Severity
from territoire_sante.cooperation.rules._rule import Hit, Rule, View
from territoire_sante.model import Entity

#: The code of findings about the rules themselves.
BROKEN = "TS000"


@attrs.frozen
class Fault:
    """That a rule failed about a subject, and how."""

    subject_id: str
    why: str


Answer = tuple[Finding, ...] | Fault


def ask(rule: Rule, view: View, subject: Entity) -> Answer:
    """Ask a rule about one subject; a fault in it is told."""
    try:
        hits = tuple(rule.check(view, subject))
    except Exception as error:  # noqa: BLE001 - whatever a rule does must stop no other
        return Fault(subject.id, f"{type(error).__name__}: {error}")
    return tuple(_finding(rule, view, hit) for hit in hits) if hits else ()


def told(rule: Rule, answers: Iterable[Answer]) -> Iterator[Finding]:
    """Yield the findings of a rule, and behind them one about all its faults."""
    faults: list[Fault] = []
    for answer in answers:
        if isinstance(answer, Fault):
            faults.append(answer)
        else:
            yield from answer
    if faults:
        yield fault(rule.code, faults[0].why, faults)


def fault(name: str, why: str, faults: Sequence[Fault] = ()) -> Finding:
    """Return the finding that a rule does not work."""
    return Finding(
        code=BROKEN,
        title=Sentence(fr="Règle défaillante", en="Broken rule"),
        severity=Severity.ERROR,
        subject_kind="rule",
        subject_id=name,
        subject_name=name,
        message=say(
            "La règle {name} n'a pas pu être appliquée ({count} cas) : {why}.",
            "The rule {name} could not be applied ({count} cases): {why}.",
            name=name,
            count=str(len(faults) or 1),
            why=why,
        ),
        action=Sentence(
            fr="Corriger ou désinstaller ce qui fournit la règle ; les autres ont été appliquées.",
            en="Mend or uninstall what brings the rule; the others were applied.",
        ),
        evidence=tuple(Evidence(id=one.subject_id) for one in faults[:1]),
    )


def _finding(rule: Rule, view: View, hit: Hit) -> Finding:
    return Finding(
        code=rule.code,
        title=rule.title,
        severity=rule.severity,
        subject_kind=hit.subject.KIND,
        subject_id=hit.subject.id,
        subject_name=view.name(hit.subject.id),
        territory_id=hit.territory_id,
        team_id=hit.team_id,
        message=hit.message,
        action=hit.action or rule.action,
        evidence=hit.evidence,
        quote=rule.quote,
    )
