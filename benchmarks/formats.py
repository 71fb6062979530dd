# SPDX-License-Identifier: Apache-2.0
"""
Speed of reading, patching and writing against icalendar and vobject, in one process.

Each pair does the same work on the same documents, in turns, so that a busy machine slows
both; processor time is counted. The documents are generated, and those of the shared corpus
if it is there. Run it with ``python benchmarks/formats.py [--full]``.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import random
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import icalendar as peer_icalendar
import vobject
from samples import CORPUS, SEED, calendar, card

from territoire_sante.errors import FormatError
from territoire_sante.formats import Document, icalendar, vcard

BAR = 8.0
ROUNDS, FULL_ROUNDS = 5, 15
GENERATED = 150
MOST_OF_CORPUS = 300
LEAST_OF_TURN = 150
SIZES = {"1 kB": 1_400, "10 kB": 10_000}
NOON = dt.datetime(2026, 3, 29, 12, tzinfo=dt.UTC)

Work = Callable[[bytes], object]


def _event(data: bytes) -> Document:
    return Document(data, "text/calendar")


def _card(data: bytes) -> Document:
    return Document(data, "text/vcard")


def _patch_event(data: bytes) -> object:
    document = _event(data)
    event = icalendar.EVENT.get(document)
    return icalendar.EVENT.put(attrs.evolve(event, location="Gymnase"), document)


def _patch_contact(data: bytes) -> object:
    document = _card(data)
    contact = vcard.CONTACT.get(document)
    return vcard.CONTACT.put(attrs.evolve(contact, title="Infirmière"), document)


def _peer_read_contact(data: bytes) -> object:
    return vobject.readOne(data.decode())


def _peer_patch_event(data: bytes) -> object:
    parsed = peer_icalendar.Calendar.from_ical(data)
    parsed.events[0].location = "Gymnase"
    return parsed.to_ical(sorted=False)


def _peer_patch_contact(data: bytes) -> object:
    parsed = vobject.readOne(data.decode())
    if not hasattr(parsed, "title"):
        parsed.add("title")
    parsed.title.value = "Infirmière"
    return parsed.serialize(validate=False)


def _write_event(data: bytes) -> object:
    """Write the event that was read before, its times in UTC, as a new document."""
    return icalendar.EVENT.put(_VIEWS[data])


def _peer_write_event(data: bytes) -> object:
    view = _VIEWS[data]
    event = peer_icalendar.Event()
    event.add("uid", view.uid)
    event.add("dtstamp", NOON)
    event.add("dtstart", view.start)
    event.add("dtend", view.end)
    event.add("summary", view.summary)
    event.add("location", view.location)
    event.add("description", view.description)
    event.add("categories", list(view.categories))
    event.add("status", view.status.value)
    event.add("geo", (view.geo.latitude, view.geo.longitude))
    event.add("url", view.url)
    made = peer_icalendar.Calendar()
    made.add("version", "2.0")
    made.add("prodid", "-//Example//FR")
    made.add_component(event)
    return made.to_ical(sorted=False)


def _write_contact(data: bytes) -> object:
    """Write the contact that was read before as a new card."""
    return vcard.CONTACT.put(_VIEWS[data])


def _peer_write_contact(data: bytes) -> object:
    view, made = _VIEWS[data], vobject.vCard()
    name = view.name
    for key, value in (
        ("uid", view.uid),
        ("fn", view.formatted_name),
        ("n", vobject.vcard.Name(name.family, name.given, "", name.prefix)),
        ("org", list(view.organisation)),
        ("title", view.title),
        ("note", view.note),
        ("categories", list(view.categories)),
        ("url", view.urls[0].value),
    ):
        made.add(key).value = value
    for key, entries in (("tel", view.telephones), ("email", view.emails)):
        for entry in entries:
            line = made.add(key)
            line.value, line.type_param = entry.value, list(entry.types)
    address = view.addresses[0].address
    made.add("adr").value = vobject.vcard.Address(
        address.street, address.city, "", address.postcode, address.country
    )
    return made.serialize(validate=False)


READ_EVENT: tuple[Work, Work] = (
    lambda data: icalendar.EVENT.get(_event(data)),
    peer_icalendar.Calendar.from_ical,
)
READ_CONTACT: tuple[Work, Work] = (
    lambda data: vcard.CONTACT.get(_card(data)),
    _peer_read_contact,
)
PATCH_EVENT: tuple[Work, Work] = (_patch_event, _peer_patch_event)
PATCH_CONTACT: tuple[Work, Work] = (_patch_contact, _peer_patch_contact)
WRITE_EVENT: tuple[Work, Work] = (_write_event, _peer_write_event)
WRITE_CONTACT: tuple[Work, Work] = (_write_contact, _peer_write_contact)

# What the writers write, by the bytes it was read from, so that reading is not counted.
_VIEWS: dict[bytes, Any] = {}


def _generated() -> Iterator[tuple[str, tuple[Work, Work], list[bytes], bool]]:
    """Yield name, our work and the peer's, documents, and whether the bar is asked of it."""
    rng = random.Random(SEED)
    for size, count in SIZES.items():
        events = [calendar(rng, count) for _ in range(GENERATED)]
        cards = [card(rng, count) for _ in range(GENERATED)]
        for data in events:
            event = icalendar.EVENT.get(_event(data))
            _VIEWS[data] = attrs.evolve(event, start=NOON, end=NOON + dt.timedelta(hours=2))
        _VIEWS.update({data: vcard.CONTACT.get(_card(data)) for data in cards})
        yield f"read event {size}", READ_EVENT, events, True
        yield f"patch event {size}", PATCH_EVENT, events, True
        yield f"write event {size}", WRITE_EVENT, events, False
        yield f"read contact {size}", READ_CONTACT, cards, True
        yield f"patch contact {size}", PATCH_CONTACT, cards, True
        yield f"write contact {size}", WRITE_CONTACT, cards, False


def _of_corpus() -> Iterator[tuple[str, tuple[Work, Work], list[bytes], bool]]:
    """Yield the same for real items that both libraries read, no more than a few hundred."""
    rooms = (
        ("event", "ics", icalendar.split, READ_EVENT, PATCH_EVENT),
        ("contact", "vcf", vcard.split, READ_CONTACT, PATCH_CONTACT),
    )
    for name, room, split, reading, patching in rooms:
        items: list[bytes] = []
        for path in sorted((CORPUS / room).glob("*")):
            with contextlib.suppress(FormatError):
                items += [document.data for document in split(path.read_bytes())[:20]]
        step = max(1, len(items) // MOST_OF_CORPUS)
        good = [data for data in items[::step] if all(_works(one, data) for one in patching)]
        if good:
            yield f"read {name} corpus", reading, good, True
            yield f"patch {name} corpus", patching, good, True


def _works(work: Work, data: bytes) -> bool:
    try:
        work(data)
    except Exception:  # noqa: BLE001 - the peers raise anything; such items are not compared
        return False
    return True


def _seconds(work: Work, documents: list[bytes]) -> float:
    begin = time.process_time()
    for data in documents:
        work(data)
    return time.process_time() - begin


def measure(work: tuple[Work, Work], documents: list[bytes], rounds: int) -> tuple[float, ...]:
    """Return our microseconds a document, and minimum, median and maximum of the ratios."""
    # In a turn of a few milliseconds, what the other one left would count: cold caches of the
    # processor, cycles that wait for the garbage collector.
    documents = documents * -(-LEAST_OF_TURN // len(documents))
    ratios, ours = [], []
    for number in range(rounds + 1):
        mine, theirs = (_seconds(one, documents) for one in work)
        if number:  # the first round warms up
            ratios.append(theirs / mine)
            ours.append(mine / len(documents) * 1e6)
    return statistics.median(ours), min(ratios), statistics.median(ratios), max(ratios)


def main() -> int:
    """Print the table; the bar of the project is 8 times for reading and patching."""
    rounds = FULL_ROUNDS if "--full" in sys.argv else ROUNDS
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    print("times as fast as icalendar (events) and vobject (contacts)")
    print(f"{'what':22}{'bytes':>8}{'ours us':>10}{'min':>8}{'median':>8}{'max':>8}")
    missed = 0
    for source in (_generated(), _of_corpus()):
        for name, work, documents, barred in source:
            micros, low, middle, high = measure(work, documents, rounds)
            size = statistics.mean(map(len, documents))
            missed += barred and middle < BAR
            note = "  below the bar" if barred and middle < BAR else ""
            print(f"{name:22}{size:8.0f}{micros:10.1f}{low:8.1f}{middle:8.1f}{high:8.1f}{note}")
    print(f"bar: {BAR:.0f} times for reading and patching: {missed} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
