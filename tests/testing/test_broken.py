# SPDX-License-Identifier: Apache-2.0
"""Each broken connector, lens and rule is caught by the standard test that is meant for it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from territoire_sante.plugins import ENTRY_POINT_GROUP
from territoire_sante.testing import ConnectorSuite, LensSuite, RuleSuite, standard_tests

ROOT = Path(__file__).parents[2]
BROKEN = Path(__file__).parent / "broken"
PAGE = ROOT / "docs" / "reference" / "plugin-suite.md"
PATH = os.pathsep.join([str(BROKEN), *filter(None, [os.environ.get("PYTHONPATH")])])


def _run(*arguments, path=PATH):
    """Run Python on what lies in the folder of broken things."""
    return subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


DEFECTS = json.loads(_run(str(BROKEN / "page.py"), "--json").stdout)


@pytest.fixture(scope="module")
def failures(tmp_path_factory):
    """Run every suite of the folder once; give what failed, by module and class, and why."""
    folder = tmp_path_factory.mktemp("drawing")
    info = folder / "drawing_board-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: drawing-board\nVersion: 1.0\n")
    points = f"[{ENTRY_POINT_GROUP}]\ndrawing = board_drawing_the_world_in:SPEC\n"
    (info / "entry_points.txt").write_text(points)
    report = folder / "report.xml"
    modules = sorted({defect["module"] for defect in DEFECTS})
    done = _run(
        *("-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(folder)),
        *("-p", "no:cacheprovider", "--noconftest", "--tb=short", "--junitxml", str(report)),
        *(str(BROKEN / f"{module}.py") for module in modules),
        path=os.pathsep.join([str(folder), PATH]),
    )
    assert done.returncode == 1, done.stdout[-4000:] + done.stderr[-4000:]
    found = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - written by pytest just now
        texts = [one.text for kind in ("failure", "error") for one in case.findall(kind)]
        if texts:
            place = found.setdefault(case.get("classname").rpartition(".")[2], {})
            place.setdefault(case.get("name").partition("[")[0], []).extend(texts)
    return found


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: f"{defect['class']}")
def test_each_defect_is_caught_by_name(defect, failures):
    """The standard test named in the table fails, and no other but those that must fail too."""
    failed = set(failures.get(defect["class"], {}))

    assert failed == {defect["caught_by"], *defect["also"]} - {""}


def test_failures_show_values(failures):
    """A failing assert of the suite shows what was compared, not only that it failed."""
    (text,) = failures["TestLosesAProperty"]["test_samples_come_back"]

    assert "Joindre le matin" in text


def test_the_network_guard_says_where_to(failures):
    """A connector that connects elsewhere fails with the host it tried, also if it hides that."""
    for name in ("TestReachesOut", "TestReachesOutAndHidesIt"):
        texts = failures[name]["test_an_empty_collection_lists_nothing"]

        assert any("192.0.2.1" in text for text in texts)


def test_the_page_is_what_the_code_says():
    """docs/reference/plugin-suite.md lists the tests, their claims and the defects as they are."""
    assert PAGE.read_text("utf-8") == _run(str(BROKEN / "page.py")).stdout


@pytest.mark.parametrize("suite", [ConnectorSuite, LensSuite, RuleSuite])
def test_each_standard_test_says_what_it_claims(suite):
    """Each test of a suite has one sentence for a docstring, and another than the others."""
    claims = [one.claim for one in standard_tests(suite)]

    assert len(set(claims)) == len(claims) > 10
    assert [one for one in claims if not re.fullmatch(r"[A-Z][^\n]{20,}\.", one)] == []


@pytest.mark.parametrize("suite", [ConnectorSuite, LensSuite, RuleSuite])
def test_each_standard_test_was_seen_to_fail(suite, failures):
    """No test of a suite passes whatever the connector does: some defect makes each fail."""
    classes = {defect["class"] for defect in DEFECTS if defect["suite"] == suite.__name__}
    seen = {name for cls in classes for name in failures.get(cls, {})}

    assert sorted({one.name for one in standard_tests(suite)} - seen) == []
