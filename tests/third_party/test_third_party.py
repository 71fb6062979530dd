# SPDX-License-Identifier: Apache-2.0
"""
The connectors of strangers, under ``examples/third-party``: they need the public doors only.

``make test`` runs their suites on the sources; ``make check`` installs wheels of them and of the
core, runs the suites there, and lets mypy check them against the types as published.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples" / "third-party"
NAMES = sorted(path.name for path in FOLDER.iterdir() if (path / "pyproject.toml").is_file())

DOORS = {
    "territoire_sante",
    "territoire_sante.errors",
    "territoire_sante.formats",
    "territoire_sante.http",
    "territoire_sante.model",
    "territoire_sante.plugins",
    "territoire_sante.testing",
    "territoire_sante.testing.stand_in",
}


def run(python, *command, cwd, **environment):
    """Run a Python of some environment; return what it says if it fails."""
    done = subprocess.run(  # noqa: S603 - Pythons that these tests made
        [str(python), *command],
        cwd=cwd,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def suite(python, folder, **environment):
    """Run the suite of a distribution as its author does; return what it says if it fails."""
    return run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=folder, **environment)


@pytest.fixture
def copied(tmp_path):
    """Give a function that copies a distribution out of the repository."""

    def copy(name):
        ignored = shutil.ignore_patterns("__pycache__", ".*_cache", ".hypothesis")
        return Path(shutil.copytree(FOLDER / name, tmp_path / name, ignore=ignored))

    return copy


def declare(folder, site):
    """Write the metadata that an installation of a distribution would leave."""
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    info = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (info / "METADATA").write_text(head, "utf-8")
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines), "utf-8")


def test_both_kinds_are_there():
    """A connector of documents and one of an interface over the network are kept."""
    assert NAMES == ["territoire-sante-room-booking", "territoire-sante-town-agenda"]


@pytest.mark.parametrize("name", NAMES)
def test_they_are_strangers(name):
    """No list of ours names them: not the requirements, not the workspace, not the arrows."""
    module = name.replace("-", "_")
    for file in (*ROOT.glob("requirements-*.txt"), ROOT / "pyproject.toml"):
        text = file.read_text("utf-8")
        assert (name in text, module in text) == (False, False), file.name
    for part in ("README.md", "CHANGELOG.md", "territoire.toml", "tests", "src"):
        assert (FOLDER / name / part).exists(), part


@pytest.mark.parametrize("name", NAMES)
def test_they_use_the_public_doors_only(name):
    """Each import of the library, in sources and tests, is of a public name of a public door."""
    wrong = []
    for file in (FOLDER / name).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                wrong += [
                    one.name for one in node.names if one.name.split(".")[0] == "territoire_sante"
                ]
            elif isinstance(node, ast.ImportFrom) and node.module:
                ours = node.module.split(".")[0] == "territoire_sante"
                named = [one.name for one in node.names]
                if ours and (node.module not in DOORS or any(n.startswith("_") for n in named)):
                    wrong += [f"{file.name}: {node.module}: {named}"]
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_their_suites_pass(name, copied, tmp_path):
    """The suite of each passes on the library as it is here."""
    folder = copied(name)
    declare(folder, tmp_path / "site")
    path = os.pathsep.join([str(folder / "src"), str(tmp_path / "site")])
    failed = suite(sys.executable, folder, PYTHONPATH=path, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert not failed, failed


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Give the Python of an environment with wheels of the core and of both, and no sources."""
    folder = tmp_path_factory.mktemp("installed")
    pip = ["-m", "pip", "--disable-pip-version-check", "--quiet"]
    sources = [str(ROOT), *(str(FOLDER / name) for name in NAMES)]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder / "dist")]
    failed = run(sys.executable, *build, *sources, cwd=folder)
    assert not failed, failed
    venv.create(folder / "env", with_pip=False, symlinks=os.name == "posix")
    scheme = {"base": str(folder / "env"), "platbase": str(folder / "env")}
    python = Path(sysconfig.get_path("scripts", "venv", vars=scheme)) / Path(sys.executable).name
    wheels = sorted(map(str, (folder / "dist").glob("*.whl")))
    into = ["--python", str(python), "install", "--no-deps", "--no-index"]
    failed = run(sys.executable, *pip, *into, *wheels, cwd=folder)
    assert not failed, failed
    # What they require is taken from here, and without the network. The lines of a .pth file are
    # folders only: the editable installations in there stay without effect.
    site = Path(sysconfig.get_path("purelib", "venv", vars=scheme))
    (site / "others.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return python


@pytest.mark.check
@pytest.mark.parametrize("name", NAMES)
def test_their_wheels_pass_their_suites(name, copied, installed):
    """Installed from wheels, with no source of the core in reach, each passes its suite."""
    folder = copied(name)
    shutil.rmtree(folder / "src")
    failed = suite(installed, folder, PYTHONPATH="", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert not failed, failed
    where = "import sys, territoire_sante as t; sys.exit(not t.__file__.startswith(sys.prefix))"
    assert not run(installed, "-c", where, cwd=folder, PYTHONPATH="")


@pytest.mark.check
@pytest.mark.parametrize("name", NAMES)
def test_they_are_typed_against_the_published_types(name, copied, installed, tmp_path):
    """Mypy, strict, finds nothing in each against the types that the wheel of the core brings."""
    folder = copied(name)
    failed = run(
        installed,
        "-m",
        "mypy",
        "--cache-dir",
        str(tmp_path / "cache"),
        "src",
        cwd=folder,
        PYTHONPATH="",
    )
    assert not failed, failed


@pytest.mark.check
def test_they_are_without_problems(installed, tmp_path):
    """What examines connectors before they are opened finds nothing about them."""
    check = (
        "from territoire_sante import Catalog; from territoire_sante.plugins import check_plugins;"
        "c = Catalog.installed(only=['town-agenda', 'room-booking']); assert len(c.names()) == 2;"
        "p = list(check_plugins(c)); assert not p, p"
    )
    failed = run(installed, "-c", check, cwd=tmp_path, PYTHONPATH="")
    assert not failed, failed
