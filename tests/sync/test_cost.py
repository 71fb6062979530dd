# SPDX-License-Identifier: Apache-2.0
"""What an item costs the database when it first comes here or goes there."""

from __future__ import annotations

import json

import pytest

from territoire_sante.formats import Document


class Traced:
    """The statements that the one connection of a store in memory executes."""

    def __init__(self, store):
        self.statements = []
        with store.transaction() as transaction:
            raw = transaction.connection.raw
        raw.set_trace_callback(self.statements.append)

    @property
    def executed(self):
        """How many statements were executed, without those of triggers and of the index."""
        return sum(not text.startswith("--") for text in self.statements)

    @property
    def writing(self):
        """How many transactions may have written."""
        return self.statements.count("BEGIN IMMEDIATE")


def pulled(make_world, count):
    """Return what it takes to bring so many new items here."""
    world = make_world()
    for number in range(count):
        data = json.dumps({"uid": f"u{number}", "summary": f"E{number}"}).encode()
        world.server.put(f"/u{number}.json", Document(data, "application/json"))
    traced = Traced(world.store)
    report = world.sync()
    assert report.counts()["done"] == count
    return traced


def pushed(make_world, count):
    """Return what it takes to send so many new items there."""
    world = make_world()
    for number in range(count):
        world.put(f"e{number:05}", summary=f"E{number}")
    traced = Traced(world.store)
    report = world.sync()
    assert report.counts()["done"] == count
    return traced


@pytest.mark.parametrize(("way", "most"), [(pulled, 20), (pushed, 20)])
def test_statements_of_an_item(make_world, way, most):
    """An item more takes few statements, and no transaction of its own."""
    small, large = way(make_world, 100), way(make_world, 400)

    assert (large.executed - small.executed) / 300 <= most
    assert (large.writing - small.writing) / 300 <= 1 / 4
