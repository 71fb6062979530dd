# SPDX-License-Identifier: Apache-2.0
"""What links hold of entities beside the store: last states, conflicts, what they deleted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from territoire_sante.store import Connection, Store
from territoire_sante.sync._tables import COMPONENT, STEPS, are_there

# By what the copy is: the table that holds it, and the names of its time and its document.
_HELD: Final = {
    "in step": ("sync_item", "updated_at", "remote_base"),
    "being sent": ("sync_intent", "created", "payload"),
    "conflict": ("sync_conflict", "at", "document"),
    "deleted": ("sync_tombstone", "at", "document"),
}
_WANTED: Final = 'WHERE "key" IN (SELECT value FROM json_each(?)) ORDER BY link, "key"'
#: The same in plain data, where it may differ from the document.
_DATA: Final = {"in step": "local_base", "being sent": "local_view", "conflict": "fields"}


def copies(store: Store, ids: Iterable[str]) -> tuple[dict[str, Any], ...]:
    """
    Return what links hold of the entities with these ids, for who asks what is known of them.

    Each record says link, id, what it is (``in step``, ``being sent``, ``conflict``,
    ``deleted``), since when, the document as text, with what others wrote into it, and the data
    of this side.
    """
    store.migrate(COMPONENT, STEPS, create=False)
    wanted = json.dumps(sorted(set(ids)))
    with store.reading() as reader:
        if not are_there(reader.connection):
            return ()
        return tuple(_found(reader.connection, wanted))


def _found(connection: Connection, wanted: str) -> Iterator[dict[str, Any]]:
    for what, (table, at, document) in _HELD.items():
        query = f"SELECT * FROM {table} {_WANTED}, {at}"  # noqa: S608 - words of ours
        for row in connection.execute(query, (wanted,)).fetchall():
            yield {
                "link": row["link"],
                "id": row["key"],
                "what": what,
                "at": row[at],
                "document": (row[document] or b"").decode("utf-8", "replace"),
                "data": json.loads(row[_DATA[what]]) if what in _DATA else None,
            }
