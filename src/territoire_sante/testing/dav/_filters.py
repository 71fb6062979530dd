# SPDX-License-Identifier: Apache-2.0
"""
The filters of calendar-query and addressbook-query, as far as clients of ours need them.

Components, time ranges (RFC 4791 §9.9; a recurring event counts from its first day on), and
text-match on properties.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final
from xml.etree import ElementTree as ET

from territoire_sante.testing.dav import _xml
from territoire_sante.testing.dav._rewriting import lines_of, name_of

_CAL: Final = f"{{{_xml.CAL}}}"
_CARD: Final = f"{{{_xml.CARD}}}"
_DIGITS: Final = re.compile(rb"\d{8}(?:T\d{6})?")
_FIRST: Final = b"00000000T000000"
_LAST: Final = b"99999999T999999"


def passes(query: ET.Element, data: bytes) -> bool:
    """Return whether an item is one of those that a query asks for."""
    lines = lines_of(data)
    filters = [*query.iter(f"{_CAL}filter"), *query.iter(f"{_CARD}filter")]
    return all(_holds(part, lines) for one in filters for part in _parts(one))


def _parts(parent: ET.Element) -> Iterator[ET.Element]:
    for child in parent:
        yield child
        if child.tag == f"{_CAL}comp-filter":
            yield from _parts(child)


def _holds(part: ET.Element, lines: list[bytes]) -> bool:
    if part.tag == f"{_CAL}comp-filter":
        wanted = b"BEGIN:" + part.get("name", "").upper().encode()
        return any(line.upper() == wanted for line in lines)
    if part.tag == f"{_CAL}time-range":
        return _overlaps(part, lines)
    if part.tag in {f"{_CAL}prop-filter", f"{_CARD}prop-filter"}:
        return _has(part, lines)
    return True


def _has(part: ET.Element, lines: list[bytes]) -> bool:
    name = part.get("name", "").upper().encode()
    values = [line.partition(b":")[2] for line in lines if name_of(line) == name]
    match = next((child for child in part if child.tag.endswith("}text-match")), None)
    if match is None:
        return bool(values)
    wanted = (match.text or "").encode()
    exact = match.get("match-type") == "equals" or match.get("collation") == "i;octet"
    return any(_same(value, wanted, exact=exact) for value in values)


def _same(value: bytes, wanted: bytes, *, exact: bool) -> bool:
    return value == wanted if exact else wanted.lower() in value.lower()


def _overlaps(part: ET.Element, lines: list[bytes]) -> bool:
    start = _moment(part.get("start", "").encode(), _FIRST)
    end = _moment(part.get("end", "").encode(), _LAST)
    begins = _moment(_value(lines, b"DTSTART"), _FIRST)
    ends = _moment(_value(lines, b"DTEND"), begins)
    if any(name_of(line) in {b"RRULE", b"RDATE"} for line in lines):
        ends = _LAST
    return begins < end and (ends > start or begins >= start)


def _value(lines: Iterable[bytes], name: bytes) -> bytes:
    """Return a property of the component that has the times: not of the time zone."""
    values = [line.partition(b":")[2] for line in lines if name_of(line) == name]
    return values[-1] if values else b""


def _moment(value: bytes, default: bytes) -> bytes:
    match = _DIGITS.match(value)
    return match.group().ljust(15, b"0") if match else default
