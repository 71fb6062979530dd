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


class TestReadOnly(MemorySuite):
    @pytest.fixture
    def spec(self):
        """Give a connector that only reads, to a server with one item."""
        server = MemoryServer()
        lens = PlainLens(Contact)
        server.put("/one", lens.put(Contact(uid="one")))
        return memory_connector(server, lens=lens, capabilities=[Capability.READ])
