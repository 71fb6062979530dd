# SPDX-License-Identifier: Apache-2.0
"""
Two-way sync: :func:`plan` looks at both sides and writes nothing, :func:`apply` carries it out.

.. code-block:: python

    plan = sync.plan(store, link, catalog=catalog)
    report = sync.apply(store, plan)

Nothing is lost: writes are conditional on the version that was merged, disjoint
edits are merged field by field, the loser of a conflict stays in the journal
(:mod:`territoire_sante.sync.conflicts`), and items that cannot be read are set aside.
"""

from __future__ import annotations

import datetime as dt
import importlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from territoire_sante._lazy import Homes, door
from territoire_sante.plugins import Catalog
from territoire_sante.store import Store
from territoire_sante.sync._apply import apply_plan
from territoire_sante.sync._knowing import drop_copies, links_knowing
from territoire_sante.sync._lease import Holder
from territoire_sante.sync._link import ConflictPolicy, Direction, Link, check_link
from territoire_sante.sync._operation import Action, Operation, Plan
from territoire_sante.sync._pace import Pace
from territoire_sante.sync._plan import make_plan
from territoire_sante.sync._records import JournalEntry, Quarantined
from territoire_sante.sync._report import Entry, Outcome, Report
from territoire_sante.sync._run import TIME_IS_UP, Progress

if TYPE_CHECKING:
    from territoire_sante.sync import conflicts
    from territoire_sante.sync._advice import advice_on
    from territoire_sante.sync._copies import copies
    from territoire_sante.sync._deliveries import (
        deliveries,
        delivery_history,
        mark_done,
        note_failure,
        refresh,
        withdraw,
    )
    from territoire_sante.sync._delivery import Delivery, DeliveryChange, DeliveryState, summary
    from territoire_sante.sync._sent import sent
    from territoire_sante.sync._tombstones import Tombstone

__all__ = [
    "TIME_IS_UP",
    "Action",
    "ConflictPolicy",
    "Delivery",
    "DeliveryChange",
    "DeliveryState",
    "Direction",
    "Entry",
    "JournalEntry",
    "Link",
    "Operation",
    "Outcome",
    "Plan",
    "Progress",
    "Quarantined",
    "Report",
    "Tombstone",
    "advice_on",
    "apply",
    "check_link",
    "conflicts",
    "copies",
    "deliveries",
    "delivery_history",
    "drop_copies",
    "links_knowing",
    "mark_done",
    "note_failure",
    "plan",
    "refresh",
    "sent",
    "summary",
    "withdraw",
]

# What a sync of a calendar needs none of is loaded when it is first used.
_HOMES: Final[Homes] = {
    "Delivery": "_delivery",
    "DeliveryChange": "_delivery",
    "DeliveryState": "_delivery",
    "Tombstone": "_tombstones",
    "advice_on": "_advice",
    "conflicts": lambda: importlib.import_module("territoire_sante.sync.conflicts"),
    "copies": "_copies",
    "deliveries": "_deliveries",
    "delivery_history": "_deliveries",
    "mark_done": "_deliveries",
    "note_failure": "_deliveries",
    "refresh": "_deliveries",
    "sent": "_sent",
    "summary": "_delivery",
    "withdraw": "_deliveries",
}

__getattr__, __dir__ = door(__name__, _HOMES)


def plan(
    store: Store,
    link: Link,
    *,
    catalog: Catalog | None = None,
    now: dt.datetime | None = None,
    opposition_key: bytes | None = None,
) -> Plan:
    """
    Read both sides of a link and return what a run would do; nothing is written.

    Args:
        store: the territory as it is known here.
        link: the collection on the other side.
        catalog: where the connector is looked up; those installed if left out.
        now: the time of the run, aware; the present if left out.
        opposition_key: the key of the opposition list; needed once somebody objected.

    Raises:
        ConfigError: the link's options are wrong.
        PluginError: the connector cannot be used.
        ConnectorError: the other side cannot be read as a whole. Single broken
            items are set aside instead, see ``Plan.quarantined``.
    """
    return make_plan(
        store,
        link,
        catalog=catalog if catalog is not None else Catalog.installed(),
        now=now if now is not None else dt.datetime.now(dt.UTC),
        opposition_key=opposition_key,
    )


def apply(
    store: Store,
    plan: Plan,
    *,
    catalog: Catalog | None = None,
    confirm: str | None = None,
    now: dt.datetime | None = None,
    opposition_key: bytes | None = None,
    progress: Progress | None = None,
    deadline: float | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> Report:
    """
    Carry out a plan, item by item; what is done of it stays done, whatever happens then.

    Several writes may be under way at a time, see ``Link.parallel``.

    Args:
        store: the store the plan was made for.
        plan: what to do.
        catalog: as for :func:`plan`; the plan's own if left out.
        confirm: the plan's fingerprint, to allow more deletions than the guard does.
        now: the time of the run, aware; the present if left out.
        opposition_key: as for :func:`plan`.
        progress: called as each operation ends, with how many did, their total and its entry.
        deadline: how many seconds the run may take. When they are over nothing new is begun; the
            rest is deferred to the next run, which goes on from there.
        clock: monotonic seconds.
        sleep: waits for a number of seconds, where a server asks for patience.

    Raises:
        LinkBusyError: another run of the link is at work; nothing was written.
        MassDeletionError: too many deletions, and no confirmation; nothing was written.
        ConfigError: the link's options are wrong.
        PluginError: the connector cannot be used.
        ConnectorError: the other side cannot be opened. What goes wrong later
            stands in the report.
    """
    return apply_plan(
        store,
        plan,
        catalog=catalog or plan.catalog or Catalog.installed(),
        confirm=confirm,
        pace=Pace(
            now=now if now is not None else dt.datetime.now(dt.UTC),
            limit=deadline,
            clock=clock,
            started=clock(),
            sleep=sleep,
        ),
        holder=Holder.here(),
        opposition_key=opposition_key,
        progress=progress,
    )
