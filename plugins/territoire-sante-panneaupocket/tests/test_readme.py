# SPDX-License-Identifier: Apache-2.0
"""What the README shows works."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from territoire_sante.plugins import structure_config
from territoire_sante_panneaupocket import PANNEAUPOCKET, PANNEAUPOCKET_PAGE

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_its_configuration_is_understood(monkeypatch):
    """The options of the example are known to the connectors that it names."""
    monkeypatch.setenv("PANNEAUPOCKET_TOKEN", "jeton-invente")
    (text,) = re.findall(r"^```toml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    links = tomllib.loads(text)["link"]
    specs = {one.name: one for one in (PANNEAUPOCKET, PANNEAUPOCKET_PAGE)}

    pages = [structure_config(specs[one["connector"]], one["config"]).page for one in links]

    assert [re.sub(r"\D", "", page) for page in pages] == ["123456748000", "765432148100"]
