# SPDX-License-Identifier: Apache-2.0
"""
One file with many items; each is read and written as a document of its own.

An item is found by its UID (by a hash of its lines if it has none), and its version is a hash of
its own bytes: what other programs do to other items is no conflict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import attrs

from territoire_sante.errors import (
    ConflictError,
    FormatError,
    ItemNotFoundError,
    ItemRefusedError,
    ProtocolError,
)
from territoire_sante.formats import Document, contentline
from territoire_sante.plugins import (
    Readable,
    Ref,
    SharedFile,
    Stored,
    Unreadable,
    Writable,
    tag,
)
from territoire_sante_files._chunks import Cut, cut, put
from territoire_sante_files._flavour import Flavour


@attrs.define
class _Read:
    """The file as it was read, and cut into its items once a change needs that."""

    data: bytes
    items: Mapping[str, Document]
    _cut: Cut | None = None
    _keys: frozenset[str] | None = attrs.field(default=None, init=False)

    def cut(self, flavour: Flavour) -> Cut | None:
        """Return the file as chunks, ``None`` if it has to be changed as a whole."""
        if self._cut is None and self._keys is None:
            self._cut = cut(self.data, flavour)
        if self._keys is None:
            chunks = () if self._cut is None else self._cut.chunks
            self._keys = frozenset(chunk.key for chunk in chunks) - {""}
        return self._cut if self._keys <= self.items.keys() else None

    def knows(self, key: str) -> bool:
        """Say whether the chunks of an item, or that there are none, are known."""
        return (key in (self._keys or ())) == (key in self.items)


@attrs.frozen
class _Change:
    """What becomes of the item ``key``, if ``check`` does not object."""

    key: str
    document: Document | None
    check: Callable[[_Read], None]


@attrs.define
class File:
    """READ and WRITE on one file; an href is a UID with escapes."""

    path: Path
    flavour: Flavour
    _last: _Read | None = attrs.field(default=None, init=False, repr=False)

    def list(self) -> Iterator[Ref]:
        """
        Yield every item.

        Raises:
            CollectionGoneError: the file is gone.
            ProtocolError: it cannot be understood as a whole.
        """
        for key, document in self._load().items.items():
            yield _ref(key, document)

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored | Unreadable]:
        """Yield the items that are there; one that is ambiguous with line and reason."""
        there = self._load()
        for key in dict.fromkeys(map(unquote, hrefs)):
            document = there.items.get(key)
            if document is None:
                continue
            try:
                self.flavour.check_one(document.parsed(contentline.parse))
            except FormatError as error:
                yield Unreadable(_ref(key, document), f"{self.path}, item {key}, its {error}")
            else:
                yield Stored(_ref(key, document), document)

    def create(self, href_hint: str, document: Document) -> Ref:
        """Add an item; its href comes from its UID and not from ``href_hint``."""
        key = self._key(document, href_hint)

        def check(there: _Read) -> None:
            if key in there.items:
                raise ConflictError("something is already there", where=f"{self.path}, item {key}")

        return self._written(key, _Change(key, document, check))

    def replace(self, ref: Ref, document: Document) -> Ref:
        """Overwrite an item that has not changed since it was seen, in its place."""
        old, new = unquote(ref.href), self._key(document, ref.href)

        def check(there: _Read) -> None:
            self._compare(there, ref)
            if new != old and new in there.items:
                raise ItemRefusedError(
                    f"another item has the UID {new}", href=ref.href, where=str(self.path)
                )

        return self._written(new, _Change(old, document, check))

    def delete(self, ref: Ref) -> None:
        """Remove an item that has not changed since it was seen."""
        self._write(_Change(unquote(ref.href), None, lambda there: self._compare(there, ref)))

    def _compare(self, there: _Read, ref: Ref) -> None:
        document = there.items.get(unquote(ref.href))
        if document is None:
            raise ItemNotFoundError("no such item", href=ref.href, where=str(self.path))
        if tag(document.data) != ref.etag:
            raise ConflictError("the item was changed since it was read", where=ref.href)

    def _key(self, document: Document, href: str) -> str:
        try:
            return self.flavour.key(document)
        except FormatError as error:
            raise ItemRefusedError(str(error), href=href, where=str(self.path)) from error

    def _written(self, key: str, change: _Change) -> Ref:
        before, after = self._write(change)
        if key not in after.items:
            # An item without UID is known by a hash of its lines, which end as the file's do now.
            key = next(iter(after.items.keys() - before.items.keys()), change.key)
        return _ref(key, after.items[key])

    def _write(self, change: _Change) -> tuple[_Read, _Read]:
        done: list[_Read] = []

        def edit(data: bytes) -> bytes:
            before = self._understood(data)
            change.check(before)
            done[:] = before, self._changed(before, change)
            return done[1].data

        SharedFile(self.path).change(edit)
        before, self._last = done
        return before, self._last

    def _load(self) -> _Read:
        return self._understood(SharedFile(self.path).read())

    def _changed(self, before: _Read, change: _Change) -> _Read:
        """Return the file after a change; the other items are read again only if they have to."""
        file, key = before.cut(self.flavour), change.key
        known = file is not None and before.knows(key)
        done = put(file, key, change.document, self.flavour) if file is not None and known else None
        if done is not None:
            whole, new = done
            items = {name: item for name, item in before.items.items() if name != key}
            return _Read(whole.data, {**items, **new}, whole)
        data = self.flavour.merge(before.data, key, change.document)
        if change.document is None and not contentline.parse(data).components:
            data = self.flavour.empty
        return self._parsed(data)

    def _understood(self, data: bytes) -> _Read:
        if self._last is None or self._last.data != data:
            self._last = self._parsed(data)
        return self._last

    def _parsed(self, data: bytes) -> _Read:
        try:
            self.flavour.check_file(contentline.parse(data))
            return _Read(data, self.flavour.split(data))
        except FormatError as error:
            raise ProtocolError(
                str(error),
                where=str(self.path),
                remedy="Nothing was concluded from it; mend the file, or restore it",
            ) from error


def _ref(key: str, document: Document) -> Ref:
    return Ref(quote(key, safe="@"), tag(document.data))


if TYPE_CHECKING:
    _reads: type[Readable] = File
    _writes: type[Writable] = File
