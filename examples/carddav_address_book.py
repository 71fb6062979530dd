# SPDX-License-Identifier: Apache-2.0
"""
Share a directory of contacts as an address book on any CardDAV server, and take edits back.

    export CARDDAV_USERNAME=msp CARDDAV_PASSWORD=...
    python examples/carddav_address_book.py https://nuage.example.org/dav/msp/essai/ --create

The persons are made up. Each has one card, with the organisation and the post. Run it again:
nothing moves. Correct a telephone on your phone and run it again: it is corrected here, and
whatever else the phone wrote into the card stays in the card.
"""

from __future__ import annotations

import argparse
import os

from territoire_sante import Link, Store, model, sync

TOWN_HALL = model.Actor(
    id="actor:exemple-mairie",
    kind=model.ActorKind.COMMUNE,
    name="Mairie de Saint-Exemple",
    visibility=model.Visibility.PUBLIC,
)
MAYOR = model.Person(
    id="person:exemple-maire",
    name=model.PersonName(given="Odette", family="Fictive"),
    contact_points=(model.ContactPoint(kind=model.ContactPointKind.PHONE, value="04 65 71 00 01"),),
    visibility=model.Visibility.PARTNERS,
)
POST = model.Appointment(
    id="appointment:exemple-maire",
    person_id=MAYOR.id,
    actor_id=TOWN_HALL.id,
    role=model.Role.MAYOR,
    visibility=model.Visibility.PARTNERS,
)


def main() -> None:
    """Sync once, and print what was done and how to reach everybody."""
    options = arguments()
    link = Link(
        name="annuaire",
        connector="carddav",
        view="contact",
        config={
            "url": options.url,
            "username": os.environ["CARDDAV_USERNAME"],
            # Only the name of the secret stands here; it is looked up when it is needed.
            "password": {"$env": "CARDDAV_PASSWORD"},
            "create": options.create,
        },
    )
    with Store.open(options.store) as store:
        if not any(store.all(model.Person)):
            store.put(TOWN_HALL, MAYOR, POST)
        report = sync.apply(store, sync.plan(store, link))
        print(f"Written there: {report.remote_writes}; written here: {report.local_writes}.")
        for person in store.all(model.Person):
            print(person.display_name, *(point.value for point in person.contact_points))


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Share contacts as a CardDAV address book.")
    parser.add_argument("url", help="the address book's address")
    parser.add_argument("--store", default="sqlite:///carddav-example.db")
    parser.add_argument("--create", action="store_true", help="make it if it is missing")
    return parser.parse_args()


if __name__ == "__main__":
    main()
