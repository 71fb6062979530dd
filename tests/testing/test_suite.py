# SPDX-License-Identifier: Apache-2.0
"""The suite passes on a sound connector and names what a bad one does."""

from __future__ import annotations

import pytest

from territoire_sante.model import Announcement, Contact, Event
from territoire_sante.plugins import Capability
from territoire_sante.testing import (
    ConnectorSuite,
    ETags,
    MemoryServer,
    PlainLens,
    memory_connector,
    standard_tests,
)


class MemorySuite(ConnectorSuite):
    """The suite on a memory server; ``view`` and ``knobs`` vary."""

    installed = False
    view: type = Event
    knobs: dict = {}  # noqa: RUF012 - replaced as a whole, never changed

    @pytest.fixture
    def spec(self):
        """Give a connector with every capability to a server of its own."""
        server = MemoryServer(**self.knobs)
        return memory_connector(server, lens=PlainLens(self.view), capabilities=Capability)

    @pytest.fixture
    def config(self):
        """Give no options: there are none."""
        return {}


class TestEvents(MemorySuite):
    pass


class TestContacts(MemorySuite):
    view = Contact


class TestAnnouncements(MemorySuite):
    view = Announcement


class TestWeakTags(MemorySuite):
    knobs = {"etags": ETags.WEAK, "etag_on_write": False}  # noqa: RUF012 - as above


class TestNoTags(MemorySuite):
    knobs = {"etags": ETags.MISSING}  # noqa: RUF012 - as above


class TestPages(MemorySuite):
    knobs = {"page": 1}  # noqa: RUF012 - as above


def test_what_defends_the_suite_cannot_be_overridden():
    """A class that overrides the test which finds overrides is not even made."""
    with pytest.raises(TypeError, match="must not override test_no_standard_test_is_lost"):
        type("Sly", (ConnectorSuite,), {"test_no_standard_test_is_lost": None})


def test_standard_tests_are_listed_with_their_claims():
    """The tests of a suite can be listed by whoever derives from it, each with its sentence."""
    listed = {one.name: one.claim for one in standard_tests(TestEvents)}

    assert listed["test_reading_nothing_gives_nothing"] == "Reading no href yields no answer."
    assert listed.keys() == {name for name in dir(ConnectorSuite) if name.startswith("test_")}


class TestReadOnly(MemorySuite):
    @pytest.fixture
    def spec(self):
        """Give a connector that only reads, to a server with one item."""
        server = MemoryServer()
        lens = PlainLens(Contact)
        server.put("/one", lens.put(Contact(uid="one")))
        return memory_connector(server, lens=lens, capabilities=[Capability.READ])
