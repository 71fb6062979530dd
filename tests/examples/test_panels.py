# SPDX-License-Identifier: Apache-2.0
"""The example for light panels, whose pictures are in the documentation."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHOWN = ROOT / "docs" / "how-to" / "images"


def test_the_pictures_of_the_documentation_are_made_by_it(tmp_path):
    """The example makes as many pictures of the same sizes as are shown; all are small."""
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-X", "utf8", str(ROOT / "examples" / "light_panels.py"), str(tmp_path)],
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    shown = {path.name: path.read_bytes() for path in SHOWN.glob("panel-*.png")}
    page = (ROOT / "docs" / "how-to" / "light-panel.md").read_text(encoding="utf-8")

    assert {name: size(data) for name, data in made.items()} == {
        name: size(data) for name, data in shown.items()
    }
    assert len({name.rpartition("-")[0] for name in shown}) == 3
    assert max(map(len, shown.values())) < 20_000
    assert all(f"(images/{name})" in page for name in shown)
    assert "Il faut 11 pages" in done.stdout


def size(data):
    """Return the width and height of a PNG."""
    return struct.unpack(">II", data[16:24])
