# SPDX-License-Identifier: Apache-2.0
"""A ``territoire.toml`` with its store, its plug-ins and its links: the facade for scripts."""

from territoire_sante.workspace._examine import Finding
from territoire_sante.workspace._settings import Settings, read_settings, suggestion
from territoire_sante.workspace._transfer import Imported
from territoire_sante.workspace._workspace import LinkRun, Workspace

__all__ = ["Finding", "Imported", "LinkRun", "Settings", "Workspace", "read_settings", "suggestion"]
