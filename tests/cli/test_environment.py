# SPDX-License-Identifier: Apache-2.0
"""plugins, doctor, help, version and unexpected errors: the command line itself."""

from __future__ import annotations

import importlib
import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import territoire_sante
from territoire_sante.cli import app, main
from territoire_sante.cli._app import HOMES
from territoire_sante.cli._command import Command
from territoire_sante.cli._messages import LANGUAGES, Texts
from territoire_sante.cli._session import Session

PAGES = Path(__file__).parents[2] / "docs" / "reference"
CONNECTORS = {
    "caldav",
    "carddav",
    "feed",
    "ics",
    "ics-feed",
    "illiwap",
    "illiwap-agenda",
    "openagenda",
    "opendatasoft",
    "panneaupocket",
    "panneaupocket-page",
    "vcf",
    "vcf-feed",
    "web-feed",
}


def spawn(*arguments, **environment):
    """Run the command line as a process of its own."""
    return subprocess.run(  # noqa: S603 - our own interpreter and arguments
        [sys.executable, "-m", "territoire_sante", *arguments],
        env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_plugins_are_listed(run):
    """Each installed connector is listed with its distribution."""
    ran = run("plugins", "--json")
    found = {plugin["name"]: plugin["distribution"] for plugin in ran.json["plugins"]}

    assert ran.code == 0
    assert set(found) >= CONNECTORS
    assert found["caldav"] == "territoire-sante-dav"
    assert "territoire-sante-dav" in run("plugins").out


def test_plugins_are_checked(run):
    """Each connector of this repository can be loaded."""
    ran = run("plugins", "--check", "--json")

    assert ran.code == 0
    assert {checked["name"] for checked in ran.json["checked"] if checked["ok"]} >= CONNECTORS


@pytest.fixture
def broken(tmp_path):
    """Return an environment with a distribution whose connector cannot be imported."""
    folder = tmp_path / "site" / "broken-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[territoire_sante.connectors]\nnowhere = no_such:X\n")
    return {"PYTHONPATH": str(folder.parent)}


def test_a_broken_plugin_is_named_and_harms_nobody(broken):
    """The list shows it like any other, the check names it, ends with 1, and others are well."""
    listed = spawn("plugins", **broken)
    checked = spawn("plugins", "--check", **broken)

    assert listed.returncode == 0
    assert "nowhere" in listed.stdout
    assert checked.returncode == 1
    assert "no_such" in checked.stdout
    assert "caldav" in checked.stdout


def test_doctor_is_content(run, configure, territory):
    """A store and a link that answer are good, and the exit code is 0."""
    configure(
        '[[link]]\nname = "agenda"\nconnector = "ics"\nview = "event"\n'
        '[link.config]\npath = "agenda.ics"\ncreate = true\n'
    )
    ran = run("doctor", "--json")

    assert ran.code == 0
    assert [finding["link"] for finding in ran.json["findings"]] == ["", "agenda"]
    assert "All is well" in run("doctor").out
    assert (territory / "territoire.db").stat().st_mode & 0o077 == 0


LINKS = """
[[link]]
name = "unknown"
connector = "caldva"
view = "event"

[[link]]
name = "view"
connector = "ics"
view = "contact"

[[link]]
name = "options"
connector = "caldav"
view = "event"
[link.config]
url = "https://nuage.example.org/"
password = { "$env" = "NO_SUCH_VARIABLE" }
usrname = "msp"
"""


def test_doctor_names_each_fault(run, configure):
    """Each link's own fault is named, none hides another, and the exit code is 1."""
    configure(LINKS)

    ran = run("doctor", "--json")
    errors = {finding["link"]: finding["error"] for finding in ran.json["findings"]}

    assert ran.code == 1
    assert errors[""] is None
    assert "caldav" in errors["unknown"]["remedy"]
    assert 'view = "event"' in errors["view"]["remedy"]
    problems = " ".join(problem["message"] for problem in errors["options"]["problems"])
    assert "NO_SUCH_VARIABLE" in problems
    assert "username" in problems


def test_doctor_sees_who_can_read(run, territory):
    """A store that other accounts can read is a finding, with its remedy."""
    run("doctor")
    (territory / "territoire.db").chmod(0o644)

    ran = run("doctor", "--json")

    assert ran.code == 1
    assert "chmod 600" in ran.json["findings"][0]["error"]["remedy"]


def test_an_unknown_link_is_refused(run, configure):
    """A link that isn't there is a usage error that proposes the nearest."""
    configure('[[link]]\nname = "agenda"\nconnector = "ics"\nview = "event"\n')

    ran = run("doctor", "agneda")

    assert ran.code == 2
    assert 'did you mean "agenda"?' in ran.err


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", ["Utilisation", "Commandes", "Codes de sortie"]), ("en", ["Usage", "Exit codes"])],
    ids=["fr", "en"],
)
def test_help_speaks_the_language(run, language, words):
    """The help page is in the language chosen, heads included."""
    out = run("--help", language=language).out

    assert [word for word in words if word not in out] == []


def test_the_process_speaks_too():
    """The process takes its language from the environment and from --lang."""
    assert "Utilisation" in spawn("--help", LANG="fr_FR.UTF-8").stdout
    assert "Usage" in spawn("--lang", "en", "--help", LANG="fr_FR.UTF-8").stdout
    assert spawn("--version").stdout == f"territoire-sante {territoire_sante.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [["--nothing"], ["nothing"], ["find"], ["--lang", "de", "plugins"]],
    ids=["option", "command", "argument", "language"],
)
def test_usage_errors(arguments):
    """A wrong option, command, argument or language ends with 2 and no trace."""
    ran = spawn(*arguments, LANG="fr_FR.UTF-8")

    assert ran.returncode == 2
    assert ran.stderr.startswith("Erreur")
    assert "Traceback" not in ran.stderr


def test_without_the_extra_there_is_one_line(tmp_path):
    """Without click and rich the process ends with 2 and says what to install."""
    hide = "import sys; sys.modules['click'] = sys.modules['rich'] = None\n"
    code = f"{hide}import runpy; runpy.run_module('territoire_sante', run_name='__main__')"
    ran = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert "pip install 'territoire-sante[cli]'" in ran.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fault_of_the_program_is_told_without_a_trace(tmp_path, language):
    """An unexpected exception ends with 3 and one explanation; with --debug it is raised."""
    t = Texts(language)

    def fails(_session):
        raise RuntimeError("made up")

    def invoke(*, debug):
        session = Session(t=t, path=tmp_path, debug=debug)
        return CliRunner().invoke(Command(t, "find", fails), obj=session)

    told, raised = invoke(debug=False), invoke(debug=True)

    assert told.exit_code == 3
    assert "RuntimeError: made up" in told.stderr
    assert "Traceback" not in told.stderr
    assert isinstance(raised.exception, RuntimeError)


def test_main_returns_codes(monkeypatch, tmp_path, capsys):
    """main() returns the exit code of the command, for programs that call it."""
    monkeypatch.chdir(tmp_path)

    assert main(["--lang", "en", "plugins"]) == 0
    assert main(["--lang", "en", "find", "x"]) == 2
    assert main(["--lang", "en", "find"]) == 2
    assert "Error" in capsys.readouterr().err


def options(command):
    """Return the spellings of a command's options."""
    params = [param for param in command.params if isinstance(param, click.Option)]
    return [spelling for param in params for spelling in param.opts]


def commands_of(group):
    """Return every command of a group by name, loaded."""
    context = click.Context(group)
    return {name: group.get_command(context, name) for name in group.list_commands(context)}


def test_each_command_is_where_the_app_looks_for_it():
    """The modules make the commands that the app expects of them, and no other one."""
    found = {}
    for home in set(HOMES.values()):
        module = importlib.import_module(f"territoire_sante.cli.{home}")
        found |= {one.name: home for one in module.commands(Texts("en"))}

    assert found == HOMES
    assert {name: one.name for name, one in commands_of(app("en")).items()} == {
        name: name for name in HOMES
    }


def test_each_option_of_the_app_is_on_its_page():
    """The reference page names every command and every option."""
    page = (PAGES / "command-line.md").read_text(encoding="utf-8")
    missing = [
        name
        for command in (app("en"), *commands_of(app("en")).values())
        for name in [*getattr(command, "commands", {}), command.name, *options(command)]
        if name not in page
    ]

    assert missing == []


def test_a_person_sees_a_bar_and_a_file_does_not(territory):
    """On a terminal a bar runs on the error stream; the answer on the other stays clean."""
    lines = [f'{{"entity": "event", "id": "event:{n}", "summary": "{n}"}}' for n in range(600)]
    (territory / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    ours, theirs = pty.openpty()

    ran = subprocess.run(
        [sys.executable, "-m", "territoire_sante", "--lang", "en", "import", "in.jsonl"],
        env={**os.environ, "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
    )
    os.close(theirs)
    seen = os.read(ours, 65536).decode()
    os.close(ours)

    assert ran.stdout.decode() == "Stored: 600; unchanged: 0; problems: 0.\n"
    assert "Reading" in seen
    assert "600" in seen
