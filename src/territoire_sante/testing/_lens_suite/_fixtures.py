# SPDX-License-Identifier: Apache-2.0
"""What the tests of lenses are given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from territoire_sante.formats import Document, Lens
from territoire_sante.testing._full import full_views
from territoire_sante.testing._network import no_network
from territoire_sante.testing._samples import samples_for


class Fixtures:
    """
    The fixtures of the suite; ``lens`` is the author's to give.

    Attributes:
        reads_only: whether the lens refuses to write; ``documents`` are then to be given.
    """

    reads_only: ClassVar[bool] = False

    @pytest.fixture
    def lens(self) -> Lens[Any]:
        """Give the lens under test."""
        raise pytest.UsageError("a subclass of LensSuite gives the fixture 'lens'")

    @pytest.fixture
    def views(self, lens: Lens[Any]) -> Mapping[str, Any]:
        """Give views by name that the format can carry; together they fill each of its fields."""
        return {**samples_for(lens.view), **full_views(lens.view)}

    @pytest.fixture
    def documents(self, lens: Lens[Any], views: Mapping[str, Any]) -> Sequence[Document]:
        """Give documents as others write them; here, what the lens itself makes of the views."""
        return [lens.put(view) for view in views.values()]

    @pytest.fixture
    def writing(self) -> None:
        """Skip the test for a lens that only reads."""
        if self.reads_only:
            pytest.skip("the lens only reads")

    @pytest.fixture(autouse=True)
    def only_this_machine(self) -> Iterator[None]:
        """Forbid connections to other machines."""
        with no_network():
            yield
