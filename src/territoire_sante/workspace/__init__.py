# SPDX-License-Identifier: Apache-2.0
"""A ``territoire.toml`` with its store, its plug-ins and its links: the facade for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from territoire_sante._lazy import door
from territoire_sante.workspace._settings import Settings, read_settings, suggestion
from territoire_sante.workspace._workspace import LinkRun, Workspace

if TYPE_CHECKING:
    from territoire_sante.workspace._examine import Finding
    from territoire_sante.workspace._transfer import Imported

__all__ = ["Finding", "Imported", "LinkRun", "Settings", "Workspace", "read_settings", "suggestion"]

# What a sync needs none of is loaded when it is first used.
_HOMES: Final = {"Finding": "_examine", "Imported": "_transfer"}

__getattr__, __dir__ = door(__name__, _HOMES)
