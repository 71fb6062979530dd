# SPDX-License-Identifier: Apache-2.0
"""The agenda: its entries listed, read and written one by one, each on condition of its words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from territoire_sante.errors import (
    ConflictError,
    FormatError,
    InputError,
    ItemNotFoundError,
    ItemRefusedError,
)
from territoire_sante.formats import Document
from territoire_sante.model import When
from territoire_sante.plugins import (
    Readable,
    Recognising,
    Ref,
    SharedFile,
    Stored,
    Unreadable,
    Writable,
)
from territoire_sante_town_agenda._lens import EntryLens, made, parts_of
from territoire_sante_town_agenda._naming import Named, named, new
from territoire_sante_town_agenda._text import Text

_NEVER: Final = dt.datetime.max  # noqa: DTZ901 - what walls show is compared, in one zone


@attrs.frozen
class _Seen:
    """The agenda as it was read last: its bytes, its lines, and its entries by line number."""

    data: bytes
    text: Text
    entries: dict[int, Named]

    def at(self, href: str) -> tuple[int, Named]:
        """
        Return the line number and the entry of an href.

        Raises:
            ItemNotFoundError: there is no such entry.
        """
        for number, one in self.entries.items():
            if one.href == href:
                return number, one
        raise ItemNotFoundError("no such entry", href=href)


@attrs.define
class Agenda:
    """READ and WRITE on the entries of one file; an ETag is a hash of the words of an entry."""

    _file: SharedFile
    _lens: EntryLens
    _encoding: str
    _known: dict[str, Named] = attrs.field(factory=dict, init=False, repr=False)
    _last: _Seen | None = attrs.field(default=None, init=False, repr=False)

    def recognise(self, known: Iterable[Stored]) -> None:
        """Take note of the entries as they were read in an earlier run."""
        for item in known:
            try:
                uid, line = parts_of(item.document)
            except FormatError:
                continue
            href, released = item.ref.href, item.ref.etag is None
            self._known.setdefault(href, Named(href, uid, line, released))

    def list(self) -> Iterator[Ref]:
        """Yield every entry."""
        for one in self._load().entries.values():
            yield Ref(one.href, one.etag)

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored | Unreadable]:
        """Yield the entries that are there; one that cannot be understood with its line."""
        seen = self._load()
        wanted = set(hrefs)
        for number, one in seen.entries.items():
            if one.href in wanted:
                yield self._answer(number, one)

    def create(self, href_hint: str, document: Document) -> Ref:
        """Put a new entry behind the last one that does not start later."""
        uid, line = self._parts(document, href_hint)

        def edit(seen: _Seen) -> tuple[Text, dict[int, Named], Named]:
            if any(one.uid == uid for one in seen.entries.values()):
                raise ConflictError("the entry is there already", where=str(self._file.path))
            taken = {*self._known, *(one.href for one in seen.entries.values())}
            one = new(line, taken, seed=str(self._file.path), uid=uid)
            number = self._place(seen, line)
            later = {n + (n >= number): other for n, other in seen.entries.items()}
            entries = dict(sorted({**later, number: one}.items()))
            return seen.text.inserted(number, line), entries, one

        return self._changed(edit, href_hint)

    def replace(self, ref: Ref, document: Document) -> Ref:
        """Write other words into the line of an entry; the line stays where it is."""
        uid, line = self._parts(document, ref.href)

        def edit(seen: _Seen) -> tuple[Text, dict[int, Named], Named]:
            number, _ = self._current(seen, ref)
            one = Named(ref.href, uid, line)
            return seen.text.replaced(number, line), {**seen.entries, number: one}, one

        return self._changed(edit, ref.href)

    def delete(self, ref: Ref) -> None:
        """Remove the line of an entry."""

        def edit(seen: _Seen) -> tuple[Text, dict[int, Named], Named]:
            number, one = self._current(seen, ref)
            entries = {n - (n > number): other for n, other in seen.entries.items() if n != number}
            return seen.text.removed(number), entries, one

        self._changed(edit, ref.href)
        self._known.pop(ref.href, None)

    def _load(self) -> _Seen:
        return self._look(self._file.read())

    def _look(self, data: bytes) -> _Seen:
        """Return what a file says; what was known stays known by its names."""
        if self._last is None or self._last.data != data:
            where = str(self._file.path)
            text = Text.of(data, self._encoding, where=where)
            lines = text.entries()
            found = named(list(lines.values()), self._known.values(), seed=where)
            self._remember(_Seen(data, text, dict(zip(lines, found, strict=True))))
        assert self._last is not None  # noqa: S101 - set just now
        return self._last

    def _remember(self, seen: _Seen) -> None:
        self._last = seen
        self._known |= {one.href: one for one in seen.entries.values()}

    def _changed(
        self, edit: Callable[[_Seen], tuple[Text, dict[int, Named], Named]], href: str
    ) -> Ref:
        results: list[tuple[_Seen, Named]] = []

        def rewrite(data: bytes) -> bytes:
            text, entries, one = edit(self._look(data))
            results.append((_Seen(text.data, text, entries), one))
            return text.data

        try:
            self._file.change(rewrite)
        except ItemRefusedError as error:
            raise ItemRefusedError(
                error.what, href=href, where=str(self._file.path), remedy=error.remedy
            ) from None
        seen, one = results[-1]
        self._remember(seen)
        return Ref(one.href, one.etag)

    def _current(self, seen: _Seen, ref: Ref) -> tuple[int, Named]:
        number, one = seen.at(ref.href)
        if one.etag != ref.etag:
            raise ConflictError("somebody edited the line since", where=self._where(number))
        return number, one

    def _answer(self, number: int, one: Named) -> Stored | Unreadable:
        ref = Ref(one.href, one.etag)
        try:
            document = made(one.uid, one.line)
            self._lens.get(document)
        except InputError as error:
            return Unreadable(ref, f"{self._where(number)}: {error}")
        return Stored(ref, document)

    def _where(self, number: int) -> str:
        return f"{self._file.path}, line {number + 1}"

    def _parts(self, document: Document, href: str) -> tuple[str, str]:
        try:
            self._lens.get(document)
            return parts_of(document)
        except InputError as error:
            raise ItemRefusedError(str(error), href=href, where=str(self._file.path)) from error

    def _place(self, seen: _Seen, line: str) -> int:
        """Return the number of the line that a new entry pushes down."""
        start = self._start(line)
        earlier = [n for n, one in seen.entries.items() if self._start(one.line) <= start]
        if earlier:
            return max(earlier) + 1
        return min(seen.entries, default=len(seen.text.lines))

    def _start(self, line: str) -> dt.datetime:
        """Return when a line starts; the end of all days if that cannot be read."""
        try:
            event = self._lens.get(made("x", line))
        except InputError:
            return _NEVER
        return _moment(event.start)


def _moment(when: When | None) -> dt.datetime:
    if isinstance(when, dt.datetime):
        return when.replace(tzinfo=None)
    return _NEVER if when is None else dt.datetime.combine(when, dt.time())


if TYPE_CHECKING:

    def _keeps_the_contract(agenda: Agenda) -> tuple[Readable, Writable, Recognising]:
        return agenda, agenda, agenda
