# SPDX-License-Identifier: Apache-2.0
"""French calendars and cards for the benchmarks, the same at each run."""

from __future__ import annotations

import pathlib
import random
from collections.abc import Iterator

from territoire_sante.formats.contentline import fold

SEED = 48095
CORPUS = pathlib.Path(__file__).resolve().parents[2].parent / "shared" / "corpus"
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


def card_stream(count: int) -> Iterator[bytes]:
    """Yield ``count`` different cards of about 1 kB, one after the other, made as they go."""
    rng = random.Random(SEED)
    models = [card(rng, 1_000).split(b"UID:", 1) for _ in range(200)]
    for number in range(count):
        head, rest = models[number % len(models)]
        yield b"%sUID:%d-%s" % (head, number, rest)
