# SPDX-License-Identifier: Apache-2.0
"""The reference is whole: every public name and every command with its options stands in it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
import types
from pathlib import Path

import click
import pytest

import territoire_sante

_PLUGINS = sorted(
    path.parent.name
    for path in Path(__file__).parents[2].glob("plugins/*/src/territoire_sante_*/__init__.py")
)


def _doors() -> list[str]:
    """Return the names of all public modules: of the library, and the packages of the plug-ins."""
    inside = (
        module.name
        for module in pkgutil.walk_packages(territoire_sante.__path__, "territoire_sante.")
        if not any(part.startswith("_") for part in module.name.split("."))
    )
    return ["territoire_sante", *inside, *_PLUGINS]


def _public(door: str) -> dict[str, object]:
    """Return what a door promises: ``__all__``, or what a module without one defines."""
    module = importlib.import_module(door)
    defined = [
        name
        for name, value in vars(module).items()
        if getattr(value, "__module__", None) == door and not name.startswith("_")
    ]
    return {name: getattr(module, name) for name in getattr(module, "__all__", defined)}


@pytest.mark.parametrize("door", _doors())
def test_every_public_name_says_what_it_is(door):
    """Each public module, class and function has a docstring of its own."""
    silent = [
        name
        for name, value in _public(door).items()
        if (inspect.isclass(value) or inspect.isroutine(value))
        and not vars(value).get("__doc__", value.__doc__)
    ]

    assert importlib.import_module(door).__doc__
    assert silent == []


@pytest.mark.check
def test_the_site_shows_every_public_name(tmp_path, root):
    """The site builds without a warning, every reference leads somewhere, no name is missing."""
    from sphinx.util.inventory import InventoryFile  # noqa: PLC0415 - in the environment of checks

    built = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "docs", str(tmp_path)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (built.stderr, built.returncode) == ("", 0)

    with (tmp_path / "objects.inv").open("rb") as file:
        inventory = InventoryFile.load(file, "", lambda _, uri: uri)
    shown = {name for kind, names in inventory.items() if kind.startswith("py:") for name in names}
    promised = {door: _public(door) for door in _doors()}
    described = {id(value) for name in shown if (value := _found(name)) is not None}
    missing = [
        f"{door}.{name}"
        for door, names in promised.items()
        for name, value in names.items()
        if f"{door}.{name}" not in shown
        and not isinstance(value, types.ModuleType)
        and name != "__version__"
        and id(value) not in described
    ]
    assert missing == []


def _found(name: str) -> object:
    """Return the class or function of this name, if a public door gives it."""
    door, _, short = name.rpartition(".")
    value = getattr(sys.modules.get(door), short, None)
    return value if inspect.isclass(value) or inspect.isroutine(value) else None


def _sections(page: str) -> dict[str, str]:
    """Return the text of each section on a command, with its heading, by the command's name."""
    parts = re.split(r"^(?=### )", page.partition("## Commands")[2], flags=re.MULTILINE)
    return {part.split("`")[1].split(" ")[0]: part for part in parts if part.startswith("### `")}


def test_every_command_is_described_with_its_options(commands, root):
    """Each command has a section or a row of its own, and each of its options is named there."""
    page = (root / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    sections = _sections(page)
    general = page.partition("## Commands")[0]
    missing = []
    for name, command in commands.items():
        text = sections.get(name.split(" ")[0], "") if name else general
        if name and f"`{name}" not in page:
            missing.append(name)
        missing += [
            f"{name}: {option.opts[-1]}"
            for option in command.params
            if isinstance(option, click.Option)
            and option.opts[-1] not in {"--json", "--help"}
            and not any(
                f"`{spelling}" in text or f" {spelling}" in text for spelling in option.opts
            )
        ]

    assert missing == []
    assert set(sections) == {name for name in commands if name and " " not in name}
