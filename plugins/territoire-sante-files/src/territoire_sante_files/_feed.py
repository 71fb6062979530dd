# SPDX-License-Identifier: Apache-2.0
"""A calendar or address book that is published at an address, to be read only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

import attrs

from territoire_sante.errors import FormatError, ProtocolError
from territoire_sante.formats import Document, contentline
from territoire_sante.http import Fetched, Validators
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
from territoire_sante_files._flavour import Flavour
from territoire_sante_files._recognise import Item, Traits, identified, told_apart


class Source(Protocol):
    """Where a feed comes from."""

    @property
    def where(self) -> str:
        """The address as it may be shown."""
        ...

    def get(self, known: Validators | None = None) -> Fetched:
        """
        Return the feed, or that it is still the version ``known``.

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
    _published: published.Published[Mapping[str, Document]] = attrs.field(init=False, repr=False)
    _items: Mapping[str, Item | Stored] | None = attrs.field(default=None, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._published = published.Published(self.source.get, self._split)

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
        """Return nothing if the feed is as it was, else all of it."""
        return self._published.changes(cursor, self.list)

    def diagnose(self, *, probe_writes: bool = False) -> tuple[Fact, ...]:  # noqa: ARG002 - nothing is ever written
        """Say what came, and how changes are noticed."""
        documents = self._published.contents().values()
        uids = [self.kind.flavour.uid(d.parsed(contentline.parse)) for d in documents]
        return (
            _items_fact(len(uids)),
            published.validators_fact(self._published.answer()),
            _uids_fact(uids.count("")),
        )

    def _all(self) -> Mapping[str, Item | Stored]:
        if self._items is None:
            items = self._identified(self._published.contents())
            self._items = {**self._left_behind(items), **items}
        return self._items

    def _identified(self, documents: Mapping[str, Document]) -> dict[str, Item]:
        return identified(
            documents,
            self._known,
            flavour=self.kind.flavour,
            seed=self.seed,
            traits=self.kind.traits,
        )

    def _split(self, answer: Fetched) -> Mapping[str, Document]:
        if answer.looks_like_html:
            raise published.web_page(self.source.where)
        flavour = self.kind.flavour
        try:
            flavour.check_file(contentline.parse(answer.body))
            return told_apart(flavour.split(answer.body), flavour)
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


if TYPE_CHECKING:
    _reads: type[Readable] = Feed
    _tells: type[Incremental] = Feed
    _knows: type[Recognising] = Feed
    _speaks: type[Diagnosable] = Feed
