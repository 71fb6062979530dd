# SPDX-License-Identifier: Apache-2.0
"""What can be said of a connector before it reads or writes anything."""
# ruff: noqa: S101 - asserts are how pytest tests speak

from __future__ import annotations

import logging
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
import pytest

from territoire_sante.errors import ConfigError, TerritoireSanteError
from territoire_sante.formats import Document, Lens
from territoire_sante.model import Announcement, Contact, Event
from territoire_sante.plugins import (
    API_VERSION,
    PROTOCOLS,
    Capability,
    Catalog,
    ConnectorSpec,
    Ref,
    Secret,
    open_transport,
    structure_config,
    unstructure_config,
)
from territoire_sante.testing._suite._fixtures import Fixtures


class DescribedTests(Fixtures):
    """Specification, configuration, opening, secrets."""

    def test_registered_under_its_own_name(self, spec: ConnectorSpec[Any]) -> None:
        """The catalog of this environment gives the connector under the name it gives itself."""
        if not self.installed:
            pytest.skip(f"{spec.name} is not part of a distribution")
        assert Catalog.installed().get(spec.name) is spec

    def test_importing_is_cheap(self, spec: ConnectorSpec[Any]) -> None:
        """Importing the connector imports none of the heavy modules that only opening needs."""
        if not self.installed:
            pytest.skip(f"{spec.name} is not part of a distribution")
        (entry,) = (e for e in Catalog.installed().entries() if e.name == spec.name)
        code = "import importlib, sys; importlib.import_module(sys.argv[1]); print(*sys.modules)"
        done = subprocess.run(  # noqa: S603 - our own interpreter, our own entry point
            [sys.executable, "-c", code, entry.value.partition(":")[0]],
            capture_output=True,
            text=True,
            check=True,
        )
        assert sorted(self.heavy & set(done.stdout.split())) == []

    def test_specification_is_sound(self, spec: ConnectorSpec[Any]) -> None:
        """The specification follows this contract: version, view, attrs config, capabilities."""
        assert spec.api_version == API_VERSION
        assert spec.view in (Event, Contact, Announcement)
        assert attrs.has(spec.config)
        assert spec.capabilities <= set(Capability)
        assert spec.capabilities

    def test_it_is_told_in_french_and_english(self, spec: ConnectorSpec[Any]) -> None:
        """The connector says what it is in one line, in French and in English."""
        assert spec.summary.strip()
        assert spec.summary_fr.strip()
        assert "\n" not in spec.summary + spec.summary_fr

    def test_configuration_is_frozen(self, settings: Any) -> None:
        """A configuration cannot be changed after it was checked."""
        names = [field.name for field in attrs.fields(type(settings))] or ["no_such_option"]
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(settings, names[0], getattr(settings, names[0], None))

    def test_unknown_option_is_refused(self, spec: ConnectorSpec[Any], config: Any) -> None:
        """An option that the connector does not know is named in a ConfigError."""
        options = dict(config) if isinstance(config, Mapping) else {}
        with pytest.raises(ConfigError, match="no_such_option"):
            structure_config(spec, {**options, "no_such_option": 1})

    def test_lens_fits_the_specification(self, spec: ConnectorSpec[Any], lens: Lens[Any]) -> None:
        """The lens reads the declared view with its uid, names its fields and a media type."""
        assert isinstance(lens, Lens)
        assert lens.view is spec.view
        assert lens.fields <= set(attrs.fields_dict(spec.view))
        assert "uid" in lens.fields, "a sync pairs both sides by the uid"
        assert "/" in lens.media_type

    # Opening.

    def test_declared_capabilities_are_there(
        self, spec: ConnectorSpec[Any], transport: Any
    ) -> None:
        """The transport has the methods of each capability that is declared."""
        missing = [c.name for c in spec.capabilities if not isinstance(transport, PROTOCOLS[c])]
        assert missing == []

    def test_no_capability_is_kept_quiet(self, spec: ConnectorSpec[Any], transport: Any) -> None:
        """What the transport has the methods for is declared, or told of by skipping this test."""
        more = [c.name for c, wanted in PROTOCOLS.items() if isinstance(transport, wanted)]
        quiet = sorted(set(more) - {c.name for c in spec.capabilities})
        if quiet:
            pytest.skip(f"{spec.name} could declare {', '.join(quiet)}; nobody uses it as it is")
        assert quiet == []

    def test_opening_twice_in_a_row(self, spec: ConnectorSpec[Any], settings: Any) -> None:
        """A connector that was closed can be opened again with the same configuration."""
        for _ in range(2):
            with open_transport(spec, settings) as transport:
                assert transport is not None

    def test_secrets_show_nowhere(
        self,
        spec: ConnectorSpec[Any],
        settings: Any,
        config: Any,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """No secret shows in the configuration's text, in logs, in errors or in the transport."""
        secrets = [secret.reveal() for secret in _secrets(settings)]
        if not secrets:
            pytest.skip(f"the configuration of {spec.name} given here holds no secret")
        texts = [repr(settings), str(settings), repr(unstructure_config(settings))]
        if isinstance(config, Mapping):
            with pytest.raises(ConfigError) as refused:
                structure_config(spec, {**config, "no_such_option": 1})
            texts.append(str(refused.value))
        with caplog.at_level(logging.DEBUG), open_transport(spec, settings) as transport:
            texts += [repr(transport), *_provoke(spec, transport)]
        texts.append(caplog.text)
        assert [text for text in texts if any(secret in text for secret in secrets)] == []


def _secrets(value: Any) -> Iterator[Secret]:
    if isinstance(value, Secret):
        yield value
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from _secrets(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _secrets(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _secrets(item)


def _provoke(spec: ConnectorSpec[Any], transport: Any) -> Iterator[str]:
    """Use a transport rightly and wrongly; yield the text of each error."""
    steps: list[Callable[[], object]] = []
    if Capability.READ in spec.capabilities:
        steps += [lambda: list(transport.list()), lambda: list(transport.read(["no/such item"]))]
    if Capability.WRITE in spec.capabilities:
        junk = Document(b"junk", "application/octet-stream")
        nothing = Ref("no/such item", '"x"')
        steps += [
            lambda: transport.create("junk", junk),
            lambda: transport.replace(nothing, junk),
            lambda: transport.delete(nothing),
        ]
    for step in steps:
        try:
            step()
        except TerritoireSanteError as error:
            yield "".join(traceback.format_exception(error))
