# SPDX-License-Identifier: Apache-2.0
"""A connector whose description draws a library of formats in."""

from __future__ import annotations

import attrs
import icalendar

from territoire_sante.model import Contact
from territoire_sante.plugins import Capability
from territoire_sante.testing import MemoryServer, PlainLens, memory_connector

SPEC = memory_connector(
    MemoryServer(),
    lens=PlainLens(Contact),
    name="drawing",
    capabilities=[Capability.READ],
)
SPEC = attrs.evolve(SPEC, summary=f"A board (needs icalendar {icalendar.__version__})")
