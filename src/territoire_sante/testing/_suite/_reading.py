# SPDX-License-Identifier: Apache-2.0
"""READ: what is listed can be read."""
# ruff: noqa: S101 - asserts are how pytest tests speak

from __future__ import annotations

from typing import Any

import pytest

from territoire_sante.formats import Document
from territoire_sante.plugins import (
    Capability,
    ConnectorSpec,
    Recognising,
    Ref,
    Stored,
    open_transport,
)
from territoire_sante.testing._suite._fixtures import Fixtures
from territoire_sante.testing._suite._tools import by_href, read


class ReadingTests(Fixtures):
    """Listing and reading a collection, be it empty or not."""

    def test_listing_names_each_item_once(self, filled: list[Ref]) -> None:
        """A listing gives a Ref with an href for each item, none of them twice."""
        assert {type(ref).__name__ for ref in filled} <= {Ref.__name__}
        assert all(ref.href for ref in filled)
        assert len({ref.href for ref in filled}) == len(filled)

    def test_listed_items_can_be_read(self, reader: Any, filled: list[Ref]) -> None:
        """Each listed item is answered under the href and the version tag of the listing."""
        answers = list(reader.read(list(dict.fromkeys(ref.href for ref in filled))))
        assert {(r.href, r.etag) for r in filled} == {(a.ref.href, a.ref.etag) for a in answers}

    def test_reading_nothing_gives_nothing(self, reader: Any) -> None:
        """Reading no href yields no answer."""
        assert list(reader.read([])) == []

    def test_a_missing_item_has_no_answer(self, reader: Any, never_there: str) -> None:
        """An href where nothing is has no answer, and the others are answered still."""
        refs = list(reader.list())
        answers = list(reader.read([never_there, *(ref.href for ref in refs)]))
        assert {answer.ref.href for answer in answers} == {ref.href for ref in refs}

    def test_known_items_keep_their_names(
        self, reader: Any, spec: ConnectorSpec[Any], settings: Any, filled: list[Ref]
    ) -> None:
        """Told what was read before, a transport that recognises items names them as before."""
        recognises = isinstance(reader, Recognising)
        if not recognises:
            pytest.skip(f"{spec.name} does not recognise items by more than their names")
        answers = reader.read([ref.href for ref in filled])
        known = [answer for answer in answers if isinstance(answer, Stored)]
        with open_transport(spec, settings) as again:
            again.recognise(known)
            assert sorted(again.list(), key=by_href) == filled

    @pytest.fixture
    def never_there(
        self, reader: Any, spec: ConnectorSpec[Any], request: pytest.FixtureRequest
    ) -> str:
        """Give an href of the right form under which there is nothing."""
        if Capability.WRITE in spec.capabilities:
            documents: list[Document] = request.getfixturevalue("documents")
            ref: Ref = reader.create("gone", documents[0])
            reader.delete(read(reader, ref.href).ref)
            return ref.href
        return next((f"{ref.href}-gone" for ref in reader.list()), "gone")
