# SPDX-License-Identifier: Apache-2.0
"""The pages that people read, and the tree of commands that they tell of."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from territoire_sante.cli import app

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def pages() -> tuple[Path, ...]:
    """Give every page that people read: of the site, of the repository, of the plug-ins."""
    patterns = ("*.md", "docs/**/*.md", "plugins/*/*.md", "examples/**/*.md")
    found = (page for pattern in patterns for page in ROOT.glob(pattern))
    return tuple(sorted(page for page in found if "_build" not in page.parts))


@pytest.fixture(scope="session")
def commands() -> dict[str, click.Command]:
    """Give each command of the command line by its whole name, ``""`` being the first of all."""

    def below(name: str, command: click.Command) -> dict[str, click.Command]:
        found = {name: command}
        if isinstance(command, click.Group):
            context = click.Context(command, info_name=name or "territoire-sante")
            for child in command.list_commands(context):
                inner = command.get_command(context, child)
                assert inner is not None
                found |= below(f"{name} {child}".strip(), inner)
        return found

    return below("", app("en"))
