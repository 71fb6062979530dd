# SPDX-License-Identifier: Apache-2.0
"""What the standard tests are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import pytest

from territoire_sante.formats import Document, Lens
from territoire_sante.plugins import (
    HEAVY,
    Capability,
    ConnectorSpec,
    Ref,
    open_transport,
    structure_config,
)
from territoire_sante.testing._network import no_network, nobody_answers
from territoire_sante.testing._samples import samples_for, with_identity
from territoire_sante.testing._suite._tools import by_href


class Fixtures:
    """The fixtures of the suite; ``spec`` and ``config`` are the author's to give."""

    installed: ClassVar[bool] = True
    heavy: ClassVar[frozenset[str]] = HEAVY

    @pytest.fixture
    def spec(self) -> ConnectorSpec[Any]:
        """Give the connector under test."""
        raise pytest.UsageError("a subclass of ConnectorSuite gives the fixture 'spec'")

    @pytest.fixture
    def config(self) -> Any:
        """Give options for an empty collection."""
        raise pytest.UsageError("a subclass of ConnectorSuite gives the fixture 'config'")

    @pytest.fixture(autouse=True)
    def only_this_machine(self) -> Iterator[None]:
        """Forbid connections to other machines."""
        with no_network():
            yield

    @pytest.fixture
    def cut_off(self) -> Callable[[], AbstractContextManager[object]]:
        """Give a function whose block nobody answers in."""
        return nobody_answers

    @pytest.fixture
    def settings(self, spec: ConnectorSpec[Any], config: Any) -> Any:
        """Give the configuration object."""
        return structure_config(spec, config) if isinstance(config, Mapping) else config

    @pytest.fixture
    def lens(self, spec: ConnectorSpec[Any], settings: Any) -> Lens[Any]:
        """Give the reading of the connector's documents."""
        return spec.lens_for(settings)

    @pytest.fixture
    def transport(self, spec: ConnectorSpec[Any], settings: Any) -> Iterator[Any]:
        """Give the open transport."""
        with open_transport(spec, settings) as transport:
            yield transport

    @pytest.fixture
    def able(self, spec: ConnectorSpec[Any]) -> Any:
        """Give a function that skips the test unless capabilities are declared."""

        def check(*wanted: Capability) -> None:
            missing = ", ".join(c.name for c in wanted if c not in spec.capabilities)
            if missing:
                pytest.skip(f"{spec.name} does not declare {missing}")

        return check

    @pytest.fixture
    def reader(self, able: Any, transport: Any) -> Any:
        """Give a transport that reads, or skip."""
        able(Capability.READ)
        return transport

    @pytest.fixture
    def writer(self, able: Any, transport: Any) -> Any:
        """Give a transport that reads and writes, or skip."""
        able(Capability.READ, Capability.WRITE)
        return transport

    @pytest.fixture
    def filled(
        self, request: pytest.FixtureRequest, spec: ConnectorSpec[Any], reader: Any
    ) -> list[Ref]:
        """Put two items into a collection that can be written; give what is listed."""
        if Capability.WRITE in spec.capabilities:
            documents = request.getfixturevalue("documents")
            for n in range(2):
                reader.create(f"item-{n}", documents[n])
        return sorted(reader.list(), key=by_href)

    @pytest.fixture
    def samples(self, spec: ConnectorSpec[Any]) -> Mapping[str, Any]:
        """Give ordinary views by name; override it for a channel that insists on more."""
        return samples_for(spec.view)

    @pytest.fixture
    def documents(
        self, spec: ConnectorSpec[Any], samples: Mapping[str, Any], lens: Lens[Any]
    ) -> list[Document]:
        """Give three documents of different items, as our lens writes them, or skip."""
        if Capability.WRITE not in spec.capabilities:
            pytest.skip(f"{spec.name} does not declare WRITE")
        first = next(iter(samples.values()))
        return [lens.put(with_identity(first, f"document {n}")) for n in range(3)]
