# SPDX-License-Identifier: Apache-2.0
"""How a suite defends itself against tests that quietly go missing."""

from __future__ import annotations

from typing import Any


def lost_tests(cls: type, suite: type) -> list[str]:
    """
    Return what ``cls`` does to the tests of ``suite`` other than running them.

    Overriding one is allowed under ``pytest.mark.xfail(reason=…)``, which must not be loosened
    to ``strict=False``. Skipping, be it the class or a test, is not.
    """
    faults = []
    if {"skip", "skipif"} & {mark.name for mark in _marks(cls)}:
        faults.append(f"{cls.__name__} is skipped as a whole")
    for name in dir(suite):
        mine = getattr(cls, name, None)
        if name.startswith("test_") and mine is not getattr(suite, name):
            fault = _fault(mine)
            faults += [f"{name}: {fault}"] if fault else []
    return faults


def _marks(holder: Any) -> list[Any]:
    marks = getattr(holder, "pytestmark", [])
    return list(marks) if isinstance(marks, list | tuple) else [marks]


def _fault(override: Any) -> str:
    if not callable(override):
        return "removed"
    expected = [mark for mark in _marks(override) if mark.name == "xfail"]
    if not expected or not expected[0].kwargs.get("reason"):
        return "overridden without xfail(reason=...)"
    if expected[0].kwargs.get("strict") is False:
        return "overridden under an xfail that is not strict"
    if expected[0].args or expected[0].kwargs.get("condition") is not None:
        return "overridden under an xfail with a condition"
    return ""
