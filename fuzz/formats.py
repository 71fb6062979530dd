# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001, S311 - a script; its randomness has to be repeatable, not secret
"""
Throw broken calendars and cards at the formats until the time is up.

.. code-block:: console

    $ python fuzz/formats.py --seconds 600 --seed 1 --corpus FOLDER
    $ python fuzz/formats.py --seed 1 --only 4711      # one input again

Input *n* of a seed (with the same corpus) is the same in each run. What is looked for: exceptions
that are not in ``territoire_sante.errors``, broken laws (bytes that do not come back, views
that are not read as written), inputs that take long, memory that grows. Each finding is printed
once, its input cut down to the lines that it needs; the exit code is 1 if there is one.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import gc
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from territoire_sante.errors import TerritoireSanteError
from territoire_sante.formats import Document, Lens, check, contentline, icalendar, vcard

NOW: Final = dt.datetime(2026, 11, 21, 20, 0, tzinfo=dt.UTC)
WINDOW: Final = (dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2027, 1, 1, tzinfo=dt.UTC))
SLOW: Final = 5.0  # seconds of processor time for one input
LARGEST: Final = 200_000  # bytes of one input
GROWTH: Final = 64 * 1024 * 1024  # bytes that caches and fragmentation may take after the start

EVENT_LINES: Final = [
    b"UID:a@example.org", b"SUMMARY;LANGUAGE=fr:Soir\xc3\xa9e\\, \\;\\n", b"DESCRIPTION:a\r\n b",
    b"DTSTART;TZID=Europe/Paris:20260329T180000", b"DTEND;TZID=Europe/Paris:20260329T200000",
    b"DTSTART;VALUE=DATE:20260329", b"DTSTART:20260329T160000Z", b"DTSTART:20261025T023000",
    b"DTSTART;TZID=Ici:20260329T180000", b"DTSTART;TZID=Romance Standard Time:20261025T023000",
    b"DURATION:PT1H30M", b"DURATION:-P1W", b"RRULE:FREQ=WEEKLY;COUNT=4;BYDAY=MO",
    b"RRULE:FREQ=SECONDLY", b"EXDATE;TZID=Europe/Paris:20260405T180000,20260412T180000",
    b"RDATE;VALUE=PERIOD:20260501T100000Z/PT1H", b"RECURRENCE-ID:20260405T160000Z",
    b"RECURRENCE-ID;RANGE=THISANDFUTURE:20260405", b"GEO:44.5;3.5", b"GEO:nan;inf",
    b"CATEGORIES:a,b\\,c", b"STATUS:CONFIRMED", b"CLASS:X-A", b"URL:https://example.org/?a=1,2;b",
    b"SEQUENCE:3", b"SEQUENCE:-9999999999999999999999", b"DTSTAMP:20260101T000000Z",
    b'ORGANIZER;CN="A; B":mailto:a@example.org', b"ATTENDEE;PARTSTAT=X:mailto:b@example.org",
    b"X-A;V=^n^^^':b", b"DUE:20260401", b"COMPLETED:20260402T000000Z", b"PERCENT-COMPLETE:200",
    b"BEGIN:VALARM", b"TRIGGER:-PT30M", b"END:VALARM", b"END:VEVENT", b"BEGIN:VEVENT",
    b"BEGIN:VTODO", b"END:VTODO", b"END:VCALENDAR", b"BEGIN:VCALENDAR", b"BEGIN:VTIMEZONE",
    b"TZID:Ici", b"BEGIN:STANDARD", b"TZOFFSETFROM:+0100", b"TZOFFSETTO:+9999",
    b"TZOFFSETTO:+010000", b"DTSTART:16010101T000000", b"RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    b"END:STANDARD", b"END:VTIMEZONE", b"DTSTART:00010101T000000Z", b"DTEND:99991231T235959",
]  # fmt: skip
CARD_LINES: Final = [
    b"VERSION:2.1", b"VERSION:3.0", b"VERSION:4.0", b"FN:Anne Roux", b"N:Roux;Anne,Marie;;Dr\\;;",
    b"FN;CHARSET=ISO-8859-1:No\xebl", b"NOTE;ENCODING=QUOTED-PRINTABLE:a=C3=\r\n=A9=0D=0A",
    b"NOTE;QUOTED-PRINTABLE:=", b"NOTE:a, b\\nc", b"item1.TEL;TYPE=WORK,pref;PREF=1:06 00",
    b"item1.X-ABLabel:_$!<Work>!$_", b"TEL;HOME;VOICE:1", b"TEL;VALUE=uri:tel:+33;ext=5",
    b'ADR;TYPE=work;LABEL="a^nb":BP 1;;12, rue X;Mende;;48000;France', b"ADR:;;;;;;;;;;;",
    b"ORG:CPTS\\, Y;P\xc3\xb4le", b"TITLE:a", b"ROLE:b", b"URL:http\\://example.org",
    b"EMAIL;INTERNET;PREF=101:a@example.org", b"CATEGORIES:a,b", b"GEO:geo:44.5,3.5;u=1",
    b"KIND:group", b"MEMBER:urn:uuid:1", b"X-ADDRESSBOOKSERVER-KIND:group", b"X-ABSHOWAS:COMPANY",
    b"X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:2", b"RELATED;VALUE=text:x", b"UID:urn:uuid:3",
    b"REV:20260101T000000Z", b"PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ", b"KEY;BASE64:A A=\r\n  A",
    b"PHOTO:data:image/jpeg;base64,/9j/", b"BDAY:--0329", b"X-MESSAGING/XMPP-ALL:a",
    b"BEGIN:VCARD", b"END:VCARD", b"AGENT:", b"TZ:-05:00", b"LABEL;WORK:a",
]  # fmt: skip
PIECES: Final = [
    b"\r\n ", b"\n\t", b"\r", b"\r\r\n", b"\0", b"\x07", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe9",
    b"\xc3", b"\xa9", b"\xe2\x80\xa8", b"\xed\xa0\x80", b'"', b";", b":", b",", b"\\", b"^", b"=",
    b"=\r\n", b";ENCODING=QUOTED-PRINTABLE", b";CHARSET=utf-7", b";CHARSET=rot13", b";TZID=",
    b"Z", b"T", b"-", b"99999999999999999999", b"0", b"\xd9\xa1", b";VALUE=DATE", b";X=" * 300,
    b"BEGIN:A\r\n" * 40, b"\xf0\x9f\x98\x80" * 30, b",20260405T180000" * 50, b"()" * 50, b" " * 100,
]  # fmt: skip


class HangError(Exception):
    """One input took longer than it may."""


class BrokenLawError(Exception):
    """What was promised does not hold."""


@attrs.frozen
class Finding:
    """What went wrong, and the smallest input found that shows it."""

    number: int
    trace: str
    data: bytes


def expect(holds: bool, law: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Raise if a law does not hold."""
    if not holds:
        raise BrokenLawError(law)


def exercise(data: bytes) -> None:
    """Do with one input what the library does with documents, and check its promises."""
    with contextlib.suppress(TerritoireSanteError):
        content = contentline.parse(data)
        expect(content.to_bytes() == data, "parse(d).to_bytes() == d")
        _look(content)
    _lens(icalendar.EVENT, data, {"summary": "Neuf, é\n", "location": ""})
    _lens(icalendar.EVENT, data, {"start": NOW, "end": None, "exdates": (NOW,), "rrule": ""})
    _lens(icalendar.TODO, data, {"summary": "Neuf, é\n", "due": NOW, "percent_complete": 50})
    _lens(vcard.CONTACT, data, {"note": "Neuf, é\n", "telephones": (), "categories": ("a,b", "c")})
    for module, lens in ((icalendar, icalendar.EVENT), (vcard, vcard.CONTACT)):
        with contextlib.suppress(TerritoireSanteError):
            _file(module, lens, data)
    found = check(data)
    expect(found.round_trips != bool(found.refused), "what is not refused comes back")
    with contextlib.suppress(TerritoireSanteError):
        list(icalendar.expand(Document(data, "text/calendar"), *WINDOW, budget=2_000))
    for version in ("2.1", "3.0", "4.0"):
        with contextlib.suppress(TerritoireSanteError):
            vcard.convert(Document(data, "text/vcard"), version)


def _look(content: contentline.ContentDocument) -> None:
    for problem in content.problems:
        expect(problem.path.startswith("line "), "every problem has its line")
    for component in content.walk():
        for line in component.lines:
            expect(isinstance(line.unescaped() + line.value + line.group, str), "lines have texts")
            expect(len(line.params) <= content.limits.params, "parameters are within the limit")
        expect(component.raw in content.encoded(component.raw) or bool(content.codec), "raw is raw")


def _lens(lens: Lens[Any], data: bytes, changes: dict[str, object]) -> None:
    document = Document(data, lens.media_type)
    try:
        view = lens.get(document)
    except TerritoireSanteError:
        return
    expect(lens.put(view, document, now=NOW).data == data, "put(get(d), d) == d")
    wanted = attrs.evolve(view, **changes)
    try:
        written = lens.put(wanted, document, now=NOW)
    except TerritoireSanteError:
        return
    found = lens.get(written)
    for field in lens.fields:
        if field not in changes:
            expect(getattr(found, field) == getattr(view, field), f"{field} stays as it was")
    expect(lens.put(wanted, written, now=NOW).data == written.data, "writing twice is once")


def _file(module: Any, lens: Lens[Any], data: bytes) -> None:
    items = module.items(data)
    for key, document in list(items.items())[:4]:
        with contextlib.suppress(TerritoireSanteError):
            expect(module.merge_into(data, key, document) == data, "merge_into(items) == d")
            without = module.items(module.merge_into(data, key, None))
            # A twin without UID takes the key of the one that went.
            expect(len(without) == len(items) - 1, "what was removed is gone")
            view = lens.get(document)
            expect(lens.put(view, document).data == document.data, "put(get(item), item) == item")


# --- Inputs -----------------------------------------------------------------------------------


def generated(rng: random.Random) -> bytes:
    """Return a document of known lines in a random order, most of them well wrapped."""
    eol = rng.choice([b"\r\n", b"\r\n", b"\n", b"\r", b"\r\r\n"])
    if rng.random() < 0.5:  # noqa: PLR2004 - half of them
        head = [b"BEGIN:VCALENDAR", b"VERSION:2.0", b"BEGIN:VEVENT", b"UID:a"]
        pool, tail = EVENT_LINES, [b"END:VEVENT", b"END:VCALENDAR"]
    else:
        head, pool, tail = [b"BEGIN:VCARD"], CARD_LINES, [b"END:VCARD"]
    body = [rng.choice(pool) for _ in range(rng.randrange(12))]
    return b"".join(line.replace(b"\r\n", eol) + eol for line in [*head, *body, *tail])


def mutated(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    """Return ``data`` after a few random changes of bytes and lines."""
    for _ in range(rng.choice([0, 1, 1, 2, 3, 5, 12])):
        data = rng.choice(_MUTATIONS)(data, rng, others)
    if rng.random() < 0.02:  # noqa: PLR2004 - now and then
        with contextlib.suppress(UnicodeDecodeError):
            data = ("\ufeff" + data.decode()).encode(rng.choice(["utf-16-le", "utf-16-be"]))
    return data[:LARGEST]


def _place(data: bytes, rng: random.Random) -> int:
    return rng.randrange(len(data) + 1)


def _flip(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    at = _place(data, rng)
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


def _insert(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    at = _place(data, rng)
    return data[:at] + rng.choice(PIECES) + data[at:]


def _cut(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    at = _place(data, rng)
    return data[:at] + data[at + rng.choice([1, 1, 3, 10, 100, LARGEST]) :]


def _repeat(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    at = _place(data, rng)
    part = data[at : at + rng.randrange(1, 80)]
    return data[:at] + part * rng.choice([2, 2, 3, 50]) + data[at + len(part) :]


def _lines(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    lines = data.splitlines(keepends=True)
    if len(lines) > 1:
        here, there = rng.randrange(len(lines)), rng.randrange(len(lines))
        lines[here], lines[there] = lines[there], lines[here]
    return b"".join(lines)


def _foreign_line(data: bytes, rng: random.Random, _: Sequence[bytes]) -> bytes:
    lines = data.splitlines(keepends=True)
    lines.insert(rng.randrange(len(lines) + 1), rng.choice(EVENT_LINES + CARD_LINES) + b"\r\n")
    return b"".join(lines)


def _splice(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    other = rng.choice(others)
    at, there = _place(data, rng), _place(other, rng)
    return data[:at] + other[there : there + 400] + data[at:]


_MUTATIONS: Final[list[Callable[[bytes, random.Random, Sequence[bytes]], bytes]]] = [
    _flip, _insert, _cut, _repeat, _lines, _foreign_line, _splice,
]  # fmt: skip


def make(seed: int, number: int, corpus: Sequence[bytes]) -> bytes:
    """Return input ``number`` of a seed."""
    rng = random.Random(f"{seed}:{number}")
    data = rng.choice(corpus) if corpus and number % 2 else generated(rng)
    return mutated(data, rng, corpus or [generated(rng)])


# --- Running ----------------------------------------------------------------------------------


@contextlib.contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Interrupt the block after so much processor time, where the system can."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise HangError(f"more than {seconds:g} s of processor time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def attempt(data: bytes) -> str:
    """Return what goes wrong with one input, empty if nothing does."""
    try:
        with bounded(SLOW):
            exercise(data)
    except Exception:  # noqa: BLE001 - every other exception is what is looked for
        return traceback.format_exc()
    return ""


def kind_of(trace: str) -> str:
    """Return what makes two findings the same: the error and where it was raised."""
    lines = trace.strip().splitlines()
    places = [line.strip() for line in lines if line.lstrip().startswith('File "')]
    law = lines[-1] if "BrokenLawError" in lines[-1] else lines[-1].partition(":")[0]
    return f"{law} at {places[-1] if places else ''}"


def smaller(data: bytes, kind: str) -> bytes:
    """Return the input without the lines that its finding does not need."""
    step = max(1, len(data.splitlines()) // 2)
    while step and "HangError" not in kind:
        at, lines = 0, data.splitlines(keepends=True)
        while at < len(lines):
            rest = lines[:at] + lines[at + step :]
            trace = attempt(b"".join(rest))
            if trace and kind_of(trace) == kind:
                lines = rest
            else:
                at += step
        data = b"".join(lines)
        step //= 2
    return data


def memory() -> int:
    """Return the resident memory in bytes, 0 where the system does not tell."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * 4096


def read_corpus(folder: Path | None) -> list[bytes]:
    """Return the calendars and cards of a folder, smallest first, the largest left out."""
    if folder is None:
        return []
    suffixes = {".ics", ".ical", ".ifb", ".vcs", ".vcf", ".vcard"}
    files = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.suffix in suffixes]
    return [data for data in files if len(data) <= LARGEST // 4]


def run(seconds: float, seed: int, corpus: Sequence[bytes]) -> int:
    """Try inputs until the time is up, print the figures, return the number of findings."""
    findings: dict[str, Finding] = {}
    hits: Counter[str] = Counter()
    start = time.monotonic()
    number, slowest, slow_number, settled = 0, 0.0, 0, 0
    while time.monotonic() - start < seconds:
        data = make(seed, number, corpus)
        begun = time.process_time()
        trace = attempt(data)
        took = time.process_time() - begun
        if took > slowest:
            slowest, slow_number = took, number
        if trace:
            kind = kind_of(trace)
            hits[kind] += 1
            if kind not in findings:
                findings[kind] = Finding(number, trace, smaller(data, kind))
                report(kind, findings[kind])
        number += 1
        if not settled and time.monotonic() - start > seconds / 5:
            gc.collect()
            settled = memory()
    gc.collect()
    grown = memory() - settled
    say(f"seed {seed}: {number} inputs in {time.monotonic() - start:.0f} s")
    say(f"slowest input: {slowest:.2f} s of processor time (number {slow_number})")
    say(f"memory after a fifth of the time: {settled >> 20} MiB, growth since: {grown >> 20} MiB")
    say(f"findings: {len(findings)} {dict(hits) if hits else ''}")
    return len(findings) + (grown > GROWTH)


def report(kind: str, finding: Finding) -> None:
    """Print a finding."""
    say(f"--- input {finding.number}: {kind}\n{finding.trace}{finding.data!r}\n")


def say(text: str) -> None:
    """Print at once, so that a run that is stopped has said all it knew."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path, help="a folder of calendars and cards to start from")
    parser.add_argument("--only", type=int, help="try this input alone")
    given = parser.parse_args()
    corpus = read_corpus(given.corpus)
    if given.only is None:
        return int(run(given.seconds, given.seed, corpus) > 0)
    data = make(given.seed, given.only, corpus)
    trace = attempt(data)
    say(f"{data!r}\n{trace or 'nothing wrong'}")
    return int(bool(trace))


if __name__ == "__main__":
    sys.exit(main())
