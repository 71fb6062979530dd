# SPDX-License-Identifier: Apache-2.0
"""
Where a reading of changes stopped.

Removals are told by number only, so the cursor remembers the names of our events by number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import attrs

#: Before anything.
BEGINNING = "1970-01-01T00:00:00.000Z"


@attrs.frozen(kw_only=True)
class Cursor:
    """
    What was seen of an agenda.

    Attributes:
        agenda: its number.
        since: the time of the last change seen, as the service writes it.
        at: the numbers of the events that changed at that very time.
        names: the names of our events by their number.
    """

    agenda: int
    since: str = BEGINNING
    at: tuple[str, ...] = ()
    names: Mapping[str, str] = attrs.field(factory=dict)

    def seen(self, uid: str, updated_at: str) -> Cursor:
        """Return the cursor after an event of this number, changed at this time."""
        if updated_at > self.since:
            return attrs.evolve(self, since=updated_at, at=(uid,))
        if updated_at == self.since:
            return attrs.evolve(self, at=tuple(sorted({*self.at, uid})))
        return self

    def knows(self, uid: str, updated_at: str) -> bool:
        """Say whether this change was seen already."""
        return updated_at < self.since or (updated_at == self.since and uid in self.at)

    def to_text(self) -> str:
        """Return it as opaque text."""
        return json.dumps(attrs.asdict(self), separators=(",", ":"), sort_keys=True)

    @staticmethod
    def from_text(text: str, agenda: int) -> Cursor | None:
        """Return the cursor of a text, ``None`` if it was not made for this agenda."""
        try:
            told = json.loads(text)
            cursor = Cursor(
                agenda=told["agenda"],
                since=told["since"],
                at=tuple(told["at"]),
                names=dict(told["names"]),
            )
        except (ValueError, TypeError, KeyError, RecursionError):
            return None
        return cursor if cursor.agenda == agenda and isinstance(cursor.since, str) else None
