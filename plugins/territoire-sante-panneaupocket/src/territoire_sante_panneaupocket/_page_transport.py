# SPDX-License-Identifier: Apache-2.0
"""The notices of a public page as a collection to be read only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from territoire_sante.http import Fetched
from territoire_sante.plugins import (
    Batch,
    Diagnosable,
    Fact,
    Incremental,
    Readable,
    Ref,
    Stored,
    Unreadable,
    disk,
    published,
)
from territoire_sante_panneaupocket._config import PageConfig
from territoire_sante_panneaupocket._facts import page_facts
from territoire_sante_panneaupocket._page import Page
from territoire_sante_panneaupocket._page_lens import notice_document
from territoire_sante_panneaupocket._source import PageSource, page_source


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
        self._published = published.Published(source.get, self._read)

    def list(self) -> Iterator[Ref]:
        """
        Yield every notice that can be told apart.

        Raises:
            ConnectorError: the page cannot be had.
        """
        for stored in self._published.contents()[1].values():
            yield stored.ref

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored | Unreadable]:
        """Yield the notices; those not found are unreadable as long as the page is not whole."""
        page, items = self._published.contents()
        for href in dict.fromkeys(hrefs):
            if href in items:
                yield items[href]
            elif not page.whole:
                yield Unreadable(Ref(href), "the page has notices that cannot be told apart")

    def changes(self, cursor: str | None) -> Batch:
        """Return nothing if the page is as it was, else all of it."""
        return self._published.changes(cursor, self.list)

    def diagnose(self, *, probe_writes: bool = False) -> tuple[Fact, ...]:  # noqa: ARG002 - nothing is ever written
        """Say whose page it is, and what is on it."""
        return tuple(page_facts(self._published.contents()[0], self._source.address))

    def _read(self, answer: Fetched) -> tuple[Page, Mapping[str, Stored]]:
        page = self._source.page(answer)
        documents = {one.number: notice_document(one) for one in page.notices}
        return page, {
            number: Stored(Ref(number, disk.tag(document.data)), document)
            for number, document in documents.items()
        }


if TYPE_CHECKING:

    def _keeps_the_contract(notices: PageNotices) -> tuple[Readable, Incremental, Diagnosable]:
        return notices, notices, notices
