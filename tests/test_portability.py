# SPDX-License-Identifier: Apache-2.0
"""What differs between the Pythons that are supported, and is therefore left alone."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = [*ROOT.glob("src/**/*.py"), *ROOT.glob("plugins/*/src/**/*.py")]
RAW_TEXT = r"""\b[bf]?r[bf]?["'].*"""
POSSESSIVE_GROUP = re.compile(RAW_TEXT + r"(?:\)(?:[*+?]|\{[\d,]+\})\+|\(\?>)")


def test_no_pattern_repeats_a_group_possessively():
    """
    Possessive groups are in no pattern.

    CPython before 3.11.5 misreads them (gh-106052), and Debian 12 has 3.11.2; possessive sets are
    read right.
    """
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in SOURCES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if POSSESSIVE_GROUP.search(line)
    ]

    assert len(SOURCES) > 100
    assert found == []
