# SPDX-License-Identifier: Apache-2.0
"""
Health cooperation in French territories: who is there, and two-way sync with their calendars.

The public door. Its names are loaded when they are first used, so that importing
the package costs next to nothing:

>>> import territoire_sante
>>> territoire_sante.Store.__module__.startswith("territoire_sante.store")
True
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

from territoire_sante._lazy import Homes, door
from territoire_sante.errors import TerritoireSanteError

if TYPE_CHECKING:
    from territoire_sante import sync
    from territoire_sante.plugins import Catalog
    from territoire_sante.store import Store
    from territoire_sante.sync import ConflictPolicy, Direction, Link
    from territoire_sante.workspace import Workspace

    __version__: str

__all__ = [
    "Catalog",
    "ConflictPolicy",
    "Direction",
    "Link",
    "Store",
    "TerritoireSanteError",
    "Workspace",
    "__version__",
    "sync",
]

_HOMES: Final[Homes] = {
    "Catalog": "plugins",
    "ConflictPolicy": "sync",
    "Direction": "sync",
    "Link": "sync",
    "Store": "store",
    "Workspace": "workspace",
    "__version__": lambda: importlib.import_module("importlib.metadata").version(
        "territoire-sante"
    ),
    "sync": lambda: importlib.import_module("territoire_sante.sync"),
}

__getattr__, __dir__ = door(__name__, _HOMES)
