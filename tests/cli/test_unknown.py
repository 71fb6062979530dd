# SPDX-License-Identifier: Apache-2.0
"""Ids that nothing has, groups of commands without one, and readers who have enough."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from territoire_sante.cli import main


@pytest.mark.parametrize(
    "arguments",
    [
        ("privacy", "access", "person:nobody", "answer"),
        ("privacy", "object", "person:nobody", "--yes"),
        ("privacy", "erase", "person:nobody", "--yes"),
        ("conventions", "show", "convention:none"),
        ("conventions", "draft", "convention:none"),
        ("workshop", "write", "workshop:none"),
        ("workshop", "open", "workshop:none"),
        ("peers", "actor:none"),
        ("next", "actor:none"),
        ("tension", "tension:none"),
        ("duplicates", "undo", "merge:none"),
    ],
)
def test_an_unknown_id_is_an_error(run, territory, arguments):
    """Who mistypes an id is told so, and not that all is done."""
    ran = run(*arguments)

    assert (ran.code, ran.out) == (2, "")
    assert arguments[-2 if arguments[-1] in {"--yes", "answer"} else -1] in ran.err
    assert sorted(path.name for path in territory.iterdir() if path.is_dir()) == []


@pytest.mark.parametrize("arguments", [("privacy",), ("workshop",)])
def test_a_group_without_a_command_shows_its_help(capsys, arguments):
    """Its help is no error message, though nothing was done."""
    code = main(["--lang", "en", *arguments])
    out, err = capsys.readouterr()

    assert code == 2
    assert out == ""
    assert err.startswith("Usage: territoire-sante")


def test_a_reader_who_has_enough_is_no_fault_of_the_program(territory):
    """As with ``| head -1``: nothing is said, and the code is not that of a failure."""
    del territory
    reading, writing = os.pipe()
    os.close(reading)
    code = "import sys; from territoire_sante.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "--lang", "en", "check"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)  # noqa: S603 - ours
    os.close(writing)

    assert (done.returncode, done.stderr) == (1, b"")
