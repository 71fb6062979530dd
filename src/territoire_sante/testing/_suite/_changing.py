# SPDX-License-Identifier: Apache-2.0
"""DELTA and CONFIRM: what changed since last time, and what is shown."""
# ruff: noqa: S101 - asserts are how pytest tests speak

from __future__ import annotations

from typing import Any

from territoire_sante.formats import Document
from territoire_sante.plugins import Batch, Capability, ConnectorSpec, Shown, open_transport
from territoire_sante.testing._suite._fixtures import Fixtures
from territoire_sante.testing._suite._tools import changed_document, read, whole_delta


class ChangingTests(Fixtures):
    """Deltas follow each other without gap; confirmation tells what is there."""

    def test_a_first_delta_is_everything(
        self, able: Any, writer: Any, documents: list[Document]
    ) -> None:
        """The delta since nothing names exactly the listed items."""
        able(Capability.DELTA)
        for n, document in enumerate(documents):
            writer.create(f"item-{n}", document)
        changed, removed, _ = whole_delta(writer, None)
        assert changed == {ref.href for ref in writer.list()}
        assert removed == set()

    def test_a_quiet_delta_is_empty(
        self, able: Any, writer: Any, documents: list[Document]
    ) -> None:
        """Two deltas in a row give nothing in the second."""
        able(Capability.DELTA)
        writer.create("one", documents[0])
        _, _, cursor = whole_delta(writer, None)
        assert whole_delta(writer, cursor)[:2] == (set(), set())

    def test_a_delta_names_what_changed(
        self, able: Any, spec: ConnectorSpec[Any], settings: Any, documents: list[Document]
    ) -> None:
        """A delta names what was created, changed and deleted, also in a later session."""
        able(Capability.READ, Capability.WRITE, Capability.DELTA)
        lens = spec.lens_for(settings)
        with open_transport(spec, settings) as transport:
            kept, gone = (transport.create(f"item-{n}", documents[n]) for n in range(2))
            _, _, cursor = whole_delta(transport, None)
            old = read(transport, kept.href)
            transport.replace(old.ref, changed_document(spec, lens, old.document))
            transport.delete(read(transport, gone.href).ref)
            new = transport.create("item-2", documents[2])
        with open_transport(spec, settings) as transport:
            changed, removed, _ = whole_delta(transport, cursor)
        assert changed == {kept.href, new.href}
        assert removed == {gone.href}

    def test_an_unknown_cursor_starts_anew(
        self, able: Any, writer: Any, documents: list[Document]
    ) -> None:
        """A cursor that was never given is answered by a full listing with ``reset``."""
        able(Capability.DELTA)
        ref = writer.create("one", documents[0])
        batch = writer.changes("no such cursor")
        assert isinstance(batch, Batch)
        assert batch.reset
        assert ref.href in {changed.href for changed in batch.changed}

    def test_what_is_there_is_confirmed(
        self, able: Any, writer: Any, documents: list[Document]
    ) -> None:
        """An item just written is confirmed as visible, a deleted one is not."""
        able(Capability.CONFIRM)
        item = read(writer, writer.create("one", documents[0]).href)
        (answer,) = writer.confirm([item])
        assert (answer.href, answer.shown) == (item.ref.href, Shown.VISIBLE)
        writer.delete(item.ref)
        (answer,) = writer.confirm([item])
        assert answer.shown in (Shown.GONE, Shown.UNKNOWN)
