# SPDX-License-Identifier: Apache-2.0
"""How a suite defends itself against tests that quietly go missing, and what its tests claim."""
# ruff: noqa: S101 - asserts are how pytest tests speak

from __future__ import annotations

import inspect
from inspect import getattr_static
from typing import Any, ClassVar, Final

import attrs

_OWN: Final = "test_no_standard_test_is_lost"

#: Fixtures that hold the others to something; a suite without them proves less than it says.
_GUARDS: Final = ("only_this_machine",)


@attrs.frozen
class StandardTest:
    """A test of a suite, and what it claims in one sentence."""

    name: str
    claim: str


class Defended:
    """A suite whose tests cannot go missing unnoticed; ``suite=True`` makes a class one."""

    standard: ClassVar[type]

    def __init_subclass__(cls, *, suite: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if suite:
            cls.standard = cls
        elif _OWN in vars(cls):
            message = f"{cls.__name__} must not override {_OWN}"
            raise TypeError(message)

    def test_no_standard_test_is_lost(self) -> None:
        """Each standard test is run as it is, or overridden under a strict xfail with a reason."""
        faults = lost_tests(type(self), self.standard)
        assert faults == [], "; ".join(faults)


def standard_tests(suite: type) -> tuple[StandardTest, ...]:
    """Return the tests of a suite in the order in which they are written, with their claims."""
    names: dict[str, None] = {}
    for cls in reversed(suite.__mro__):
        names |= dict.fromkeys(name for name in vars(cls) if name.startswith("test_"))
    return tuple(
        StandardTest(name, " ".join((inspect.getdoc(getattr(suite, name)) or "").split()))
        for name in names
    )


def lost_tests(cls: type, suite: type) -> list[str]:
    """
    Return what ``cls`` does to the tests of ``suite`` other than running them.

    Overriding one is allowed under ``pytest.mark.xfail(reason=…, strict=True)``. Skipping is not,
    be it the class or a test, nor is expecting that the whole class fails.
    """
    faults = [
        f"{cls.__name__} is marked {mark.name} as a whole"
        for mark in _marks(cls)
        if mark.name in ("skip", "skipif", "xfail")
    ]
    faults += [
        f"{name}: overridden"
        for name in _GUARDS
        if getattr_static(cls, name, None) is not getattr_static(suite, name, None)
    ]
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
    marks = _marks(override)
    expected = [mark for mark in marks if mark.name == "xfail"]
    if not expected or not expected[0].kwargs.get("reason"):
        return "overridden without xfail(reason=..., strict=True)"
    if expected[0].kwargs.get("strict") is not True:
        return "overridden under an xfail that is not strict"
    if expected[0].args or expected[0].kwargs.get("condition") is not None:
        return "overridden under an xfail with a condition"
    if {"skip", "skipif"} & {mark.name for mark in marks}:
        return "overridden and skipped"
    return "" if expected[0].kwargs.get("run", True) else "overridden and not run"
