# SPDX-License-Identifier: Apache-2.0
"""
Keep a team's meetings in step with a calendar on any CalDAV server.

    export CALDAV_USERNAME=msp CALDAV_PASSWORD=...
    python examples/caldav_calendar.py https://nuage.example.org/dav/calendars/msp/essai/ --create

The meetings are made up. Run it again: nothing moves. Change one in your calendar program, or add
one, and run it again: it comes here. With --dry-run it only says what it would do.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
from zoneinfo import ZoneInfo

from territoire_sante import Link, Store, sync
from territoire_sante.model import Event

PARIS = ZoneInfo("Europe/Paris")
MEETINGS = [
    Event(
        id="event:exemple-reunion",
        summary="Réunion d'équipe (exemple)",
        start=dt.datetime(2027, 1, 12, 12, 30, tzinfo=PARIS),
        end=dt.datetime(2027, 1, 12, 13, 30, tzinfo=PARIS),
        location="Salle du Méridien",
    ),
    Event(
        id="event:exemple-vaccination",
        summary="Journée de vaccination (exemple)",
        start=dt.date(2027, 2, 2),
    ),
]


def main() -> None:
    """Sync once, and print what was done and what there is."""
    options = arguments()
    link = Link(
        name="agenda",
        connector="caldav",
        view="event",
        config={
            "url": options.url,
            "username": os.environ["CALDAV_USERNAME"],
            # Only the name of the secret stands here; it is looked up when it is needed.
            "password": {"$env": "CALDAV_PASSWORD"},
            "create": options.create,
        },
    )
    with Store.open(options.store) as store:
        if not any(store.all(Event)):
            store.put(*MEETINGS)
        plan = sync.plan(store, link)  # reads both sides, writes nothing
        for operation in plan.operations:
            print(f"{operation.action.value}: {operation.title}")
        if options.dry_run:
            return
        report = sync.apply(store, plan)
        print(f"Written there: {report.remote_writes}; written here: {report.local_writes}.")
        for event in sorted(store.all(Event), key=lambda event: str(event.start)):
            print(f"{event.start}  {event.summary}  {event.location}")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Keep meetings in step with a CalDAV calendar.")
    parser.add_argument("url", help="the calendar's address")
    parser.add_argument("--store", default="sqlite:///caldav-example.db")
    parser.add_argument("--create", action="store_true", help="make the calendar if it is missing")
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    return parser.parse_args()


if __name__ == "__main__":
    main()
