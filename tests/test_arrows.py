# SPDX-License-Identifier: Apache-2.0
"""The arrows between packages: they hold, and breaking one is found."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLUGINS = sorted(ROOT.glob("plugins/*/src"))
PLUGIN_DOORS = {"errors", "formats", "http", "model", "plugins", "testing"}
# Names of the first door itself, for what is done to a store or a territory that somebody gives.
PLUGIN_NAMES = {
    f"territoire_sante.{name}" for name in ("Store", "TerritoireSanteError", "Workspace")
}
# Private modules of the whole are at home in all of its packages.
SHARED = tuple(f"territoire_sante.{name}" for name in ("_atomic", "_lazy", "_scanner"))


def _imports(path: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports; of ``from a import b`` it is ``a.b``."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_private(name: str) -> bool:
    return any(part.startswith("_") and not part.startswith("__") for part in name.split("."))


def test_plugins_come_in_by_public_doors():
    """A plug-in imports what the public packages export, and nothing private."""
    found = {
        (str(path.relative_to(ROOT)), name)
        for source in PLUGINS
        for path in source.rglob("*.py")
        for name in _imports(path)
        if name.startswith("territoire_sante.")
        and name not in PLUGIN_NAMES
        and (_is_private(name) or name.split(".")[1] not in PLUGIN_DOORS)
    }

    assert found == set()


def test_private_modules_stay_at_home():
    """A private module of a package is imported inside of that package only."""
    source = ROOT / "src" / "territoire_sante"
    found = {
        (str(path.relative_to(source)), name)
        for path in source.rglob("*.py")
        for name in _imports(path)
        if name.startswith("territoire_sante.") and not name.startswith(SHARED)
        if _is_private(name)
        if path.relative_to(source).parts[0] != name.split(".")[1]
    }

    assert found == set()


def test_the_contracts_name_every_plugin():
    """No plug-in of the repository is left out of what import-linter looks at."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    settings = tomllib.loads(text)["tool"]["importlinter"]
    packages = {path.name for source in PLUGINS for path in source.iterdir() if path.is_dir()}
    contracts = {one["name"]: one for one in settings["contracts"]}

    assert set(settings["root_packages"]) == {"territoire_sante", *packages}
    assert set(contracts["Plug-ins import only the public doors"]["source_modules"]) == packages
    assert set(contracts["The core knows no plug-in"]["forbidden_modules"]) == packages


def _copy_of_the_tree(folder: Path) -> dict[str, str]:
    """Copy what is linted into ``folder``, and return the environment that finds it there."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    sources = [ROOT / "src", *PLUGINS]
    for source in sources:
        shutil.copytree(
            source, folder / source.relative_to(ROOT), ignore=shutil.ignore_patterns("__pycache__")
        )
    paths = [str(folder / source.relative_to(ROOT)) for source in sources]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _lint(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(  # noqa: S603 - a tool of our own environment
        [command, "--no-cache"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.check
@pytest.mark.parametrize(
    ("path", "forbidden", "contract"),
    [
        ("src/territoire_sante/model/_values.py", "territoire_sante.store", "Arrows"),
        ("src/territoire_sante/store/__init__.py", "territoire_sante.sync", "Arrows"),
        ("src/territoire_sante/formats/_document.py", "territoire_sante.plugins", "Arrows"),
        ("src/territoire_sante/sync/_link.py", "territoire_sante_dav", "The core knows"),
        (
            "plugins/territoire-sante-dav/src/territoire_sante_dav/__init__.py",
            "territoire_sante.sync",
            "Plug-ins import",
        ),
    ],
    ids=["model-store", "store-sync", "formats-plugins", "core-plugin", "plugin-sync"],
)
def test_a_forbidden_import_is_found(tmp_path, path, forbidden, contract):
    """A forbidden import, put into a copy of the tree, breaks the contract that it should."""
    environment = _copy_of_the_tree(tmp_path)
    with (tmp_path / path).open("a", encoding="utf-8") as file:
        file.write(f"\nimport {forbidden}\n")

    result = _lint(tmp_path, environment)

    assert result.returncode == 1
    assert f"{contract}" in result.stdout
    assert "BROKEN" in result.stdout


@pytest.mark.check
def test_the_tree_as_it_is_passes(tmp_path):
    """The same copy without a forbidden import passes: the failures above are due to theirs."""
    result = _lint(tmp_path, _copy_of_the_tree(tmp_path))

    assert result.returncode == 0, result.stdout
