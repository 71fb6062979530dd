# SPDX-License-Identifier: Apache-2.0
"""Doors whose names are loaded when they are first used."""

from __future__ import annotations

import importlib
import sys

import pytest

PACKAGE = """
from territoire_sante._lazy import door
__all__ = ["Made", "THERE", "made_once"]
THERE = 1
made = []
__getattr__, __dir__ = door(
    __name__, {"Made": "_home", "made_once": lambda: made.append("again") or "value"}
)
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Give a package with a door, whose modules are forgotten afterwards."""
    folder = tmp_path / "made_up_door"
    folder.mkdir()
    (folder / "__init__.py").write_text(PACKAGE, encoding="utf-8")
    (folder / "_home.py").write_text("class Made: ...\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("made_up_door")
    for name in ("made_up_door", "made_up_door._home"):
        sys.modules.pop(name, None)


def test_a_name_is_loaded_when_it_is_first_used(package):
    """Neither importing nor listing loads a home; asking for its name does, and keeps it."""
    assert {"Made", "THERE", "made_once"} <= set(dir(package))
    assert "made_up_door._home" not in sys.modules

    found = package.Made

    assert found is sys.modules["made_up_door._home"].Made
    assert vars(package)["Made"] is found


def test_a_function_makes_its_value_once(package):
    """A home that is a function is called for the first use only."""
    assert (package.made_once, package.made_once) == ("value", "value")
    assert package.made == ["again"]


def test_an_unknown_name_is_told_as_by_any_module(package):
    """What no home gives raises the error that a plain module raises, word for word."""
    with pytest.raises(AttributeError) as ours:
        _ = package.never
    with pytest.raises(AttributeError) as plain:
        _ = sys.never

    assert str(ours.value) == str(plain.value).replace("'sys'", "'made_up_door'")
