# SPDX-License-Identifier: Apache-2.0
"""What `make wheels` looks for in a wheel is found where it is."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[1] / "tools" / "wheels"
PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "territoire-sante-drawn"
version = "1.0"
readme = "README.md"
requires-python = ">=3.9"
dependencies = ["territoire-sante"]

[tool.hatch.build.targets.wheel]
include = ["src", "tests", "notes.txt"]
sources = ["src"]
exclude = ["_left_out.py"]
"""


@pytest.fixture
def contents(monkeypatch):
    """Give the module that looks into wheels."""
    monkeypatch.syspath_prepend(str(TOOL))
    return importlib.import_module("contents")


@pytest.mark.check
def test_what_is_wrong_with_a_wheel_is_told(contents, tmp_path):
    """Tests in a wheel, a module that is missing, and metadata that say too little are told."""
    project = tmp_path / "plugins" / "territoire-sante-drawn"
    package = project / "src" / "territoire_sante_drawn"
    package.mkdir(parents=True)
    (project / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (project / "README.md").write_text("See [there](../elsewhere.md).\n", encoding="utf-8")
    (project / "notes.txt").write_text("made up", encoding="utf-8")
    (package / "__init__.py").write_text("import yaml\n", encoding="utf-8")
    (package / "_left_out.py").write_text("", encoding="utf-8")

    wheel = contents.build(project, tmp_path / "dist")
    told = [line.removeprefix("territoire-sante-drawn: ") for line in contents.problems(wheel)]

    assert told == [
        "missing in its .dist-info: licenses/LICENSE",
        "should not be in the wheel: notes.txt",
        "is not in the wheel: territoire_sante_drawn/_left_out.py",
        "py.typed is missing: its types would not be seen",
        "License-Expression is None, not 'Apache-2.0'",
        "License-File is None, not 'LICENSE'",
        "Requires-Python is '>=3.9', not '>=3.11'",
        "its metadata have no Summary",
        "its metadata have no Author",
        "territoire-sante names no versions",
        "its README does not begin with a title",
        "its README leads to ../elsewhere.md, which is not where the wheel is read about",
        "imports yaml, which its metadata do not require",
        "should not be in the sdist: notes.txt",
        "is not in the sdist: CHANGELOG.md",
        "is not in the sdist: LICENSE",
    ]


@pytest.mark.check
def test_the_sources_are_out_of_reach(monkeypatch, tmp_path):
    """Where wheels are tested, opening a file of the sources fails, and other files open."""
    monkeypatch.syspath_prepend(str(TOOL))
    environment = importlib.import_module("environments").Environment.create(tmp_path / "env")
    for name in ("src", "elsewhere"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "made_up.py").write_text("print('read')\n", encoding="utf-8")
    environment.close(tmp_path)
    command = ("-c", "import sys; sys.path.insert(0, sys.argv[1]); import made_up")

    allowed = environment.run(*command, "elsewhere", cwd=tmp_path)
    refused = environment.run(*command, "src", cwd=tmp_path)

    assert (allowed.returncode, allowed.stdout) == (0, "read\n")
    assert refused.returncode == 1
    assert "belongs to the sources, which are gone" in refused.stdout
