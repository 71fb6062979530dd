# SPDX-License-Identifier: Apache-2.0
"""Test-suites, copied to where nothing of the sources is near, and run there."""

from __future__ import annotations

import json
import os
import re
import shutil
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from environments import Broken, Environment

# Why a test of a plug-in may be skipped; the standard tests say theirs themselves.
_REASONS = ("absent", "superuser")

_CONFTEST = '''\
"""The wheels are tested, and nothing else."""

import os
import sys
from pathlib import Path

import territoire_sante
from hypothesis import settings

pytest_plugins = ["territoire_sante.testing.fixtures"]

settings.register_profile("wheels", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("wheels")

assert Path(territoire_sante.__file__).is_relative_to(sys.prefix), territoire_sante.__file__
'''


def copy_suite(root: Path, project: Path, folder: Path) -> Path:
    """
    Copy the suite of a project, with the pages that it reads, and the settings of pytest.

    Of the core it is the suite of ``territoire_sante.testing``: what others build on.
    """
    if project == root:
        pages = ("docs/reference/plugin-suite.md",)
        tests = "tests/testing"
    else:
        pages = ("README.md",)
        tests = "tests"
    for page in pages:
        (folder / page).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(project / page, folder / page)
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(project / tests, folder / tests, ignore=ignore)
    (folder / "conftest.py").write_text(_CONFTEST, encoding="utf-8")
    (folder / "pytest.toml").write_text(_settings(root), encoding="utf-8")
    return folder


def run_suite(environment: Environment, folder: Path, tests: Sequence[str] = ("tests",)) -> str:
    """
    Run tests of a copied suite, and return the last line of pytest.

    Raises:
        Broken: one failed, or was skipped for a reason that nobody declared.
    """
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = environment.run("-m", "pytest", "-rs", *tests, cwd=folder, env=environ)
    if done.returncode:
        told = re.sub(r"^SKIPPED .*\n", "", done.stdout, flags=re.MULTILINE)
        raise Broken(told[-6000:])
    if missing := list(_missing(done.stdout)):
        raise Broken("\n".join(missing))
    return done.stdout.strip().splitlines()[-1]


def _missing(output: str) -> Iterator[str]:
    """Yield the skips that are neither of a standard test nor for a reason that is known."""
    for line in re.findall(r"^SKIPPED .*", output, re.MULTILINE):
        known = "territoire_sante/testing/" in line or any(word in line for word in _REASONS)
        if not known:
            yield line


def _settings(root: Path) -> str:
    """Return the settings of the repository, but for what names its folders and its guards."""
    table = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]
    kept = {name: table[name] for name in table if name not in {"testpaths", "addopts"}}
    kept["addopts"] = ["--import-mode=importlib", "-p", "no:cacheprovider", "-q", "--tb=short"]
    return "[pytest]\n" + "".join(f"{name} = {json.dumps(kept[name])}\n" for name in kept)
