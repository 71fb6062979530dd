# SPDX-License-Identifier: Apache-2.0
"""The first page: short, executed, and right about what is installed."""

from __future__ import annotations

import re
from pathlib import Path

from territoire_sante import Catalog

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_example_is_short():
    """The one example of the README, which the tests execute, has 15 lines at most."""
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)

    assert len(example.splitlines()) <= 15


def test_every_plugin_is_in_the_table():
    """The table names each connector of this repository, and the page each distribution."""
    ours = [entry for entry in Catalog.installed().entries() if entry.value.startswith("terr")]
    rows = [line for line in README.splitlines() if line.startswith("| [")]
    missing = [
        entry.name
        for entry in ours
        if not any(f"[{entry.distribution}]" in row and f"`{entry.name}`" in row for row in rows)
    ]

    assert missing == []
    projects = list(ROOT.glob("plugins/*/pyproject.toml"))
    assert {entry.distribution for entry in ours} == {
        path.parent.name
        for path in projects
        if "territoire_sante.connectors" in path.read_text(encoding="utf-8")
    }
    names = [path.parent.name for path in projects]
    assert [name for name in names if f"[{name}](plugins/{name})" not in README] == []


def test_links_of_the_first_page_lead_somewhere():
    """Each relative link of the README names a file or a folder that is there."""
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)

    assert [target for target in targets if not (ROOT / target).exists()] == []
