# SPDX-License-Identifier: Apache-2.0
"""What a connector leaves alone, tells, and puts away, whatever it can do."""
# ruff: noqa: S101 - asserts are how pytest tests speak

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from territoire_sante.errors import ConnectorError
from territoire_sante.formats import Document
from territoire_sante.plugins import (
    Batch,
    Capability,
    ConnectorSpec,
    Recognising,
    Ref,
    Stored,
    Unreadable,
    open_transport,
)
from territoire_sante.testing._network import connections
from territoire_sante.testing._suite._fixtures import Fixtures
from territoire_sante.testing._suite._tools import by_href, read

#: How long threads and connections are given to end.
_PATIENCE: Final = 3.0
_OPEN_FILES: Final = Path("/proc/self/fd")


class BehavingTests(Fixtures):
    """Answers of the right types, the same each time, without traces and without silence."""

    def test_answers_are_of_the_contract(
        self, spec: ConnectorSpec[Any], reader: Any, filled: list[Ref]
    ) -> None:
        """Listing, reading, deltas and writes answer with the classes of the contract."""
        for answer in reader.read([ref.href for ref in filled]):
            assert isinstance(answer, Stored | Unreadable)
            if isinstance(answer, Stored):
                assert isinstance(answer.document, Document)
                assert isinstance(answer.document.data, bytes)
            assert _is_ref(answer.ref)
        assert [ref for ref in filled if not _is_ref(ref)] == []
        if Capability.DELTA in spec.capabilities:
            batch = reader.changes(None)
            assert isinstance(batch, Batch)
            assert [ref for ref in batch.changed if not _is_ref(ref)] == []
        if Capability.WRITE in spec.capabilities:
            stored = read(reader, filled[0].href)
            ref = reader.replace(stored.ref, stored.document)
            assert _is_ref(ref)
            assert reader.delete(read(reader, ref.href).ref) is None

    def test_reading_changes_nothing(self, reader: Any, filled: list[Ref]) -> None:
        """Listing and reading again gives the same refs and the same bytes."""
        hrefs = [ref.href for ref in filled]
        first = sorted(reader.read(hrefs), key=_by_ref)
        assert sorted(reader.list(), key=by_href) == filled
        assert sorted(reader.read(hrefs), key=_by_ref) == first
        assert sorted(reader.list(), key=by_href) == filled

    def test_names_stay_in_another_session(
        self, spec: ConnectorSpec[Any], settings: Any, reader: Any, filled: list[Ref]
    ) -> None:
        """Items have the same hrefs when the connector is opened again."""
        if isinstance(reader, Recognising):
            pytest.skip(f"{spec.name} recognises items by more than their names")
        with open_transport(spec, settings) as again:
            hrefs = sorted(ref.href for ref in again.list())
        assert hrefs == [ref.href for ref in filled]

    def test_a_lost_connection_is_told(
        self,
        spec: ConnectorSpec[Any],
        settings: Any,
        filled: list[Ref],
        cut_off: Callable[[], AbstractContextManager[object]],
    ) -> None:
        """When nobody answers, a ConnectorError says so: no listing is short in silence."""
        with cut_off():
            try:
                with open_transport(spec, settings) as transport:
                    listed = {ref.href for ref in transport.list()}
            except ConnectorError:
                return
        assert listed >= {ref.href for ref in filled}

    def test_requests_go_through_the_client(
        self, able: Any, spec: ConnectorSpec[Any], settings: Any
    ) -> None:
        """Each connection is made by the client of territoire_sante.http, which guards it."""
        able(Capability.READ)
        with connections() as made, open_transport(spec, settings) as transport:
            refs = list(transport.list())
            list(transport.read([ref.href for ref in refs]))
        assert [one.address for one in made if not one.by_client] == []

    def test_closing_leaves_nothing_behind(self, spec: ConnectorSpec[Any], settings: Any) -> None:
        """After closing, no connection, thread or file that the connector opened is left."""
        threads, files = set(threading.enumerate()), _open_files()
        with connections() as made, open_transport(spec, settings) as transport:
            if Capability.READ in spec.capabilities:
                list(transport.read([ref.href for ref in transport.list()]))
        # Threads of a server that runs in this process answer connections, and end with them.
        until = time.monotonic() + _PATIENCE
        while set(threading.enumerate()) - threads and time.monotonic() < until:
            time.sleep(0.01)
        assert [one.address for one in made if one.socket.fileno() != -1] == []
        assert [one.name for one in set(threading.enumerate()) - threads] == []
        assert sorted(_open_files() - files) == []


def _is_ref(value: object) -> bool:
    if not isinstance(value, Ref):
        return False
    href, etag = attrs.astuple(value)
    return isinstance(href, str) and isinstance(etag, str | None)


def _by_ref(answer: Stored | Unreadable) -> str:
    return answer.ref.href


def _open_files() -> set[str]:
    """Return the files that this process holds open; none where the system does not tell."""
    found = set()
    for entry in _OPEN_FILES.glob("*"):
        try:
            target = str(entry.readlink())
        except OSError:
            continue
        # Others are sockets and pipes, of which the servers of a test have some of their own.
        if target.startswith("/") and not target.startswith(("/proc/", "/dev/")):
            found.add(f"{entry.name} {target}")
    return found
