# SPDX-License-Identifier: Apache-2.0
"""What servers do to the items they are given."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

Lines = list[bytes]

_FOLDED: Final = re.compile(rb"\r?\n[ \t]")
_NAME: Final = re.compile(rb"[^:;]*")
_PARAMETER: Final = re.compile(rb";([A-Za-z-]+)=")
_ATTENDEE: Final = re.compile(rb"^ATTENDEE[;:]", re.IGNORECASE)
_MAIL: Final = re.compile(rb"mailto:([^\s;,]+)", re.IGNORECASE)
_CLIENT: Final = re.compile(rb";SCHEDULE-AGENT=CLIENT[;:]", re.IGNORECASE)


def lines_of(data: bytes) -> Lines:
    """Return the content lines, unfolded, without line ends."""
    return [line for line in _FOLDED.sub(b"", data).replace(b"\r\n", b"\n").split(b"\n") if line]


def joined(lines: Iterable[bytes]) -> bytes:
    """Return the lines as one text with CR LF."""
    return b"".join(line + b"\r\n" for line in lines)


def name_of(line: bytes) -> bytes:
    """
    Return a line's property name, upper-case, without group.

    >>> name_of(b"item1.tel;TYPE=home:+33")
    b'TEL'
    """
    match = _NAME.match(line)
    return match.group().rpartition(b".")[2].upper() if match else b""


def _reorder(lines: Lines) -> Lines:
    """Sort the properties of each component, as some libraries do."""
    result: Lines = []
    block: Lines = []
    for line in lines:
        if name_of(line) in {b"BEGIN", b"END"}:
            result += [*sorted(block, key=name_of), line]
            block = []
        else:
            block.append(line)
    return result + block


def _upper(lines: Lines) -> Lines:
    def louder(line: bytes) -> bytes:
        head, colon, rest = line.partition(b":")
        head = _PARAMETER.sub(lambda m: b";" + m.group(1).upper() + b"=", head)
        name = _NAME.match(head)
        end = name.end() if name else 0
        return head[:end].upper() + head[end:] + colon + rest

    return [louder(line) for line in lines]


def _split_categories(lines: Lines) -> Lines:
    result: Lines = []
    for line in lines:
        if name_of(line) == b"CATEGORIES":
            head, _, values = line.partition(b":")
            result += [head + b":" + value for value in re.split(rb"(?<!\\),", values)]
        else:
            result.append(line)
    return result


def _vcard3(lines: Lines) -> Lines:
    return [b"VERSION:3.0" if line == b"VERSION:4.0" else line for line in lines]


_REWRITINGS: Final[Mapping[str, Callable[[Lines], Lines]]] = {
    "reorder": _reorder,
    "upper": _upper,
    "split-categories": _split_categories,
    "vcard3": _vcard3,
}

REWRITINGS: Final = frozenset({*_REWRITINGS, "lf"})
"""The names that :attr:`Faults.rewrites` may have."""


def rewritten(
    data: bytes, *, rewrites: Collection[str], drops: Collection[str], adds: Sequence[str]
) -> bytes:
    """Return what is stored of ``data``."""
    if not (rewrites or drops or adds):
        return data
    lines = [line for line in lines_of(data) if not _is_dropped(line, drops)]
    for name in sorted(rewrites & _REWRITINGS.keys()):
        lines = _REWRITINGS[name](lines)
    text = joined(_with(lines, adds))
    return text.replace(b"\r\n", b"\n") if "lf" in rewrites else text


def _is_dropped(line: bytes, drops: Collection[str]) -> bool:
    name = name_of(line).decode("ascii", "replace")
    return any(name == drop or (drop.endswith("-") and name.startswith(drop)) for drop in drops)


def _with(lines: Lines, adds: Sequence[str]) -> Lines:
    there = {name_of(line) for line in lines}
    new = [line for line in (add.encode() for add in adds) if name_of(line) not in there]
    if not new:
        return lines
    starts = (b"BEGIN:VEVENT", b"BEGIN:VTODO", b"BEGIN:VCARD")
    at = next((i for i, line in enumerate(lines) if line.upper() in starts), len(lines) - 1)
    return [*lines[: at + 1], *new, *lines[at + 1 :]]


def invited(data: bytes) -> tuple[bytes, list[str]]:
    """Return the event with the state of its invitations, and the addresses that get mail."""
    lines = lines_of(data)
    if not any(name_of(line) == b"ORGANIZER" for line in lines):
        return data, []
    people: list[str] = []
    for at, line in enumerate(lines):
        if not _ATTENDEE.match(line) or _CLIENT.search(line):
            continue
        found = _MAIL.search(line)
        if found:
            people.append(found.group(1).decode("utf-8", "replace"))
        if b"SCHEDULE-STATUS" not in line:
            lines[at] = line[:8] + b";SCHEDULE-STATUS=1.2" + line[8:]
    return (joined(lines), people) if people else (data, [])
