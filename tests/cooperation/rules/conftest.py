# SPDX-License-Identifier: Apache-2.0
"""Ask one rule about a handful of entities on the ground of the cooperation tests."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from territoire_sante import Store
from territoire_sante.cooperation.rules import RULES, RuleBook, check

TABLE = tomllib.loads(Path(__file__).with_name("four_kinds.toml").read_text("utf-8"))


def claims_of(table):
    """Yield what a table says of tests: rule, kind, the test, and whether the rule finds there."""
    for code, said in table.items():
        thresholds = said.get("thresholds", {})
        for kind, test in said.items():
            if kind != "thresholds":
                yield code, kind, test, kind == "fires"
        for name, sides in thresholds.items():
            for side, test in sides.items():
                yield code, f"{name} {side}", test, side == "fires"


def unkept(table, test, asked):
    """Return what a table says of a test that it did not see: pairs of rule and found or not."""
    return [
        (code, kind)
        for code, kind, named, found in claims_of(table)
        if named == test and (code, found) not in asked
    ]


@pytest.fixture(name="table")
def _table():
    """Return which test shows what of each rule."""
    return TABLE


@pytest.fixture(name="claims_of")
def _claims_of():
    """Return what gives the claims of a table."""
    return claims_of


@pytest.fixture(name="unkept")
def _unkept():
    """Return what compares a table with what a test saw."""
    return unkept


@pytest.fixture
def ask(ground, today, request):
    """
    Return a function that gives what one rule finds, in a store with these entities.

    What the table says of a test is held against what that test asked and was told.
    """
    asked = set()

    def ask(code, *entities, on=today, **parameters):
        replaced = {one.id for one in entities}
        with Store.open("memory:") as store:
            store.put(*(one for one in ground if one.id not in replaced), *entities)
            found = list(
                check(
                    store.snapshot(),
                    today=on,
                    only=[code],
                    parameters={code: parameters},
                    book=RuleBook(own=RULES),
                )
            )
        asked.add((code, bool(found)))
        return found

    yield ask
    test = f"{request.node.path.name}::{request.node.name}"
    assert unkept(TABLE, test, asked) == []
