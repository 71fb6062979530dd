# SPDX-License-Identifier: Apache-2.0
"""Ideas find somebody to carry them out, and a corrected report loses nothing of that."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.cooperation._words import Sentence
from territoire_sante.cooperation.rules import Finding, Quote, Severity
from territoire_sante.cooperation.workshops import (
    action_for,
    findings_by_statement,
    open_ideas,
    read_report,
    updated,
)
from territoire_sante.errors import InvalidValueError, TransitionError
from territoire_sante.model import StatementStatus, WorkshopTable

TEXT = """# Rencontre

## Table 1 — Locaux

### Constats

- On ne sait pas qui prête quoi.

### Idées

- Prêter la salle

### Idées phares

- Un seul numéro
"""
REPORT = read_report(TEXT, id="workshop:1")
SEEN, LEND, NUMBER = REPORT.statements


def test_open_ideas_are_those_that_nobody_acts_on(picture):
    """Key ideas come first; observations, and what has an action or was dropped, are left out."""
    there = picture(REPORT.workshop, *REPORT.statements)
    adopted, action = action_for(LEND, id="action:1", owner_id="actor:mairie")
    later = picture(REPORT.workshop, SEEN, adopted, NUMBER.drop(), action)

    assert open_ideas(there, "workshop:1") == (NUMBER, LEND)
    assert open_ideas(later, "workshop:1") == ()
    assert open_ideas(there, "workshop:2") == ()


def test_an_action_for_an_idea():
    """The idea is adopted and linked, the action has its words, owner and day."""
    idea, action = action_for(NUMBER, id="action:1", owner_id="actor:cc", due=dt.date(2027, 1, 31))

    assert (idea.status, idea.action_ids) == (StatementStatus.ADOPTED, ("action:1",))
    assert (action.title, action.owner_id, action.due) == (
        "Un seul numéro",
        "actor:cc",
        dt.date(2027, 1, 31),
    )


def test_a_second_action_for_an_idea():
    """An idea that was adopted may have one more action."""
    idea, _ = action_for(NUMBER, id="action:1", owner_id="actor:cc")
    again, action = action_for(idea, id="action:2", owner_id="actor:msp", title="Imprimer")

    assert again.action_ids == ("action:1", "action:2")
    assert action.title == "Imprimer"


def test_what_nothing_carries_out():
    """An observation has no action, and what was dropped has none any more."""
    with pytest.raises(InvalidValueError, match="not what to do"):
        action_for(SEEN, id="action:1", owner_id="actor:cc")
    with pytest.raises(TransitionError):
        action_for(LEND.drop(), id="action:1", owner_id="actor:cc")


def test_a_report_that_is_read_again_keeps_what_became_of_it(picture):
    """Territory, hosts, statuses and actions stay; places and groups follow the report."""
    idea, _ = action_for(LEND, id="action:1", owner_id="actor:cc")
    stored = attrs.evolve(
        REPORT.workshop,
        territory_id="epci:nord",
        tables=(WorkshopTable(number=1, theme="Locaux", host_id="person:1"),),
    )
    there = picture(stored, SEEN, idea)
    longer = read_report(
        TEXT.replace("— Locaux", "— Les locaux").replace("- Prêter", "- Compter\n- Prêter"),
        id="workshop:1",
    )
    workshop, *statements = updated(there, longer)

    assert (workshop.territory_id, workshop.tables[0]) == (
        "epci:nord",
        WorkshopTable(number=1, theme="Les locaux", host_id="person:1"),
    )
    assert [(one.text, one.rank, one.action_ids) for one in statements] == [
        ("On ne sait pas qui prête quoi.", 1, ()),
        ("Compter", 2, ()),
        ("Prêter la salle", 3, ("action:1",)),
        ("Un seul numéro", 4, ()),
    ]


def test_the_first_time_a_report_is_stored_as_it_is(picture):
    """Without anything stored, the report is what is stored."""
    assert updated(picture(), REPORT) == (REPORT.workshop, *REPORT.statements)


@pytest.mark.parametrize(
    ("quote", "statement"),
    [
        ("un seul numero", NUMBER),
        ("On ne sait pas qui prête quoi. Cela dure.", SEEN),
        ("Autre chose", None),
        ("", None),
    ],
    ids=["part", "more", "other", "none"],
)
def test_findings_that_quote_a_statement(quote, statement):
    """A finding belongs to the statement that has its words, or whose words it has."""
    said = Sentence(fr="…", en="…")
    finding = Finding(
        code="TS001",
        severity=Severity.INFO,
        title=said,
        subject_id="actor:1",
        subject_kind="actor",
        subject_name="MSP",
        message=said,
        action=said,
        quote=Quote(text=quote, source="Rapport") if quote else None,
    )
    found = findings_by_statement(REPORT, [finding])

    assert dict(found) == ({statement.id: (finding,)} if statement else {})
