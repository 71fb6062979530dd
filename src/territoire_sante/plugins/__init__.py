# SPDX-License-Identifier: Apache-2.0
"""The contract of connectors, the catalog of those installed, and their configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from territoire_sante._lazy import door
from territoire_sante.plugins._catalog import Catalog, Checked, Entry
from territoire_sante.plugins._config import (
    structure_config,
    structure_options,
    unstructure_config,
)
from territoire_sante.plugins._contract import (
    API_VERSION,
    ENTRY_POINT_GROUP,
    Batch,
    Capability,
    Confirmable,
    Confirmation,
    ConnectorSpec,
    Diagnosable,
    Fact,
    Incremental,
    Limited,
    Readable,
    Recognising,
    Ref,
    Shown,
    Stored,
    Unreadable,
    Words,
    Writable,
)
from territoire_sante.plugins._guard import PROTOCOLS, guard, guarded, open_transport
from territoire_sante.plugins._secret import Secret
from territoire_sante.plugins._sources import SecretSources

if TYPE_CHECKING:
    from territoire_sante.plugins._address import AddressConfig
    from territoire_sante.plugins._checking import (
        HEAVY,
        PROBLEM_CODES,
        PluginProblem,
        check_plugins,
    )
    from territoire_sante.plugins._lock import locked
    from territoire_sante.plugins._new import PluginKind, new_plugin
    from territoire_sante.plugins._outbox import Outbox
    from territoire_sante.plugins._shared_file import SharedFile
    from territoire_sante.plugins.disk import tag

__all__ = [
    "API_VERSION",
    "ENTRY_POINT_GROUP",
    "HEAVY",
    "PROBLEM_CODES",
    "PROTOCOLS",
    "AddressConfig",
    "Batch",
    "Capability",
    "Catalog",
    "Checked",
    "Confirmable",
    "Confirmation",
    "ConnectorSpec",
    "Diagnosable",
    "Entry",
    "Fact",
    "Incremental",
    "Limited",
    "Outbox",
    "PluginKind",
    "PluginProblem",
    "Readable",
    "Recognising",
    "Ref",
    "Secret",
    "SecretSources",
    "SharedFile",
    "Shown",
    "Stored",
    "Unreadable",
    "Words",
    "Writable",
    "check_plugins",
    "guard",
    "guarded",
    "locked",
    "new_plugin",
    "open_transport",
    "structure_config",
    "structure_options",
    "tag",
    "unstructure_config",
]

# Whoever lists or opens connectors loads neither what examines them nor what writes files.
_HOMES = {
    "AddressConfig": "_address",
    "HEAVY": "_checking",
    "Outbox": "_outbox",
    "PROBLEM_CODES": "_checking",
    "PluginKind": "_new",
    "PluginProblem": "_checking",
    "SharedFile": "_shared_file",
    "check_plugins": "_checking",
    "locked": "_lock",
    "new_plugin": "_new",
    "tag": "disk",
}

__getattr__, __dir__ = door(__name__, _HOMES)
