# SPDX-License-Identifier: Apache-2.0
"""Connectors that are not what they say, or say what they should not."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import contextmanager

import attrs
import board_drawing_the_world_in
import pytest
from kit import ALL_THAT_OPEN, Broken

from territoire_sante.errors import ItemNotFoundError
from territoire_sante.plugins import Catalog, Secret
from territoire_sante.testing import MemoryTransport


class TestLiesAboutACapability(Broken):
    """Declares capabilities that its transport has no methods for."""

    caught_by = "test_declared_capabilities_are_there"
    also = ALL_THAT_OPEN

    def broken(self, spec, server):  # noqa: ARG002 - the signature of the kit
        """Open nothing."""

        @contextmanager
        def nothing(_config):
            yield object()

        return attrs.evolve(spec, open=nothing)


class TestCrashesOnOpen(Broken):
    """Crashes when it is opened."""

    caught_by = "test_opening_twice_in_a_row"
    also = ALL_THAT_OPEN

    def broken(self, spec, server):  # noqa: ARG002 - likewise
        """Divide by nothing."""
        return attrs.evolve(spec, open=lambda _config: 1 / 0)


class TestOpensOnce(Broken):
    """Cannot be opened a second time."""

    caught_by = "test_opening_twice_in_a_row"
    also = frozenset(
        {
            "test_a_delta_names_what_changed",
            "test_items_outlive_the_connection",
            "test_names_stay_in_another_session",
        }
    )

    def broken(self, spec, server):
        """Open a generator that is used up."""
        once = iter([MemoryTransport(server)])

        @contextmanager
        def opened(_config):
            yield next(once, None) or 1 / 0

        return attrs.evolve(spec, open=opened)


class TestFollowsAnotherContract(Broken):
    """Has the wrong api_version."""

    caught_by = "test_specification_is_sound"

    def broken(self, spec, server):  # noqa: ARG002 - likewise
        """Follow the next version."""
        return attrs.evolve(spec, api_version=2)


class TestSpeaksOneLanguage(Broken):
    """Does not say in French what it is."""

    caught_by = "test_it_is_told_in_french_and_english"

    def broken(self, spec, server):  # noqa: ARG002 - likewise
        """Leave the French summary out."""
        return attrs.evolve(spec, summary_fr="")


@attrs.define
class Loose:
    """A configuration that can be changed."""

    path: str = ""


class TestConfigurationThaws(Broken):
    """Its configuration is not frozen."""

    caught_by = "test_configuration_is_frozen"

    def broken(self, spec, server):  # noqa: ARG002 - likewise
        """Take a class that can be changed."""
        return attrs.evolve(spec, config=Loose)


@attrs.frozen
class Unreadable:
    """A configuration that no file can hold."""

    path: Callable[[], str] = str


class TestOptionsCannotBeRead(Broken):
    """Has an option that cannot be read from a configuration file."""

    caught_by = "test_unknown_option_is_refused"

    @pytest.fixture
    def config(self):
        """Give the configuration as an object."""
        return Unreadable()

    def broken(self, spec, server):  # noqa: ARG002 - likewise
        """Take the class that cannot be read."""
        return attrs.evolve(spec, config=Unreadable)


class TestLensNamesNoMediaType(Broken):
    """Its lens names no media type."""

    caught_by = "test_lens_fits_the_specification"

    def broken(self, spec, server):  # noqa: ARG002 - likewise
        """Name the ending of a file instead."""
        return attrs.evolve(spec, lens=attrs.evolve(spec.lens, media_type="json"))


class TestLensLeavesOutTheUid(Broken):
    """Its lens leaves out the uid, by which a sync pairs both sides."""

    caught_by = "test_lens_fits_the_specification"

    def broken(self, spec, server):  # noqa: ARG002 - likewise
        """Carry all fields but that one."""
        fields = spec.lens.fields - {"uid"}
        return attrs.evolve(spec, lens=attrs.evolve(spec.lens, fields=fields))


class TestImportsHeavyModules(Broken):
    """Imports heavy modules when it is listed."""

    installed = True
    caught_by = "test_importing_is_cheap"

    @pytest.fixture
    def spec(self):
        """Give a connector of an installed distribution."""
        return board_drawing_the_world_in.SPEC


class TestIsNotWhatIsInstalled(Broken):
    """Another connector is installed under its name."""

    installed = True
    caught_by = "test_registered_under_its_own_name"
    also = frozenset({"test_importing_is_cheap"})

    def broken(self, spec, server):  # noqa: ARG002 - likewise
        """Take the name of the installed one."""
        assert "drawing" in Catalog.installed().names()
        return attrs.evolve(spec, name="drawing")


@attrs.frozen
class Protected:
    """A configuration with a secret."""

    password: Secret = attrs.field(factory=lambda: Secret("mistral-en-juin"))


class TestLeaksItsSecretIntoTheLog(Broken):
    """Writes its secret into the log."""

    caught_by = "test_secrets_show_nowhere"

    def broken(self, spec, server):
        """Log the password."""

        @contextmanager
        def opened(config):
            logging.getLogger("broken").debug("signing in with %s", config.password.reveal())
            yield MemoryTransport(server)

        return attrs.evolve(spec, config=Protected, open=opened)


class TestLeaksItsSecretInAnError(Broken):
    """Leaks its secret in an error."""

    caught_by = "test_secrets_show_nowhere"

    def broken(self, spec, server):
        """Put the password into the error of an item that is not there."""

        class Leaking(MemoryTransport):
            def delete(self, ref):
                if ref.href not in self.server.documents:
                    secret = Protected().password.reveal()
                    raise ItemNotFoundError(f"refused with {secret}", href=ref.href)
                super().delete(ref)

        @contextmanager
        def opened(_config):
            yield Leaking(server)

        return attrs.evolve(spec, config=Protected, open=opened)


class TestShowsItsSecret(Broken):
    """Keeps its password where anybody sees it."""

    caught_by = "test_secrets_show_nowhere"

    def broken(self, spec, server):
        """Give the transport a text with the password in it."""

        class Telling(MemoryTransport):
            def __repr__(self):
                return f"<board signed in with {Protected().password.reveal()}>"

        @contextmanager
        def opened(_config):
            yield Telling(server)

        return attrs.evolve(spec, config=Protected, open=opened)
