# SPDX-License-Identifier: Apache-2.0
"""A feed that others publish at an address, to be read only."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import attrs

from territoire_sante.errors import FormatError, LimitExceededError, ProtocolError
from territoire_sante.formats import Document, Lens
from territoire_sante.formats import feed as feeds
from territoire_sante.http import Fetched, Validators
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
)
from territoire_sante_feed._recognise import Broken, Item, identified
from territoire_sante_feed._source import WebSource, opened_source
from territoire_sante_feed._web_config import WebFeedConfig
from territoire_sante_feed._window import still_told

_CURSOR_VERSION: Final = 1


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
        raise ProtocolError(
            "a web page came where a feed was expected",
            where=where,
            remedy="Nothing was concluded from it; it is often a login page: look whether the "
            "address opens without signing in",
        ) from error
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

    source: WebSource
    lens: Lens[Announcement]
    config: WebFeedConfig
    now: Callable[[], dt.datetime] = attrs.field(default=_utc_now, repr=False)
    _known: tuple[Stored, ...] = attrs.field(default=(), init=False, repr=False)
    _answer: Fetched | None = attrs.field(default=None, init=False, repr=False)
    _contents: Contents | None = attrs.field(default=None, init=False, repr=False)
    _items: Mapping[str, Item | Broken | Stored] | None = attrs.field(
        default=None, init=False, repr=False
    )

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
        """
        Return nothing if the feed is as it was, else all of it.

        Of a feed only the whole is known, hence ``reset`` when it has changed.
        """
        last = _read_cursor(cursor)
        if last is None:
            answer = self._loaded()
        else:
            answer = self.source.get(last.validators)
            if answer.not_modified:
                return Batch(cursor=cursor)
            self._answer = answer
            if _digest(answer.body) == last.digest:
                return Batch(cursor=_cursor(answer))
        refs = tuple(self.list())
        return Batch(changed=refs, cursor=_cursor(answer), reset=cursor is not None)

    def diagnose(self, *, probe_writes: bool = False) -> tuple[Fact, ...]:  # noqa: ARG002 - nothing is ever written
        """Say what came, and how changes are noticed."""
        contents = self._read()
        return (
            _plain_fact("format", contents.kind, Words("Format", "Format")),
            _plain_fact("items", str(len(contents.entries)), Words("Annonces", "Announcements")),
            _plain_fact("removed", str(len(contents.removed)), Words("Retirées", "Taken back")),
            _validators_fact(self._loaded()),
        )

    def _served(self, item: Item) -> Stored | Unreadable:
        try:
            return Stored(item.ref, item.served(self.lens))
        except FormatError as error:
            return Unreadable(item.ref, f"{self.source.where}, entry {item.uid}: {error}")

    def _loaded(self) -> Fetched:
        if self._answer is None:
            self._answer = self.source.get()
        return self._answer

    def _read(self) -> Contents:
        if self._contents is None:
            self._contents = contents_of(
                self._loaded(),
                where=self.source.where,
                zone=self.config.timezone,
                max_bytes=self.config.max_bytes,
            )
        return self._contents

    def _all(self) -> Mapping[str, Item | Broken | Stored]:
        if self._items is None:
            contents = self._read()
            items = identified(
                contents.entries,
                self._known,
                lens=self.lens,
                url=self._loaded().url,
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
    with opened_source(config) as source:
        yield WebFeed(source, feeds.AnyLens(config.timezone), config)


def _plain_fact(key: str, value: str, what: Words) -> Fact:
    return Fact(key=key, value=value, what=what, found=Words(value, value))


def _validators_fact(answer: Fetched) -> Fact:
    names = ("ETag", answer.validators.etag), ("Last-Modified", answer.validators.last_modified)
    found = [name for name, value in names if value]
    return Fact(
        key="validators",
        value=" ".join(found),
        what=Words("Signe de changement", "Sign of a change"),
        found=Words(" et ".join(found) or "aucun", " and ".join(found) or "none"),
        handling=Words()
        if found
        else Words("téléchargé en entier à chaque fois", "downloaded as a whole each time"),
        good=bool(found),
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _cursor(answer: Fetched) -> str:
    told = {**attrs.asdict(answer.validators), "url": answer.validators.url}
    told = attrs.asdict(answer.validators)
    noted = {"v": _CURSOR_VERSION, "body": _digest(answer.body), **told}
    return json.dumps(noted, separators=(",", ":"))


@attrs.frozen
class _Noted:
    validators: Validators
    digest: str


def _read_cursor(cursor: str | None) -> _Noted | None:
    """Return what an earlier run noted, ``None`` if it is not of this version."""
    try:
        noted = json.loads(cursor or "null")
    except ValueError:
        return None
    if not isinstance(noted, dict) or noted.pop("v", None) != _CURSOR_VERSION:
        return None
    digest = str(noted.pop("body", ""))
    try:
        return _Noted(Validators(**noted), digest)
    except TypeError:
        return None


if TYPE_CHECKING:
    _reads: type[Readable] = WebFeed
    _tells: type[Incremental] = WebFeed
    _knows: type[Recognising] = WebFeed
    _speaks: type[Diagnosable] = WebFeed
