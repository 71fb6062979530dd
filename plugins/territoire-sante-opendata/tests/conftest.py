# SPDX-License-Identifier: Apache-2.0
"""Sources made of text, and the shared registers where they are there."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Text = Callable[..., io.BytesIO]


@pytest.fixture
def day() -> dt.date:
    """The day on which the made-up registers were fetched."""
    return dt.date(2026, 11, 22)


@pytest.fixture
def text() -> Text:
    """Return a function that makes a binary stream of lines."""

    def made(*lines: str, encoding: str = "utf-8") -> io.BytesIO:
        return io.BytesIO("\n".join(lines).encode(encoding))

    return made


@pytest.fixture
def plain() -> Callable[[Any], io.BytesIO]:
    """Return a function that makes a binary stream of JSON."""
    return lambda value: io.BytesIO(json.dumps(value, ensure_ascii=False).encode())


@pytest.fixture(scope="session")
def cog() -> Path:
    """Return the folder of the real lists of communes and EPCI."""
    folder = Path(__file__).parents[3].parent / "shared" / "data" / "cog"
    if not folder.is_dir():
        pytest.skip("the shared lists of communes and EPCI are absent")
    return folder
