# SPDX-License-Identifier: Apache-2.0
"""The notices of a public page as a collection to be read only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import attrs

from territoire_sante.http import Validators
from territoire_sante.plugins import (
    Batch,
    Diagnosable,
    Fact,
    Incremental,
    Readable,
    Ref,
    Stored,
    Unreadable,
)
from territoire_sante_panneaupocket._config import PageConfig
from territoire_sante_panneaupocket._facts import page_facts
from territoire_sante_panneaupocket._page_lens import notice_document
from territoire_sante_panneaupocket._source import PageSource, Reading, page_source

_CURSOR_VERSION: Final = 1


@contextmanager
def opened(config: PageConfig) -> Iterator[PageNotices]:
    """Give the transport; the page is asked for when it is needed first."""
    with page_source(config.page) as source:
        yield PageNotices(source)


class PageNotices:
    """
    READ and DELTA on one page; the href of a notice is its public number, its ETag a hash.

    A page that cannot be read raises: it never looks as if all were withdrawn. If a notice has
    no address to share, or there are more than are read, no other one counts as gone.
    """

    def __init__(self, source: PageSource) -> None:
        self._source = source
        self._reading: Reading | None = None
        self._stored: Mapping[str, Stored] = {}

    def list(self) -> Iterator[Ref]:
        """
        Yield every notice that can be told apart.

        Raises:
            ConnectorError: the page cannot be had.
        """
        self._read()
        for stored in self._stored.values():
            yield stored.ref

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored | Unreadable]:
        """Yield the notices; those not found are unreadable as long as the page is not whole."""
        reading = self._read()
        for href in dict.fromkeys(hrefs):
            if href in self._stored:
                yield self._stored[href]
            elif not reading.page.whole:
                yield Unreadable(Ref(href), "the page has notices that cannot be told apart")

    def changes(self, cursor: str | None) -> Batch:
        """Return nothing if the page is as it was, else all of it."""
        known = _known(cursor)
        if known is None:
            reading = self._read()
        else:
            found = self._source.read(known.validators)
            if found is None:
                return Batch(cursor=cursor)
            reading = self._take(found)
            if reading.digest == known.digest:
                return Batch(cursor=_cursor(reading))
        return Batch(changed=tuple(self.list()), cursor=_cursor(reading), reset=cursor is not None)

    def diagnose(self, *, probe_writes: bool = False) -> tuple[Fact, ...]:  # noqa: ARG002 - nothing is ever written
        """Say whose page it is, and what is on it."""
        return tuple(page_facts(self._read().page, self._source.address))

    def _read(self) -> Reading:
        return self._take(self._source.read_whole()) if self._reading is None else self._reading

    def _take(self, reading: Reading) -> Reading:
        documents = {one.number: notice_document(one) for one in reading.page.notices}
        self._stored = {
            number: Stored(Ref(number, _tag(document.data)), document)
            for number, document in documents.items()
        }
        self._reading = reading
        return reading


def _tag(data: bytes) -> str:
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


@attrs.frozen
class _Known:
    validators: Validators
    digest: str


def _cursor(reading: Reading) -> str:
    noted = {"v": _CURSOR_VERSION, "body": reading.digest, **attrs.asdict(reading.validators)}
    return json.dumps(noted, separators=(",", ":"))


def _known(cursor: str | None) -> _Known | None:
    """Return what an earlier run noted, ``None`` if it is not of this version."""
    try:
        noted = json.loads(cursor or "null")
    except ValueError:
        return None
    if not isinstance(noted, dict) or noted.pop("v", None) != _CURSOR_VERSION:
        return None
    digest = str(noted.pop("body", ""))
    try:
        return _Known(Validators(**noted), digest)
    except TypeError:
        return None


if TYPE_CHECKING:

    def _keeps_the_contract(notices: PageNotices) -> tuple[Readable, Incremental, Diagnosable]:
        return notices, notices, notices
