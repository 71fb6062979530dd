# SPDX-License-Identifier: Apache-2.0
"""The public doors: what they promise is there, and coming in costs little."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
import types
from pathlib import Path

import pytest

import territoire_sante

DOORS = [
    "territoire_sante",
    "territoire_sante.announcements",
    "territoire_sante.cli",
    "territoire_sante.cooperation",
    "territoire_sante.cooperation.duplicates",
    "territoire_sante.cooperation.conventions",
    "territoire_sante.cooperation.tensions",
    "territoire_sante.cooperation.workshops",
    "territoire_sante.errors",
    "territoire_sante.exports",
    "territoire_sante.formats",
    "territoire_sante.formats.cap",
    "territoire_sante.formats.inclusion",
    "territoire_sante.formats.panel",
    "territoire_sante.formats.record",
    "territoire_sante.http",
    "territoire_sante.model",
    "territoire_sante.plugins",
    "territoire_sante.plugins.disk",
    "territoire_sante.plugins.published",
    "territoire_sante.plugins.validators",
    "territoire_sante.privacy",
    "territoire_sante.projections",
    "territoire_sante.serialization",
    "territoire_sante.snapshot",
    "territoire_sante.store",
    "territoire_sante.sync",
    "territoire_sante.testing",
    "territoire_sante.testing.stand_in",
    "territoire_sante.workspace",
    "territoire_sante_cap",
    "territoire_sante_copy",
    "territoire_sante_dav",
    "territoire_sante_feed",
    "territoire_sante_files",
    "territoire_sante_illiwap",
    "territoire_sante_mastodon",
    "territoire_sante_mobilizon",
    "territoire_sante_openagenda",
    "territoire_sante_opendata",
    "territoire_sante_panel",
    "territoire_sante_panneaupocket",
]
LIGHT = [
    "territoire_sante",
    *(f"territoire_sante.{d}" for d in ("announcements", "errors", "formats", "model", "snapshot")),
]
HEAVY = {"requests", "icalendar", "vobject", "click", "rich", "pytest"}


def _names(module: types.ModuleType) -> tuple[set[str], set[str]]:
    """
    Return a door's public names: those it must promise, and those it may.

    What it defines, or imports without using it itself, is there for others.
    """
    tree = ast.parse(Path(str(module.__file__)).read_bytes())
    defined, imported = set(), set()
    for node in (inner for statement in tree.body for inner in _unfolded(statement)):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                defined.add(name)
            case ast.AnnAssign(target=ast.Name(id=name)):
                defined.add(name)
            case ast.Assign(targets=targets):
                defined |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.ImportFrom(module=home, names=names) if home != "__future__":
                imported |= {alias.asname or alias.name for alias in names}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    must, may = defined | imported - used, defined | imported
    return {name for name in must if not name.startswith("_")}, may


def _unfolded(statement: ast.stmt) -> list[ast.stmt]:
    """Return the statements of an ``if TYPE_CHECKING``, or the statement."""
    return statement.body if isinstance(statement, ast.If) else [statement]


@pytest.mark.parametrize("door", DOORS)
def test_all_names_what_is_public(door):
    """A package's ``__all__`` has no doubles, is all there, and is exactly its public names."""
    module = importlib.import_module(door)
    promised = [name for name in module.__all__ if not name.startswith("__")]
    must, may = _names(module)

    assert sorted(set(promised)) == sorted(promised)
    assert must <= set(promised) <= may
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


def _loaded_by(code: str) -> set[str]:
    result = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(result.stdout.split())


@pytest.mark.parametrize("door", [*LIGHT, "territoire_sante.plugins"])
def test_coming_in_is_cheap(door):
    """Importing a light package loads none of the heavy libraries."""
    loaded = _loaded_by(f"import {door}")

    assert door in loaded
    assert loaded & HEAVY == set()


def test_listing_connectors_loads_none():
    """The installed connectors are listed without loading a single one."""
    loaded = _loaded_by(
        "from territoire_sante import Catalog\nassert 'caldav' in Catalog.installed().names()"
    )

    assert {name for name in loaded if name.startswith("territoire_sante_")} == set()
    assert loaded & HEAVY == set()


def test_the_version_is_the_distribution_s():
    """``__version__`` is what the installer says."""
    assert territoire_sante.__version__ == "0.1.0"


def test_a_wrong_name_is_refused():
    """A name that isn't there is an AttributeError, as for every module."""
    with pytest.raises(AttributeError, match="Stroe"):
        _ = territoire_sante.Stroe
