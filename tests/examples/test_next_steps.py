# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "examples" / "what_should_this_team_do_next.py"


def run(*arguments):
    """Run the script and return what it prints."""
    command = [sys.executable, "-X", "utf8", SCRIPT, *arguments]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout  # noqa: S603 - our own script


def test_what_should_this_team_do_next():
    """The team reads what to do, the gravest first, each with the words of the report."""
    told = run()
    codes = [line[:5] for line in told.splitlines() if line.startswith("TS")]

    assert {"TS003", "TS005", "TS026"} <= set(codes)
    assert codes.index("TS003") < codes.index("TS011")
    assert told.count("À faire : ") == len(codes)
    assert "« ces moyens sont souvent mal identifiés par les MSP »" in told


def test_a_team_that_nobody_knows():
    """Of a team that is not stored nothing is said."""
    assert run("actor:nobody") == ""
