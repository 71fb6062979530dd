# SPDX-License-Identifier: Apache-2.0
"""A feed file as a collection: its entries are the documents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from territoire_sante.errors import (
    CollectionGoneError,
    ConflictError,
    ConnectorError,
    FormatError,
    ItemNotFoundError,
    ItemRefusedError,
    ProtocolError,
)
from territoire_sante.formats import Document
from territoire_sante.formats import feed as feeds
from territoire_sante.plugins import (
    Confirmable,
    Confirmation,
    Diagnosable,
    Fact,
    Readable,
    Ref,
    Shown,
    Stored,
    Writable,
    disk,
    locked,
)
from territoire_sante_feed._config import FeedConfig
from territoire_sante_feed._shown import confirmed_on_web, file_facts


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@contextmanager
def opened(
    config: FeedConfig, *, clock: Callable[[], dt.datetime] = _utc_now
) -> Iterator[FeedFile]:
    """
    Give the transport for the file at ``config.path``.

    Raises:
        CollectionGoneError: it is missing and not to be made, or its folder is.
    """
    transport = FeedFile(config, clock=clock)
    transport.check()
    yield transport


class FeedFile:
    """
    The entries of one feed file; each call reads the file anew, each write replaces it at once.

    The href of an entry is its identifier in the feed, its ETag a hash of its bytes. Nothing
    outside the entry written changes, but the feed's own time, which ``clock`` (aware) tells.
    """

    def __init__(self, config: FeedConfig, *, clock: Callable[[], dt.datetime] = _utc_now) -> None:
        self._config = config
        # A link is followed once, here: replacing it would cut it off from what it names.
        self._path = Path(config.path).resolve()
        self._clock = clock
        self._known: feeds.Feed | None = None

    def check(self) -> None:
        """
        Let it pass if the file is there, or may be made.

        Raises:
            CollectionGoneError: neither.
        """
        if not self._path.parent.is_dir():
            raise CollectionGoneError("there is no such folder", where=str(self._path.parent))
        if not self._path.exists() and not self._config.create:
            raise CollectionGoneError(
                "there is no such file",
                where=str(self._path),
                remedy="Correct path, or set create = true once",
            )

    def list(self) -> Iterator[Ref]:
        """Yield every entry of the file; none if the file is yet to be made."""
        for entry in self._current()[0].entries:
            yield _ref(entry)

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored]:
        """Yield the entries that are there."""
        feed, _ = self._current()
        for href in dict.fromkeys(hrefs):
            entry = feed.find(href)
            if entry is not None:
                yield Stored(_ref(entry), entry.document)

    def create(self, href_hint: str, document: Document) -> Ref:
        """
        Add an entry, the first; its href is its own identifier, whatever ``href_hint`` says.

        Raises:
            ConflictError: the feed has an entry with this identifier.
            ItemRefusedError: the document is no entry of this format.
        """
        with self._writing() as (feed, seen):
            with _refusing(href_hint):
                data = feed.insert(document, now=self._clock())
            return self._saved(feed, data, seen, number=0, href="")

    def replace(self, ref: Ref, document: Document) -> Ref:
        """
        Put another entry in the place of the version seen.

        Raises:
            ConflictError: another version is there, or the new identifier is taken.
            ItemNotFoundError: the entry is gone.
            ItemRefusedError: the document is no entry of this format.
        """
        with self._writing() as (feed, seen):
            number = _number(feed, ref)
            with _refusing(ref.href):
                data = feed.replace(ref.href, document, now=self._clock())
            return self._saved(feed, data, seen, number=number, href=ref.href)

    def delete(self, ref: Ref) -> None:
        """
        Take the version seen out, and say so in the feed (RFC 6721).

        Raises:
            ConflictError: another version is there.
            ItemNotFoundError: the entry is gone.
        """
        with self._writing() as (feed, seen):
            _number(feed, ref)
            # Readers keep what is only gone: most feeds show their newest entries only.
            gone = feed.remove(ref.href, now=self._clock(), tombstone=True)
            self._put(gone, seen)

    def confirm(self, items: Sequence[Stored]) -> Iterator[Confirmation]:
        """Say what readers are shown of each item: by the web server if its address is known."""
        try:
            feed, _ = self._current()
        except ConnectorError as error:
            yield from (Confirmation(one.ref.href, Shown.UNKNOWN, str(error)) for one in items)
            return
        in_file = {item.ref.href: _in_file(feed, item) for item in items}
        if not self._config.public_url:
            yield from in_file.values()
            return
        yield from confirmed_on_web(self._config, items, in_file)

    def diagnose(self, *, probe_writes: bool = False) -> tuple[Fact, ...]:  # noqa: ARG002 - the file is ours
        """Say what the file holds, and whether readers are shown it."""
        feed, _ = self._current()
        return file_facts(self._config, feed)

    def _current(self) -> tuple[feeds.Feed, bytes | None]:
        """Return the feed as it is now, a new one if there is no file, and the bytes seen."""
        self.check()
        with self._speaking():
            seen = self._path.read_bytes() if self._path.exists() else None
        data = self._empty() if seen is None else seen
        if self._known is None or self._known.data != data:
            self._known = self._parsed(data)
        return self._known, seen

    def _empty(self) -> bytes:
        return feeds.new_feed(self._config.format, self._config.head, now=self._clock())

    def _parsed(self, data: bytes) -> feeds.Feed:
        try:
            feed = feeds.read(data)
        except FormatError as error:
            raise ProtocolError(
                f"the file is no feed that can be read: {error}",
                where=str(self._path),
                remedy="Correct the file, or name another one",
            ) from error
        if feed.format is not self._config.format:
            raise ProtocolError(
                f"the file is of format {feed.format.value}, not {self._config.format.value}",
                where=str(self._path),
                remedy="Correct format, or name another file",
            )
        return feed

    @contextmanager
    def _writing(self) -> Iterator[tuple[feeds.Feed, bytes | None]]:
        self.check()
        lock = self._path.with_name(f".{self._path.name}.lock")
        with self._speaking(), locked(lock):
            disk.sweep(self._path.parent, disk.prefix_of(self._path))
            yield self._current()

    def _speaking(self) -> AbstractContextManager[None]:
        # The file may be yet to be made: it is its folder that has to be there.
        return disk.speaking(self._path, collection=self._path.parent)

    def _put(self, data: bytes, seen: bytes | None) -> None:
        # A feed is made to be read by a web server: the umask decides who may read a new one.
        disk.replace(self._path, data, seen=seen, mode=None)

    def _saved(
        self, feed: feeds.Feed, data: bytes, seen: bytes | None, *, number: int, href: str
    ) -> Ref:
        """Write the file, and return the ref of entry ``number``, which had the id ``href``."""
        after = feeds.read(data)
        entry = after.entries[number]
        if entry.id != href and feed.find(entry.id) is not None:
            raise ConflictError("the feed has an entry with this identifier", where=entry.id)
        self._put(data, seen)
        self._known = after
        return _ref(entry)


def _in_file(feed: feeds.Feed, item: Stored) -> Confirmation:
    entry = feed.find(item.ref.href)
    if entry is None:
        return Confirmation(item.ref.href, Shown.GONE)
    same = entry.document.data == item.document.data
    return Confirmation(item.ref.href, Shown.VISIBLE if same else Shown.DIFFERS)


def _ref(entry: feeds.Entry) -> Ref:
    return Ref(entry.id, disk.tag(entry.document.data))


def _number(feed: feeds.Feed, ref: Ref) -> int:
    """Return which entry has the version named by ``ref``."""
    for number, entry in enumerate(feed.entries):
        if entry.id != ref.href:
            continue
        if _ref(entry) != ref:
            raise ConflictError("another version of the entry is there now", where=ref.href)
        return number
    raise ItemNotFoundError("the feed has no such entry", href=ref.href)


@contextmanager
def _refusing(href: str) -> Iterator[None]:
    """Say of a document that is no entry that it, not the feed, is at fault."""
    try:
        yield
    except FormatError as error:
        raise ItemRefusedError(f"this is no entry of the feed: {error}", href=href) from error


if TYPE_CHECKING:

    def _keeps_the_contract(file: FeedFile) -> tuple[Readable, Writable, Confirmable, Diagnosable]:
        return file, file, file, file
