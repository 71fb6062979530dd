# SPDX-License-Identifier: Apache-2.0
"""The script that hands the example territory out writes every format."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from territoire_sante.exports import EXPORTERS

SCRIPT = Path(__file__).parents[2] / "examples" / "export_the_directory.py"


def run(*arguments):
    """Run the script and return what it printed."""
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-X", "utf8", str(SCRIPT), *arguments],
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_format_is_written(tmp_path):
    """There is a file for each format, and what could not go into it is told."""
    told = run(str(tmp_path / "out")).splitlines()
    files = {one.name for one in (tmp_path / "out").iterdir()}

    assert files == {f"{one.name}{one.extension}" for one in EXPORTERS.values()}
    assert [line.split(" : ")[0] for line in told if not line.startswith(" ")] == sorted(
        files, key=lambda name: list(EXPORTERS).index(name.rpartition(".")[0])
    )
    assert "  1 × organisme fermé ou encore en projet : il est absent." in told


def test_partners_see_more_than_the_public(tmp_path):
    """The file for partners holds what that for the public does, and more."""
    run(str(tmp_path / "all"))
    run(str(tmp_path / "partners"), "partners")
    public, partners = (
        {
            one["id"]
            for one in json.loads((tmp_path / folder / "json.json").read_text("utf-8"))["entities"]
        }
        for folder in ("all", "partners")
    )

    assert public < partners
