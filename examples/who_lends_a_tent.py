# SPDX-License-Identifier: Apache-2.0
"""
Find who can lend a tent near a commune, how to ask, and by when.

    python examples/who_lends_a_tent.py [INSEE CODE] [DAY OF USE]

The territory is that of examples/data; its cooperation is made up.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from territoire_sante import Store
from territoire_sante.cooperation import find_levers
from territoire_sante.model import Entity
from territoire_sante.serialization import read_entities

DATA = Path(__file__).parent / "data"
TODAY = dt.date(2026, 11, 20)


def main(commune: str = "48181", use_on: str = "2027-06-05") -> None:
    """Print the tents that can be had, the best placed first."""
    with Store.open("memory:") as store:
        for name in ("territory.json", "cooperation.jsonl"):
            store.put(*(one for one in read_entities(DATA / name) if isinstance(one, Entity)))
        snapshot = store.snapshot()
        matches = find_levers(
            snapshot,
            "barnum",
            near=commune,
            today=TODAY,
            use_on=dt.date.fromisoformat(use_on),
            asker_id="actor:msp-exemple",
            search=store,
        )
    for match in matches:
        print("\n  ".join(match.lines("fr")))
    if not matches:
        print("Personne, à ce que l'on sait.")


if __name__ == "__main__":
    main(*sys.argv[1:])
