# SPDX-License-Identifier: Apache-2.0
"""Which findings concern one commune, or one team."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from territoire_sante.cooperation.rules._finding import Finding
from territoire_sante.snapshot import Snapshot


def concerning(
    findings: Iterable[Finding], snapshot: Snapshot, *, commune: str = "", team: str = ""
) -> Iterator[Finding]:
    """
    Yield the findings about a commune and the territories it is part of, and about a team.

    Findings about the rules themselves concern everybody.

    Raises:
        InvalidValueError: ``commune`` is no commune.
    """
    places = frozenset(snapshot.places_of(commune)) if commune else frozenset()
    return (
        one
        for one in findings
        if one.subject_kind == "rule"
        or (
            (not commune or one.territory_id in places)
            and (not team or team in (one.team_id, one.subject_id) or _names(one, team))
        )
    )


def _names(finding: Finding, actor_id: str) -> bool:
    return any(actor_id in (fact.id, fact.value) for fact in finding.evidence)
