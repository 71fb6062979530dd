# SPDX-License-Identifier: Apache-2.0
"""What an exporter is: what it is called, what it writes, and what it says it left out."""

from __future__ import annotations

import datetime as dt
from typing import BinaryIO, Protocol

import attrs

from territoire_sante.exports._reasons import TEXTS
from territoire_sante.privacy import Disclosed


@attrs.frozen(kw_only=True)
class LeftOut:
    """
    What was left out for one reason: which, and why in both languages.

    ``code`` names the reason for programs; ``ids`` are the entities, in order. Some are absent
    as a whole, of others one field; the sentence says which.
    """

    code: str
    ids: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.ids)

    def text(self, language: str = "fr") -> str:
        """Return the reason as a sentence in ``language``: ``"fr"``, and English for any other."""
        fr, en = TEXTS[self.code]
        return fr if language == "fr" else en

    def __str__(self) -> str:
        return f"{self.count} × {self.text('en')}"


@attrs.frozen(kw_only=True)
class Exported:
    """
    What an exporter did: how many records it wrote, and what it left out.

    A record is what the format counts: an entity, a row, a service, an event, a heading's entry.
    """

    count: int
    left_out: tuple[LeftOut, ...] = ()

    def lines(self, language: str = "fr") -> list[str]:
        """Return one line for each reason, for people to read."""
        return [f"{one.count} × {one.text(language)}" for one in self.left_out]


class Write(Protocol):
    """Write what is disclosed into an open binary file, and say what was left out."""

    def __call__(
        self, disclosed: Disclosed, out: BinaryIO, /, *, today: dt.date, lang: str = "fr"
    ) -> Exported:
        """
        Write it all; ``out`` need not be seekable, and stays open.

        ``today`` says what is still to come and what is over; ``lang`` is the language of what
        people read in it: ``"fr"``, and English for any other.
        """
        ...


@attrs.frozen(kw_only=True)
class Exporter:
    """A format in which a territory can be handed out."""

    name: str
    title_fr: str
    title_en: str
    media_type: str
    extension: str
    write: Write

    def title(self, language: str = "fr") -> str:
        """Return its title in ``language``: ``"fr"``, and English for any other."""
        return self.title_fr if language == "fr" else self.title_en


class Tally:
    """What is being left out, while an exporter is at work."""

    __slots__ = ("_ids", "count")

    def __init__(self) -> None:
        self.count = 0
        self._ids: dict[str, dict[str, None]] = {}

    def leave(self, code: str, entity_id: str) -> None:
        """Note that something is left out; the same thing twice counts once."""
        self._ids.setdefault(code, {})[entity_id] = None

    def done(self) -> Exported:
        """Return the account."""
        return Exported(
            count=self.count,
            left_out=tuple(
                LeftOut(code=code, ids=tuple(sorted(ids)))
                for code, ids in sorted(self._ids.items())
            ),
        )
