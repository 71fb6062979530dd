# SPDX-License-Identifier: Apache-2.0
"""A feed that others publish at an address, to be read only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import attrs

from territoire_sante.errors import FormatError, LimitExceededError, ProtocolError
from territoire_sante.formats import Document, Lens
from territoire_sante.formats import feed as feeds
from territoire_sante.http import Fetched
from territoire_sante.model import Announcement, is_over
from territoire_sante.plugins import (
    Batch,
    Diagnosable,
    Fact,
    Incremental,
    Readable,
    Recognising,
    Ref,
    Stored,
    Unreadable,
    Words,
    published,
)
from territoire_sante_feed._recognise import Broken, Item, identified
from territoire_sante_feed._web_config import WebFeedConfig
from territoire_sante_feed._window import still_told

ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@attrs.frozen(kw_only=True)
class Contents:
    """What a download holds: its format, its entries, and what it says was taken back."""

    kind: str
    language: str = ""
    entries: tuple[feeds.Entry, ...]
    removed: tuple[feeds.Removed, ...] = ()


def contents_of(answer: Fetched, *, where: str, zone: str, max_bytes: int) -> Contents:
    """
    Read a download, in any of the formats.

    Raises:
        ProtocolError: it is no feed as a whole; nothing can be concluded from it.
    """
    try:
        feed = feeds.read(answer.body, limits=feeds.Limits(bytes_max=max_bytes))
    except FormatError as error:
        return _of_old_kind(answer, error, where=where, zone=zone)
    return Contents(
        kind=feed.format.value,
        language=feed.language,
        entries=feed.entries,
        removed=feed.removed,
    )


def _of_old_kind(answer: Fetched, error: FormatError, *, where: str, zone: str) -> Contents:
    if answer.looks_like_html:
        raise published.web_page(where) from error
    old = None
    if not isinstance(error, LimitExceededError):
        # feedparser takes its time to load, and few feeds need it.
        from territoire_sante_feed._old import read_old  # noqa: PLC0415 - see above

        old = read_old(answer.body, url=answer.url, zone=zone)
    if old is None:
        raise ProtocolError(
            str(error),
            where=where,
            remedy="Nothing was concluded from it; check that the address is that of the feed",
        ) from error
    return Contents(kind=old.kind, entries=old.entries)


@attrs.define
class WebFeed:
    """READ and DELTA on one address; an href is the identifier that an entry has here, escaped."""

    source: published.Address
    lens: Lens[Announcement]
    config: WebFeedConfig
    now: Callable[[], dt.datetime] = attrs.field(default=_utc_now, repr=False)
    _known: tuple[Stored, ...] = attrs.field(default=(), init=False, repr=False)
    _published: published.Published[Contents] = attrs.field(init=False, repr=False)
    _items: Mapping[str, Item | Broken | Stored] | None = attrs.field(
        default=None, init=False, repr=False
    )

    def __attrs_post_init__(self) -> None:
        self._published = published.Published(self.source.get, self._read)

    def recognise(self, known: Iterable[Stored]) -> None:
        """Remember the entries as they were last read."""
        self._known = tuple(known)

    def list(self) -> Iterator[Ref]:
        """
        Yield every entry, those included that the feed shows no longer but did not take back.

        Raises:
            ProtocolError: what came is no feed as a whole.
        """
        for item in self._all().values():
            yield item.ref

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored | Unreadable]:
        """Yield the entries that are there; a broken one with line and reason."""
        for uid in dict.fromkeys(map(unquote, hrefs)):
            item = self._all().get(uid)
            if isinstance(item, Stored):
                yield item
            elif isinstance(item, Broken):
                yield Unreadable(item.ref, f"{self.source.where}, {item.reason}")
            elif item is not None:
                yield self._served(item)

    def changes(self, cursor: str | None) -> Batch:
        """Return nothing if the feed is as it was, else all of it."""
        return self._published.changes(cursor, self.list)

    def diagnose(self, *, probe_writes: bool = False) -> tuple[Fact, ...]:  # noqa: ARG002 - nothing is ever written
        """Say what came, and how changes are noticed."""
        contents = self._published.contents()
        return (
            _plain_fact("format", contents.kind, Words("Format", "Format")),
            _plain_fact("items", str(len(contents.entries)), Words("Annonces", "Announcements")),
            _plain_fact("removed", str(len(contents.removed)), Words("Retirées", "Taken back")),
            published.validators_fact(self._published.answer()),
        )

    def _served(self, item: Item) -> Stored | Unreadable:
        try:
            return Stored(item.ref, item.served(self.lens))
        except FormatError as error:
            return Unreadable(item.ref, f"{self.source.where}, entry {item.uid}: {error}")

    def _read(self, answer: Fetched) -> Contents:
        return contents_of(
            answer,
            where=self.source.where,
            zone=self.config.timezone,
            max_bytes=self.config.max_bytes,
        )

    def _all(self) -> Mapping[str, Item | Broken | Stored]:
        if self._items is None:
            contents = self._published.contents()
            items = identified(
                contents.entries,
                self._known,
                lens=self.lens,
                url=self._published.answer().url,
                language=contents.language,
            )
            self._items = {**self._kept(items, contents), **items}
        return self._items

    def _kept(self, items: Mapping[str, Item | Broken], contents: Contents) -> dict[str, Stored]:
        if not self.config.keep_vanished:
            return {}
        vanished = [
            stored
            for stored in self._known
            if stored.ref.etag is not None and unquote(stored.ref.href) not in items
        ]
        present = [entry.document for entry in contents.entries]
        kept = (
            still_told(vanished, present, contents.removed, is_over=self._is_over)
            if vanished
            else []
        )
        return {unquote(stored.ref.href): stored for stored in kept}

    def _is_over(self, document: Document) -> bool:
        try:
            view = self.lens.get(document)
        except FormatError:
            return False
        return is_over(view, self.now(), zone=ZoneInfo(self.config.timezone))


@contextmanager
def opened_web_feed(config: WebFeedConfig) -> Iterator[WebFeed]:
    """
    Give the feed at ``config.url``; nothing is asked for before it is listed.

    Raises:
        ConfigError: the address cannot be asked.
    """
    with published.opened(config, config.url, accept=ACCEPT) as source:
        yield WebFeed(source, feeds.AnyLens(config.timezone), config)


def _plain_fact(key: str, value: str, what: Words) -> Fact:
    return Fact(key=key, value=value, what=what, found=Words(value, value))


if TYPE_CHECKING:
    _reads: type[Readable] = WebFeed
    _tells: type[Incremental] = WebFeed
    _knows: type[Recognising] = WebFeed
    _speaks: type[Diagnosable] = WebFeed
