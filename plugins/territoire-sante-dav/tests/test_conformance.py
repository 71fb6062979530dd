# SPDX-License-Identifier: Apache-2.0
"""The contract of connectors, kept by both on real servers."""

from __future__ import annotations

import itertools

import pytest

from territoire_sante.testing import ConnectorSuite
from territoire_sante_dav import CALDAV, CARDDAV

_numbers = itertools.count()


class _OnRadicale(ConnectorSuite):
    @pytest.fixture
    def config(self, radicale, spec):
        """Give the options of a new collection."""
        name = f"suite-{next(_numbers)}"
        make = radicale.create_calendar if spec is CALDAV else radicale.create_addressbook
        return {"url": make(name), "username": radicale.username, "password": "made-up"}


class _OnXandikos(ConnectorSuite):
    @pytest.fixture
    def config(self, xandikos, spec):
        """Give the options of a new collection."""
        home = "calendars" if spec is CALDAV else "contacts"
        return {"url": f"{xandikos}user/{home}/suite-{next(_numbers)}/", "create": True}


class TestCaldavOnRadicale(_OnRadicale):
    """Connector caldav on Radicale."""

    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return CALDAV


class TestCarddavOnRadicale(_OnRadicale):
    """Connector carddav on Radicale."""

    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return CARDDAV


class TestCaldavOnXandikos(_OnXandikos):
    """Connector caldav on Xandikos."""

    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return CALDAV


class TestCarddavOnXandikos(_OnXandikos):
    """Connector carddav on Xandikos."""

    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return CARDDAV
