# SPDX-License-Identifier: Apache-2.0
"""
List which conventions end or are renewed this year, by when to say no, and what is promised.

    python examples/which_conventions_end_this_year.py [YEAR]

The territory is that of examples/data; its cooperation, and the two conventions below, are made up.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from territoire_sante import Store
from territoire_sante.cooperation.conventions import milestones
from territoire_sante.model import (
    Convention,
    ConventionKind,
    ConventionState,
    Duration,
    Entity,
    Party,
    PartyRole,
    Renewal,
    RenewalMode,
)
from territoire_sante.serialization import read_entities

DATA = Path(__file__).parent / "data"
TODAY = dt.date(2027, 1, 4)
PARTIES = (
    Party(actor_id="mairie:48034", role=PartyRole.COLLECTIVITE, capacity="Maire"),
    Party(actor_id="actor:msp-exemple", role=PartyRole.MSP, capacity="Président"),
)
CONVENTIONS = (
    Convention(
        id="convention:salle",
        kind=ConventionKind.PREMISES_LOAN,
        title="Prêt de la salle des consultations avancées",
        parties=PARTIES,
        starts_on=dt.date(2025, 9, 1),
        ends_on=dt.date(2027, 8, 31),
        renewal=Renewal(
            mode=RenewalMode.TACIT, period=Duration(years=1), opt_out_notice=Duration(months=3)
        ),
        state=ConventionState.ACTIVE,
    ),
    Convention(
        id="convention:studio",
        kind=ConventionKind.INTERN_HOUSING,
        title="Studio pour internes",
        parties=PARTIES,
        starts_on=dt.date(2026, 11, 1),
        ends_on=dt.date(2027, 10, 31),
        renewal=Renewal(mode=RenewalMode.EXPRESS),
        state=ConventionState.ACTIVE,
    ),
)


def main(year: str = "2027") -> None:
    """Print the days of the conventions of a year, the earliest first."""
    with Store.open("memory:") as store:
        for name in ("territory.json", "cooperation.jsonl"):
            store.put(*(one for one in read_entities(DATA / name) if isinstance(one, Entity)))
        store.put(*CONVENTIONS)
        snapshot = store.snapshot()
    first, last = dt.date(int(year), 1, 1), dt.date(int(year), 12, 31)
    days = milestones(snapshot, start=first, end=last, today=TODAY)
    for day in days:
        print(day.text("fr"))
    if not days:
        print("Aucune, à ce que l'on sait.")


if __name__ == "__main__":
    main(*sys.argv[1:])
