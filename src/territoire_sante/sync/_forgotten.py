# SPDX-License-Identifier: Apache-2.0
"""What was forgotten here on purpose (GDPR, article 17), and what that asks of a link."""

from __future__ import annotations

from typing import Final

from territoire_sante import model, serialization
from territoire_sante.store import Connection, Reader

# A deletion since the last run of something whose earlier versions were overwritten.
_GONE: Final = """
    gone.revision > (SELECT revision FROM sync_link WHERE link = :link)
    AND gone.operation = 'delete' AND EXISTS (
        SELECT 1 FROM change AS old
        WHERE old.kind = gone.kind AND old.id = gone.id
        AND old.operation = 'put' AND old.data IS NULL
    )
"""
_SINCE: Final = f"SELECT 1 FROM change AS gone WHERE {_GONE} LIMIT 1"  # noqa: S608 - words of ours

# Items whose last copies are older than the words of their entity: these were rewritten.
_TABLE: Final = """
    CREATE TABLE sync_told (
        link TEXT NOT NULL,
        uid TEXT NOT NULL,
        PRIMARY KEY (link, uid)
    ) WITHOUT ROWID
"""
# The order of a CROSS JOIN is kept: what changed is little, items are many.
_NOTE: Final = f"""
    INSERT OR IGNORE INTO sync_told
    SELECT item.link, item.uid FROM change AS gone
    CROSS JOIN sync_item AS item ON item.link = :link AND item."key" = gone.id
    WHERE {_GONE}
"""  # noqa: S608 - likewise


def create(connection: Connection) -> None:
    """Make the table of items whose last copies tell of who was erased."""
    connection.execute(_TABLE)


def told(connection: Connection, link: str) -> set[str]:
    """
    Return the UIDs of items of which a link last saw what was rewritten since.

    What differs from that is no loss to be kept: it is what was to be forgotten.
    """
    connection.execute(_NOTE, {"link": link})
    return {
        uid for (uid,) in connection.execute("SELECT uid FROM sync_told WHERE link = ?", (link,))
    }


def absence(reader: Reader, kind: str, key: str) -> tuple[bool, bool]:
    """
    Say of an entity that is not shown whether it is there all the same, and whether forgotten.

    Forgotten is what no version is left of, and a person who objected: no edit of the other
    side brings that back, and no copy is kept.
    """
    cls = serialization.KINDS.get(kind)
    if cls is None:
        return False, False
    entity = reader.find(cls, key)
    if entity is not None:
        return True, _tells_nothing(entity)
    past = [version.entity for version in reader.history(cls, key)]
    return False, bool(past) and all(map(_tells_nothing, past))


def _tells_nothing(entity: model.Entity | None) -> bool:
    return entity is None or (isinstance(entity, model.Person) and entity.opposed)


def since_last(connection: Connection, link: str) -> bool:
    """Say whether anything was forgotten here since a link was last compared."""
    return connection.execute(_SINCE, {"link": link}).fetchone() is not None
