# SPDX-License-Identifier: Apache-2.0
"""Each rule is tried four ways: it finds, it finds nothing, it does not know, at each threshold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from territoire_sante.cooperation.rules import RULES

HERE = Path(__file__).parent


def test_the_table_names_every_rule_and_parameter(table):
    """Each rule has its three cases, each of its parameters both sides, and that is all."""
    assert table.keys() == {rule.code for rule in RULES}
    for rule in RULES:
        rows = table[rule.code]
        thresholds = rows.get("thresholds", {})
        assert {*rows} - {"thresholds"} == {"fires", "silent", "unknown"}, rule.code
        assert thresholds.keys() == {one.name for one in rule.parameters}, rule.code
        assert all({*sides} == {"fires", "silent"} for sides in thresholds.values()), rule.code


def test_each_case_is_another_test(table):
    """That a rule finds nothing and that it does not know are two tests, and so are two sides."""
    for code, rows in table.items():
        assert len({rows[kind] for kind in ("fires", "silent", "unknown")}) == 3, code
        for sides in rows.get("thresholds", {}).values():
            assert sides["fires"] != sides["silent"], code


def test_every_test_of_the_table_exists(table, claims_of):
    """Each test that the table names is collected, so that each run looks at what it sees."""
    command = [sys.executable, "-m", "pytest", str(HERE), "--collect-only", "-q", "-p", "no:xdist"]
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [*command, "-p", "no:cacheprovider"], capture_output=True, text=True, check=False
    )
    there = {line.rpartition("/")[2] for line in done.stdout.splitlines() if "::" in line}
    assert there
    assert [test for _, _, test, _ in claims_of(table) if test not in there] == []


@pytest.mark.parametrize(
    ("asked", "broken"),
    [
        pytest.param({("XY001", True)}, [], id="kept"),
        pytest.param({("XY001", False)}, [("XY001", "fires")], id="found nothing"),
        pytest.param({("XY002", True)}, [("XY001", "fires")], id="another rule"),
        pytest.param(set(), [("XY001", "fires")], id="asked nothing"),
    ],
)
def test_a_claim_that_is_not_kept_is_told(unkept, asked, broken):
    """A test of the table in which its rule was not asked, or answered otherwise, is named."""
    table = {"XY001": {"fires": "test_a.py::test_a", "silent": "test_b.py::test_b"}}
    assert unkept(table, "test_a.py::test_a", asked) == broken
