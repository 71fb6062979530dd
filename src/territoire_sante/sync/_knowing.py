# SPDX-License-Identifier: Apache-2.0
"""On whose other side something has a copy, and what links that are gone remember of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from territoire_sante.store import Store
from territoire_sante.sync import _tables as tables

# What is only remembered so as not to be taken in again has an empty base.
_LINKS: Final = """
    SELECT link FROM sync_item
    WHERE "key" IN (SELECT value FROM json_each(:keys)) AND local_base <> '{}'
    UNION
    SELECT link FROM sync_intent WHERE "key" IN (SELECT value FROM json_each(:keys))
    ORDER BY link
"""
_OF_ITEMS: Final = """
    link IN (SELECT value FROM json_each(:links))
    AND (link, {column}) IN (
        SELECT link, {column} FROM sync_item WHERE "key" IN (SELECT value FROM json_each(:keys))
    )
"""
_OF_KEYS: Final = """
    link IN (SELECT value FROM json_each(:links))
    AND "key" IN (SELECT value FROM json_each(:keys))
"""
#: Where copies may be, and which rows those are; items last, because the first go by them.
_HELD: Final = {
    "sync_refusal": _OF_ITEMS.format(column="uid"),
    "sync_quarantine": _OF_ITEMS.format(column="href"),
    "sync_intent": _OF_KEYS,
    "sync_waiting": _OF_KEYS,
    "sync_conflict": _OF_KEYS,
    "sync_tombstone": _OF_KEYS,
    "sync_item": _OF_KEYS,
}


def links_knowing(store: Store, entity_ids: Iterable[str]) -> tuple[str, ...]:
    """
    Return the names of the links that hold a copy of one of these entities on their other side.

    What is deleted here is deleted there by the next run of each, with its guard.
    """
    with store.reading() as reader:
        if not tables.are_there(reader.connection):
            return ()
        rows = reader.connection.execute(_LINKS, {"keys": json.dumps([*entity_ids])}).fetchall()
        return tuple(link for (link,) in rows)


def drop_copies(store: Store, entity_ids: Iterable[str], links: Iterable[str]) -> None:
    """
    Forget what these links remember of these entities, and what they hold in conflicts.

    It is meant for links that run no more: nothing is deleted over there. One that runs again all
    the same meets what is there as something new.
    """
    told = {"keys": json.dumps([*entity_ids]), "links": json.dumps([*links])}
    store.migrate(tables.COMPONENT, tables.STEPS, create=False)
    with store.transaction() as transaction:
        if tables.are_there(transaction.connection):
            for table, rows in _HELD.items():
                transaction.connection.execute(f"DELETE FROM {table} WHERE {rows}", told)  # noqa: S608 - words of ours
            # Nothing of it may stay in the file either.
            transaction.forgot = True
