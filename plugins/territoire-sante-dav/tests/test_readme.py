# SPDX-License-Identifier: Apache-2.0
"""The examples of README.md work."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import attrs
import pytest

from territoire_sante.plugins import Catalog, structure_config
from territoire_sante_dav import CardDavConfig


@pytest.fixture
def readme():
    """Give the text of the page."""
    return (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def block(text, language):
    """Return the one example in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)
    return found


def test_configuration(readme, monkeypatch):
    """Each link of the example is a configuration that its connector accepts."""
    monkeypatch.setenv("AGENDA_PASSWORD", "made-up")
    catalog = Catalog.installed()

    for link in tomllib.loads(block(readme, "toml"))["link"]:
        spec = catalog.get(link["connector"])
        config = structure_config(spec, link["config"])
        assert config.url == link["config"]["url"]
        assert spec.view.__name__.lower() == link["view"]


def test_options(readme):
    """The table names every option, and no other."""
    table = readme.partition("## Configuration")[2].partition("## What")[0]
    named = {
        name
        for row in re.findall(r"^\| (`.*?) \|", table, flags=re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }

    assert named == {field.name for field in attrs.fields(CardDavConfig) if field.init}
