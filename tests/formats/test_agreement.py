# SPDX-License-Identifier: Apache-2.0
"""
Our views of real files beside those of icalendar and vobject.

Where they differ, the difference belongs to a class of docs/explanation/agreement.md, which says
who is right. A class is a rule about field, values and bytes, never the name of a file.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from pathlib import Path
from typing import Any

import attrs
import icalendar as peer
import pytest
import vobject
from icalendar.timezone import tzp

from territoire_sante.errors import FormatError
from territoire_sante.formats import contentline, icalendar, vcard
from territoire_sante.formats._ical_read import find_parts
from territoire_sante.model import CustomZone

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "agreement.md"
UNREAD = "(cannot be read)"
CONTROL = r"[\x00-\x08\x0b-\x1f\x7f]"


@attrs.frozen(kw_only=True)
class Difference:
    """One field of one item that the two sides read differently; ``raw`` are its own lines."""

    field: str
    ours: Any
    theirs: Any
    raw: bytes

    @property
    def value(self) -> bytes:
        """What stands behind the first colon that ends a head."""
        return contentline.parse(self.raw).lines[0].data if self.raw else b""


def same_wall(difference):
    """Say whether both are times that show the same on a clock."""
    both = (difference.ours, difference.theirs)
    if not all(isinstance(one, dt.datetime) for one in both):
        return False
    return both[0].replace(tzinfo=None) == both[1].replace(tzinfo=None)


def day_with_a_zone(difference):
    """Say whether a day is read as midnight of a zone."""
    ours, theirs = difference.ours, difference.theirs
    if not isinstance(ours, list):
        ours, theirs = [ours], [theirs]
    days = [one for one in ours if type(one) is dt.date]
    return bool(days) and all(
        type(one) is dt.date and isinstance(other, dt.datetime) and other.date() == one
        for one, other in zip(ours, theirs, strict=True)
    )


def without_space(value):
    """Return a text, or each of several, without white space around it."""
    return [str(one).strip() for one in value] if isinstance(value, list) else str(value).strip()


def spaced(difference):
    """Say whether white space around the value is all that differs, or what breaks it."""
    padded = difference.value != difference.value.strip()
    if difference.theirs == UNREAD or difference.field == "RRULE":
        return padded
    text = isinstance(difference.theirs, str | list)
    return text and without_space(difference.ours) == without_space(difference.theirs)


def texts(value):
    """Return the texts of a value as one."""
    return "\n".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


#: class -> rule, in the order they are tried.
EVENT_CLASSES = {
    "end equal to start": lambda d: d.field == "DTEND" and d.ours is None,
    "day with a zone": day_with_a_zone,
    "zone of the document": lambda d: same_wall(d) and isinstance(d.ours.tzinfo, CustomZone),
    "time in UTC beside a zone": lambda d: same_wall(d) and d.ours.tzinfo is dt.UTC,
    "parameter without a value": lambda d: (
        d.theirs is None
        and any(b"=" not in part for part in d.raw.partition(b":")[0].split(b";")[1:])
    ),
    "blank line in a fold": lambda d: d.raw == b"" and d.theirs,
    "not UTF-8": lambda d: "\ufffd" in texts(d.theirs),
    "control characters": lambda d: (
        re.search(CONTROL, texts(d.theirs))
        and re.sub(CONTROL, "", texts(d.theirs)) == texts(d.ours)
    ),
    "quoted-printable": lambda d: b"QUOTED-PRINTABLE" in d.raw.upper(),
    "empty category": lambda d: d.field == "CATEGORIES" and [c for c in d.theirs if c] == d.ours,
    "status of no list": lambda d: d.field == "STATUS" and d.ours == "" and d.theirs != "",
    "rule of vCalendar 1.0": lambda d: d.field == "RRULE" and re.match(rb"[A-Z]+[0-9]+ ", d.value),
    "rule with a colon": lambda d: d.field == "RRULE" and b":" in d.value,
    "rule with escapes": lambda d: d.field == "RRULE" and b"\\" in d.value,
    "space around a value": spaced,
}


def first(value):
    """Return the first of several."""
    return value[0] if isinstance(value, list) else value


def every(value):
    """Return a list, whatever was given."""
    return value if isinstance(value, list) else [] if value is None else [value]


def rule_parts(text):
    """Return the parts of a rule, whose order means nothing."""
    parts = [part.partition("=") for part in text.split(";") if part]
    return sorted((name.upper(), value.upper()) for name, _, value in parts)


def their_end(event):
    """Return what icalendar says of the end: DTEND, else start and DURATION."""
    if "DTEND" in event:
        return first(event["DTEND"]).dt
    if "DURATION" in event and "DTSTART" in event:
        return first(event["DTSTART"]).dt + first(event["DURATION"]).dt
    return None


def dates(event, name):
    """Return the values of RDATE or EXDATE; of periods, the start."""
    found = [value.dt for group in every(event.get(name)) for value in group.dts]
    return [value[0] if isinstance(value, tuple) else value for value in found]


def their_text(name):
    """Return a reader of a text."""
    return lambda event: str(first(event.get(name, "")))


def their_rule(event):
    """Return the parts of the rule."""
    return rule_parts(first(event["RRULE"]).to_ical().decode()) if "RRULE" in event else []


def their_start(event):
    """Return the start."""
    return first(event["DTSTART"]).dt if "DTSTART" in event else None


EVENT_FIELDS = {
    "UID": (lambda e: e.uid, their_text("UID")),
    "SUMMARY": (lambda e: e.summary, their_text("SUMMARY")),
    "DESCRIPTION": (lambda e: e.description, their_text("DESCRIPTION")),
    "LOCATION": (lambda e: e.location, their_text("LOCATION")),
    "URL": (lambda e: e.url, their_text("URL")),
    "STATUS": (lambda e: e.status.value if e.status else "", their_text("STATUS")),
    "CATEGORIES": (
        lambda e: list(e.categories),
        lambda e: [str(cat) for group in every(e.get("CATEGORIES")) for cat in group.cats],
    ),
    "DTSTART": (lambda e: e.start, their_start),
    "DTEND": (lambda e: e.end, their_end),
    "RRULE": (lambda e: rule_parts(e.rrule), their_rule),
    "EXDATE": (lambda e: list(e.exdates), lambda e: dates(e, "EXDATE")),
    "RDATE": (lambda e: list(e.rdates), lambda e: dates(e, "RDATE")),
}


def compare(fields, ours, theirs, lines_of):
    """Yield each field with ``None`` where both sides agree, else with the difference."""
    for name, (mine, other) in fields.items():
        raw = b"".join(line.raw for line in lines_of(name))
        wanted = mine(ours)
        try:
            found = other(theirs)
        except Exception:  # noqa: BLE001 - a broken property raises nearly anything
            found = UNREAD
        same = found == wanted
        yield name, None if same else Difference(field=name, ours=wanted, theirs=found, raw=raw)


def their_event(document):
    """Return the main event as icalendar reads it, its cache of zones emptied before."""
    tzp.use_default()
    head = document.data.lstrip()[:15].upper()
    kind = peer.Calendar if head == b"BEGIN:VCALENDAR" else peer.Event
    events = kind.from_ical(document.data).walk("VEVENT")
    return next((e for e in events if "RECURRENCE-ID" not in e), events[0])


def differences_of_events(files):
    """Return (fields compared, differences with their file) over all items that both read."""
    compared, found = Counter(), []
    for path in files:
        try:
            documents = icalendar.split(path.read_bytes())
        except FormatError:
            continue
        for document in documents:
            try:
                ours = icalendar.EVENT.get(document)
                theirs = their_event(document)
            except (FormatError, ValueError, IndexError):
                compared["unreadable"] += 1
                continue
            main = find_parts(contentline.parse(document.data)).main
            for name, difference in compare(EVENT_FIELDS, ours, theirs, main.all):
                compared[name] += 1
                if difference is not None:
                    found.append((path.name, difference))
    tzp.use_default()
    return compared, found


def sort_out(found, classes):
    """Return (how often each class is met, differences of no class)."""
    met, rest = Counter(), []
    for name, difference in found:
        kind = next((kind for kind, rule in classes.items() if rule(difference)), "")
        if kind:
            met[kind] += 1
        else:
            rest.append((name, difference))
    return met, rest


def documented(heading):
    """Return the classes that the page lists under a heading."""
    section = PAGE.read_text(encoding="utf-8").split(f"## {heading}")[1].split("\n## ")[0]
    return re.findall(r"^\| ([^|]+?) +\|", section, re.MULTILINE)[2:]


def they_cut(difference):
    """Say whether vobject's text is ours up to a comma that is not escaped."""
    ours = texts(difference.ours)
    theirs = texts(difference.theirs).replace("\r\n", "\n")
    return ours.startswith(theirs) and ours[len(theirs) : len(theirs) + 1] == ","


def few_parts(difference):
    """Say whether a structured value has fewer parts than vobject needs."""
    lines = contentline.parse(difference.raw).lines
    return difference.theirs == UNREAD and any(
        line.data.count(b";") < {"N": 4, "ADR": 6}.get(line.name, 0) for line in lines
    )


CARD_CLASSES = {
    "not UTF-8, or cut inside a character": lambda d: "\ufffd" in texts(d.theirs),
    "comma in a text": they_cut,
    "line break of quoted-printable": lambda d: (
        "\r\n" in texts(d.theirs) and texts(d.theirs).replace("\r\n", "\n") == texts(d.ours)
    ),
    "empty value": lambda d: [value for value in every(d.theirs) if value] == d.ours,
    "telephone as URI": lambda d: d.field == "TEL" and b"tel:" in d.raw,
    "escaped colon": lambda d: (
        [value.replace("\\:", ":") for value in d.theirs] == d.ours if d.field == "URL" else False
    ),
    "fewer parts": few_parts,
    "escape of no list": lambda d: (
        b'\\"' in d.raw and texts(d.ours).replace('\\"', '"') == texts(d.theirs)
    ),
    "space around a value": spaced,
}


def their_value(name):
    """Return a reader of the first text of a name."""
    return lambda card: first(card.contents[name]).value if name in card.contents else ""


def their_values(name):
    """Return a reader of all values of a name."""
    return lambda card: [line.value for line in card.contents.get(name, [])]


def their_name(card):
    """Return the parts of N."""
    if "n" not in card.contents:
        return ("", "", "", "", "")
    n = card.n.value
    parts = (n.family, n.given, n.additional, n.prefix, n.suffix)
    return tuple(",".join(part) if isinstance(part, list) else part for part in parts)


def their_addresses(card):
    """Return street, city, postcode and country of each ADR."""
    return [
        tuple(
            ", ".join(part) if isinstance(part, list) else part
            for part in (line.value.street, line.value.city, line.value.code, line.value.country)
        )
        for line in card.contents.get("adr", [])
    ]


CARD_FIELDS = {
    "UID": (lambda c: c.uid, their_value("uid")),
    "FN": (lambda c: c.formatted_name, their_value("fn")),
    "N": (lambda c: attrs.astuple(c.name), their_name),
    "ORG": (lambda c: list(c.organisation), lambda v: v.org.value if "org" in v.contents else []),
    "TITLE": (lambda c: c.title, their_value("title")),
    "ROLE": (lambda c: c.role, their_value("role")),
    "NOTE": (lambda c: c.note, their_value("note")),
    "TEL": (lambda c: [reach.value for reach in c.telephones], their_values("tel")),
    "EMAIL": (lambda c: [reach.value for reach in c.emails], their_values("email")),
    "URL": (lambda c: [reach.value for reach in c.urls], their_values("url")),
    "ADR": (
        lambda c: [
            (a.address.street, a.address.city, a.address.postcode, a.address.country)
            for a in c.addresses
        ],
        their_addresses,
    ),
    "CATEGORIES": (
        lambda c: list(c.categories),
        lambda v: [cat for line in v.contents.get("categories", []) for cat in line.value],
    ),
}


def differences_of_cards(files):
    """Return (fields compared, differences with their file) over all cards that both read."""
    compared, found = Counter(), []
    for path in files:
        for document in vcard.split(path.read_bytes()):
            try:
                ours = vcard.CONTACT.get(document)
                theirs = vobject.readOne(document.data.decode("utf-8", "replace"), allowQP=True)
            except Exception:  # noqa: BLE001 - vobject raises nearly anything
                compared["unreadable"] += 1
                continue
            card = contentline.parse(document.data).components[0]
            for name, difference in compare(CARD_FIELDS, ours, theirs, card.all):
                compared[name] += 1
                if difference is not None:
                    found.append((path.name, difference))
    return compared, found


def test_events_agree_with_icalendar(ics_files):
    """Each field of real events is read as icalendar reads it, but for the documented classes."""
    compared, found = differences_of_events(ics_files)
    met, rest = sort_out(found, EVENT_CLASSES)

    assert rest == []
    assert set(met) == set(EVENT_CLASSES)
    assert compared["SUMMARY"] > 2_500
    assert sum(met.values()) < sum(compared.values()) / 50


def test_cards_agree_with_vobject(vcf_files):
    """Each field of real cards is read as vobject reads it, but for the documented classes."""
    compared, found = differences_of_cards(vcf_files)
    met, rest = sort_out(found, CARD_CLASSES)

    assert rest == []
    assert set(met) == set(CARD_CLASSES)
    assert compared["FN"] > 70
    assert sum(met.values()) < sum(compared.values()) / 20


@pytest.mark.parametrize(
    ("heading", "classes"), [("icalendar", EVENT_CLASSES), ("vobject", CARD_CLASSES)]
)
def test_each_class_is_documented(heading, classes):
    """The page lists the classes that the rules know, in their order, and no other."""
    assert documented(heading) == list(classes)
