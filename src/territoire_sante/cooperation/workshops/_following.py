# SPDX-License-Identifier: Apache-2.0
"""From what was said to what is done about it: ideas, actions, and findings that quote them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from territoire_sante.cooperation.rules import Finding
from territoire_sante.cooperation.workshops._headings import plain
from territoire_sante.cooperation.workshops._reading import Report
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Action,
    Statement,
    StatementKind,
    StatementStatus,
    Workshop,
)
from territoire_sante.snapshot import Snapshot

_OPEN: Final = frozenset({StatementStatus.RAISED, StatementStatus.SHORTLISTED})


def updated(snapshot: Snapshot, report: Report) -> tuple[Workshop | Statement, ...]:
    """
    Return what to store of a report that was read: itself, or what is stored brought up to date.

    What a report does not tell stays as it is stored: territory, event and hosts of the workshop,
    who may see it, what became of a statement and the actions about it. A statement
    that the report no longer has is not returned, and stays in the store.
    """
    return (
        _workshop_of(snapshot, report.workshop),
        *(_statement_of(snapshot, one) for one in report.statements),
    )


def _workshop_of(snapshot: Snapshot, read: Workshop) -> Workshop:
    stored = snapshot.find(Workshop, read.id)
    if stored is None:
        return read
    hosts = {table.number: table.host_id for table in stored.tables}
    return attrs.evolve(
        read,
        tables=tuple(
            attrs.evolve(table, host_id=hosts.get(table.number, "")) for table in read.tables
        ),
        event_id=stored.event_id,
        territory_id=stored.territory_id,
        held_on=read.held_on or stored.held_on,
        source_url=read.source_url or stored.source_url,
        visibility=stored.visibility,
        provenance=read.provenance or stored.provenance,
        verified_on=stored.verified_on,
    )


def _statement_of(snapshot: Snapshot, read: Statement) -> Statement:
    stored = snapshot.find(Statement, read.id)
    if stored is None:
        return read
    return attrs.evolve(stored, table=read.table, rank=read.rank, group=read.group)


def open_ideas(snapshot: Snapshot, workshop_id: str) -> tuple[Statement, ...]:
    """Return the ideas and key ideas of a workshop that nobody acts on, key ideas first."""
    found = (
        one
        for one in snapshot.referring(Statement, "workshop_id", workshop_id)
        if one.kind in (StatementKind.IDEA, StatementKind.KEY_IDEA)
        and one.status in _OPEN
        and not one.action_ids
    )
    return tuple(
        sorted(
            found,
            key=lambda one: (
                one.kind is not StatementKind.KEY_IDEA,
                one.table is None,
                one.table or 0,
                one.rank,
            ),
        )
    )


def action_for(
    statement: Statement,
    *,
    id: str,
    owner_id: str,
    due: dt.date | None = None,
    title: str = "",
) -> tuple[Statement, Action]:
    """
    Return the statement as adopted and the action that carries it out; store both.

    The action has the words of the statement as its title, unless ``title`` is given.

    Raises:
        InvalidValueError: the statement is an observation, which nothing carries out.
        TransitionError: it was dropped or is done already.
    """
    if statement.kind is StatementKind.OBSERVATION:
        message = f"{statement.id} tells what is, not what to do"
        raise InvalidValueError(
            message, where="kind", remedy="Give an idea, a condition or a key idea"
        )
    action = Action(
        id=id,
        title=title or statement.text,
        owner_id=owner_id,
        due=due,
        visibility=statement.visibility,
    )
    if statement.status is StatementStatus.ADOPTED:
        return attrs.evolve(statement, action_ids=(*statement.action_ids, id)), action
    kept = statement.shortlist() if statement.status is StatementStatus.RAISED else statement
    return kept.adopt(action_id=id), action


def findings_by_statement(
    report: Report, findings: Iterable[Finding]
) -> Mapping[str, tuple[Finding, ...]]:
    """
    Return for each statement the findings of a check that quote it, by the statement's id.

    A finding quotes a statement if the words of its quotation stand in the
    statement or the statement in them, case, accents and typographic signs apart.
    """
    said = {one.id: _bare(one.text) for one in report.statements}
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        quote = _bare(finding.quote.text) if finding.quote else ""
        for id_, words in said.items():
            if quote and words and (quote in words or words in quote):
                found.setdefault(id_, []).append(finding)
    return {id_: tuple(members) for id_, members in found.items()}


def _bare(text: str) -> str:
    return plain(text).rstrip(" .;,")
