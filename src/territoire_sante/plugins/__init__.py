# SPDX-License-Identifier: Apache-2.0
"""The contract of connectors, the catalog of those installed, and their configuration."""

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
from territoire_sante.plugins._outbox import Outbox, tag
from territoire_sante.plugins._secret import Secret
from territoire_sante.plugins._sources import SecretSources

__all__ = [
    "API_VERSION",
    "ENTRY_POINT_GROUP",
    "PROTOCOLS",
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
    "Readable",
    "Recognising",
    "Ref",
    "Secret",
    "SecretSources",
    "Shown",
    "Stored",
    "Unreadable",
    "Words",
    "Writable",
    "guard",
    "guarded",
    "open_transport",
    "structure_config",
    "structure_options",
    "tag",
    "unstructure_config",
]
