# SPDX-License-Identifier: Apache-2.0
"""
The delivery ledger: what became of each announcement on each link that publishes.

It lies beside the state of the link, in the database of the store: what a channel took is noted
in the transaction that remembers it. A write whose answer nobody saw yet has an intent there,
and shows as unknown until the next run has settled it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from territoire_sante import model
from territoire_sante.store import Connection
from territoire_sante.sync import _statements as statements
from territoire_sante.sync._delivery import TIMES, Delivery, DeliveryChange, DeliveryState

# A released step never changes.
_FIRST: Final = (
    """
    CREATE TABLE sync_delivery (
        link TEXT NOT NULL,
        announcement TEXT NOT NULL,
        uid TEXT NOT NULL,
        title TEXT NOT NULL,
        state TEXT NOT NULL,
        cause TEXT NOT NULL,
        reason TEXT NOT NULL,
        reason_fr TEXT NOT NULL,
        hand_over TEXT NOT NULL,
        proposal TEXT,
        digest TEXT NOT NULL,
        href TEXT NOT NULL,
        since TEXT,
        sent_at TEXT,
        checked_at TEXT,
        turn_at TEXT,
        retry_at TEXT,
        noted_at TEXT,
        fallback TEXT NOT NULL,
        fallback_of TEXT NOT NULL,
        called_back BOOLEAN NOT NULL,
        PRIMARY KEY (link, announcement)
    )
    """,
    """
    CREATE INDEX sync_delivery_turn ON sync_delivery (link, turn_at) WHERE turn_at IS NOT NULL
    """,
    "CREATE INDEX sync_delivery_digest ON sync_delivery (link, digest)",
    """
    CREATE TABLE sync_delivery_change (
        id INTEGER NOT NULL PRIMARY KEY,
        link TEXT NOT NULL,
        announcement TEXT NOT NULL,
        at TEXT NOT NULL,
        state TEXT NOT NULL,
        cause TEXT NOT NULL,
        digest TEXT NOT NULL
    )
    """,
    """
    CREATE INDEX sync_delivery_change_of ON sync_delivery_change (link, announcement)
    """,
    # What is forgotten in the store must not stay in what links keep of the past.
    """
    CREATE TRIGGER sync_delivery_forget AFTER UPDATE OF data ON change
    WHEN NEW.data IS NULL AND OLD.data IS NOT NULL AND NEW.kind = 'announcement'
    BEGIN
        UPDATE sync_delivery SET title = '', reason = '', reason_fr = '', proposal = NULL
        WHERE announcement = NEW.id;
    END
    """,
)

# Intents whose answer nobody saw: what they were to write may be there or not.
_UNDER_WAY: Final = """
    SELECT link, "key", uid, operation, created FROM sync_intent
    WHERE kind = 'announcement' AND operation <> 'delete_local'
"""
_CHANGED: Final = statements.insertion(
    "sync_delivery_change", ("link", "announcement", "at", "state", "cause", "digest")
)
_HISTORY: Final = """
    SELECT * FROM sync_delivery_change WHERE link = ? AND announcement = ? ORDER BY id
"""


def create(connection: Connection) -> None:
    """Make the tables of the ledger."""
    for statement in _FIRST:
        connection.execute(statement)


def is_there(connection: Connection) -> bool:
    """Say whether the ledger was made: nobody has published from this store before that."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'sync_delivery'"
    return connection.execute(query).fetchone() is not None


def instant(moment: dt.datetime) -> str:
    """Return a time in a form that is in order as text."""
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")


class Ledger:
    """The lines of one link, read and written through one connection."""

    def __init__(self, connection: Connection, link: str) -> None:
        self._connection = connection
        self.link = link
        self._exists = is_there(connection)

    def line(self, announcement: str) -> Delivery | None:
        """Return what became of an announcement."""
        return next(self._lines("announcement = :value", announcement), None)

    def lines(self) -> Iterator[Delivery]:
        """Yield every line of the link, in the order of the announcements."""
        return self._lines()

    def turns(self, now: dt.datetime) -> set[str]:
        """Return the announcements whose time has come."""
        return {one.announcement for one in self._lines("turn_at <= :value", instant(now))}

    def twin(self, digest: str, announcement: str) -> str:
        """Return another announcement with this very content that is up, or nothing."""
        for one in self._lines("digest = :value", digest):
            if one.state.is_up and one.announcement != announcement:
                return one.announcement
        return ""

    def called_back(self) -> frozenset[str]:
        """Return what a person withdrew from this link alone."""
        return frozenset(one.announcement for one in self._lines("called_back"))

    def taken_over(self) -> frozenset[str]:
        """Return what this link shows because another one could not."""
        lines = self._lines("fallback_of <> ''")
        return frozenset(one.announcement for one in lines)

    def save(self, line: Delivery, now: dt.datetime, *, again: bool = False) -> Delivery:
        """
        Write a line; if its state, cause or content changed, note that in the history.

        ``again``: the same happened once more, which is to be noted also.
        """
        before = self.line(line.announcement)
        after = line
        told = ("state", "cause", "digest")
        if before is None or any(getattr(before, name) != getattr(line, name) for name in told):
            same = before is not None and before.state is line.state
            after = attrs.evolve(line, since=before.since if same and before else now)
            self._connection.execute(
                _CHANGED,
                {
                    "link": self.link,
                    "announcement": line.announcement,
                    "at": instant(now),
                    "state": line.state.value,
                    "cause": line.cause,
                    "digest": line.digest,
                },
            )
        elif before is not None:
            after = attrs.evolve(line, since=before.since)
        if again or before is None or after != attrs.evolve(before, noted_at=after.noted_at):
            after = attrs.evolve(after, noted_at=now)
            row = _row(after)
            saved = statements.upsert("sync_delivery", tuple(row), ("link", "announcement"))
            self._connection.execute(saved, row)
        return after

    def history(self, announcement: str) -> Iterator[DeliveryChange]:
        """Yield what happened to an announcement on this link, oldest first."""
        if not self._exists:
            return
        for row in self._connection.execute(_HISTORY, (self.link, announcement)).fetchall():
            yield DeliveryChange(
                link=row["link"],
                announcement=row["announcement"],
                at=dt.datetime.fromisoformat(row["at"]),
                state=DeliveryState(row["state"]),
                cause=row["cause"],
                digest=row["digest"],
            )

    def _lines(self, where: str = "1", value: str = "") -> Iterator[Delivery]:
        if self._exists:
            of_ours = f"link = :link AND {where}"
            yield from _found(self._connection, of_ours, link=self.link, value=value)


def all_lines(
    connection: Connection, *, link: str = "", announcement: str = ""
) -> Iterator[Delivery]:
    """Yield the lines of every link as they stand: what was begun and not answered is unknown."""
    if not is_there(connection):
        return
    asked = "(:link = '' OR link = :link) AND (:value = '' OR announcement = :value)"
    lines = _found(connection, asked, link=link, value=announcement)
    found = {(one.link, one.announcement): one for one in lines}
    for row in connection.execute(_UNDER_WAY).fetchall():
        place = (row["link"], row["key"])
        if link not in ("", place[0]) or announcement not in ("", place[1]):
            continue
        begun = dt.datetime.fromisoformat(row["created"])
        known = found.get(place) or Delivery(
            link=place[0],
            announcement=place[1],
            uid=row["uid"],
            state=DeliveryState.UNKNOWN,
            since=begun,
        )
        if known.noted_at is not None and known.noted_at >= begun:
            # Its error is known, and that nothing was done.
            continue
        found[place] = attrs.evolve(known, state=DeliveryState.UNKNOWN, **SENDING)
    yield from (found[place] for place in sorted(found))


#: Said of what was begun and not answered.
SENDING: Final[Mapping[str, Any]] = {
    "cause": "sending",
    "reason": "a write was begun, and its answer is not known yet: the next run settles it",
    "reason_fr": (
        "Un envoi a commencé et sa réponse n'est pas connue : le prochain passage le règle"
    ),
}


def new_line(
    link: str, announcement: model.Announcement, uid: str, state: DeliveryState
) -> Delivery:
    """Return the first line of an announcement on a link."""
    return Delivery(
        link=link, announcement=announcement.id, uid=uid, title=announcement.title, state=state
    )


def _found(connection: Connection, where: str, **told: str) -> Iterator[Delivery]:
    query = f"SELECT * FROM sync_delivery WHERE {where} ORDER BY announcement"  # noqa: S608 - words of ours
    for row in connection.execute(query, told).fetchall():
        values: dict[str, Any] = dict(row)
        for name in TIMES:
            values[name] = dt.datetime.fromisoformat(values[name]) if values[name] else None
        values["state"] = DeliveryState(values["state"])
        values["called_back"] = bool(values["called_back"])
        values["proposal"] = json.loads(values["proposal"]) if values["proposal"] else None
        yield Delivery(**values)


def _row(line: Delivery) -> dict[str, Any]:
    row = attrs.asdict(line, recurse=False)
    for name in TIMES:
        row[name] = instant(row[name]) if row[name] is not None else None
    row["state"] = line.state.value
    row["proposal"] = None if line.proposal is None else json.dumps(dict(line.proposal))
    return row
