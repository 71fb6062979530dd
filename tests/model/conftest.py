# SPDX-License-Identifier: Apache-2.0
"""A fixed day, and the folder of public reference data beside the repository."""

from __future__ import annotations

import csv
import datetime as dt
import pathlib

import pytest


@pytest.fixture
def today() -> dt.date:
    """Return the day on which these tests take place."""
    return dt.date(2026, 11, 20)


@pytest.fixture(scope="session")
def cog():
    """Return a reader of the tables of the code officiel géographique: name -> rows."""
    folder = pathlib.Path(__file__).resolve().parents[3] / "shared" / "data" / "cog"
    if not folder.is_dir():
        pytest.skip("the shared reference data is not beside this repository")

    def rows(name: str) -> list[dict[str, str]]:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return rows
