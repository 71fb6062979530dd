# SPDX-License-Identifier: Apache-2.0
"""What a run did, item by item, as data and as rows for a table."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

import attrs

from territoire_sante.model import LabelledEnum
from territoire_sante.sync._operation import Action


class Outcome(LabelledEnum):
    """How one operation ended."""

    DONE = "done", "Fait", "Done"
    DEFERRED = "deferred", "Remis au prochain passage", "Deferred to the next run"
    REFUSED = "refused", "Refusé", "Refused"
    CONFLICT = "conflict", "Conflit à trancher", "Conflict to decide"
    QUARANTINED = "quarantined", "Mis de côté", "Set aside"
    RELEASED = "released", "N'est plus synchronisé", "No longer synced"
    UNKNOWN = "unknown", "Issue inconnue, à vérifier", "Outcome unknown, to be settled"
    FAILED = "failed", "Échec", "Failed"


@attrs.frozen(kw_only=True)
class Entry:
    """
    What became of one item.

    ``fields`` were written; ``detail`` says why in a sentence, ``detail_fr`` in French
    where there is one; ``proposal`` is a view that the channel would take. ``cause`` is the
    class of the error that it ended with.
    """

    uid: str
    title: str
    action: Action
    outcome: Outcome
    detail: str = ""
    detail_fr: str = ""
    fields: tuple[str, ...] = ()
    proposal: Mapping[str, Any] | None = None
    cause: str = ""

    @property
    def mark(self) -> str:
        """Twelve digits that stand for the item in logs, where its UID would tell too much."""
        return hashlib.sha256(self.uid.encode()).hexdigest()[:12]

    def why(self, language: str = "fr") -> str:
        """Return the detail in ``language`` if there is one, else in English."""
        return (language == "fr" and self.detail_fr) or self.detail

    def to_plain(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {
            **attrs.asdict(self, recurse=False),
            "mark": self.mark,
            "action": self.action.value,
            "outcome": self.outcome.value,
            "fields": list(self.fields),
            "proposal": None if self.proposal is None else dict(self.proposal),
        }


@attrs.frozen(kw_only=True)
class Report:
    """
    The result of one run of one link.

    ``read`` counts the documents fetched, ``unchanged`` the pairs that needed
    nothing, ``remote_writes`` and ``local_writes`` what was really written.
    ``stopped`` says why the run ended before its plan did, empty if it did not; the next run
    goes on with what was deferred.
    """

    link: str
    started: dt.datetime
    entries: tuple[Entry, ...] = ()
    listed: int = 0
    read: int = 0
    unchanged: int = 0
    remote_writes: int = 0
    local_writes: int = 0
    stopped: str = ""

    def counts(self) -> dict[str, int]:
        """Return how many entries ended in each way, none left out."""
        found = Counter(entry.outcome.value for entry in self.entries)
        return {outcome.value: found[outcome.value] for outcome in Outcome}

    @property
    def merged(self) -> int:
        """How many items were edited on both sides and brought together."""
        return sum(
            entry.action is Action.MERGE and entry.outcome is Outcome.DONE for entry in self.entries
        )

    @property
    def is_quiet(self) -> bool:
        """Whether nothing was written on either side."""
        return self.remote_writes == 0 and self.local_writes == 0

    @property
    def has_failures(self) -> bool:
        """Whether some items could not be handled and are not merely waiting for a person."""
        return any(e.outcome in (Outcome.FAILED, Outcome.UNKNOWN) for e in self.entries)

    @property
    def needs_a_person(self) -> bool:
        """Whether a conflict, a refusal or a broken item waits for a decision."""
        waiting = (Outcome.CONFLICT, Outcome.REFUSED, Outcome.QUARANTINED)
        return any(entry.outcome in waiting for entry in self.entries)

    def rows(self, language: str = "fr") -> list[tuple[str, str, str, str]]:
        """Return ``(title, action, outcome, detail)`` for each entry, labels in ``language``."""
        return [
            (
                entry.title or entry.uid,
                entry.action.label(language),
                entry.outcome.label(language),
                entry.why(language) or (", ".join(entry.fields) if entry.action.edits else ""),
            )
            for entry in self.entries
        ]

    def to_plain(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {
            "link": self.link,
            "started": self.started.isoformat(),
            "listed": self.listed,
            "read": self.read,
            "unchanged": self.unchanged,
            "remote_writes": self.remote_writes,
            "local_writes": self.local_writes,
            "merged": self.merged,
            "stopped": self.stopped,
            "counts": self.counts(),
            "entries": [entry.to_plain() for entry in self.entries],
        }
