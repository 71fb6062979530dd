# SPDX-License-Identifier: Apache-2.0
"""JSON with the place of every member, and changes that leave all other characters as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

import attrs

from territoire_sante.errors import FormatError, LimitExceededError
from territoire_sante.formats.feed._limits import Limits

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_BOM: Final = "\ufeff"
_BRACKET: Final = re.compile(
    # A text without an end runs to the end: scanning from each later quote would be quadratic.
    r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\Z)|([\[{])|([\]}])',
    re.DOTALL,
)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_no_constant)


@attrs.frozen
class Member:
    """A member of an object: its key, and where key and value are in the text."""

    key: str
    start: int
    value: int
    end: int


def decode(data: bytes, limits: Limits | None = None) -> str:
    """
    Return ``data`` as text; a byte order mark stays its first character.

    Raises:
        LimitExceededError: too large, or nested too deep.
        FormatError: not UTF-8; it names the line.
    """
    limits = limits or Limits()
    limits.check_size(data)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormatError("JSON must be UTF-8", line=line) from error
    _check_depth(text, limits.depth_max)
    return text


def _check_depth(text: str, maximum: int) -> None:
    # json recurses in C, and dies of depth before its own error can be caught everywhere.
    depth = 0
    for bracket in _BRACKET.finditer(text):
        depth += 1 if bracket[1] else -1 if bracket[2] else 0
        if depth > maximum:
            line = line_of(text, bracket.start())
            raise LimitExceededError(f"values nested deeper than {maximum}", line=line)


def line_of(text: str, place: int) -> int:
    """Return the 1-based line of a place."""
    return text.count("\n", 0, place) + 1


def start_of(text: str) -> int:
    """Return where the value of the whole text begins."""
    return _skip(text, len(_BOM) if text.startswith(_BOM) else 0)


def value_at(text: str, place: int) -> tuple[Any, int]:
    """
    Return the value that begins at ``place``, and where it ends.

    Raises:
        FormatError: no JSON; it names the line.
    """
    try:
        return _DECODER.raw_decode(text, place)
    except json.JSONDecodeError as error:
        raise FormatError(f"not JSON: {error.msg}", line=error.lineno) from error
    except ValueError as error:
        raise FormatError(f"not JSON: {error}", line=line_of(text, place)) from error


def members(text: str, place: int) -> Iterator[Member]:
    """
    Yield the members of the object that begins at ``place``.

    Raises:
        FormatError: it is no object, or broken.
    """
    _expect(text, place, "{")
    place = _skip(text, place + 1)
    while text[place : place + 1] != "}":
        start = place
        key, place = value_at(text, place)
        if not isinstance(key, str):
            raise FormatError("not JSON: a name is not a text", line=line_of(text, start))
        place = _skip(text, place)
        _expect(text, place, ":")
        value = _skip(text, place + 1)
        _, end = value_at(text, value)
        yield Member(key, start, value, end)
        place = _next(text, end, "}")


def elements(text: str, place: int) -> Iterator[tuple[int, int]]:
    """
    Yield where the elements of the array that begins at ``place`` begin and end.

    Raises:
        FormatError: it is no array, or broken.
    """
    _expect(text, place, "[")
    place = _skip(text, place + 1)
    while text[place : place + 1] != "]":
        _, end = value_at(text, place)
        yield place, end
        place = _next(text, end, "]")


def member(text: str, place: int, key: str) -> Member | None:
    """Return the member called ``key``: the last one, as every parser reads it."""
    found = None
    for one in members(text, place):
        if one.key == key:
            found = one
    return found


def set_member(text: str, place: int, key: str, value: Any) -> str:
    """Return ``text`` with one member changed or added, laid out like those that are there."""
    there = list(members(text, place))
    same = [one for one in there if one.key == key]
    gap, colon = _layout(text, place, there)
    if same:
        return text[: same[-1].value] + _dumped(value, gap) + text[same[-1].end :]
    new = f"{gap}{json.dumps(key, ensure_ascii=False)}{colon}{_dumped(value, gap)}"
    if not there:
        return text[: place + 1] + new + text[_skip(text, place + 1) :]
    return f"{text[: there[-1].end]},{new}{text[there[-1].end :]}"


def remove_member(text: str, place: int, key: str) -> str:
    """Return ``text`` without any member called ``key``."""
    while True:
        there = list(members(text, place))
        number = next((n for n, one in enumerate(there) if one.key == key), None)
        if number is None:
            return text
        if number:
            text = text[: there[number - 1].end] + text[there[number].end :]
        elif len(there) > 1:
            text = text[: there[0].start] + text[there[1].start :]
        else:
            text = text[: place + 1] + text[_next(text, there[0].end, "}") :]


def _layout(text: str, place: int, there: list[Member]) -> tuple[str, str]:
    """Return the blanks before a name, and what stands between it and its value."""
    if not there:
        return "", ": "
    if len(there) > 1:
        between = text[there[-2].end : there[-1].start]
        gap = between.rpartition(",")[2]
    else:
        gap = text[place + 1 : there[0].start]
    last = there[-1]
    name_end = value_at(text, last.start)[1]
    return gap, text[name_end : last.value]


def _dumped(value: Any, gap: str) -> str:
    """Return ``value`` as JSON; on lines of its own if ``gap`` begins a line."""
    if "\n" not in gap:
        return json.dumps(value, ensure_ascii=False)
    indent = gap.rpartition("\n")[2]
    step = "\t" if "\t" in indent else "  "
    lines = json.dumps(value, ensure_ascii=False, indent=step).split("\n")
    return f"\n{indent}".join(lines)


def _skip(text: str, place: int) -> int:
    blank = _BLANK.match(text, place)
    return blank.end() if blank else place


def _next(text: str, place: int, closing: str) -> int:
    """Return where the next part begins after a comma, or where ``closing`` is."""
    place = _skip(text, place)
    if text[place : place + 1] == closing:
        return place
    _expect(text, place, ",")
    following = _skip(text, place + 1)
    if text[following : following + 1] == closing:
        raise FormatError("not JSON: a comma too many", line=line_of(text, following))
    return following


def _expect(text: str, place: int, wanted: str) -> None:
    if text[place : place + 1] != wanted:
        raise FormatError(f"not JSON: {wanted!r} expected", line=line_of(text, place))
