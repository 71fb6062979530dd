# SPDX-License-Identifier: Apache-2.0
"""
The conformance suite of connectors: what any of them promises, as pytest tests.

.. code-block:: python

    class TestBoard(ConnectorSuite):
        @pytest.fixture
        def spec(self):
            return CONNECTOR

        @pytest.fixture
        def config(self, tmp_path):
            return {"path": str(tmp_path / "board")}

A connector that cannot keep a promise overrides that one test with
``@pytest.mark.xfail(reason="…", strict=True)``; leaving one out is found.
"""

from __future__ import annotations

from territoire_sante.testing._standard import Defended
from territoire_sante.testing._suite._behaving import BehavingTests
from territoire_sante.testing._suite._changing import ChangingTests
from territoire_sante.testing._suite._described import DescribedTests
from territoire_sante.testing._suite._reading import ReadingTests
from territoire_sante.testing._suite._writing import WritingTests


class ConnectorSuite(
    ChangingTests,
    WritingTests,
    BehavingTests,
    ReadingTests,
    DescribedTests,
    Defended,
    suite=True,
):
    """
    Derive from it, and give two fixtures.

    ``spec`` is the connector. ``config`` is its options (or a configuration object) for a
    collection that is empty if the connector can write, made anew for each test. Two more may be
    overridden: ``samples`` (ordinary views by name) for channels that insist on more, and
    ``cut_off``, a function that returns a context manager in which the other side is out of reach,
    for connectors that use no network.

    Attributes:
        installed: whether an installed distribution declares the connector.
        heavy: modules that importing the connector must not import.
    """


__all__ = ["ConnectorSuite"]
