# SPDX-License-Identifier: Apache-2.0
"""What the README shows works."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from territoire_sante.plugins import structure_config
from territoire_sante_files import ICS, ICS_FEED

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language):
    """Return the code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_its_program_runs():
    """The Python example runs as it stands; its own assert holds."""
    (program,) = blocks("python")
    names = {}
    exec(compile(program, "README.md", "exec"), names)  # noqa: S102 - our own text

    assert names["names"] == ["Mairie d'Exempleville"]


def test_its_configuration_is_understood(tmp_path):
    """The configuration examples have options that the connectors know."""
    file, feed = (tomllib.loads(text)["link"][0] for text in blocks("toml"))
    config = structure_config(ICS, file["config"], base=tmp_path)
    published = structure_config(ICS_FEED, feed["config"])

    assert published.web_url == "https://agenda.example.org/garde.ics"
    assert (config.path, config.create) == (tmp_path / "agenda.ics", True)
