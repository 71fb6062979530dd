# SPDX-License-Identifier: Apache-2.0
"""The three formats, and the shape that the layouts of their whole feeds share."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Protocol

import attrs

from territoire_sante.errors import Problem
from territoire_sante.formats._document import Document, Lens
from territoire_sante.formats.feed._atom import AtomLens
from territoire_sante.formats.feed._json_feed import JsonFeedLens
from territoire_sante.formats.feed._removed import Removed
from territoire_sante.formats.feed._rss import RssLens
from territoire_sante.model import Announcement

#: Entries of Atom (RFC 4287).
ATOM: Final[Lens[Announcement]] = AtomLens()
#: Items of RSS 2.0.
RSS: Final[Lens[Announcement]] = RssLens()
#: Items of JSON Feed 1.1.
JSON_FEED: Final[Lens[Announcement]] = JsonFeedLens()


class FeedFormat(enum.Enum):
    """The three formats that are written and read."""

    ATOM = "atom"
    RSS = "rss"
    JSON = "json"

    @property
    def media_type(self) -> str:
        """The media type of a whole feed."""
        return _MEDIA_TYPES[self]

    def lens(self, *, zone: str = "Europe/Paris") -> Lens[Announcement]:
        """Return the lens of one entry; days of publication begin at midnight in ``zone``."""
        return _LENSES[self](zone)


_MEDIA_TYPES: Final = {
    FeedFormat.ATOM: "application/atom+xml",
    FeedFormat.RSS: "application/rss+xml",
    FeedFormat.JSON: "application/feed+json",
}

_LENSES: Final[Mapping[FeedFormat, Callable[[str], Lens[Announcement]]]] = {
    FeedFormat.ATOM: AtomLens,
    FeedFormat.RSS: RssLens,
    FeedFormat.JSON: JsonFeedLens,
}


@attrs.frozen
class Entry:
    """
    One entry of a feed.

    ``id`` is what the feed calls it; an entry without identifier goes by its link or a
    hash of its bytes, a repeated one gets ``#2`` and so on. ``document`` can stand alone:
    namespaces that the feed declares and the entry uses are declared in it. ``base`` is what its
    links are relative to, itself relative to the feed's address (XML Base).
    """

    id: str
    document: Document
    line: int = 0
    base: str = ""


class Layout(Protocol):
    """Where the entries are in a feed; changes return the whole feed's new bytes."""

    @property
    def format(self) -> FeedFormat:
        """The format of the feed."""
        ...

    @property
    def title(self) -> str:
        """The title of the feed."""
        ...

    @property
    def language(self) -> str:
        """The language of the feed, empty if it names none."""
        ...

    def entries(self, problems: list[Problem]) -> Iterator[Entry]:
        """Yield the entries in order; what is wrong with one goes into ``problems``."""
        ...

    def insert(self, document: Document, now: dt.datetime | None) -> bytes:
        """Add an entry before the first one."""
        ...

    def replace(self, number: int, document: Document, now: dt.datetime | None) -> bytes:
        """Put another entry in the place of entry ``number``."""
        ...

    def remove(self, number: int, now: dt.datetime | None, *, tombstone: bool) -> bytes:
        """Take entry ``number`` out, and say so with a tombstone."""
        ...

    def removed(self) -> Iterator[Removed]:
        """Yield what the feed says it took back."""
        ...


def unique(entries: Sequence[Entry], problems: list[Problem]) -> Iterator[Entry]:
    """Yield the entries with each id once, and report the repeated ones."""
    seen: set[str] = set()
    last: dict[str, int] = {}
    for entry in entries:
        name, number = entry.id, last.get(entry.id, 1)
        while name in seen:
            number += 1
            name = f"{entry.id}#{number}"
        last[entry.id] = number
        if number > 1:
            problems.append(Problem(f"line {entry.line}", f"the id {entry.id} is there twice"))
        seen.add(name)
        yield attrs.evolve(entry, id=name)
