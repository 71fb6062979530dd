# SPDX-License-Identifier: Apache-2.0
"""Suites that do not run all that they should."""

from __future__ import annotations

import pytest
from kit import Broken

LOST = "test_no_standard_test_is_lost"


class TestDropsATest(Broken):
    """Drops a standard test."""

    caught_by = LOST
    test_samples_come_back = None


class TestOverridesATest(Broken):
    """Overrides a standard test in silence."""

    caught_by = LOST

    def test_samples_come_back(self):
        """Prove nothing."""


class TestSkipsATest(Broken):
    """Skips a standard test."""

    caught_by = LOST

    @pytest.mark.skip(reason="not today")
    def test_samples_come_back(self):
        """Prove nothing."""


class TestLoosensAnExpectedFailure(Broken):
    """Expects a failure, and does not mind if there is none."""

    caught_by = LOST

    @pytest.mark.xfail(reason="perhaps", strict=False)
    def test_samples_come_back(self):
        """Prove nothing."""


class TestLeavesStrictnessToOthers(Broken):
    """Expects a failure without being strict about it."""

    caught_by = LOST

    @pytest.mark.xfail(reason="perhaps")
    def test_samples_come_back(self):
        """Prove nothing."""


class TestGivesNoReason(Broken):
    """Expects a failure without saying why."""

    caught_by = LOST

    @pytest.mark.xfail(strict=True)
    def test_samples_come_back(self):
        """Fail."""
        pytest.fail("as expected")


class TestDoesNotRunIt(Broken):
    """Expects a failure without running the test."""

    caught_by = LOST

    @pytest.mark.xfail(reason="it hangs", strict=True, run=False)
    def test_samples_come_back(self):
        """Prove nothing."""


class TestSkipsEverything(Broken):
    """Marks the whole suite as skipped on a condition."""

    caught_by = LOST
    pytestmark = [pytest.mark.skipif(condition=False, reason="not today")]  # noqa: RUF012 - pytest's


class TestExpectsThatAllFails(Broken):
    """Marks the whole suite as failing."""

    caught_by = LOST
    pytestmark = pytest.mark.xfail(condition=False, reason="not today")


class TestLetsTheNetworkIn(Broken):
    """Takes the network guard away."""

    caught_by = LOST

    @pytest.fixture(autouse=True)
    def only_this_machine(self):
        """Guard nothing."""
        return


class TestExpectsFalselyThatItFails(Broken):
    """Expects a failure that does not happen."""

    caught_by = "test_samples_come_back"

    @pytest.mark.xfail(reason="it loses the note", strict=True)
    def test_samples_come_back(self):
        """Pass."""
