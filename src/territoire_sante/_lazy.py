# SPDX-License-Identifier: Apache-2.0
"""Doors of packages whose names are loaded when they are first used (PEP 562)."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

#: For each name the module that gives it, or a function that makes its value.
Homes = Mapping[str, str | Callable[[], Any]]


def door(name: str, homes: Homes) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """
    Return the functions ``__getattr__`` and ``__dir__`` of the module called ``name``.

    ``homes`` says for each name which module of the same package gives it, or is a function that
    makes its value. What was asked for once stands in the module from then on.

    >>> look, _ = door(__name__, {"now": lambda: "here"})
    >>> look("now")
    'here'
    >>> look("never")
    Traceback (most recent call last):
    AttributeError: module 'territoire_sante._lazy' has no attribute 'never'
    """
    module = sys.modules[name]

    def look(wanted: str) -> Any:
        if wanted not in homes:
            message = f"module {name!r} has no attribute {wanted!r}"
            raise AttributeError(message)
        home = homes[wanted]
        if callable(home):
            value = home()
        else:
            value = getattr(importlib.import_module(f"{module.__package__}.{home}"), wanted)
        setattr(module, wanted, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(module), *module.__all__})

    return look, names
