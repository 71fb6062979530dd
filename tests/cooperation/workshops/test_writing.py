# SPDX-License-Identifier: Apache-2.0
"""What is written as a report is read back to the same."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoire_sante.cooperation.workshops import Shape, read_report, write_report
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Statement,
    StatementKind,
    Workshop,
    WorkshopMethod,
    WorkshopTable,
)

ID = "workshop:1"
AWKWARD = st.sampled_from(
    [
        "Conclusion",
        "Table 2 : autre",
        "Date : demain",
        "Objectif : voir",
        "- un tiret",
        "* une étoile",
        "1. un",
        "# titre",
        "\\ oblique",
        "🌍 Monde",
        "Constats",
        "Notes",
        "Fin :",
        "<b>gras</b> & *mots*",
        "Voir M. Durand. Puis rien, et partir.",
        "« Oui. Non. » a-t-il dit",
    ]
)
LINES = AWKWARD | st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=40
)


def tidy(text):
    """Return a line as reports hold it: single blanks, no list's semicolon at its end."""
    return " ".join(text.split()).rstrip(" ;\u00a0\u202f")


ONE_LINE = LINES.map(tidy).filter(bool)
GROUPS = ONE_LINE.map(lambda text: text.rstrip(" :\u00a0\u202f")).filter(bool)
THEMES = ONE_LINE.map(lambda text: text.strip("#*_ \u00a0\u202f")).filter(bool)


def paragraphs(lines):
    """Return lines as a text of several lines, some of them empty."""
    return "\n".join(lines).strip("\n")


TEXTS = st.lists(ONE_LINE, max_size=4).map(paragraphs)


@st.composite
def reports(draw):
    """Draw a workshop and its statements, as they come from a report."""
    themes = draw(st.lists(THEMES, max_size=3))
    workshop = Workshop(
        id=ID,
        title=draw(THEMES),
        method=draw(st.sampled_from(WorkshopMethod)),
        held_on=draw(st.none() | st.dates()),
        introduction=draw(TEXTS),
        objective=draw(ONE_LINE),
        participants_count=draw(st.none() | st.integers(0, 999)),
        audiences=tuple(draw(st.lists(ONE_LINE.filter(lambda text: ";" not in text), max_size=3))),
        tables=tuple(WorkshopTable(number=n, theme=theme) for n, theme in enumerate(themes, 1)),
        conclusion=draw(TEXTS),
        notes=tuple(draw(st.lists(ONE_LINE, max_size=2))),
    )
    statements = []
    for table in (*range(1, len(themes) + 1), None):
        count = draw(st.integers(0, 4))
        statements += [
            Statement(
                id=f"statement:{table}-{rank}",
                kind=draw(st.sampled_from(StatementKind)),
                text=draw(ONE_LINE),
                group=draw(st.just("") | GROUPS),
                workshop_id=ID,
                table=table,
                rank=rank,
            )
            for rank in range(1, count + 1)
        ]
    return workshop, statements


@given(reports(), st.sampled_from(Shape), st.sampled_from(["fr", "en"]))
def test_what_is_written_is_read(report, shape, language):
    """Workshop, tables and statements are read as they were written, in each shape and language."""
    workshop, statements = report
    again = read_report(
        write_report(workshop, statements, shape=shape, language=language),
        id=ID,
        visibility=workshop.visibility,
    )
    bare = {
        "id": "statement:1",
        "lever_family": None,
        "actor_kinds": (),
        "visibility": workshop.visibility,
    }

    assert again.workshop == workshop
    assert [attrs.evolve(one, **bare) for one in again.statements] == [
        attrs.evolve(one, **bare) for one in statements
    ]


def test_the_page():
    """A report in Markdown looks as people write it."""
    workshop = Workshop(
        id=ID,
        title="Rencontre de Chanac",
        held_on=dt.date(2025, 10, 9),
        tables=(WorkshopTable(number=1, theme="Locaux"),),
        conclusion="On se reverra.",
    )
    said = Statement(
        id="statement:1",
        kind=StatementKind.IDEA,
        text="la salle",
        group="Prêter",
        workshop_id=ID,
        table=1,
    )

    assert write_report(workshop, [said]) == (
        "# Rencontre de Chanac\n\n**Méthode :** World café  \n**Date :** 2025-10-09  \n\n"
        "## Table 1 — Locaux\n\n### Idées / Pistes d'actions\n\n- Prêter :\n  - la salle\n\n"
        "## Conclusion\n\nOn se reverra.\n"
    )


@pytest.mark.parametrize(
    ("change", "where"),
    [({"workshop_id": "workshop:2"}, "workshop_id"), ({"table": 3}, "table")],
    ids=["workshop", "table"],
)
def test_statements_of_elsewhere_are_refused(change, where):
    """A statement of another workshop, or of a table that there is not, is refused."""
    said = Statement(id="statement:1", kind=StatementKind.IDEA, text="Oui", workshop_id=ID)
    with pytest.raises(InvalidValueError) as refused:
        write_report(Workshop(id=ID, title="T"), [attrs.evolve(said, **change)])

    assert refused.value.where == where
