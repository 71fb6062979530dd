# SPDX-License-Identifier: Apache-2.0
"""
One entry of the agenda, read as an event, and an event written into an entry.

A document is two lines of UTF-8. The first is the name by which the entry is known here, which the
agenda itself has no place for; the second is the line of the agenda:

.. code-block:: text

    # uid: 6f0a3f0c-9b57-5b1e-8a55-0d6b6e633d0c
    05/06/2027 14h-17h30 | Salle polyvalente | Journée de prévention
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

import attrs

from territoire_sante.errors import FormatError
from territoire_sante.formats import Document
from territoire_sante.model import Event, make_id
from territoire_sante_town_agenda._when import Span, read_when, write_when

MEDIA_TYPE: Final = "text/plain; charset=utf-8"

_HEAD: Final = "# uid: "
_BAR: Final = "|"
_WITH_PLACE: Final = 3
_RECURRENCE: Final = ("rrule", "rdates", "exdates", "occurrences")


@attrs.frozen
class Entry:
    """A line of the agenda, cut at its bars: when, perhaps where, what, and remarks of theirs."""

    cells: tuple[str, ...]

    @classmethod
    def of(cls, line: str) -> Entry:
        """
        Return the entry of a line.

        Raises:
            FormatError: nothing stands behind the day.
        """
        cells = tuple(line.split(_BAR))
        entry = cls(cells)
        if len(cells) == 1 or not entry.title:
            raise FormatError(
                "an entry without title", line=1, remedy="Write: 05/06/2027 14h | Place | Title"
            )
        return entry

    @property
    def has_place(self) -> bool:
        """Whether a cell stands between day and title."""
        return len(self.cells) >= _WITH_PLACE

    @property
    def when(self) -> str:
        """The words that say when it is."""
        return self.cells[0].strip()

    @property
    def place(self) -> str:
        """The place, empty if none is given."""
        return self.cells[1].strip() if self.has_place else ""

    @property
    def title(self) -> str:
        """The title."""
        return self.cells[2 if self.has_place else 1].strip()

    @property
    def line(self) -> str:
        """The line of the agenda."""
        return _BAR.join(self.cells)

    def with_when(self, text: str) -> Entry:
        """Return the entry at another time; the weekday goes, which would be another one."""
        return self._with(0, text)

    def with_place(self, text: str) -> Entry:
        """Return the entry at another place."""
        if self.has_place:
            return self._with(1, text)
        if not text:
            return self
        head = self.cells[0] if self.cells[0].endswith(" ") else f"{self.cells[0]} "
        return Entry((head, f" {text} ", *self.cells[1:]))

    def with_title(self, text: str) -> Entry:
        """Return the entry under another title."""
        return self._with(2 if self.has_place else 1, text)

    def _with(self, cell: int, text: str) -> Entry:
        """Return the entry with other words in a cell; the blanks around them stay."""
        old = self.cells[cell]
        said = old.strip()
        lead, trail = (old[: old.index(said)], old[len(old.rstrip()) :]) if said else (" ", " ")
        new = f"{lead}{text}{trail}" if text else " "
        return Entry((*self.cells[:cell], new, *self.cells[cell + 1 :]))


@attrs.frozen
class EntryLens:
    """
    Reads entries whose times are of ``zone``.

    A line has no words for a description, a status or a recurrence. The first two are left out; of
    an event that recurs, whose line would tell people of one day only, nothing is written.
    """

    zone: ZoneInfo

    view: ClassVar[type[Event]] = Event
    media_type: ClassVar[str] = MEDIA_TYPE
    fields: ClassVar[frozenset[str]] = frozenset({"uid", "summary", "location", "start", "end"})

    def get(self, document: Document) -> Event:
        """
        Return the event of a document.

        Raises:
            FormatError: it is no entry.
        """
        uid, line = document.parsed(_parts)
        entry = Entry.of(line)
        start, end = read_when(entry.when, self.zone)
        return Event(
            id=make_id("event", uid),
            uid=uid,
            summary=entry.title,
            location=entry.place,
            start=start,
            end=end,
        )

    def put(
        self,
        view: Event,
        document: Document | None = None,
        *,
        now: dt.datetime | None = None,  # noqa: ARG002 - the protocol's; a line has no date of its own
    ) -> Document:
        """
        Return the document with what changed, or a new one.

        Raises:
            FormatError: a line cannot say it.
        """
        uid = view.uid or view.id.partition(":")[2]
        if document is None:
            self._check(view)
            when = write_when(view.start, view.end, self.zone)
            cells = [when, view.location, view.summary] if view.location else [when, view.summary]
            return made(uid, " | ".join(cells))
        before = self.get(document)
        named, line = document.parsed(_parts)
        entry = self._changed(Entry.of(line), view, before)
        if (uid, entry.line) == (named, line):
            return document
        self._check(view)
        return made(uid, entry.line)

    def _changed(self, entry: Entry, view: Event, before: Event) -> Entry:
        old: Span = (before.start or dt.date.min, before.end)
        if repr((view.start, view.end)) != repr(old):
            entry = entry.with_when(write_when(view.start, view.end, self.zone))
        if view.location != before.location:
            entry = entry.with_place(view.location)
        return entry.with_title(view.summary) if view.summary != before.summary else entry

    def _check(self, view: Event) -> None:
        if any(getattr(view, name) for name in _RECURRENCE):
            raise FormatError(
                "an agenda line cannot say that an event recurs",
                where="rrule",
                remedy="Leave it out of this link, or make an event of each date",
            )
        if not view.summary:
            raise FormatError("an entry of the agenda has a title", where="summary")
        for name in ("uid", "summary", "location"):
            _require_plain(getattr(view, name), name)


def made(uid: str, line: str) -> Document:
    """
    Return the document of an entry.

    Raises:
        FormatError: the name or the line cannot be written.
    """
    _require_plain(uid, "uid", bars=True)
    try:
        return Document(f"{_HEAD}{uid}\n{line}".encode(), MEDIA_TYPE)
    except UnicodeEncodeError:
        raise FormatError("a text holds half a character") from None


def parts_of(document: Document) -> tuple[str, str]:
    """
    Return the uid and the line of a document.

    Raises:
        FormatError: it is no document of an entry.
    """
    return document.parsed(_parts)


def _parts(data: bytes) -> tuple[str, str]:
    try:
        head, found, line = data.decode().partition("\n")
    except UnicodeDecodeError:
        raise FormatError("not UTF-8", line=1) from None
    uid = head.removeprefix(_HEAD)
    if not (found and head.startswith(_HEAD) and uid.strip() == uid != ""):
        raise FormatError("it does not begin with a uid", line=1)
    if _breaks(line) or _breaks(uid):
        raise FormatError("an entry is one line", line=2)
    return uid, line


def _breaks(text: str) -> bool:
    """Say whether some program would see the end of a line, or something invisible, in a text."""
    if re.search(r"[\u2028\u2029]", text):
        return True
    return any(unicodedata.category(char) == "Cc" for char in text if char != "\t")


def _require_plain(text: str, name: str, *, bars: bool = False) -> None:
    if text != text.strip() or _breaks(text) or (_BAR in text and not (bars or name == "uid")):
        raise FormatError(
            "an agenda line cannot hold this text",
            where=name,
            remedy="Leave out line ends, the sign | and blanks at its ends",
        )
