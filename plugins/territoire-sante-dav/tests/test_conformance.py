# SPDX-License-Identifier: Apache-2.0
"""The contract of connectors, kept by both on real servers."""

from __future__ import annotations

import itertools

import attrs
import pytest

from territoire_sante.testing import ConnectorSuite
from territoire_sante.testing.dav import MAKES, Faults, FaultServer
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


class _OnFaults(ConnectorSuite):
    # Radicale and Xandikos are here themselves.
    @pytest.fixture(params=["no fault", "Cyrus 3.6", "DAViCal 1.1", "SOGo 5.8", "sabre/dav 1.8"])
    def config(self, request, spec):
        """Give the options of a new collection on a server that behaves like a make."""
        # Without exact changes everything is told each time, which the suite cannot judge.
        faults = attrs.evolve(MAKES.get(request.param, Faults()), sync=True, seconds=False)
        with FaultServer(faults) as server:
            make = server.calendar if spec is CALDAV else server.address_book
            collection = make("/SOGo/dav/suite/" if "SOGo" in request.param else "suite")
            yield {"url": server.url_of(collection)}


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


class TestCaldavOnFaults(_OnFaults):
    """Connector caldav on servers that behave like those measured."""

    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return CALDAV


class TestCarddavOnFaults(_OnFaults):
    """Connector carddav on servers that behave like those measured."""

    @pytest.fixture
    def spec(self):
        """Give the connector."""
        return CARDDAV
