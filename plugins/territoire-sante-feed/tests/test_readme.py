# SPDX-License-Identifier: Apache-2.0
"""What the README shows works."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import attrs

from territoire_sante.plugins import structure_config
from territoire_sante_feed import FEED, WEB_FEED, FeedConfig, WebFeedConfig

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_its_configuration_is_understood(tmp_path):
    """The configuration examples have options that the connectors know."""
    texts = re.findall(r"^```toml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    file, web = (tomllib.loads(text)["link"][0] for text in texts)

    config = structure_config(FEED, file["config"], base=tmp_path)
    assert config.path == tmp_path / "public" / "annonces.atom"
    assert structure_config(WEB_FEED, web["config"]).keep_vanished
    assert (file["connector"], web["connector"]) == (FEED.name, WEB_FEED.name)


def test_every_option_is_named():
    """Each option is in a table, but for the one that is only refused."""
    names = {one.name for kind in (FeedConfig, WebFeedConfig) for one in attrs.fields(kind)}

    assert {name for name in names if f"`{name}`" not in README} == set()
