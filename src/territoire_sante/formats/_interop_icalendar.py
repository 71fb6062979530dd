# SPDX-License-Identifier: Apache-2.0
"""
Conversions to and from the objects of the ``icalendar`` library.

Objects are built property by property from our own lines, so that neither the process-wide
time-zone cache of icalendar (``icalendar.timezone.tzp``) nor any other state outside
the result is read or changed: calls in several threads do not disturb each other. This is
the only module that imports icalendar at its top, and is itself imported when asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable
from typing import Any, Final

import icalendar
from icalendar.cal.component_factory import ComponentFactory
from icalendar.parser import Contentline, Parameters
from icalendar.prop import TypesFactory, vBroken, vCategory, vText

from territoire_sante.errors import FormatError
from territoire_sante.formats._contentline_document import Component, ContentDocument, parse
from territoire_sante.formats._contentline_head import prefix
from territoire_sante.formats._contentline_line import Line, fold
from territoire_sante.formats._contentline_text import split_escaped, unescape, visible
from territoire_sante.formats._document import Document
from territoire_sante.formats._ical_fields import MEDIA_TYPE
from territoire_sante.formats._ical_tz import Zones
from territoire_sante.formats._interop_compare import Losses, is_name, one_line
from territoire_sante.formats._value_types import ical_kind
from territoire_sante.formats._vcard_read import content_of

_INTO: Final = "icalendar"
_TYPES: Final = TypesFactory()
_DATES: Final = frozenset({"date-time", "date", "period"})
# What the library's readers and writers are seen to raise on values they do not expect.
_FAULTS: Final = (
    ValueError, TypeError, AttributeError, LookupError, ArithmeticError, AssertionError,
    FormatError,
)  # fmt: skip


class _Verbatim(vBroken):
    """A value that icalendar cannot read; unlike vBroken it is written back unescaped."""

    def to_ical(self) -> bytes:
        """Return the value as it was."""
        return str(self).encode()


def to_calendar(document: Document | ContentDocument, *, lossy: bool) -> icalendar.Calendar:
    """Return the first VCALENDAR of ``document``; see ``icalendar.to_icalendar``."""
    content = content_of(document)
    calendars = [component for component in content.components if component.name == "VCALENDAR"]
    if not calendars:
        raise FormatError("there is no VCALENDAR in the document", line=1)
    losses = Losses(_INTO, content)
    losses.around(calendars[:1])
    root: icalendar.Calendar = icalendar.Calendar()
    zones, factory = Zones(calendars[0]), ComponentFactory()
    stack: list[tuple[Component, Any]] = [(calendars[0], root)]
    while stack:
        source, target = stack.pop()
        for line in source.lines:
            if not line.blank:
                _add(target, line, zones, losses)
        for inner in source.components:
            # A factory of our own: the library's remembers each name that it meets.
            made = factory.get_component_class(inner.name)()
            target.add_component(made)
            stack.append((inner, made))
    losses.settle(lossy=lossy)
    return root


def _add(target: Any, line: Line, zones: Zones, losses: Losses) -> None:
    """Add what ``line`` says to a component, noting what its property cannot hold."""
    if not line.name:
        losses.add(line, f"{line.value[:40]!r} cannot be read")
        return
    values, after = _values(line, zones, losses)
    losses.compare(line, after, ical_kind)
    for value in values:
        target.add(line.name, value, encode=False)


def _values(line: Line, zones: Zones, losses: Losses) -> tuple[list[Any], Line | None]:
    """Return the values for a line, and the line that icalendar will make of them."""
    raw, params = one_line(line.decoded()), _parameters(line)
    for typed in (True, False):
        try:
            values = _typed(line, raw, zones, losses) if typed else [_verbatim(line, raw)]
            for value in values:
                value.params = Parameters(params)
            return values, _written(line.name, values)
        except _FAULTS:
            continue
    return [], None


def _verbatim(line: Line, raw: str) -> _Verbatim:
    problem = ValueError(f"{raw[:40]!r} cannot be read")
    return _Verbatim(raw, property_name=line.name, expected_type="", parse_error=problem)


def _parameters(line: Line) -> dict[str, Any]:
    """Return the parameters, the first of each name; encodings are undone, base64 named."""
    found: dict[str, Any] = {}
    for key, values in line.params:
        if key == "CHARSET" or (key == "ENCODING" and line.encoding):
            continue
        if not values or not is_name(key):
            continue
        texts = list(map(visible, values))
        found.setdefault(key, texts[0] if len(texts) == 1 else texts)
    if line.encoding == "BASE64":
        found["ENCODING"] = "BASE64"
    return found


def _typed(line: Line, raw: str, zones: Zones, losses: Losses) -> list[Any]:
    kind = ical_kind(line.name, line.param("VALUE"))
    if kind.type == "text" and kind.listed:
        parts = [unescape(part) for part in split_escaped(raw, ",")]
        several = len(parts) > 1 or line.name == "CATEGORIES"
        return [vCategory(parts) if several else vText(parts[0])]
    if kind.type == "text" and not kind.parts:
        return [vText(unescape(line.decoded()))]
    factory: Any = _TYPES.for_property(line.name, line.param("VALUE") or None)
    if kind.parts and kind.type == "text":
        return [_verbatim(line, raw)]
    if kind.type == "unknown" and factory is vText:
        factory = _TYPES["unknown"]
    raws = raw.split(",") if line.name == "FREEBUSY" else [raw]
    parsed = [factory.from_ical(text) for text in raws]
    if kind.type == "recur" and not parsed[0]:
        raise ValueError(raw)
    tzid = line.param("TZID")
    if tzid and kind.type in _DATES:
        parsed = [_zoned(value, tzid, zones) for value in parsed]
        if _floats(parsed):
            losses.add(line, f"the time zone {tzid!r} is known nowhere: its times are floating")
    return [factory(value) for value in parsed]


def _zoned(value: Any, tzid: str, zones: Zones) -> Any:
    """Return a parsed date, period or list of them with the zone in its floating times."""
    if isinstance(value, (list, tuple)):
        return type(value)(_zoned(item, tzid, zones) for item in value)
    if not isinstance(value, dt.datetime) or value.tzinfo is not None:
        return value
    return value.replace(tzinfo=zones.find(tzid))


def _floats(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_floats, value))
    return isinstance(value, dt.datetime) and value.tzinfo is None


def _text(name: str, value: Any) -> str:
    """
    Return a property as an unfolded line.

    Raises:
        FormatError: a name would break out of its place, or an encoding would join lines.
    """
    given = getattr(value, "params", None)
    params = Parameters() if given is None else given
    for one in (name, *params):
        prefix("", one)
    if str(params.get("ENCODING", "")).upper() in ("QUOTED-PRINTABLE", "QP"):
        raise FormatError("quoted-printable is no encoding of iCalendar")
    return str(Contentline.from_parts(name, params, value, sorted=False))


def _written(name: str, values: Iterable[Any]) -> Line:
    """Return the one line that several values of a property say together."""
    lines = [Line.of(visible(_text(name, value)).encode()) for value in values]
    first = lines[0]
    if len(lines) == 1:
        return first
    return Line.of(first.head.raw + b":" + b",".join(line.data for line in lines))


def from_calendar(calendar: icalendar.Calendar, *, lossy: bool) -> Document:
    """Return the document that says ``calendar``; see ``icalendar.from_icalendar``."""
    losses = Losses(_INTO)
    rows: list[tuple[str, Any]] = []
    texts: list[bytes] = []
    for name, value in calendar.property_items(sorted=False):
        try:
            text = _text(name, value)
        except _FAULTS as error:
            losses.add_at(name, f"it cannot be written: {str(error)[:80] or type(error).__name__}")
            continue
        kept = visible(text).replace("\n", " ")
        if kept != text:
            losses.add_at(name, "control characters")
        rows.append((name, value))
        texts.append(fold(kept.encode("utf-8", "replace"), b"\r\n"))
    data = b"".join(texts)
    content = parse(data)
    zones = Zones(content.components[0] if content.components else None)
    for line, (name, value) in zip(content.lines, rows, strict=True):
        if line.name not in ("BEGIN", "END"):
            _check(line, name, value, zones, losses)
    for component in calendar.walk():
        dropped = [problem for culprit, problem in component.errors if not culprit]
        for problem in dropped:
            losses.add_at(str(component.name), f"icalendar dropped a line: {problem[:80]}")
    losses.settle(lossy=lossy)
    return Document(data, MEDIA_TYPE)


def _check(line: Line, name: str, value: Any, zones: Zones, losses: Losses) -> None:
    """Note what a written line does not give back of the property it was written from."""
    if line.name != name.upper():
        losses.add_at(name, "it cannot be the name of a property")
        return
    values, _ = _values(line, zones, Losses(_INTO))
    again = values[0] if len(values) == 1 else None
    if _worth(again) != _worth(value):
        losses.add_at(name, f"{_shown(value)} becomes {_shown(again)}")
    before, after = (_plain(getattr(one, "params", {})) for one in (value, again))
    for key in before:
        if before[key] != after.get(key):
            losses.add_at(name, f"the parameter {key}")


def _plain(params: Any) -> dict[str, tuple[str, ...]]:
    """Return parameters to compare: VALUE is told by the value, UTC by its Z."""
    found = {}
    for key, value in params.items():
        values = tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)
        if key.upper() != "VALUE" and (key.upper(), values) != ("TZID", ("UTC",)):
            found[key.upper()] = values
    return found


def _shown(value: Any) -> str:
    times = getattr(value, "dts", None) or ([value] if hasattr(type(value), "dt") else [])
    return repr([str(one.dt) for one in times] if times else str(value))[:60]


def _worth(value: Any) -> Hashable:
    """Return what a value means: wall time, instant and zone presence of times, texts of others."""
    if isinstance(value, vText):
        return str(value)
    if isinstance(value, (list, tuple)):
        return tuple(map(_worth, value))
    dates = getattr(value, "dts", None)
    if dates is not None and not isinstance(value, vBroken):
        return tuple(_time(one.dt) for one in dates)
    if hasattr(value, "dt"):
        return (_time(value.dt),)
    cats = getattr(value, "cats", None)
    if cats is not None:
        return tuple(map(str, cats))
    text = value.to_ical() if hasattr(value, "to_ical") else value
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


def _time(value: Any) -> Hashable:
    if isinstance(value, tuple):
        return tuple(map(_time, value))
    if not isinstance(value, dt.datetime):
        return value if isinstance(value, Hashable) else repr(value)
    offset = value.utcoffset()
    return value.replace(tzinfo=None), offset
