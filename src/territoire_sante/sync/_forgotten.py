# SPDX-License-Identifier: Apache-2.0
"""What was forgotten here on purpose (GDPR, article 17), and what that asks of a link."""

from __future__ import annotations

from typing import Final

from territoire_sante import model, serialization
from territoire_sante.store import Connection, Reader

# A deletion since the last run of something whose earlier versions were overwritten.
_SINCE: Final = """
    SELECT 1 FROM change AS gone
    WHERE gone.revision > (SELECT revision FROM sync_link WHERE link = ?)
    AND gone.operation = 'delete' AND EXISTS (
        SELECT 1 FROM change AS old
        WHERE old.kind = gone.kind AND old.id = gone.id
        AND old.operation = 'put' AND old.data IS NULL
    )
    LIMIT 1
"""


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
    return connection.execute(_SINCE, (link,)).fetchone() is not None
