# SPDX-License-Identifier: Apache-2.0
"""Whole feeds: read one, and change one entry of it without touching the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import attrs

from territoire_sante.errors import InvalidValueError, Problem
from territoire_sante.formats._document import Document
from territoire_sante.formats.feed._feed_json import read_json
from territoire_sante.formats.feed._feed_xml import read_xml
from territoire_sante.formats.feed._format import Entry, FeedFormat, Layout, unique
from territoire_sante.formats.feed._limits import Limits
from territoire_sante.formats.feed._removed import Removed


@attrs.frozen(kw_only=True)
class Feed:
    """
    A feed as it was read: ``data`` holds its bytes, ``entries`` its entries in order.

    ``problems`` names what is wrong with single entries; those are kept all the same.
    ``language`` is empty if the feed names none, ``removed`` holds the entries that it says it
    took back.
    """

    format: FeedFormat
    title: str
    language: str
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    removed: tuple[Removed, ...] = ()
    data: bytes = attrs.field(repr=False)
    layout: Layout = attrs.field(repr=False, eq=False)
    _numbers: Mapping[str, int] = attrs.field(init=False, repr=False, eq=False)

    @_numbers.default
    def _count(self) -> Mapping[str, int]:
        return {entry.id: number for number, entry in enumerate(self.entries)}

    def find(self, entry_id: str) -> Entry | None:
        """Return the entry with this id."""
        number = self._numbers.get(entry_id)
        return None if number is None else self.entries[number]

    def insert(self, document: Document, *, now: dt.datetime | None = None) -> bytes:
        """
        Return the feed's bytes with one entry more, the first.

        ``now`` (aware) becomes the feed's own time of change, if it tells one.

        Raises:
            FormatError: the document is no entry of this format.
        """
        return self.layout.insert(document, now)

    def replace(
        self, entry_id: str, document: Document, *, now: dt.datetime | None = None
    ) -> bytes:
        """
        Return the feed's bytes with another entry in the place of ``entry_id``.

        Raises:
            InvalidValueError: there is no such entry.
            FormatError: the document is no entry of this format.
        """
        return self.layout.replace(self._number(entry_id), document, now)

    def remove(
        self, entry_id: str, *, now: dt.datetime | None = None, tombstone: bool = False
    ) -> bytes:
        """
        Return the feed's bytes without an entry.

        With ``tombstone`` the feed says that it was taken back, ``now``; an entry without an
        identifier of its own just goes. Among many, the oldest such words go too.

        Raises:
            InvalidValueError: there is no such entry, or ``now`` is missing for a tombstone.
        """
        number = self._number(entry_id)
        if tombstone and now is None:
            raise InvalidValueError("a tombstone needs a time", where="now")
        return self.layout.remove(number, now, tombstone=tombstone)

    def _number(self, entry_id: str) -> int:
        number = self._numbers.get(entry_id)
        if number is None:
            raise InvalidValueError("the feed has no such entry", where=entry_id)
        return number


def read(data: bytes, *, limits: Limits | None = None) -> Feed:
    """
    Read an Atom, RSS 2.0 or JSON feed; its format is told from its content.

    Raises:
        LimitExceededError: larger, deeper or longer than ``limits``.
        UnsupportedError: a DOCTYPE, an encoding or a format that is not read.
        FormatError: no feed, or broken; it names the line.
    """
    limits = limits or Limits()
    limits.check_size(data)
    begins = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    layout: Layout = (read_json if begins == b"{" else read_xml)(data, limits)
    problems: list[Problem] = []
    entries = tuple(unique(list(layout.entries(problems)), problems))
    return Feed(
        format=layout.format,
        title=layout.title,
        language=layout.language,
        entries=entries,
        problems=tuple(problems),
        removed=tuple(layout.removed()),
        data=data,
        layout=layout,
    )
