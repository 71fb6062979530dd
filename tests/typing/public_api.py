# SPDX-License-Identifier: Apache-2.0
"""
What type checkers see of the public door; read by mypy in ``make check``, never run.

A line with ``type: ignore`` is a wrong use that must be found: mypy reports an
ignore that silences nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_type

from territoire_sante import Catalog, Direction, Link, Store, Workspace, sync
from territoire_sante.model import Event
from territoire_sante.sync import Plan, Report


def a_script(store: Store, catalog: Catalog, link: Link) -> None:
    """Uses the store and the engine as the documentation does."""
    assert_type(store.get(Event, "event:1"), Event)
    assert_type(store.find(Event, "event:1"), Event | None)
    assert_type(store.all(Event), Iterator[Event])
    plan = sync.plan(store, link, catalog=catalog)
    assert_type(plan, Plan)
    assert_type(sync.apply(store, plan), Report)
    assert_type(link.direction, Direction)


def a_workspace() -> None:
    """A dry run returns plans, a run returns reports."""
    with Workspace.open("territoire.toml") as workspace:
        assert_type(workspace.sync(dry_run=True), list[Plan])
        assert_type(workspace.sync(), list[Report])
        workspace.sync(dry_run=True, confirm="x")  # type: ignore[call-overload] # nothing to confirm


def mistakes(store: Store) -> None:
    """Each line is found by the type checker."""
    Link(name="agenda", connector="caldav", view="event", direction="both")  # type: ignore[arg-type] # no text
    store.get("event", "event:1")  # type: ignore[arg-type] # a class, not its name
