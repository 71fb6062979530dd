# SPDX-License-Identifier: Apache-2.0
"""The contract of connectors, the catalog of those installed, and their configuration."""

from territoire_sante.plugins._contract import (
    API_VERSION,
    ENTRY_POINT_GROUP,
    Batch,
    Capability,
    Confirmable,
    Confirmation,
    ConnectorSpec,
    Incremental,
    Readable,
    Ref,
    Shown,
    Stored,
    Unreadable,
    Writable,
)

__all__ = [
    "API_VERSION",
    "ENTRY_POINT_GROUP",
    "Batch",
    "Capability",
    "Confirmable",
    "Confirmation",
    "ConnectorSpec",
    "Incremental",
    "Readable",
    "Ref",
    "Shown",
    "Stored",
    "Unreadable",
    "Writable",
]
