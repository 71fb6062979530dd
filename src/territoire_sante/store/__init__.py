# SPDX-License-Identifier: Apache-2.0
"""What one team knows of its territory: durable entities, their changes, history and search."""

from territoire_sante.store._database import Connection
from territoire_sante.store._gathering import Gathering
from territoire_sante.store._search import Hit
from territoire_sante.store._store import Store
from territoire_sante.store._transaction import (
    Change,
    Prepared,
    Reader,
    Transaction,
    Version,
    prepared,
)

__all__ = [
    "Change",
    "Connection",
    "Gathering",
    "Hit",
    "Prepared",
    "Reader",
    "Store",
    "Transaction",
    "Version",
    "prepared",
]
