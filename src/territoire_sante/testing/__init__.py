# SPDX-License-Identifier: Apache-2.0
"""What users of the library import in their own tests: fakes, suites, hostile data."""

from territoire_sante.testing._memory import (
    Call,
    ETags,
    MemoryConfig,
    MemoryServer,
    MemoryTransport,
    Moment,
    memory_connector,
)

__all__ = [
    "Call",
    "ETags",
    "MemoryConfig",
    "MemoryServer",
    "MemoryTransport",
    "Moment",
    "memory_connector",
]
