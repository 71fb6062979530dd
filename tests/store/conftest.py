# SPDX-License-Identifier: Apache-2.0
"""A store in a file, with a clock that advances by a minute at each look."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from territoire_sante.store import Store

START = dt.datetime(2026, 3, 29, 8, tzinfo=dt.UTC)


@pytest.fixture(name="url")
def _url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'territoire.db'}"


@pytest.fixture(name="store", params=["file", "memory"])
def _store(request: pytest.FixtureRequest, url: str) -> Iterator[Store]:
    minutes = itertools.count()
    with Store.open(
        url if request.param == "file" else "memory:",
        clock=lambda: START + dt.timedelta(minutes=next(minutes)),
    ) as store:
        yield store
