# SPDX-License-Identifier: Apache-2.0
"""An indexed read-only picture of a store, for look-ups and rules."""

from territoire_sante.snapshot._nearness import Nearness, commune_code
from territoire_sante.snapshot._snapshot import Snapshot
from territoire_sante.snapshot._source import Changed, Source, State

__all__ = ["Changed", "Nearness", "Snapshot", "Source", "State", "commune_code"]
