# SPDX-License-Identifier: Apache-2.0
"""A territory in a folder of its own, and the command line to run on it."""

from __future__ import annotations

import json

import attrs
import pytest
from click.testing import CliRunner

from territoire_sante.cli import app


@attrs.frozen
class Ran:
    """How a command ended: its exit code and both of its streams."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """What the command answered, read as JSON."""
        return json.loads(self.out)


@pytest.fixture
def territory(tmp_path, monkeypatch):
    """Stand in an empty folder with a configuration that has a store and no link."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TERRITOIRE_SANTE_FILE", raising=False)
    (tmp_path / "territoire.toml").write_text('[store]\nurl = "sqlite:///territoire.db"\n')
    return tmp_path


@pytest.fixture
def run(territory):
    """Return a function that runs a command in that folder."""
    del territory

    def run(*arguments, language="en"):
        result = CliRunner().invoke(app(language), [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def configure(territory):
    """Return a function that adds links to the configuration."""

    def configure(text):
        with (territory / "territoire.toml").open("a", encoding="utf-8") as file:
            file.write(text)

    return configure
