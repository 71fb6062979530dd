# SPDX-License-Identifier: Apache-2.0
"""A look at the commits of a store: to count them, or to end a process at one."""

from __future__ import annotations

from collections.abc import Callable

from territoire_sante.store import Connection, Store


def before_commits(store: Store, act: Callable[[], None]) -> None:
    """Call ``act`` before what a writer did becomes durable; an exception of its undoes that."""
    database = store._database  # noqa: SLF001 - only tests look below a store
    commit = database.commit

    def watched(connection: Connection) -> None:
        act()
        commit(connection)

    database.commit = watched  # type: ignore[method-assign] # of this one store
