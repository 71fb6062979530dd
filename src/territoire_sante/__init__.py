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
from typing import TYPE_CHECKING, Any

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

_HOMES = {
    "Catalog": "plugins",
    "ConflictPolicy": "sync",
    "Direction": "sync",
    "Link": "sync",
    "Store": "store",
    "Workspace": "workspace",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    elif name == "sync":
        value = importlib.import_module(f"{__name__}.sync")
    elif name == "__version__":
        value = importlib.import_module("importlib.metadata").version("territoire-sante")
    else:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
