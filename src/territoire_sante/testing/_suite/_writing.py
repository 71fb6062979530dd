# SPDX-License-Identifier: Apache-2.0
"""WRITE: what is written comes back, and only on condition of the version seen."""
# ruff: noqa: S101 - asserts are how pytest tests speak

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import attrs
import pytest

from territoire_sante.errors import (
    ConflictError,
    InputError,
    ItemNotFoundError,
    ItemRefusedError,
)
from territoire_sante.formats import Document, Lens
from territoire_sante.model import Announcement
from territoire_sante.plugins import Capability, ConnectorSpec, open_transport
from territoire_sante.testing._samples import HOSTILE_TEXTS, with_text
from territoire_sante.testing._suite._fixtures import Fixtures
from territoire_sante.testing._suite._tools import by_href, changed_document, lost, read

#: How "refused in so many words" looks; anything else that goes missing is lost silently.
REFUSALS = (InputError, ItemRefusedError)


class WritingTests(Fixtures):
    """Creating, replacing and deleting, with ordinary and with hostile contents."""

    def test_an_empty_collection_lists_nothing(self, writer: Any) -> None:
        """The collection that the config fixture gives to a writing connector starts empty."""
        assert list(writer.list()) == []

    def test_samples_come_back(
        self, writer: Any, samples: Mapping[str, Any], lens: Lens[Any]
    ) -> None:
        """Each ordinary sample is written, read and found equal in all fields of the lens."""
        refs = {
            name: writer.create(f"sample-{n}", lens.put(view))
            for n, (name, view) in enumerate(samples.items())
        }
        for name, ref in refs.items():
            back = lens.get(read(writer, ref.href).document)
            assert lost(samples[name], back, lens) == {}, name

    def test_what_is_read_is_written_back_unchanged(
        self, writer: Any, samples: Mapping[str, Any], lens: Lens[Any]
    ) -> None:
        """Putting back what was read from a document gives the same bytes."""
        for n, view in enumerate(samples.values()):
            ref = writer.create(f"sample-{n}", lens.put(view))
            document = read(writer, ref.href).document
            assert lens.put(lens.get(document), document).to_bytes() == document.to_bytes()

    def test_the_lens_says_the_same_twice(
        self, samples: Mapping[str, Any], lens: Lens[Any], able: Any
    ) -> None:
        """One view makes the same bytes each time, and one document the same view."""
        able(Capability.WRITE)
        for name, view in samples.items():
            document = lens.put(view)
            assert lens.put(view).to_bytes() == document.to_bytes(), name
            again = Document(document.data, document.media_type)
            assert lost(lens.get(document), lens.get(again), lens) == {}, name

    @pytest.mark.parametrize("name", sorted(HOSTILE_TEXTS))
    def test_hostile_text_is_kept_or_refused(
        self, writer: Any, samples: Mapping[str, Any], lens: Lens[Any], name: str
    ) -> None:
        """A text is kept to the letter, or refused with an error: never changed in silence."""
        ordinary = next(iter(samples.values()))
        view = with_text(ordinary, HOSTILE_TEXTS[name], lens.fields)
        try:
            ref = writer.create("hostile", lens.put(view))
        except REFUSALS:
            return
        back = lens.get(read(writer, ref.href).document)
        assert lost(view, back, lens) == {}

    def test_nothing_is_cut(
        self,
        writer: Any,
        spec: ConnectorSpec[Any],
        samples: Mapping[str, Any],
        lens: Lens[Any],
    ) -> None:
        """A text longer than the declared limits is kept whole or refused, never cut."""
        limits = spec.limits
        if limits is None or limits.body_max is None or spec.view is not Announcement:
            pytest.skip(f"{spec.name} declares no limit of length")
        view = attrs.evolve(next(iter(samples.values())), body="x" * (limits.body_max + 1))
        try:
            ref = writer.create("long", lens.put(view))
        except REFUSALS:
            return
        assert lens.get(read(writer, ref.href).document).body == view.body

    def test_a_new_item_is_listed(self, writer: Any, documents: list[Document]) -> None:
        """The ref of a creation is the one listed; a server may leave out its version tag."""
        ref = writer.create("one", documents[0])
        (listed,) = writer.list()
        assert listed.href == ref.href
        assert ref.etag in (None, listed.etag)

    def test_items_outlive_the_connection(
        self, able: Any, spec: ConnectorSpec[Any], settings: Any, documents: list[Document]
    ) -> None:
        """What was written is there, under the same ref, when the connector is opened again."""
        able(Capability.READ, Capability.WRITE)
        with open_transport(spec, settings) as transport:
            transport.create("one", documents[0])
            before = list(transport.list())
        with open_transport(spec, settings) as transport:
            assert list(transport.list()) == before

    def test_creating_twice_is_refused(self, writer: Any, documents: list[Document]) -> None:
        """Creating the same item again raises ConflictError and leaves the first as it is."""
        ref = writer.create("one", documents[0])
        before = read(writer, ref.href)
        with pytest.raises(ConflictError):
            writer.create("one", documents[0])
        assert read(writer, ref.href) == before

    def test_replacing_changes_one_item(
        self, writer: Any, spec: ConnectorSpec[Any], lens: Lens[Any], documents: list[Document]
    ) -> None:
        """A replaced item reads as the new version; the others keep bytes and version tags."""
        refs = [writer.create(f"item-{n}", d) for n, d in enumerate(documents)]
        others = [read(writer, ref.href) for ref in refs[1:]]
        old = read(writer, refs[0].href)
        changed = changed_document(spec, lens, old.document)
        ref = writer.replace(old.ref, changed)
        new = read(writer, ref.href)
        assert lost(lens.get(changed), lens.get(new.document), lens) == {}
        assert [read(writer, other.href) for other in refs[1:]] == others

    def test_a_stale_write_is_refused(
        self, writer: Any, spec: ConnectorSpec[Any], lens: Lens[Any], documents: list[Document]
    ) -> None:
        """Replacing or deleting a version that is no longer the current one changes nothing."""
        old = read(writer, writer.create("one", documents[0]).href)
        if old.ref.etag is None:
            pytest.skip(f"{spec.name} gives no version tags here")
        writer.replace(old.ref, changed_document(spec, lens, old.document))
        current = read(writer, old.ref.href)
        with pytest.raises(ConflictError):
            writer.replace(old.ref, old.document)
        with pytest.raises(ConflictError):
            writer.delete(old.ref)
        assert read(writer, old.ref.href) == current

    def test_writes_may_overlap_as_declared(
        self, writer: Any, spec: ConnectorSpec[Any], lens: Lens[Any], documents: list[Document]
    ) -> None:
        """As many writes as ``parallel_writes`` allows, begun at once, all arrive whole."""
        if spec.parallel_writes == 1:
            refs = [writer.create(f"item-{n}", d) for n, d in enumerate(documents)]
        else:
            together = threading.Barrier(min(spec.parallel_writes, len(documents)), timeout=30)
            with ThreadPoolExecutor(together.parties) as pool:
                refs = list(pool.map(partial(_after, together, writer), enumerate(documents)))
        for ref, document in zip(refs, documents, strict=True):
            back = lens.get(read(writer, ref.href).document)
            assert lost(lens.get(document), back, lens) == {}
        assert len(list(writer.list())) == len(documents)

    def test_deleting_removes_one_item(self, writer: Any, documents: list[Document]) -> None:
        """A deleted item is neither listed nor read; the others are as they were."""
        refs = [writer.create(f"item-{n}", d) for n, d in enumerate(documents)]
        items = [read(writer, ref.href) for ref in refs]
        writer.delete(items[0].ref)
        assert list(writer.read([items[0].ref.href])) == []
        assert sorted(writer.list(), key=by_href) == sorted((i.ref for i in items[1:]), key=by_href)

    def test_writing_to_a_deleted_item_is_refused(
        self, writer: Any, documents: list[Document]
    ) -> None:
        """Replacing or deleting what is gone raises, and does not bring it back."""
        gone = read(writer, writer.create("one", documents[0]).href)
        writer.delete(gone.ref)
        # Over HTTP a condition on nothing fails as one on another version does (RFC 9110, 13.1.1).
        with pytest.raises((ItemNotFoundError, ConflictError)):
            writer.replace(gone.ref, gone.document)
        with pytest.raises((ItemNotFoundError, ConflictError)):
            writer.delete(gone.ref)
        assert list(writer.list()) == []


def _after(barrier: threading.Barrier, writer: Any, item: tuple[int, Document]) -> Any:
    number, document = item
    if number < barrier.parties:
        barrier.wait()
    return writer.create(f"item-{number}", document)
