# SPDX-License-Identifier: Apache-2.0
"""
What users of the library import in their own tests: fakes, suites, hostile data.

The suites need pytest (``pip install territoire-sante[testing]``) and are imported when first asked
for; everything else works without it.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from territoire_sante.testing._clock import Clock
from territoire_sante.testing._memory import (
    Call,
    ETags,
    MemoryConfig,
    MemoryServer,
    MemoryTransport,
    Moment,
    memory_connector,
)
from territoire_sante.testing._network import no_network
from territoire_sante.testing._plain_lens import PlainLens
from territoire_sante.testing._samples import HOSTILE_TEXTS, samples_for
from territoire_sante.testing._standard import StandardTest, standard_tests

if TYPE_CHECKING:
    from territoire_sante.testing._lens_suite import LensSuite
    from territoire_sante.testing._rule_case import RuleCase, snapshot_of
    from territoire_sante.testing._rule_suite import RuleSuite
    from territoire_sante.testing._suite import ConnectorSuite

__all__ = [
    "HOSTILE_TEXTS",
    "Call",
    "Clock",
    "ConnectorSuite",
    "ETags",
    "LensSuite",
    "MemoryConfig",
    "MemoryServer",
    "MemoryTransport",
    "Moment",
    "PlainLens",
    "RuleCase",
    "RuleSuite",
    "StandardTest",
    "memory_connector",
    "no_network",
    "samples_for",
    "snapshot_of",
    "standard_tests",
]

#: What is imported when first asked for: suites need pytest, rules a good deal of the library.
_LATER = {
    "ConnectorSuite": f"{__name__}._suite",
    "LensSuite": f"{__name__}._lens_suite",
    "RuleCase": f"{__name__}._rule_case",
    "RuleSuite": f"{__name__}._rule_suite",
    "snapshot_of": f"{__name__}._rule_case",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    module = _LATER[name]
    if module.endswith("_suite") and module not in sys.modules:
        import pytest  # noqa: PLC0415 - an extra, needed by the suites only

        # Without it, pytest shows no values when one of the suite's asserts fails.
        pytest.register_assert_rewrite(module)
    return getattr(importlib.import_module(module), name)
