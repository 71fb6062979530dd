# SPDX-License-Identifier: Apache-2.0
"""On whose other side something has a copy."""

from __future__ import annotations

import json
from collections.abc import Iterable

from territoire_sante.store import Store
from territoire_sante.sync import _tables as tables

_LINKS = """
    SELECT DISTINCT link FROM sync_item
    WHERE "key" IN (SELECT value FROM json_each(?)) ORDER BY link
"""


def links_knowing(store: Store, entity_ids: Iterable[str]) -> tuple[str, ...]:
    """
    Return the names of the links that hold a copy of one of these entities on their other side.

    What is deleted here is deleted there by the next run of each, with its guard.
    """
    with store.reading() as reader:
        if not tables.are_there(reader.connection):
            return ()
        rows = reader.connection.execute(_LINKS, (json.dumps([*entity_ids]),)).fetchall()
        return tuple(link for (link,) in rows)
