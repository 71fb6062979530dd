# SPDX-License-Identifier: Apache-2.0
"""
Sync events both ways with a folder of .ics files, as khal and other programs keep them.

    python examples/folder_of_files.py [FOLDER]

Without a folder it uses one that is gone afterwards.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs

from territoire_sante import Direction, Link, Store, sync
from territoire_sante.model import Event, EventKind, Visibility

PARIS = ZoneInfo("Europe/Paris")

MEETING = Event(
    id="event:copil",
    summary="Comité de pilotage",
    location="Salle du conseil",
    kind=EventKind.STEERING_COMMITTEE,
    start=dt.datetime(2027, 4, 6, 18, tzinfo=PARIS),
    end=dt.datetime(2027, 4, 6, 20, tzinfo=PARIS),
)
CLINIC = Event(
    id="event:vaccination",
    summary="Journée de vaccination",
    kind=EventKind.PUBLIC_PREVENTION,
    start=dt.date(2027, 5, 12),
)


def show(store: Store, link: Link) -> None:
    """Sync once and say what was done."""
    report = sync.apply(store, sync.plan(store, link))
    print(f"{report.remote_writes} files written, {report.local_writes} events changed here")
    for entry in report.entries:
        print(f"  {entry.action.value}: {entry.title} ({entry.outcome.value})")


def main(folder: Path) -> None:
    """Keep a calendar in ``folder``: a store, and beside it one file for each event."""
    calendar = folder / "agenda"
    link = Link(
        name="agenda",
        connector="ics",
        view="event",
        direction=Direction.BOTH,
        audience=Visibility.PARTNERS,
        config={"path": str(calendar), "create": not calendar.exists()},
    )
    with Store.open(f"sqlite:///{folder / 'territoire.db'}") as store:
        if store.find(Event, MEETING.id) is None:
            store.put(MEETING, CLINIC)
        show(store, link)

        # Another program changes the place in its file, and we the title: both edits are kept.
        (file,) = (one for one in calendar.glob("*.ics") if b"pilotage" in one.read_bytes())
        file.write_bytes(file.read_bytes().replace(b"Salle du conseil", b"Foyer rural"))
        store.put(attrs.evolve(store.get(Event, MEETING.id), summary="Comité de pilotage no 2"))
        show(store, link)
        meeting = store.get(Event, MEETING.id)
        print(f"Merged: {meeting.summary}, {meeting.location}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
