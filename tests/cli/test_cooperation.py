# SPDX-License-Identifier: Apache-2.0
"""The commands that answer questions do so on the example territory, for people and for scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from territoire_sante import Workspace
from territoire_sante.cli._cooperation import NEEDS
from territoire_sante.cooperation import Need
from territoire_sante.model import Practice, PracticeState, Statement, Tension, TensionKind
from territoire_sante.serialization import read_entities

DATA = Path(__file__).parents[2] / "examples" / "data"
DAY = ("--today", "2026-11-20")


@pytest.fixture
def example(territory):
    """Store the example territory, a tension and a practice of somebody else."""
    entities = [
        entity
        for name in ("territory.json", "cooperation.jsonl")
        for entity in read_entities(DATA / name)
    ]
    with Workspace.open() as workspace:
        workspace.store.put(
            *entities,
            Tension(
                id="tension:locaux",
                kind=TensionKind.PREMISES,
                title="Locaux trop petits",
                territory_id="commune:48034",
            ),
            Practice(
                id="practice:internes",
                actor_id="actor:esp-exemple",
                title="Accueillir des internes",
                state=PracticeState.PUBLISHED,
            ),
        )
    return territory


ASKED = [
    (("levers", "barnum", "--near", "48181"), "Commune de La Canourgue", "levers"),
    (("liaison", "48034", "--need", "tension"), "Claire Fictive", "found"),
    (("next", "actor:msp-exemple"), "TS003", "findings"),
    (("peers", "actor:msp-exemple", "internes"), "Accueillir des internes", "peers"),
    (("tension", "tension:locaux"), "Claire Fictive", "moves"),
]


@pytest.mark.parametrize(("arguments", "words", "key"), ASKED, ids=[one[0][0] for one in ASKED])
def test_questions_are_answered(run, example, arguments, words, key):
    """Each question has its answer in both languages, and as JSON."""
    french = run(*arguments, *DAY, language="fr")
    english = run(*arguments, *DAY)
    plain = run(*arguments, *DAY, "--json")

    assert (french.code, english.code, plain.code) == (0, 0, 0)
    assert words in french.out
    assert words in english.out
    assert plain.json[key]


def test_nothing_is_an_answer(run, example):
    """Where nothing is known, that is said."""
    ran = run("levers", "dirigeable", "--near", "48181", *DAY, language="fr")

    assert (ran.code, ran.out) == (0, "Rien, à ce que l'on sait.\n")


@pytest.mark.parametrize(
    "arguments",
    [("next", "actor:personne"), ("tension", "tension:aucune"), ("liaison", "Mende")],
    ids=["team", "tension", "commune"],
)
def test_what_is_not_there_is_an_error(run, example, arguments):
    """A team, tension or commune that there is not is told, with code 2."""
    ran = run(*arguments)

    assert ran.code == 2
    assert ran.err.startswith("Error:")


def test_the_needs_are_those_of_the_library():
    """The choices of --need are those that the library knows."""
    assert tuple(one.value for one in Need) == NEEDS


def test_the_days_of_conventions(run, example):
    """Nothing is in force in the example, and that is said."""
    assert run("conventions", "--year", "2027").out == "Nothing, as far as is known.\n"
    assert run("conventions", "days", "--json").json == {"days": []}


def test_where_a_convention_stands(run, example):
    """What a convention lacks makes the code 1, for people and for scripts."""
    told = run("conventions", "show", "convention:tripartite", *DAY)
    plain = run("conventions", "show", "convention:tripartite", *DAY, "--json")

    assert (told.code, plain.code) == (1, 1)
    assert "→ The deliberation of Pays imaginaire" in told.out
    assert plain.json["standing"]["next_verb"] == "approve"


def test_a_draft_of_a_convention(run, example):
    """The draft is printed whole; what it leaves open makes the code 1."""
    told = run("conventions", "draft", "convention:tripartite")

    assert told.code == 1
    assert told.out.startswith("# Convention MSP, CLS et commune (exemple)\n")
    assert "[à compléter\u00a0: délibération" in told.out


def test_a_template_of_ones_own(run, example):
    """A template is a file; a place that there is not is refused with its line."""
    Path("modele.md").write_text("Objet : $purpose\n", encoding="utf-8")
    Path("faux.md").write_text("\n$prix\n", encoding="utf-8")
    own = run("conventions", "draft", "convention:tripartite", "--template", "modele.md")
    wrong = run("conventions", "draft", "convention:tripartite", "--template", "faux.md")

    assert (own.code, own.out) == (
        0,
        "Objet : Organiser la coopération et l'usage des moyens communaux.\n",
    )
    assert (wrong.code, "line 2" in wrong.err) == (2, True)


REPORT = DATA / "reports" / "msp-elus.txt"
READ = ("workshop", "read", REPORT, "--id", "workshop:chanac")


def test_a_report_is_stored_and_written(run, territory):
    """A report that was read is stored, can be written again, and its ideas are listed."""
    read = run(*READ)
    written = run("workshop", "write", "workshop:chanac", language="fr")

    assert read.code == 0
    assert "Statements read: 33; tables: 2." in read.out
    assert written.out.startswith("# MSP et élus : construire des alliances locales en santé\n")
    assert "Inviter les élus sur le terrain." in run("workshop", "open", "workshop:chanac").out
    assert len(run("workshop", "open", "workshop:chanac", "--json").json["ideas"]) == 18


def test_a_dry_run_stores_nothing(run, territory):
    """A dry run shows what would be read, and stores nothing."""
    assert run(*READ, "--dry-run").code == 0
    with Workspace.open() as workspace:
        assert list(workspace.store.all(Statement)) == []


def test_a_report_that_is_read_again_keeps_what_became_of_it(run, territory):
    """An idea that was dropped stays dropped when its report is read once more."""
    run(*READ)
    with Workspace.open() as workspace:
        first = next(iter(workspace.store.all(Statement)))
        workspace.store.put(first.drop())
    run(*READ)
    with Workspace.open() as workspace:
        assert workspace.store.get(Statement, first.id) == first.drop()


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"], ids=["missing", "no text"])
def test_a_report_that_cannot_be_read(run, territory, content):
    """A file that is missing or no text is named, with what to do."""
    if content is not None:
        Path("rapport.txt").write_bytes(content)
    ran = run("workshop", "read", "rapport.txt", "--id", "workshop:1")

    assert ran.code == 2
    assert "rapport.txt" in ran.err
    assert "UTF-8" in ran.err
