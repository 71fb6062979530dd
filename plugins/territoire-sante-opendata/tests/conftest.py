# SPDX-License-Identifier: Apache-2.0
"""Sources made of text, and the shared registers where they are there."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from territoire_sante.testing.stand_in import Answer, Asked, StandIn

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


class Web(StandIn):
    """A web server on this machine; ``files`` are what it has, by path."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}

    def routed(self, asked: Asked) -> Answer:
        """Answer with a file, or that there is none."""
        found = self.files.get(asked.path)
        return Answer(status=404 if found is None else 200, body=found, content_type="")


@pytest.fixture
def web() -> Iterator[Web]:
    """Run a web server without any file."""
    with Web() as server:
        yield server
