# SPDX-License-Identifier: Apache-2.0
"""
List what a team should do next, the gravest first, and the words of the report behind it.

    python examples/what_should_this_team_do_next.py [ID OF THE TEAM]

The territory is that of examples/data; its cooperation is made up.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from territoire_sante import Store
from territoire_sante.cooperation.rules import check, concerning
from territoire_sante.model import Entity
from territoire_sante.serialization import read_entities

DATA = Path(__file__).parent / "data"
TODAY = dt.date(2026, 11, 20)


def main(team: str = "actor:msp-exemple") -> None:
    """Print each finding that concerns the team, and what to do."""
    with Store.open("memory:") as store:
        for name in ("territory.json", "cooperation.jsonl"):
            store.put(*(one for one in read_entities(DATA / name) if isinstance(one, Entity)))
        snapshot = store.snapshot()
    found = concerning(check(snapshot, today=TODAY), snapshot, team=team)
    for one in sorted(found, key=lambda one: (one.severity.rank, one.code)):
        print(f"{one.code} {one.message.fr}\n  À faire : {one.action.fr}")
        if one.quote is not None:
            print(f"  « {one.quote.text} »")


if __name__ == "__main__":
    main(*sys.argv[1:])
