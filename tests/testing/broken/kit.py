# SPDX-License-Identifier: Apache-2.0
"""
What the broken connectors of this folder are made of.

Each class is a suite on one of them. Its docstring says what is wrong; ``caught_by`` is the
standard test that must fail for it, and ``also`` those that cannot but fail with it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import ClassVar

import attrs
import pytest

from territoire_sante.model import Contact
from territoire_sante.plugins import Capability
from territoire_sante.testing import (
    ConnectorSuite,
    MemoryServer,
    MemoryTransport,
    PlainLens,
    memory_connector,
    standard_tests,
)

#: Tests that ask for nothing but the description, the configuration or the lens.
_BEFORE_OPENING = frozenset(
    {
        "test_configuration_is_frozen",
        "test_importing_is_cheap",
        "test_it_is_told_in_french_and_english",
        "test_lens_fits_the_specification",
        "test_no_standard_test_is_lost",
        "test_registered_under_its_own_name",
        "test_secrets_show_nowhere",
        "test_specification_is_sound",
        "test_the_lens_says_the_same_twice",
        "test_unknown_option_is_refused",
    }
)

#: Tests that open the connector; none can pass on one that cannot be opened.
ALL_THAT_OPEN = frozenset(one.name for one in standard_tests(ConnectorSuite)) - _BEFORE_OPENING

#: Tests that list; none can pass where listing fails.
ALL_THAT_LIST = frozenset(
    {
        "test_a_first_delta_is_everything",
        "test_a_lost_connection_is_told",
        "test_a_missing_item_has_no_answer",
        "test_a_new_item_is_listed",
        "test_an_empty_collection_lists_nothing",
        "test_answers_are_of_the_contract",
        "test_closing_leaves_nothing_behind",
        "test_deleting_removes_one_item",
        "test_items_outlive_the_connection",
        "test_known_items_keep_their_names",
        "test_listed_items_can_be_read",
        "test_listing_names_each_item_once",
        "test_names_stay_in_another_session",
        "test_reading_changes_nothing",
        "test_requests_go_through_the_client",
        "test_writes_may_overlap_as_declared",
        "test_writing_to_a_deleted_item_is_refused",
    }
)

#: Tests that look at what they read; none can pass where reading gives something else.
ALL_THAT_READ = frozenset(
    {
        "test_a_delta_names_what_changed",
        "test_a_missing_item_has_no_answer",
        "test_a_stale_write_is_refused",
        "test_answers_are_of_the_contract",
        "test_creating_twice_is_refused",
        "test_deleting_removes_one_item",
        "test_hostile_text_is_kept_or_refused",
        "test_listed_items_can_be_read",
        "test_reading_changes_nothing",
        "test_replacing_changes_one_item",
        "test_samples_come_back",
        "test_what_is_read_is_written_back_unchanged",
        "test_what_is_there_is_confirmed",
        "test_writes_may_overlap_as_declared",
        "test_writing_to_a_deleted_item_is_refused",
    }
)


class Broken(ConnectorSuite):
    """A sound connector to a server in memory; subclasses break it in :meth:`broken`."""

    installed = False
    caught_by: ClassVar[str] = ""
    also: ClassVar[frozenset[str]] = frozenset()
    view: ClassVar[type] = Contact

    @pytest.fixture
    def spec(self):
        """Give the broken connector."""
        server = MemoryServer()
        sound = memory_connector(server, lens=PlainLens(self.view), capabilities=Capability)
        return self.broken(sound, server)

    @pytest.fixture
    def config(self):
        """Give no options: there are none."""
        return {}

    def broken(self, spec, server):
        """Return what is left of a sound connector."""
        del server
        return spec


class BrokenTransport(Broken):
    """A connector whose transport is the inner class ``Transport``."""

    class Transport(MemoryTransport):
        """A sound one."""

    def broken(self, spec, server):
        """Return the connector with the other transport."""

        @contextmanager
        def opened(_config):
            yield self.Transport(server)

        return attrs.evolve(spec, open=opened)
