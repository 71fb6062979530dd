# SPDX-License-Identifier: Apache-2.0
"""
Fixtures for any test with pytest: name this module in a test module or the topmost ``conftest.py``.

.. code-block:: python

    pytest_plugins = ["territoire_sante.testing.fixtures"]
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from territoire_sante.testing._clock import Clock
from territoire_sante.testing._network import no_network as _no_network

__all__ = ["clock", "no_network"]


@pytest.fixture
def no_network() -> Iterator[list[str]]:
    """Forbid connections to other machines; give the list of those that were refused."""
    with _no_network() as refused:
        yield refused


@pytest.fixture
def clock() -> Clock:
    """Give a clock that stands still at 28 March 2026, 9 o'clock in UTC."""
    return Clock()
