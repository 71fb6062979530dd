# SPDX-License-Identifier: Apache-2.0
"""Reports of workshops are read whole: the two of the federation, and those that people type."""

from __future__ import annotations

import datetime as dt
import re
import time
from pathlib import Path

import pytest

from territoire_sante.cooperation.rules import RULES
from territoire_sante.cooperation.workshops import LONGEST, read_report
from territoire_sante.errors import InvalidValueError, LimitExceededError
from territoire_sante.model import ActorKind, LeverFamily, StatementKind, WorkshopMethod

ROOT = Path(__file__).parents[3]
SEEDS = ROOT.parent / "shared" / "seeds"
SHIPPED = ROOT / "examples" / "data" / "reports"
PLENARY = "000_a929e4f5bc273313.txt"
WORKSHOP = "004_6c4c8719ff630a49.txt"
STRUCTURE = re.compile(
    r"TABLE \d — |Constats / Situation actuelle|Idées / Pistes d’actions|Conclusion"
    r"|Conditions de mise en œuvre|Idées phares à transmettre|Ce qu’il faut retenir"
)
# What joins the members of a list that was written as one sentence.
JOINING = {"et"}

NUMBER = re.compile(r"TABLE (\d)")


def seed(name):
    """Return the text of one of the two reports, or skip."""
    if not SEEDS.is_dir():
        pytest.skip("../shared/seeds is not here; the shipped reports are read in any case")
    return (SEEDS / name).read_text(encoding="utf-8")


def words(text):
    """Return the words of a text, in order."""
    return re.findall(r"[^\W_]+", text)


def texts(report):
    """Return everything that was read, in the order of the page."""
    workshop = report.workshop
    yield workshop.introduction
    groups = set()
    for table in (*workshop.tables, None):
        yield table.theme if table else ""
        number = table.number if table else None
        for one in report.statements:
            if one.table == number:
                if one.group and (number, one.group) not in groups:
                    groups.add((number, one.group))
                    yield one.group
                yield one.text
    yield workshop.conclusion
    yield from workshop.notes


@pytest.mark.parametrize("name", [PLENARY, WORKSHOP])
def test_no_word_of_the_reports_is_lost(name):
    """Every word of the two reports, headings apart, is read, once and in its place."""
    text = seed(name)
    report = read_report(text, id="workshop:1", title="Rapport")
    wanted = [word for word in words(STRUCTURE.sub(" ", text)) if word not in JOINING]
    found = [word for one in texts(report) for word in words(one) if word not in JOINING]

    assert found == wanted
    assert report.text == text


def test_the_workshop_is_read_into_its_tables():
    """The report on teams and officials has two tables with all four headings each."""
    report = read_report(seed(WORKSHOP), id="workshop:1", title="MSP et élus")
    counts = {
        (table, kind): sum(1 for one in report.statements if (one.table, one.kind) == (table, kind))
        for table in (1, 2)
        for kind in StatementKind
    }

    assert report.workshop.method is WorkshopMethod.WORLD_CAFE
    assert [table.number for table in report.workshop.tables] == [1, 2]
    assert list(counts.values()) == [3, 5, 5, 4, 2, 5, 3, 4]
    assert report.workshop.objective.startswith("Nous avions pour objectif")
    assert report.workshop.notes[0].startswith("solution numérique")


def test_an_idea_behind_a_finished_list_is_one_of_its_own():
    """The shared directory, printed as a fifth item of the concrete levers, belongs to no group."""
    report = read_report(seed(WORKSHOP), id="workshop:1", title="MSP et élus")
    ideas = [one for one in report.statements if one.table == 2 and one.kind is StatementKind.IDEA]

    assert [one.group for one in ideas] == ["Valoriser les leviers concrets"] * 4 + [""]
    assert [one.lever_family for one in ideas[:4]] == [
        LeverFamily.COMMUNICATION,
        LeverFamily.LOGISTICS,
        LeverFamily.MOBILITY,
        LeverFamily.HUMAN,
    ]
    assert ideas[4].actor_kinds == (ActorKind.MSP, ActorKind.CCAS, ActorKind.DAC)


def test_the_plenary_is_read_into_its_sections():
    """The report without tables has its titled sections as tables, and what to remember apart."""
    report = read_report(seed(PLENARY), id="workshop:1", title="Plénière")

    assert report.workshop.method is WorkshopMethod.OTHER
    assert [table.number for table in report.workshop.tables] == [1, 2, 3]
    assert {one.table for one in report.statements if one.kind is StatementKind.KEY_IDEA} == {None}


@pytest.mark.parametrize("name", [PLENARY, WORKSHOP])
def test_the_sentences_that_rules_quote_are_found_at_their_lines(name):
    """Where a rule quotes a line of a report, that line holds its words."""
    source = "« MSP – élus »" if name == WORKSHOP else "piliers"
    lines = seed(name).splitlines()
    quotes = [rule.quote for rule in RULES if rule.quote and source in rule.quote.source]

    assert quotes
    for quote in quotes:
        said = lines[quote.line - 1].replace("’", "'")
        assert quote.text.replace("’", "'").rstrip(".") in said


REPORT = """# Rencontre de Chanac

**Date :** 09/10/2025
**Participants :** 24
Publics : élus ; soignants

Une rencontre pour se connaître.

## Table 1 : Locaux

### Observations

* On ne sait pas qui prête quoi.
* La salle des fêtes est libre
  le mardi.

### Ideas

- Prêter :
  - la salle
  - le barnum
- Se téléphoner
"""


def test_what_people_type():
    """Facts, tables, wrapped items and nested groups of a Markdown report are read."""
    report = read_report(REPORT, id="workshop:1")
    workshop = report.workshop

    assert (workshop.title, workshop.held_on) == ("Rencontre de Chanac", dt.date(2025, 10, 9))
    assert (workshop.participants_count, workshop.audiences) == (24, ("élus", "soignants"))
    assert workshop.introduction == "Une rencontre pour se connaître."
    assert [(one.kind.value, one.group, one.text) for one in report.statements] == [
        ("observation", "", "On ne sait pas qui prête quoi."),
        ("observation", "", "La salle des fêtes est libre le mardi."),
        ("idea", "Prêter", "la salle"),
        ("idea", "Prêter", "le barnum"),
        ("idea", "", "Se téléphoner"),
    ]
    assert [report.line_of(one.id) for one in report.statements] == [13, 14, 20, 21, 22]


def test_reading_twice_gives_the_same_ids():
    """The ids of statements follow from their words: reading a report again changes nothing."""
    once = read_report(REPORT, id="workshop:1")
    longer = read_report(REPORT.replace("* On", "* Nouveau.\n* On"), id="workshop:1")

    assert once == read_report(REPORT, id="workshop:1")
    assert {one.id for one in once.statements} < {one.id for one in longer.statements}
    assert len({one.id for one in longer.statements}) == 6


def test_the_same_words_said_twice_are_two_statements():
    """Two tables that say the same have a statement each."""
    text = "# T\n## Table 1\n### Idées\n- Se voir\n## Table 2\n### Idées\n- Se voir\n"
    statements = read_report(text, id="workshop:1").statements

    assert [(one.table, one.text) for one in statements] == [(1, "Se voir"), (2, "Se voir")]
    assert statements[0].id != statements[1].id


@pytest.mark.parametrize(
    ("text", "where"),
    [
        pytest.param("Table 1\nDu texte.", "workshop:1", id="title"),
        pytest.param("# T\nDate : hier\n", "line 2", id="date"),
        pytest.param("# T\n\nParticipants : plus de 200\n", "line 3", id="number"),
        pytest.param("# T\nMéthode : improvisée\n", "line 2", id="method"),
    ],
)
def test_what_cannot_be_understood_is_said_with_its_line(text, where):
    """A report without a title, and a date or number that is none, are refused with the place."""
    with pytest.raises(InvalidValueError) as refused:
        read_report(text, id="workshop:1")

    assert refused.value.where == where
    assert refused.value.remedy


def test_a_report_has_a_longest_length():
    """More than a million characters are refused, a million are read."""
    text = "# T\n" + "a" * (LONGEST - 4)
    assert read_report(text, id="workshop:1").workshop.introduction
    with pytest.raises(LimitExceededError, match="1000001"):
        read_report(text + "a", id="workshop:1")


@pytest.mark.parametrize(
    "text",
    [
        "# T\n## Table 1\n" + "- Un car\n" * 5_000,
        "# T\n" + "## Table 1\n- Un car\n" * 5_000,
        "# T" + " " * 200_000 + "#####x",
        "# T " + "# " * 200_000 + "x",
    ],
)
def test_strange_reports_take_time_like_their_length(text):
    """The same line over and over, or a very long heading, holds nobody up."""
    begun = time.process_time()
    found = read_report(text, id="workshop:1")

    assert time.process_time() - begun < 6
    assert len({one.id for one in found.statements}) == text.count("\n- ")
