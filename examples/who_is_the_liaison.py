# SPDX-License-Identifier: Apache-2.0
"""
Find who is the relay of a commune, why, and what is missing to know it better.

    python examples/who_is_the_liaison.py [INSEE CODE] [NEED]

NEED is one of any, territory, care_team, social, complex_care, tension. The territory is that of
examples/data; its cooperation is made up.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from territoire_sante import Store
from territoire_sante.cooperation import liaison_for
from territoire_sante.model import Entity
from territoire_sante.serialization import read_entities

DATA = Path(__file__).parent / "data"
TODAY = dt.date(2026, 11, 20)


def main(commune: str = "48181", need: str = "any") -> None:
    """Print who can be asked, and every step of the way there."""
    with Store.open("memory:") as store:
        for name in ("territory.json", "cooperation.jsonl"):
            store.put(*(one for one in read_entities(DATA / name) if isinstance(one, Entity)))
        liaison = liaison_for(store.snapshot(), commune, need, today=TODAY)
    print("\n".join(liaison.lines("fr")))


if __name__ == "__main__":
    main(*sys.argv[1:])
