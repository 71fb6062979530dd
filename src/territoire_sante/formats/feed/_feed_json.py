# SPDX-License-Identifier: Apache-2.0
"""Whole JSON feeds: items cut out of the array ``items``, and put back as they were."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final

import attrs

from territoire_sante.errors import FormatError, Problem
from territoire_sante.formats._document import Document
from territoire_sante.formats.feed import _json as spans
from territoire_sante.formats.feed._format import Entry, FeedFormat
from territoire_sante.formats.feed._json_feed import JsonFeedLens, ObjectText, parse_item
from territoire_sante.formats.feed._limits import Limits
from territoire_sante.formats.feed._removed import Removed, beyond_kept, removed_in_json
from territoire_sante.formats.feed._values import instant_text
from territoire_sante.formats.feed._vocabulary import EXTENSION

_DELETED: Final = "deleted"
_VERSION: Final = "https://jsonfeed.org/version/1"
_LENS: Final = JsonFeedLens()


@attrs.frozen(eq=False, kw_only=True)
class JsonLayout:
    """
    A JSON feed over its text.

    ``array`` is where the items' array begins, ``places`` where each item begins and ends.
    """

    format: ClassVar[FeedFormat] = FeedFormat.JSON

    title: str
    language: str
    text: str
    array: int
    places: tuple[tuple[int, int], ...]

    def entries(self, problems: list[Problem]) -> Iterator[Entry]:
        """
        Yield the items in order; one without id is kept, and reported.

        JSON Feed 1.1 lets readers drop such an item. In a sync, dropping would be deleting.
        """
        line, counted = 1, 0
        for start, end in self.places:
            line, counted = line + self.text.count("\n", counted, start), start
            document = Document(self.text[start:end].encode(), _LENS.media_type)
            name = _LENS.identifier(document)
            if not name:
                problems.append(Problem(f"line {line}", "an item without id"))
                name = _LENS.get(document).uid
            yield Entry(name, document, line)

    def removed(self) -> Iterator[Removed]:
        """Yield what our own object says was taken back."""
        told, _ = spans.value_at(self.text, spans.start_of(self.text))
        own = told.get(EXTENSION) if isinstance(told, dict) else None
        listed = own.get(_DELETED) if isinstance(own, dict) else None
        for one in listed if isinstance(listed, list) else []:
            removed = removed_in_json(one) if isinstance(one, dict) else Removed("")
            if removed.id:
                yield removed

    def insert(self, document: Document, now: dt.datetime | None) -> bytes:
        """Add an item before the first one, indented like it; it is not taken back any more."""
        del now
        name = _LENS.identifier(document)
        return self._with_removed(self._inserted(document), lambda one: one.id != name, None)

    def _inserted(self, document: Document) -> bytes:
        new = _checked(document)
        if self.places:
            first = self.places[0][0]
            before = self.text[:first]
            gap = before[len(before.rstrip(" \t\r\n")) :]
            return self._spliced(first, first, f"{new},{gap}")
        # Nothing but blanks is between the brackets.
        return self._spliced(self.array + 1, self.text.index("]", self.array), f"\n{new}\n")

    def replace(self, number: int, document: Document, now: dt.datetime | None) -> bytes:
        """Put another item in the place of item ``number``."""
        del now
        start, end = self.places[number]
        return self._spliced(start, end, _checked(document))

    def remove(self, number: int, now: dt.datetime | None, *, tombstone: bool) -> bytes:
        """Take item ``number`` out, with its comma, and list it as taken back."""
        start, end = self.places[number]
        data = self._taken_out(number)
        name = _LENS.identifier(Document(self.text[start:end].encode(), _LENS.media_type))
        if not tombstone or not name:
            return data
        return self._with_removed(data, lambda one: one.id != name, Removed(name, now))

    def _with_removed(
        self, data: bytes, stays: Callable[[Removed], bool], more: Removed | None
    ) -> bytes:
        """Return the feed's bytes with the list of what was taken back, if that changes."""
        before = list(self.removed())
        told = [one for one in before if stays(one)] + ([more] if more else [])
        if told == before:
            return data
        old = beyond_kept(told)
        listed = [
            {"id": one.id, **({"when": instant_text(one.when)} if one.when else {})}
            for one in told
            if one not in old
        ]
        feed = ObjectText(data.decode())
        feed.put_own(_DELETED, listed or None)
        return feed.text.encode()

    def _taken_out(self, number: int) -> bytes:
        start, end = self.places[number]
        if number:
            start = self.places[number - 1][1]
        elif len(self.places) > 1:
            end = self.places[1][0]
        return self._spliced(start, end, "")

    def _spliced(self, start: int, end: int, new: str) -> bytes:
        return (self.text[:start] + new + self.text[end:]).encode()


def _checked(document: Document) -> str:
    """Return the text of an item; a byte order mark has no place inside a feed."""
    text, _ = document.parsed(parse_item)
    return text.removeprefix("\ufeff").strip(" \t\r\n")


def read_json(data: bytes, limits: Limits) -> JsonLayout:
    """
    Find the items of a JSON feed.

    Raises:
        FormatError: no JSON, or no JSON Feed; it names the line.
    """
    text = spans.decode(data, limits)
    place = spans.start_of(text)
    found = {one.key: one for one in spans.members(text, place)}
    _check_end(text, place)
    version, title, language = (
        _value(text, found.get(key)) for key in ("version", "title", "language")
    )
    if not isinstance(version, str) or not version.startswith(_VERSION):
        raise FormatError("a JSON object, but no JSON Feed: its version is not named", line=1)
    items = found.get("items")
    if items is None:
        raise FormatError("a JSON Feed without items", line=1)
    places = tuple(spans.elements(text, items.value))
    limits.check_entries(len(places))
    for start, _ in places:
        if text[start] != "{":
            raise FormatError("an item is no object", line=spans.line_of(text, start))
    return JsonLayout(
        title=title if isinstance(title, str) else "",
        language=language if isinstance(language, str) else "",
        text=text,
        array=items.value,
        places=places,
    )


def _value(text: str, member: spans.Member | None) -> Any:
    return None if member is None else spans.value_at(text, member.value)[0]


def _check_end(text: str, place: int) -> None:
    end = spans.value_at(text, place)[1]
    rest = text[end:].lstrip(" \t\r\n")
    if rest:
        line = spans.line_of(text, len(text) - len(rest))
        raise FormatError("not JSON: something follows the object", line=line)
