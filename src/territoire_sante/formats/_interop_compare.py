# SPDX-License-Identifier: Apache-2.0
"""
What a content line says, apart from how it is spelled; and a list of what a conversion loses.

Not counted as a difference: folds, the case of names and groups, the charset, quoted-printable,
quotes and the order of parameters, escapes that are not needed, ``VALUE`` of the default type,
the order of the parts of a rule, another spelling of the same base64 or duration.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Final

import attrs

from territoire_sante.errors import LossyConversionError
from territoire_sante.formats._contentline_document import Component, ContentDocument
from territoire_sante.formats._contentline_line import EOL, Line
from territoire_sante.formats._contentline_text import split_escaped, visible
from territoire_sante.formats._value_types import Kind, KindOf, ical_kind
from territoire_sante.formats._vcard_read import NOT_TYPES

_ESCAPE = re.compile(r"\\([\\;,nN])")
_DURATION = re.compile(
    r"([+-]?)P(?:([0-9]+)W)?(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_STRAY = re.compile(r"(\\+)(?=[\x00-\x08\x0a-\x1f\x7f])")
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_ZERO_SECONDS = re.compile(r"([+-][0-9]{4})00")
_BREAK = re.compile(EOL)
_SHOWN: Final = 40


def literal(raw: str) -> str:
    """Return the text of a TEXT value, control characters and all."""
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], raw)


def one_line(raw: str) -> str:
    r"""
    Return a raw value with its line breaks escaped and without control characters.

    A stray backslash before one of them stays a backslash, and escapes nothing new.

    >>> one_line("a\nb\x07c")
    'a\\nbc'
    """
    if raw.isprintable():
        return raw
    apart = _STRAY.sub(lambda found: found[1] + "\\" * (len(found[1]) % 2), raw)
    return visible(apart).replace("\n", "\\n")


def is_name(key: str) -> bool:
    """Say whether ``key`` can be the name of a parameter; some documents have others."""
    return _NAME.fullmatch(key) is not None


def base64_bytes(line: Line) -> bytes | None:
    """Return the bytes of a BASE64 value, ``None`` if it is none."""
    try:
        return binascii.a2b_base64(b"".join(line.data.split()), strict_mode=True)
    except binascii.Error:
        return None


_Params = tuple[tuple[str, Hashable], ...]


@attrs.frozen
class Said:
    """What a line says; two are equal when nothing is lost between them."""

    group: str
    name: str
    params: _Params
    value: Hashable


def said(line: Line, kind_of: KindOf) -> Said:
    """Return what ``line`` says, its value read as its property's type."""
    value = line.param("VALUE").lower()
    kind = kind_of(line.name, value)
    params = list(_params(line, bare_is_type=kind_of is not ical_kind))
    if value and value != kind_of(line.name, "").type:
        params.append(("VALUE", value))
    meaning = _meaning(line, kind)
    if kind.type in ("date-time", "date") and ("TZID", ("UTC",)) in params:
        params.remove(("TZID", ("UTC",)))
        meaning = f"{meaning}Z"
    return Said(line.group.lower(), line.name, tuple(sorted(params, key=repr)), meaning)


def _params(line: Line, *, bare_is_type: bool) -> Iterator[tuple[str, Hashable]]:
    types: set[str] = set()
    for key, values in line.params:
        if key in ("CHARSET", "VALUE") or (key == "ENCODING" and line.encoding):
            continue
        if not values and bare_is_type:
            types |= {key.lower()} if key not in NOT_TYPES else set()
        elif key == "TYPE" and bare_is_type:
            types.update(word.strip().lower() for value in values for word in value.split(","))
        elif values or key not in NOT_TYPES:
            yield key, values
    if types - {""}:
        yield "TYPE", frozenset(types - {""})
    if line.encoding == "BASE64":
        yield "ENCODING", "BASE64"


def _meaning(line: Line, kind: Kind) -> Hashable:
    raw = line.decoded()
    if line.encoding == "BASE64":
        data = base64_bytes(line)
        return raw if data is None else data
    if kind.type == "text":
        return _text(raw, kind)
    read = _READERS.get(kind.type)
    return read(raw) if read is not None else raw


def _duration(raw: str) -> Hashable:
    found = _DURATION.fullmatch(raw)
    if found is None:
        return raw
    weeks, days, hours, minutes, seconds = (int(n or 0) for n in found.groups()[1:])
    time = hours * 3600 + minutes * 60 + seconds
    backwards = found[1] == "-" and bool(weeks or days or time)
    return backwards, weeks * 7 + days, time


def _rule(raw: str) -> Hashable:
    parts = (part.upper() for part in raw.split(";") if part)
    return frozenset(part if part.startswith("UNTIL") else _ZEROS.sub("", part) for part in parts)


_READERS: Final[dict[str, Callable[[str], Hashable]]] = {
    "recur": _rule,
    "duration": _duration,
    "utc-offset": lambda raw: _ZERO_SECONDS.sub(r"\1", raw),
    "integer": lambda raw: int(raw) if re.fullmatch("[0-9]{1,12}", raw) else raw,
    "boolean": str.upper,
}


def _text(raw: str, kind: Kind) -> Hashable:
    if kind.parts:
        parts = [
            tuple(map(literal, split_escaped(part, ",") if kind.listed else [part]))
            for part in split_escaped(raw, ";")
        ]
        while len(parts) > 1 and parts[-1] == ("",):
            parts.pop()
        return tuple(parts)
    if kind.listed:
        return tuple(map(literal, split_escaped(raw, ",")))
    return literal(raw)


@attrs.define
class Losses:
    """Collects what a conversion loses."""

    into: str
    content: ContentDocument | None = None
    _at_lines: list[tuple[Line, str]] = attrs.Factory(list)
    _elsewhere: list[str] = attrs.Factory(list)

    def add(self, line: Line, what: str) -> None:
        """Note that something of ``line`` is lost."""
        name = line.name or "unreadable line"
        self._at_lines.append((line, f"{name}: {what}"))

    def add_at(self, where: str, what: str) -> None:
        """Note that something is lost at a place that is no line."""
        self._elsewhere.append(f"{where}: {what}")

    def compare(self, line: Line, after: Line | None, kind_of: KindOf) -> bool:
        """Note what differs between ``line`` and what became of it; say whether all is kept."""
        what = difference(line, after, kind_of)
        if what:
            self.add(line, what)
        return not what

    def around(self, components: Sequence[Component]) -> None:
        """Note the lines of the document that are in none of ``components``, and open ones."""
        content = self.content
        if content is None:
            return
        inside: set[int] = set()
        for component in components:
            inside.update(range(component.start, component.stop))
        whole = {at for one in content.components for at in range(one.start, one.stop)}
        for component in content.components:
            if component.start not in inside:
                self.add(
                    component.begin, f"the whole {component.name}, only the first is converted"
                )
        for at, line in enumerate(content.lines):
            if at not in whole and not line.blank:
                self.add(line, f"{line.value[:_SHOWN]!r} stands outside of every component")
        for component in content.walk():
            if component.start in inside and not component.closed:
                self.add(component.begin, f"{component.name} is never closed")

    def settle(self, *, lossy: bool) -> None:
        """
        Raise what was found, unless ``lossy``.

        Raises:
            LossyConversionError: something would be lost; ``lost`` names each thing.
        """
        if lossy or not (self._at_lines or self._elsewhere):
            return
        numbers = _numbers(self.content) if self.content is not None else {}
        rows = sorted((numbers.get(id(line), 0), what) for line, what in self._at_lines)
        lost = [f"line {number}: {what}" if number else what for number, what in rows]
        raise LossyConversionError(
            f"{self.into} cannot hold all of it",
            lost=[*lost, *self._elsewhere],
            line=rows[0][0] if rows else 0,
            remedy="Look at what would be lost, and pass lossy=True if it does not matter",
        )


def _numbers(content: ContentDocument) -> dict[int, int]:
    """Return the physical line number of each line, by its identity."""
    numbers, count = {}, 1
    for line in content.lines:
        numbers[id(line)] = count
        count += max(1, len(_BREAK.findall(line.raw)))
    return numbers


def difference(line: Line, after: Line | None, kind_of: KindOf) -> str:
    """Return in words what ``after`` no longer says, empty when it says all that ``line`` does."""
    if after is None:
        return "the whole line"
    old, new = said(line, kind_of), said(after, kind_of)
    if old.name != new.name:
        return f"the name becomes {new.name or 'unreadable'}"
    if old.group != new.group:
        return f"the group {line.group!r}"
    if old.params != new.params:
        return _changed_parameter(old.params, new.params)
    if old.value != new.value:
        return f"{line.decoded()[:_SHOWN]!r} becomes {after.decoded()[:_SHOWN]!r}"
    return ""


def _changed_parameter(old: _Params, new: _Params) -> str:
    lost = [one for one in old if one not in new] or (list(old) if len(old) > len(new) else [])
    if not lost:
        return f"the parameter {next(one for one in new if one not in old)[0]} is added"
    key, values = lost[0]
    shown = ", ".join(map(str, values)) if isinstance(values, (tuple, frozenset)) else values
    return f"the parameter {key}={shown}"[:100]
