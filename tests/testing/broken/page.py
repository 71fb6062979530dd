# SPDX-License-Identifier: Apache-2.0
"""
Print docs/reference/plugin-suite.md; with --json, the defects only.

    python tests/testing/broken/page.py > docs/reference/plugin-suite.md
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from collections.abc import Iterator
from typing import Any

from distributions import BROKEN

from territoire_sante.plugins import PROBLEM_CODES
from territoire_sante.testing import ConnectorSuite, LensSuite, RuleSuite, standard_tests

MODULES = (
    "connectors_described",
    "connectors_reading",
    "connectors_writing",
    "overrides",
    "lenses",
    "rules",
)
SUITES = {"ConnectorSuite": ConnectorSuite, "LensSuite": LensSuite, "RuleSuite": RuleSuite}


def defects() -> Iterator[dict[str, Any]]:
    """Yield each broken thing with the test that catches it."""
    for name in MODULES:
        module = importlib.import_module(name)
        for cls in vars(module).values():
            if inspect.isclass(cls) and cls.__module__ == name and cls.__name__.startswith("Test"):
                yield {
                    "module": name,
                    "class": cls.__name__,
                    "suite": cls.standard.__name__,
                    "what": inspect.getdoc(cls),
                    "caught_by": cls.caught_by,
                    "also": sorted(cls.also),
                }


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def page() -> str:
    """Return the page."""
    found = list(defects())
    parts = [_HEAD]
    for name, suite in SUITES.items():
        tests = standard_tests(suite)
        parts.append(f"## {name}: what each test claims")
        parts.append(
            _table(("test", "claim"), [(f"`{t.name}`", t.claim.replace("``", "`")) for t in tests])
        )
        parts.append(f"## {name}: which defect is caught by which test")
        rows = [(d["what"], _caught(d)) for d in found if d["suite"] == name]
        parts.append(_table(("defect", "is caught by"), rows))
    parts.append(_CHECK)
    rows = [
        (f"`{code}`", words.en, "; ".join(b.what for b in BROKEN if b.code == code))
        for code, words in PROBLEM_CODES.items()
    ]
    parts.append(_table(("code", "meaning", "tried with a connector that …"), rows))
    return "\n\n".join(parts) + "\n"


def _caught(defect: dict[str, Any]) -> str:
    return f"`{defect['caught_by'] or 'test_no_capability_is_kept_quiet'}`"


_HEAD = """# What the suites prove

`territoire_sante.testing` has three suites for authors of plug-ins, described in
[Test a connector](../how-to/test-a-connector.md). This page names each of their tests with what it
claims, and says for each defect that was tried which test catches it. The broken connectors, lenses
and rules lie in `tests/testing/broken` of the repository, and are run whenever the tests of the
library are: the test named here fails, and no other that need not.

This page is made from the code:
`python tests/testing/broken/page.py > docs/reference/plugin-suite.md`."""

_CHECK = """## What is looked at without opening anything

`territoire_sante.plugins.check_plugins(catalog)` looks at every connector that is installed, and
tells what is wrong by these codes, with words and a remedy in French and in English. A connector
whose requirements are not met is not imported; the others are, each in a process of its own."""


if __name__ == "__main__":
    if "--json" in sys.argv:
        sys.stdout.write(json.dumps(list(defects())))
    else:
        sys.stdout.write(page())
