# SPDX-License-Identifier: Apache-2.0
"""The command: a register into the store of a territory, with what a script needs to know."""

from __future__ import annotations

import datetime as dt
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from territoire_sante import Store, Workspace
from territoire_sante.model import Actor, OppositionEntry, OppositionKind, Territory
from territoire_sante_opendata._choices import CHOICES
from territoire_sante_opendata._command import main
from territoire_sante_opendata._told import LANGUAGES, TEXTS

TODAY = dt.date(2026, 11, 22)
COMMUNES = "code,nom,population\n48034,La Canourgue,2095\n48055,Cultures,197\n"
SETTINGS = '[store]\nurl = "sqlite:///territoire.db"\n'
CANOURGUE = "commune:48034"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Go to a folder with a territory and a list of communes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TERRITOIRE_SANTE_FILE", raising=False)
    (tmp_path / "territoire.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "communes.csv").write_text(COMMUNES, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(folder, capsys) -> Run:
    """Return a function that runs the command in English and gives code, output and errors."""

    def ran(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main(["--lang", "en", *arguments], today=TODAY)
        except SystemExit as left:  # argparse ends the process after a usage error
            code = int(left.code or 0)
        return code, *capsys.readouterr()

    return ran


@pytest.fixture
def verified(folder, run) -> Store:
    """Give a store in which a person corrected and verified one commune."""
    run("communes", "communes.csv")
    with Workspace.open(folder / "territoire.toml") as workspace:
        stored = workspace.store.get(Territory, CANOURGUE)
        workspace.store.put(attrs.evolve(stored, name="La Canourgue (siège)", verified_on=TODAY))
        yield workspace.store


def test_a_dry_run_writes_nothing(run):
    """A dry run shows what would be added, and does the same the second time."""
    expected = (
        "added: commune:48034\nadded: commune:48055\n"
        "2 added, 0 changed, 0 unchanged, 0 kept, 0 problems\nNothing was written.\n"
    )

    assert run("communes", "communes.csv", "--dry-run") == (0, expected, "")
    assert run("communes", "communes.csv", "--dry-run") == (0, expected, "")


def test_twice_changes_nothing(run):
    """The second import of a file adds and changes nothing, and is no reason to look."""
    assert run("communes", "communes.csv")[0] == 0

    code, said, _ = run("communes", "communes.csv")

    assert (code, said) == (0, "0 added, 0 changed, 2 unchanged, 0 kept, 0 problems\n")


def test_bad_rows_are_told_with_line_and_reason(folder, run):
    """A bad row costs itself only, is told with its line, and gives exit code 3."""
    (folder / "communes.csv").write_text(COMMUNES + "4805X,?,\n", encoding="utf-8")

    code, said, _ = run("communes", "communes.csv")

    assert code == 3
    assert "problem: line 4: code_insee: '4805X' is not the INSEE code of a commune" in said
    assert "2 added, 0 changed, 0 unchanged, 0 kept, 1 problems" in said


def test_what_was_verified_is_kept_until_the_register_is_believed(run, verified):
    """What a person verified stays and gives exit code 1; ``--believe`` takes the register's."""
    code, said, _ = run("communes", "communes.csv")
    assert code == 1
    assert (
        "kept, verified by a person: commune:48034 (La Canourgue (siège)): "
        "name: La Canourgue (siège) → La Canourgue\n"
    ) in said
    assert verified.get(Territory, CANOURGUE).name == "La Canourgue (siège)"

    code, said, _ = run("communes", "communes.csv", "--believe", CANOURGUE)

    assert code == 0
    assert "changed: commune:48034" in said
    assert verified.get(Territory, CANOURGUE).name == "La Canourgue"


def test_json_says_the_same(folder, run, verified):
    """With ``--json`` one document tells every field before and after, and each problem."""
    (folder / "communes.csv").write_text(COMMUNES + "x,?,\n", encoding="utf-8")

    code, said, _ = run("communes", "communes.csv", "--json")

    answer = json.loads(said)
    assert code == 3
    assert answer["kept_because_verified"][0]["fields"] == [
        {"field": "name", "before": "La Canourgue (siège)", "after": "La Canourgue"}
    ]
    assert (answer["unchanged"], answer["added"]) == (1, [])
    assert answer["problems"][0]["path"] == "line 4: code_insee"


def test_long_lists_are_cut_and_counted(folder, run):
    """Of many added records twenty are shown, and how many more there are."""
    rows = "".join(f"48{number:03},Commune {number},\n" for number in range(1, 31))
    (folder / "communes.csv").write_text("code,nom,population\n" + rows, encoding="utf-8")

    _, said, _ = run("communes", "communes.csv")

    assert said.count("added: ") == 20
    assert "… and 10 more (see --json)" in said


def test_a_source_may_be_an_address(run, web):
    """An address is read like a file; one that answers with an error is a failure, code 3."""
    web.files["/communes.csv"] = COMMUNES.encode()
    assert "2 added" in run("communes", f"{web.origin}/communes.csv")[1]

    code, said, error = run("communes", f"{web.origin}/other.csv")

    assert (code, said) == (3, "")
    assert "404" in error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["communes", "absent.csv"], "absent.csv: cannot be read"),
        (["communes", "communes.csv", "-f", "absent.toml"], "absent.toml"),
        (["comunes", "communes.csv"], "'comunes' is none of regions, departments, communes"),
        (["communes"], "a register and a source are needed"),
        (
            ["communes", "communes.csv", "--actors"],
            "--actors is no option of the register communes",
        ),
        (["finess", "communes.csv", "--as-of", "2026-01-01"], "--as-of is no option"),
        (["communes", "communes.csv", "--as-of", "tomorrow"], "--as-of"),
        (["officials", "communes.csv"], "this is another register"),
    ],
    ids=["file", "settings", "register", "source", "option", "day", "no-day", "other-register"],
)
def test_what_is_asked_wrongly_gives_code_2(run, arguments, said):
    """A wrong file, register or option is told by its name, and nothing is written."""
    code, answer, error = run(*arguments)

    assert (code, answer) == (2, "")
    assert said in error


def test_who_objected_is_not_taken(folder, run, monkeypatch):
    """Addresses of the opposition list are not taken; without its key nothing is imported."""
    key = b"made-up: not a secret, long enough"
    entry = OppositionEntry.of("ccas@example.org", OppositionKind.EMAIL, key=key, since=TODAY)
    with Workspace.open(folder / "territoire.toml") as workspace:
        workspace.store.put(entry)
    row = {"source": "dora", "id": "dora--a", "nom": "CCAS", "date_maj": "2026-05-04"}
    row |= {"courriel": "ccas@example.org", "code_insee": "48034", "commune": "La Canourgue"}
    (folder / "structures.json").write_text(json.dumps([row]), encoding="utf-8")

    code, _, error = run("inclusion-structures", "structures.json")
    assert code == 2
    assert "the key of the opposition list is missing" in error

    monkeypatch.setenv("KEY", key.decode())
    settings = SETTINGS + '[privacy]\nopposition_key = { "$env" = "KEY" }\n'
    (folder / "territoire.toml").write_text(settings, encoding="utf-8")
    assert run("inclusion-structures", "structures.json")[0] == 0
    with Workspace.open(folder / "territoire.toml") as workspace:
        (actor,) = workspace.store.all(Actor)
    assert actor.contact_points == ()


def test_the_registers_are_listed(run):
    """``--list`` names each register with its source, its licence and its address."""
    code, said, _ = run("--list")
    plain = json.loads(run("--list", "--json")[1])

    assert code == 0
    assert [one["name"] for one in plain] == list(CHOICES)
    for name, choice in CHOICES.items():
        assert f"\n{name} " in f"\n{said}"
        assert f"{choice.registry.source}, licence {choice.registry.licence}" in said
        assert choice.registry.url.startswith("https://")


def test_both_languages_say_everything(folder, capsys, monkeypatch):
    """Every text is there in French and in English with the same places; LANG chooses."""
    for words in TEXTS.values():
        assert words.fr
        assert words.en
        assert words.fr.count("{") == words.en.count("{")
    for language, said in zip(LANGUAGES, ("ajoutés", "added"), strict=True):
        monkeypatch.setenv("LC_ALL", f"{language}_FR.UTF-8")
        main(["communes", "communes.csv", "--dry-run"], today=TODAY)
        assert said in capsys.readouterr().out


def test_it_runs_as_a_module_and_shows_progress_on_a_terminal(folder):
    """``python -m`` runs it; where errors go to a terminal, it says how many were read."""
    ours, theirs = pty.openpty()
    command = ["-m", "territoire_sante_opendata", "communes", "communes.csv", "--lang", "fr"]
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=theirs, text=True, check=False
    )
    os.close(theirs)
    shown = os.read(ours, 4096).decode()
    os.close(ours)

    assert done.returncode == 0
    assert done.stdout.endswith("2 ajoutés, 0 modifiés, 0 inchangés, 0 gardés, 0 problèmes\n")
    assert "1 enregistrements lus" in shown


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [["--list"], ["communes", "communes.csv"]])
def test_an_answer_that_cannot_be_written_is_told_as_such(folder, arguments):
    """A full disk behind the standard output is named, with the exit code of what people mend."""
    code = "import sys; from territoire_sante_opendata._command import main; sys.exit(main())"
    command = [sys.executable, "-c", code, *arguments, "--lang", "en"]
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(  # noqa: S603 - our own interpreter and code
            command,
            cwd=folder,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "PYTHONUNBUFFERED": ""},
        )
    assert ran.returncode == 2
    assert "standard output" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "Exception ignored" not in ran.stderr
