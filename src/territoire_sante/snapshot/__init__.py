# SPDX-License-Identifier: Apache-2.0
"""An indexed read-only picture of a store, for look-ups and rules."""

from territoire_sante.snapshot._layers import layered
from territoire_sante.snapshot._nearness import Nearness, commune_code
from territoire_sante.snapshot._snapshot import Derived, Snapshot
from territoire_sante.snapshot._source import Changed, Source, State
from territoire_sante.snapshot._traced import Read, touched, traced

__all__ = [
    "Changed",
    "Derived",
    "Nearness",
    "Read",
    "Snapshot",
    "Source",
    "State",
    "commune_code",
    "layered",
    "touched",
    "traced",
]
