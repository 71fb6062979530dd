# SPDX-License-Identifier: Apache-2.0
"""A calendar or address book that is published at an address, to be read only."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

import attrs

from territoire_sante.errors import FormatError, ProtocolError
from territoire_sante.formats import Document, contentline
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
from territoire_sante_files._flavour import Flavour
from territoire_sante_files._recognise import Item, Traits, identified, told_apart

_CURSOR_VERSION = 1


@attrs.frozen(kw_only=True)
class Mark:
    """What a server says of the version it sent, and from which address it came in the end."""

    etag: str | None = None
    last_modified: str | None = None
    url: str = attrs.field(default="", repr=False)


@attrs.frozen
class Download:
    """What came from the address, and what to ask with next time."""

    data: bytes
    mark: Mark = Mark()


class Source(Protocol):
    """Where a feed comes from."""

    @property
    def where(self) -> str:
        """The address as it may be shown."""
        ...

    def get(self, known: Mark | None = None) -> Download | None:
        """
        Return the feed, ``None`` if it is still the version ``known``.

        Raises:
            ConnectorError: it cannot be had, or is something else.
        """
        ...


@attrs.frozen(kw_only=True)
class FeedKind:
    """
    What differs between feeds of events and of cards.

    ``traits`` tells an edited item from another one; ``history`` returns those of the items
    that vanished which are only past, given what is left and the present moment.
    """

    flavour: Flavour
    traits: Callable[[Document], Traits | None]
    history: Callable[[Sequence[Stored], Iterable[Document], dt.datetime], Sequence[Stored]]


@attrs.define
class Feed:
    """
    READ and DELTA on one address; an href is the UID that an item has here, with escapes.

    ``seed`` tells feeds apart whose items have no UID. With ``keep_past`` events that a moving
    window left behind are still listed, as they were last read.
    """

    source: Source
    kind: FeedKind
    seed: str = attrs.field(repr=False)
    keep_past: bool
    now: Callable[[], dt.datetime] = attrs.field(repr=False)
    _known: tuple[Stored, ...] = attrs.field(default=(), init=False, repr=False)
    _download: Download | None = attrs.field(default=None, init=False, repr=False)
    _items: Mapping[str, Item | Stored] | None = attrs.field(default=None, init=False, repr=False)

    def recognise(self, known: Iterable[Stored]) -> None:
        """Remember the items as they were last read."""
        self._known = tuple(known)

    def list(self) -> Iterator[Ref]:
        """
        Yield every item, past ones included that the feed dropped.

        Raises:
            ProtocolError: what came is no feed as a whole.
        """
        for item in self._all().values():
            yield item.ref

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored | Unreadable]:
        """Yield the items that are there; a broken one with line and reason."""
        for uid in dict.fromkeys(map(unquote, hrefs)):
            item = self._all().get(uid)
            if item is None:
                continue
            if isinstance(item, Stored):
                yield item
                continue
            try:
                self.kind.flavour.check_one(item.document.parsed(contentline.parse))
            except FormatError as error:
                yield Unreadable(item.ref, f"{self.source.where}, item {uid}, its {error}")
            else:
                yield Stored(item.ref, item.served(self.kind.flavour))

    def changes(self, cursor: str | None) -> Batch:
        """
        Return nothing if the feed is as it was, else all of it.

        Of a feed only the whole is known, hence ``reset`` when it has changed.
        """
        last = _read_cursor(cursor)
        if last is None:
            download = self._loaded()
        else:
            found = self.source.get(last.mark)
            if found is None:
                return Batch(cursor=cursor)
            self._download = download = found
            if _digest(download.data) == last.digest:
                return Batch(cursor=_cursor(download))
        refs = tuple(self.list())
        return Batch(changed=refs, cursor=_cursor(download), reset=cursor is not None)

    def diagnose(self, *, probe_writes: bool = False) -> tuple[Fact, ...]:  # noqa: ARG002 - nothing is ever written
        """Say what came, and how changes are noticed."""
        download = self._loaded()
        documents = self._split(download).values()
        uids = [self.kind.flavour.uid(d.parsed(contentline.parse)) for d in documents]
        return (
            _items_fact(len(uids)),
            _validators_fact(download),
            _uids_fact(uids.count("")),
        )

    def _all(self) -> Mapping[str, Item | Stored]:
        if self._items is None:
            items = self._items_of(self._loaded())
            self._items = {**self._left_behind(items), **items}
        return self._items

    def _loaded(self) -> Download:
        if self._download is None:
            self._download = self.source.get()
            if self._download is None:
                raise ProtocolError(
                    "it is said to be unchanged, but nothing is known of it",
                    where=self.source.where,
                )
        return self._download

    def _items_of(self, download: Download) -> dict[str, Item]:
        return identified(
            self._split(download),
            self._known,
            flavour=self.kind.flavour,
            seed=self.seed,
            traits=self.kind.traits,
        )

    def _split(self, download: Download) -> Mapping[str, Document]:
        flavour = self.kind.flavour
        try:
            flavour.check_file(contentline.parse(download.data))
            return told_apart(flavour.split(download.data), flavour)
        except FormatError as error:
            raise ProtocolError(
                str(error),
                where=self.source.where,
                remedy="Nothing was concluded from it; check that the address is that of the feed",
            ) from error

    def _left_behind(self, items: Mapping[str, Item]) -> dict[str, Stored]:
        if not self.keep_past:
            return {}
        vanished = [
            stored
            for stored in self._known
            if stored.ref.etag is not None and unquote(stored.ref.href) not in items
        ]
        present = (item.document for item in items.values())
        past = self.kind.history(vanished, present, self.now()) if vanished else ()
        return {unquote(stored.ref.href): stored for stored in past}


def _items_fact(number: int) -> Fact:
    return Fact(
        key="items",
        value=str(number),
        what=Words("Éléments publiés", "Items published"),
        found=Words(str(number), str(number)),
    )


def _validators_fact(download: Download) -> Fact:
    mark = download.mark
    names = ("ETag", mark.etag), ("Last-Modified", mark.last_modified)
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


def _uids_fact(without: int) -> Fact:
    return Fact(
        key="without_uid",
        value=str(without),
        what=Words("Éléments sans UID", "Items without UID"),
        found=Words(str(without), str(without)),
        handling=Words("reconnus à leur contenu", "recognised by what they say")
        if without
        else Words(),
        good=not without,
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _cursor(download: Download) -> str:
    noted = {"v": _CURSOR_VERSION, "body": _digest(download.data), **attrs.asdict(download.mark)}
    return json.dumps(noted, separators=(",", ":"))


@attrs.frozen
class _Noted:
    mark: Mark
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
        return _Noted(Mark(**noted), digest)
    except TypeError:
        return None


if TYPE_CHECKING:
    _reads: type[Readable] = Feed
    _tells: type[Incremental] = Feed
    _knows: type[Recognising] = Feed
    _speaks: type[Diagnosable] = Feed
