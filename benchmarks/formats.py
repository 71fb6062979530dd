# SPDX-License-Identifier: Apache-2.0
"""
Speed of reading, patching and writing against icalendar and vobject, in one process.

Each pair does the same work on the same generated French calendars and cards, in turns, so
that a busy machine slows both; processor time is counted. Run it with
``python benchmarks/formats.py [rounds]``.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable

import attrs
import icalendar as peer_icalendar
import vobject

from territoire_sante.formats import Document, icalendar, vcard
from territoire_sante.formats.contentline import fold

SEED = 48095
BAR = 8.0
DOCUMENTS = 150
TIME_ZONE = """BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""
WORDS = ("soirée", "santé", "commune", "équipe", "soins", "prévention", "maire", "vallée", "été")


def _crlf(text: str) -> bytes:
    """Return the text folded at 75 octets with CRLF, as calendars are sent."""
    return b"".join(fold(line.encode(), b"\r\n") for line in text.strip().split("\n"))


def _words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choices(WORDS, k=count))


def calendar(rng: random.Random, size: int) -> bytes:
    """Return one event with its zone, about ``size`` bytes."""
    day = rng.randrange(1, 29)
    text = f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//FR
{TIME_ZONE}BEGIN:VEVENT
UID:{rng.getrandbits(64):x}@example.org
DTSTAMP:20260101T080000Z
CREATED:20260101T080000Z
LAST-MODIFIED:20260102T080000Z
SEQUENCE:2
DTSTART;TZID=Europe/Paris:202603{day:02}T180000
DTEND;TZID=Europe/Paris:202603{day:02}T200000
SUMMARY;LANGUAGE=fr:{_words(rng, 4)}
LOCATION:Salle des fêtes\\, place de la Mairie
DESCRIPTION:{_words(rng, max(10, (size - 1100) // 8))}
CATEGORIES:Santé,Rencontre
STATUS:CONFIRMED
GEO:44.5175;3.5012
URL:https://example.org/agenda/{day}
X-COLOUR:blue
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Rappel
TRIGGER:-PT30M
END:VALARM
END:VEVENT
END:VCALENDAR"""
    return _crlf(text)


def card(rng: random.Random, size: int) -> bytes:
    """Return one card of about ``size`` bytes."""
    name = _words(rng, 1).title()
    text = f"""BEGIN:VCARD
VERSION:3.0
UID:{rng.getrandbits(64):x}
N:{name};Camille;;Dr;
FN:Dr Camille {name}
ORG:Maison de santé {name};Soins
TITLE:Médecin généraliste
TEL;TYPE=WORK,VOICE:+33 4 66 00 00 {rng.randrange(100):02}
TEL;TYPE=CELL:+33 6 00 00 00 {rng.randrange(100):02}
item1.EMAIL;TYPE=INTERNET,WORK:camille@example.org
item1.X-ABLabel:secrétariat
ADR;TYPE=WORK:;;12 rue de la Mairie;{name};;48000;France
URL:https://example.org/equipe
CATEGORIES:Santé,Équipe
NOTE:{_words(rng, max(5, (size - 500) // 8))}
REV:2026-01-02T08:00:00Z
X-PHONETIC-LAST-NAME:{name}
END:VCARD"""
    return _crlf(text)


def _ours_event(data: bytes) -> object:
    return icalendar.EVENT.get(Document(data, "text/calendar"))


def _ours_contact(data: bytes) -> object:
    return vcard.CONTACT.get(Document(data, "text/vcard"))


def _ours_event_patch(data: bytes) -> object:
    document = Document(data, "text/calendar")
    event = icalendar.EVENT.get(document)
    return icalendar.EVENT.put(attrs.evolve(event, location="Gymnase"), document)


def _ours_contact_patch(data: bytes) -> object:
    document = Document(data, "text/vcard")
    contact = vcard.CONTACT.get(document)
    return vcard.CONTACT.put(attrs.evolve(contact, title="Infirmière"), document)


def _peer_event_patch(data: bytes) -> object:
    parsed = peer_icalendar.Calendar.from_ical(data)
    parsed.events[0].location = "Gymnase"
    return parsed.to_ical(sorted=False)


def _peer_contact_patch(data: bytes) -> object:
    parsed = vobject.readOne(data.decode())
    parsed.title.value = "Infirmière"
    return parsed.serialize(validate=False)


PAIRS: dict[str, tuple[str, Callable[[bytes], object], Callable[[bytes], object]]] = {
    "read event / icalendar": ("event", _ours_event, peer_icalendar.Calendar.from_ical),
    "patch event / icalendar": ("event", _ours_event_patch, _peer_event_patch),
    "read contact / vobject": (
        "card",
        _ours_contact,
        lambda data: vobject.readOne(data.decode()),
    ),
    "patch contact / vobject": ("card", _ours_contact_patch, _peer_contact_patch),
}


def _seconds(work: Callable[[bytes], object], documents: list[bytes]) -> float:
    begin = time.process_time()
    for data in documents:
        work(data)
    return time.process_time() - begin


def measure(rounds: int) -> list[tuple[str, int, float, list[float]]]:
    """Return for each pair and size: name, bytes, our microseconds, the ratios of all rounds."""
    rng = random.Random(SEED)
    makers = {"event": calendar, "card": card}
    rows = []
    for name, (kind, ours, peer) in PAIRS.items():
        for size in (1_500, 10_000):
            documents = [makers[kind](rng, size) for _ in range(DOCUMENTS)]
            ratios, best = [], float("inf")
            for _ in range(rounds):
                mine, theirs = _seconds(ours, documents), _seconds(peer, documents)
                ratios.append(theirs / mine)
                best = min(best, mine / len(documents) * 1e6)
            rows.append((name, len(documents[0]), best, ratios))
    return rows


def main() -> None:
    """Print the table; the bar of the project is 8 times."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{'what':28}{'bytes':>8}{'ours us':>10}{'min':>8}{'median':>8}{'max':>8}")
    for name, size, micros, ratios in measure(rounds):
        low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
        note = "" if middle >= BAR else "  below the bar"
        print(f"{name:28}{size:8}{micros:10.1f}{low:8.1f}{middle:8.1f}{high:8.1f}{note}")


if __name__ == "__main__":
    main()
