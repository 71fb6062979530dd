# SPDX-License-Identifier: Apache-2.0
"""Where entities went: what the links of a store remember of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from territoire_sante.store import Store
from territoire_sante.sync._ledger import is_there
from territoire_sante.sync._tables import COMPONENT, STEPS, are_there

_ITEMS: Final = """
    SELECT link, "key", uid, href, status, updated_at FROM sync_item
    WHERE "key" IN (SELECT value FROM json_each(?)) ORDER BY link, "key", uid
"""
_DELIVERIES: Final = """
    SELECT link, announcement, uid, href, state, sent_at FROM sync_delivery
    WHERE announcement IN (SELECT value FROM json_each(?)) ORDER BY link, announcement
"""
_TOLD: Final = ("link", "id", "uid", "address", "state", "at")


def sent(store: Store, ids: Iterable[str]) -> tuple[dict[str, Any], ...]:
    """
    Return on which links the entities with these ids are, or were published.

    Each record says link, id, UID, address over there, state and when that was noted. One
    that is on several links has several; what was taken down again is not told of.
    """
    store.migrate(COMPONENT, STEPS, create=False)
    wanted = json.dumps(sorted(set(ids)))
    found: dict[tuple[str, str], dict[str, Any]] = {}
    with store.reading() as reader:
        connection = reader.connection
        for is_made, query in ((are_there, _ITEMS), (is_there, _DELIVERIES)):
            if is_made(connection):
                for row in connection.execute(query, (wanted,)).fetchall():
                    one = dict(zip(_TOLD, row, strict=True))
                    found.setdefault((one["link"], one["id"]), one)
    return tuple(found[key] for key in sorted(found))
