# SPDX-License-Identifier: Apache-2.0
"""What a link remembers, read as far as it is needed: all of it, or what changes concern."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, Literal

import attrs

from territoire_sante.formats import Lens
from territoire_sante.plugins import ConnectorSpec
from territoire_sante.store import Store, Transaction
from territoire_sante.sync import _tables as tables
from territoire_sante.sync._link import Link
from territoire_sante.sync._read import Known
from territoire_sante.sync._records import (
    Intent,
    Item,
    JournalEntry,
    LinkState,
    Quarantined,
    Refusal,
    Waiting,
)
from territoire_sante.sync._state import State

_KNOWN: Final = "SELECT place, href, etag, status FROM sync_item WHERE link = :link"
_AT: Final = f"{_KNOWN} AND place IN (SELECT value FROM json_each(:places))"  # noqa: S608 - our own words
_ALL: Final = f"{_KNOWN} AND place IS NOT NULL"
_UNVERIFIED: Final = f"{_KNOWN} AND status <> 'synced' AND status = 'unverified'"

_KEYS: Final = """
    SELECT key FROM sync_item
    WHERE link = :link AND uid IN (SELECT value FROM json_each(:uids))
    UNION
    SELECT key FROM sync_waiting
    WHERE link = :link AND uid IN (SELECT value FROM json_each(:uids))
"""

_IDLE: Final = """
    SELECT count(*) FROM sync_waiting
    WHERE link = :link AND NOT again AND key NOT IN (SELECT value FROM json_each(:keys))
"""


@attrs.define(kw_only=True)
class Memory:
    """
    What a link remembers.

    The few things that wait or went wrong are here at once. The pairs are ``items``, by UID: all
    of them if ``whole``, else those that were asked for.
    """

    store: Store
    name: str
    link: LinkState
    count: int
    quarantined: Mapping[str, Quarantined]
    intents: Mapping[str, Intent]
    refusals: Mapping[str, Refusal]
    chosen: Mapping[str, JournalEntry]
    waiting: tuple[Waiting, ...]
    made: bool
    whole: bool = False
    items: dict[str, Item] = attrs.field(factory=dict)

    @classmethod
    def of(
        cls, reader: Transaction, store: Store, link: Link, *, refused_since: dt.datetime
    ) -> Memory:
        """Read what does not grow with the collection; refusals from before then are over."""
        made = tables.are_there(reader.connection)
        state = State(reader.connection, link.name, made=made)
        return cls(
            store=store,
            name=link.name,
            link=state.link(),
            count=state.count(),
            quarantined=state.quarantined(),
            intents=state.intents(),
            refusals=state.refusals(refused_since),
            chosen={entry.uid: entry for entry in state.journal(states=("decided",))},
            waiting=tuple(state.waiting()),
            made=made,
        )

    def load_all(self, reader: Transaction) -> None:
        """Read every pair."""
        state = State(reader.connection, self.name, made=self.made)
        self.items = {item.uid: item for item in state.items()}
        self.whole = True

    def load(
        self,
        reader: Transaction,
        *,
        uids: Collection[str] = (),
        keys: Collection[str] = (),
        places: Collection[str] = (),
    ) -> set[str]:
        """Read the pairs with these UIDs, keys or places; return the keys of those that are new."""
        if self.whole or not self.made:
            return set()
        state = State(reader.connection, self.name, made=True)
        found: set[str] = set()
        wanted: dict[Literal["uid", "key", "place"], Collection[str]]
        wanted = {"uid": set(uids) - set(self.items), "key": keys, "place": places}
        for column, values in wanted.items():
            if values:
                for item in state.items_with(column, sorted(values), but=self.items):
                    self.items[item.uid] = item
                    found.add(item.key)
        return found

    def keys_of(self, reader: Transaction, uids: Iterable[str]) -> set[str]:
        """Return the keys of what is or was shown here under these UIDs."""
        if not self.made:
            return set()
        values = {"link": self.name, "uids": json.dumps(list(uids))}
        return {key for (key,) in reader.connection.execute(_KEYS, values)} - {""}

    def idle(self, reader: Transaction, keys: Iterable[str]) -> int:
        """Return how many views without a pair need nothing, beside those with these keys."""
        if not self.made:
            return 0
        values = {"link": self.name, "keys": json.dumps(list(keys))}
        (count,) = reader.connection.execute(_IDLE, values).fetchone()
        return int(count)

    def all_items(self) -> Iterable[Item]:
        """Return every pair."""
        if self.whole:
            return self.items.values()
        with self.store.reading() as reader:
            return list(State(reader.connection, self.name, made=self.made).items())

    # The places of the items, as the look at the other side asks for them.

    def at(self, places: Collection[str] | None) -> Mapping[str, Known]:
        """Return what is known at these places, ``None`` for all."""
        if places is None:
            return self._known(_ALL)
        return self._known(_AT, places=json.dumps(sorted(places))) if places else {}

    def unverified(self) -> dict[str, str]:
        """Return the places that were written and not read back, with their hrefs."""
        return {place: known.href for place, known in self._known(_UNVERIFIED).items()}

    def _known(self, query: str, **values: str) -> dict[str, Known]:
        if not self.made:
            return {}
        with self.store.reading() as reader:
            rows = reader.connection.execute(query, {"link": self.name, **values})
            return {place: Known(href, etag, status) for place, href, etag, status in rows}


def rules_of(spec: ConnectorSpec[Any], lens: Lens[Any]) -> str:
    """Name what decides how items are shown and judged, as far as it can be told from here."""
    told = [
        _version(),
        spec.api_version,
        sorted(lens.fields),
        type(lens).__qualname__,
        None if spec.limits is None else attrs.asdict(spec.limits),
    ]
    text = json.dumps(told, sort_keys=True, default=_told)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _version() -> str:
    try:
        return version("territoire-sante")
    except PackageNotFoundError:
        # It runs from a folder that nobody installed.
        return ""


def _told(value: object) -> Any:
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else str(value)
