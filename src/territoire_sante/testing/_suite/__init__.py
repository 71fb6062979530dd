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
``@pytest.mark.xfail(reason="…")``; leaving one out is found.
"""
# ruff: noqa: S101 - asserts are how pytest tests speak

from __future__ import annotations

from typing import Any

from territoire_sante.testing._suite._changing import ChangingTests
from territoire_sante.testing._suite._described import DescribedTests
from territoire_sante.testing._suite._reading import ReadingTests
from territoire_sante.testing._suite._standard import lost_tests
from territoire_sante.testing._suite._writing import WritingTests


class ConnectorSuite(DescribedTests, ReadingTests, WritingTests, ChangingTests):
    """
    Derive from it, and give two fixtures.

    ``spec`` is the connector. ``config`` is its options (or a configuration object) for a
    collection that is empty if the connector can write, made anew for each test. A third one,
    ``samples`` (ordinary views by name), may be overridden for channels that insist on more.

    Attributes:
        installed: whether an installed distribution declares the connector.
        heavy: modules that importing the connector must not import.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "test_no_standard_test_is_lost" in vars(cls):
            message = f"{cls.__name__} must not override test_no_standard_test_is_lost"
            raise TypeError(message)

    def test_no_standard_test_is_lost(self) -> None:
        """Each standard test is run as it is, or overridden under a strict xfail with a reason."""
        assert lost_tests(type(self), ConnectorSuite) == []


__all__ = ["ConnectorSuite"]
