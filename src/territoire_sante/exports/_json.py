# SPDX-License-Identifier: Apache-2.0
"""The whole territory in this library's own form, which reads back into a store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import BinaryIO

from territoire_sante.exports._contract import Exported, Tally
from territoire_sante.model import Entity
from territoire_sante.privacy import Disclosed
from territoire_sante.serialization import KINDS, dump_entities
from territoire_sante.snapshot import Snapshot


def write_json(
    disclosed: Disclosed,
    out: BinaryIO,
    /,
    *,
    today: dt.date,  # noqa: ARG001 - of the contract; nothing here depends on the day
    lang: str = "fr",  # noqa: ARG001 - likewise on the language
) -> Exported:
    """Write all entities as one JSON document after the published schema; nothing is left out."""
    tally = Tally()
    tally.count = dump_entities(_entities(disclosed.snapshot), out, lines=False)
    return tally.done()


def _entities(snapshot: Snapshot) -> Iterator[Entity]:
    for kind in sorted(KINDS):
        yield from snapshot.all(KINDS[kind])
