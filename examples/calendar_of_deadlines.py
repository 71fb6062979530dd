# SPDX-License-Identifier: Apache-2.0
"""
Show the deadlines of a territory in a calendar file: ends of conventions, notices, plans to revise.

    python examples/calendar_of_deadlines.py [FILE.ics]

The file can be opened by any calendar program. It is written one way: change a convention and
run it again, and the calendar follows.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from pathlib import Path

from territoire_sante import Direction, Link, Store, sync
from territoire_sante.formats import icalendar
from territoire_sante.model import (
    Convention,
    ConventionKind,
    ConventionState,
    Duration,
    Renewal,
    RenewalMode,
    SafeguardPlan,
    SafeguardState,
    Territory,
    TerritoryKind,
)

CONVENTION = Convention(
    id="convention:locaux",
    kind=ConventionKind.PREMISES_LOAN,
    title="Locaux de la maison de santé",
    starts_on=dt.date(2026, 1, 1),
    duration=Duration(years=2),
    renewal=Renewal(mode=RenewalMode.TACIT, opt_out_notice=Duration(months=3)),
    state=ConventionState.ACTIVE,
)
COMMUNE = Territory(id="commune:99999", kind=TerritoryKind.COMMUNE, name="Exempleville")
PLAN = SafeguardPlan(
    id="safeguard_plan:exempleville",
    territory_id=COMMUNE.id,
    adopted_on=dt.date(2024, 6, 3),
    state=SafeguardState.ADOPTED,
)


def main(path: Path) -> None:
    """Write the deadlines into the calendar at ``path`` and print them."""
    link = Link(
        name="deadlines",
        connector="ics",
        view="event",
        projection="deadlines",
        direction=Direction.PUSH,
        config={"path": str(path), "create": not path.exists()},
    )
    with Store.open("memory:") as store:
        store.put(CONVENTION, COMMUNE, PLAN)
        sync.apply(store, sync.plan(store, link))
    entries = [icalendar.EVENT.get(one) for one in icalendar.split(path.read_bytes())]
    for entry in sorted(entries, key=lambda one: str(one.start)):
        print(f"{entry.start}  {entry.summary}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary) / "echeances.ics")
