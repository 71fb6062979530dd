# SPDX-License-Identifier: Apache-2.0
"""
Edits of every field of a view, each with a mark by which its fate can be followed.

>>> from territoire_sante.model import Event
>>> view, marks = edited(Event(id="event:a", summary="A"), "summary", 1000)
>>> marks, "t1000" in view.summary
(('t1000',), True)
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from territoire_sante.model import (
    Address,
    CardAddress,
    Classification,
    Contact,
    Event,
    EventStatus,
    Geo,
    Occurrence,
    PersonName,
    Reach,
)
from territoire_sante.serialization import view_to_plain

#: Spellings of what an edit wrote; it is there if one of them is. Empty for what is not unique.
Marks = tuple[str, ...]
_Edit = Callable[[Any, int], tuple[dict[str, Any], Marks] | None]

_PARIS: Final = zoneinfo.ZoneInfo("Europe/Paris")
_ZONES: Final = (dt.UTC, _PARIS, None)
_FIRST: Final = dt.date(2030, 1, 1)
_HOUR: Final = dt.timedelta(hours=1)

#: One edit in so many takes something away instead.
_REMOVES: Final = 4


def edited(view: Any, field: str, number: int) -> tuple[Any, Marks] | None:
    """
    Return ``view`` with another value in ``field``, and the marks of that value.

    ``number`` (1000 to 9999) makes the value one that occurs nowhere else. ``None`` if the
    view has nothing to say there: no exception without a rule.
    """
    change = (_EVENT if isinstance(view, Event) else _CONTACT)[field](view, number)
    if change is None:
        return None
    values, marks = change
    return attrs.evolve(view, **values), marks


def fields_of(view: type) -> tuple[str, ...]:
    """Return the names of the edits that a class of views has."""
    return tuple(_EVENT if view is Event else _CONTACT)


def _text(name: str, extra: str = ", « é » ; x\\y\nz") -> _Edit:
    def edit(view: Any, number: int) -> tuple[dict[str, Any], Marks]:
        if number % 7 == 0 and name != "summary" and getattr(view, name):
            return {name: ""}, ()
        return {name: f"Texte t{number}{extra}"}, (f"t{number}",)

    return edit


def _member(name: str, make: Callable[[int], tuple[Any, Marks]]) -> _Edit:
    """Return an edit that adds a member to a list, or now and then takes one away."""

    def edit(view: Any, number: int) -> tuple[dict[str, Any], Marks]:
        held = getattr(view, name)
        if held and number % _REMOVES == 0:
            gone = number % len(held)
            return {name: held[:gone] + held[gone + 1 :]}, ()
        member, marks = make(number)
        return {name: (*held, member)}, marks

    return edit


def _choice(name: str, choices: tuple[Any, ...]) -> _Edit:
    def edit(_view: Any, number: int) -> tuple[dict[str, Any], Marks]:
        return {name: choices[number % len(choices)]}, ()

    return edit


def _geo(_view: Any, number: int) -> tuple[dict[str, Any], Marks]:
    latitude = 40 + number / 1000
    return {"geo": Geo(latitude=latitude, longitude=3.5)}, (str(latitude),)


def _day(number: int) -> tuple[dt.date, Marks]:
    day = _FIRST + dt.timedelta(days=number)
    return day, (day.isoformat(), f"{day:%Y%m%d}")


def _on(start: Any, day: dt.date) -> Any:
    """Return that day, at the time of ``start`` if it has one."""
    return dt.datetime.combine(day, start.timetz()) if isinstance(start, dt.datetime) else day


def _retimed(_view: Event, number: int) -> tuple[dict[str, Any], Marks]:
    """Begin at another time of another type: what hung on the old one goes."""
    day, marks = _day(number)
    alone: dict[str, Any] = {"rdates": (), "exdates": (), "occurrences": ()}
    kind = number % 4
    if kind == len(_ZONES):
        return {**alone, "start": day, "end": day + dt.timedelta(days=1)}, marks
    start = dt.datetime.combine(day, dt.time(9, tzinfo=_ZONES[kind]))
    return {**alone, "start": start, "end": start + _HOUR}, marks


def _start(view: Event, number: int) -> tuple[dict[str, Any], Marks]:
    if view.start is None:
        return _retimed(view, number)
    day, marks = _day(number)
    start = _on(view.start, day)
    length = _HOUR if isinstance(start, dt.datetime) else dt.timedelta(days=1)
    return {"start": start, "end": start + length}, marks


def _end(view: Event, number: int) -> tuple[dict[str, Any], Marks] | None:
    if view.start is None:
        return None
    day, marks = _day(number)
    return {"end": _on(view.start, day)}, marks


def _rule(view: Event, number: int) -> tuple[dict[str, Any], Marks] | None:
    if view.start is None:
        return None
    return {"rrule": f"FREQ=DAILY;COUNT={number}"}, (f"COUNT={number}",)


def _date(name: str) -> _Edit:
    def edit(view: Event, number: int) -> tuple[dict[str, Any], Marks] | None:
        if view.start is None or not view.rrule:
            return None
        return _member(name, lambda n: (_on(view.start, _day(n)[0]), _day(n)[1]))(view, number)

    return edit


def _occurrence(view: Event, number: int) -> tuple[dict[str, Any], Marks] | None:
    """Add a changed instance, change one again, or take one away."""
    if view.start is None or not view.rrule:
        return None
    held = view.occurrences
    if held and number % 3 == 0:
        which = number % len(held)
        changed = attrs.evolve(held[which], summary=f"Séance t{number}")
        return {"occurrences": (*held[:which], changed, *held[which + 1 :])}, (f"t{number}",)
    start = view.start
    instance = _on(start, _day(number)[0])

    def make(number: int) -> tuple[Occurrence, Marks]:
        moved = {"start": instance + _HOUR, "end": instance + 2 * _HOUR}
        timed = moved if isinstance(instance, dt.datetime) and number % 2 else {}
        summary = f"Séance t{number}"
        return Occurrence(recurrence_id=instance, summary=summary, **timed), (f"t{number}",)

    return _member("occurrences", make)(view, number)


def _name(view: Contact, number: int) -> tuple[dict[str, Any], Marks]:
    if view.kind.value == "org":
        name = f"Mairie t{number}"
        return {"formatted_name": name, "organisation": (name,)}, (f"t{number}",)
    name_ = PersonName(family=f"Exemple t{number}", given="Camille")
    return {"name": name_, "formatted_name": f"Camille Exemple t{number}"}, (f"t{number}",)


def _telephone(number: int) -> tuple[Reach, Marks]:
    digits = f"{number:04}"
    spaced = f"00 {digits[:2]} {digits[2:]}"
    return Reach(value=f"+33 4 66 {spaced}", types=("work",)), (spaced, f"00{digits}")


def _postal(number: int) -> tuple[CardAddress, Marks]:
    address = Address(street=f"{number} rue t{number}", postcode="48000", city="Exempleville")
    return CardAddress(address=address, types=("work",)), (f"rue t{number}",)


def _reach(pattern: str) -> Callable[[int], tuple[Any, Marks]]:
    return lambda number: (Reach(value=pattern.format(number)), (f"t{number}",))


def _word(pattern: str) -> Callable[[int], tuple[Any, Marks]]:
    return lambda number: (pattern.format(number), (f"t{number}",))


_EVENT: Final[Mapping[str, _Edit]] = {
    "summary": _text("summary"),
    "description": _text("description"),
    "location": _text("location"),
    "url": lambda _, number: ({"url": f"https://example.org/t{number}"}, (f"t{number}",)),
    "geo": _geo,
    "categories": _member("categories", _word("cat t{}")),
    "status": _choice("status", (*EventStatus, None)),
    "classification": _choice("classification", (*Classification, None)),
    "start": _start,
    "retimed": _retimed,
    "end": _end,
    "rrule": _rule,
    "rdates": _date("rdates"),
    "exdates": _date("exdates"),
    "occurrences": _occurrence,
    "occurrences again": _occurrence,
}

_CONTACT: Final[Mapping[str, _Edit]] = {
    "name": _name,
    "organisation": lambda view, number: (
        _name(view, number)
        if view.kind.value == "org"
        else ({"organisation": (f"Maison t{number}", "Pôle")}, (f"t{number}",))
    ),
    "title": _text("title", ", « é » ; x"),
    "role": _text("role", ", « é » ; x"),
    "note": _text("note"),
    "geo": _geo,
    "telephones": _member("telephones", _telephone),
    "emails": _member("emails", _reach("t{}@example.org")),
    "urls": _member("urls", _reach("https://example.org/t{}")),
    "addresses": _member("addresses", _postal),
    "categories": _member("categories", _word("cat t{}")),
    "related": _member("related", _word("urn:example:t{}")),
}


# --- what a write may touch ---------------------------------------------------------------------

_TIMES: Final = frozenset({"start", "end", "rrule", "rdates", "exdates"})
_NAMES: Final = frozenset({"name", "formatted_name"})
_REACHES: Final = frozenset({"telephones", "emails", "urls", "addresses"})

#: The fields for whose sake a line of this name may change.
_OWNERS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE"), _TIMES),
    "VTIMEZONE": _TIMES | {"occurrences"},
    "RECURRENCE-ID": _TIMES | {"occurrences"},
    **dict.fromkeys(("N", "FN"), _NAMES),
    "CLASS": frozenset({"classification"}),
    "ORG": frozenset({"organisation"}),
    "TEL": frozenset({"telephones"}),
    "EMAIL": frozenset({"emails"}),
    "URL": frozenset({"url", "urls"}),
    "ADR": frozenset({"addresses"}),
    "LABEL": frozenset({"addresses"}),
    "X-ABLABEL": _REACHES,
    "X-ABADR": _REACHES,
    **{
        name.upper(): frozenset({name})
        for name in ("summary", "description", "location", "geo", "categories", "status")
    },
    **{name.upper(): frozenset({name}) for name in ("title", "role", "note", "related")},
}
_DATED: Final = frozenset({"DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "REV"})


def touched(lens: Any, before: Any, after: Any) -> list[bytes]:
    """
    Return the lines that differ between two versions although no field of theirs changed.

    Lines are compared with their folds, names and parameters as they stand, and in order. The dates
    that every change sets (DTSTAMP, LAST-MODIFIED, SEQUENCE, REV) don't count.
    """
    was, now = (view_to_plain(lens.get(one), lens.fields) for one in (before, after))
    changed = {name for name in now if was[name] != now[name]}

    def kept(data: bytes) -> list[bytes]:
        return [line for owners, line in _owned(data) if not owners & changed]

    old, new = kept(before.data), kept(after.data)
    return [] if old == new else sorted(set(old) ^ set(new)) or [b"the order of the lines"]


def _logical(data: bytes) -> list[bytes]:
    lines: list[bytes] = []
    for line in data.splitlines(keepends=True):
        if line[:1] in (b" ", b"\t") and lines:
            lines[-1] += line
        else:
            lines.append(line)
    return lines


def _owned(data: bytes) -> list[tuple[frozenset[str], bytes]]:
    """Return each line with the fields it belongs to; a part that belongs as a whole in one."""
    found: list[tuple[frozenset[str], bytes]] = []
    part: list[tuple[str, bytes]] = []
    for line in _logical(data):
        name = line.replace(b"\r\n ", b"").split(b":")[0].split(b";")[0]
        word = name.rpartition(b".")[2].decode("ascii", "replace").strip().upper()
        within = line.partition(b":")[2].strip().upper()
        if part or (word == "BEGIN" and within in (b"VTIMEZONE", b"VEVENT")):
            part.append((word, line))
            if word == "END" and within in (b"VTIMEZONE", b"VEVENT"):
                found += _of_part(part)
                part = []
        elif word not in _DATED:
            found.append((_OWNERS.get(word, frozenset()), line))
    return found + [(frozenset(), line) for _, line in part]


def _of_part(part: list[tuple[str, bytes]]) -> list[tuple[frozenset[str], bytes]]:
    words = {word for word, _ in part}
    for whole in ("RECURRENCE-ID", "TZID"):
        if whole in words:
            owners = _OWNERS["VTIMEZONE" if whole == "TZID" else whole]
            return [(owners, line) for word, line in part if word not in _DATED]
    return [(_OWNERS.get(word, frozenset()), line) for word, line in part if word not in _DATED]
