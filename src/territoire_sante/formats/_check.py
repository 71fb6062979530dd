# SPDX-License-Identifier: Apache-2.0
"""What can be said of a calendar or card file before anything is done with it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final

import attrs

from territoire_sante.errors import FormatError, TerritoireSanteError
from territoire_sante.formats._contentline_document import ContentDocument, parse
from territoire_sante.formats._contentline_line import EOL, Line
from territoire_sante.formats._document import Document, Lens

#: Name endings of calendars (iCalendar, vCalendar) and of cards, in lower case.
SUFFIXES: Final = frozenset({".ics", ".ical", ".ifb", ".vcs", ".vcf", ".vcard"})

_BREAK = re.compile(EOL)
_CALENDAR: Final = (
    "VCALENDAR", "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY", "VTIMEZONE", "VALARM",
)  # fmt: skip
_KINDS: Final = {**dict.fromkeys(_CALENDAR, "icalendar"), "VCARD": "vcard"}
_INSIDE: Final = frozenset({"VCALENDAR", "VTIMEZONE"})


@attrs.frozen
class Fault:
    """
    One thing wrong in a file.

    ``line`` is its 1-based line, 0 if it concerns the whole; ``item`` is the key of the event, task
    or card that cannot be read for it, empty if it makes nothing unreadable.
    """

    line: int
    message: str
    item: str = ""


@attrs.frozen(kw_only=True)
class Checked:
    """
    What :func:`check` found.

    ``kind`` is ``"icalendar"``, ``"vcard"`` or empty; ``items`` counts the events and tasks, or
    cards, that were read; ``others`` names the components that are kept but not read, with their
    numbers (``VJOURNAL`` …). ``problems`` do not stop anything from being read,
    ``unreadable`` has one entry for each item that cannot be. ``round_trips`` says that the file
    and each item read come back byte for byte. ``refused`` is why nothing at all was read.
    """

    path: str = ""
    kind: str = ""
    items: int = 0
    others: tuple[tuple[str, int], ...] = ()
    problems: tuple[Fault, ...] = ()
    unreadable: tuple[Fault, ...] = ()
    round_trips: bool = False
    refused: str = ""

    @property
    def clean(self) -> bool:
        """Whether everything was read, without a problem, and comes back."""
        return self.round_trips and not (self.problems or self.unreadable or self.refused)


def check(source: str | Path | bytes) -> Checked:
    r"""
    Read a calendar or card file, or its bytes, and say what was found; nothing is written.

    >>> found = check(b"BEGIN:VCARD\nVERSION:3.0\nFN:Mairie\nnonsense\nEND:VCARD\n")
    >>> found.kind, found.items, found.round_trips
    ('vcard', 1, True)
    >>> found.problems[0].line
    4
    """
    if isinstance(source, bytes):
        return _check(source, "")
    path = str(source)
    try:
        data = Path(source).read_bytes()
    except OSError as error:
        return Checked(path=path, refused=error.strerror or str(error))
    return _check(data, path)


def _check(data: bytes, path: str) -> Checked:
    try:
        content = parse(data)
        problems = tuple(_faults(content))
    except FormatError as error:
        return Checked(path=path, refused=str(error))
    kind = next((_KINDS[c.name] for c in content.components if c.name in _KINDS), "")
    if not kind:
        return Checked(path=path, problems=problems, refused=_foreign(content))
    lenses = _lenses(kind)
    unreadable: list[Fault] = []
    read, whole = 0, content.to_bytes() == data
    for name, (lens, lines_by_key) in lenses.items():
        for key, lines in lines_by_key(content, name).items():
            document = Document(b"".join([line.raw for line in lines]), lens.media_type)
            try:
                whole &= lens.put(lens.get(document), document).data == document.data
                read += 1
            except TerritoireSanteError as error:
                unreadable.append(_fault(content, lines, key, error))
    return Checked(
        path=path,
        kind=kind,
        items=read,
        others=_others(content, lenses.keys()),
        problems=problems,
        unreadable=tuple(unreadable),
        round_trips=whole,
    )


_Cut = Callable[[ContentDocument, str], dict[str, list[Line]]]


def _lenses(kind: str) -> dict[str, tuple[Lens[Any], _Cut]]:
    """Return by the name of a component its lens, and what cuts a file into items."""
    # Loaded here: this package is imported by many that never read a document.
    from territoire_sante.formats import _ical_files, _vcard_files, icalendar, vcard  # noqa: PLC0415 - see above

    if kind == "vcard":
        return {"VCARD": (vcard.CONTACT, lambda content, _: _vcard_files.lines_by_key(content))}
    return {
        "VEVENT": (icalendar.EVENT, _ical_files.lines_by_key),
        "VTODO": (icalendar.TODO, _ical_files.lines_by_key),
    }


def _faults(content: ContentDocument) -> Iterator[Fault]:
    for problem in content.problems:
        yield Fault(int(problem.path.removeprefix("line ")), problem.message)


def _foreign(content: ContentDocument) -> str:
    head = b"".join([line.raw for line in content.lines[:3]]).lstrip()[:15].lower()
    if head.startswith((b"<!doctype", b"<html", b"<?xml")):
        return "this is a web page or XML, no calendar and no card"
    return "there is neither a calendar nor a card in it"


def _others(content: ContentDocument, item_names: AbstractSet[str]) -> tuple[tuple[str, int], ...]:
    """Count the components beside the items: outermost ones, and those of calendars."""
    found: Counter[str] = Counter()
    for outer in content.components:
        inner = outer.components if outer.name == "VCALENDAR" else ()
        found.update(c.name for c in (outer, *inner) if c.name not in {*_INSIDE, *item_names})
    return tuple(sorted(found.items()))


def _fault(
    content: ContentDocument, lines: Sequence[Line], key: str, error: TerritoireSanteError
) -> Fault:
    # The error numbers the lines of the item's own document, not those of the file.
    line = getattr(error, "line", 0)
    return Fault(_place(content, lines, line), str(error).removeprefix(f"line {line}: "), key)


def _place(content: ContentDocument, lines: Sequence[Line], number: int) -> int:
    """Return the line of the file that is line ``number`` of the document of ``lines``."""
    wanted, offset = lines[0], 0
    at = 1
    for line in lines:
        height = max(1, len(_BREAK.findall(line.raw)))
        if at <= number < at + height:
            wanted, offset = line, number - at
            break
        at += height
    # Ends that the file lacks were made for the document.
    begin = content.number(wanted) or content.number(lines[0])
    return begin + offset if begin else 0
