# SPDX-License-Identifier: Apache-2.0
"""
Values of content lines as JSON and back: RFC 7265, 3.6 (jCal) and RFC 7095, 3.5 (jCard).

Both write dates and times in the extended form of ISO 8601 and undo the escapes of texts.
A value that does not follow its type is passed on as it is, with the type ``unknown``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

from territoire_sante.formats._contentline_text import escape, split_escaped, unescape
from territoire_sante.formats._value_types import Kind

_Rules = Sequence[tuple[re.Pattern[str], str]]

_ZONE: Final = r"(Z|[+-][0-9]{2}(?:[0-9]{2})?)?"
_ZONE_EXT: Final = r"(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_FLOAT = re.compile(r"[+-]?[0-9]{1,17}(?:\.[0-9]{1,17})?")
_OFFSET = re.compile(r"([+-][0-9]{2}):?([0-9]{2})?:?([0-9]{2})?")
_UNTIL: Final = "until"


def _rules(*pairs: tuple[str, str]) -> _Rules:
    return [(re.compile(pattern), new) for pattern, new in pairs]


_DATE: Final = _rules(("([0-9]{4})([0-9]{2})([0-9]{2})", r"\1-\2-\3"))
_DATE_BACK: Final = _rules(("([0-9]{4})-([0-9]{2})-([0-9]{2})", r"\1\2\3"))
_TIME: Final = _rules(("([0-9]{2})([0-9]{2})([0-9]{2})(Z?)", r"\1:\2:\3\4"))
_TIME_BACK: Final = _rules(("([0-9]{2}):([0-9]{2}):([0-9]{2})(Z?)", r"\1\2\3\4"))
# vCard may leave parts of a date or time out (RFC 6350, 4.3).
_PARTIAL_DATE: Final = _rules(
    ("([0-9]{4})([0-9]{2})([0-9]{2})", r"\1-\2-\3"),
    ("--([0-9]{2})([0-9]{2})", r"--\1-\2"),
    ("([0-9]{4}(?:-[0-9]{2})?|--[0-9]{2}|---[0-9]{2})", r"\1"),
)
_PARTIAL_DATE_BACK: Final = _rules(
    ("([0-9]{4})-([0-9]{2})-([0-9]{2})", r"\1\2\3"),
    ("--([0-9]{2})-([0-9]{2})", r"--\1\2"),
    ("([0-9]{4}(?:-[0-9]{2})?|--[0-9]{2}|---[0-9]{2})", r"\1"),
)
_PARTIAL_TIME: Final = _rules(
    ("([0-9]{2})([0-9]{2})([0-9]{2})" + _ZONE, r"\1:\2:\3\4"),
    ("([0-9]{2})([0-9]{2})" + _ZONE, r"\1:\2\3"),
    ("-([0-9]{2})([0-9]{2})", r"-\1:\2"),
    ("([0-9]{2}|-[0-9]{2}|--[0-9]{2})" + _ZONE, r"\1\2"),
)
_PARTIAL_TIME_BACK: Final = _rules(
    ("([0-9]{2}):([0-9]{2}):([0-9]{2})" + _ZONE_EXT, r"\1\2\3\4"),
    ("([0-9]{2}):([0-9]{2})" + _ZONE_EXT, r"\1\2\3"),
    ("-([0-9]{2}):([0-9]{2})", r"-\1\2"),
    ("([0-9]{2}|-[0-9]{2}|--[0-9]{2})" + _ZONE_EXT, r"\1\2"),
)


def _by(rules: _Rules, text: str) -> str:
    for pattern, new in rules:
        if pattern.fullmatch(text):
            return pattern.sub(new, text)
    raise ValueError(text)


def _when(text: str, date: _Rules, time: _Rules) -> str:
    """Return a date, a time behind ``T``, or both, by the rules given."""
    day, mark, clock = text.partition("T")
    if not mark:
        return _by(date, day)
    return f"{_by(date, day) if day else ''}T{_by(time, clock)}"


def _whole(text: str, date: _Rules, time: _Rules) -> str:
    day, mark, clock = text.partition("T")
    if not (mark and day):
        raise ValueError(text)
    return f"{_by(date, day)}T{_by(time, clock)}"


def _offset(mark: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        found = _OFFSET.fullmatch(text)
        if found is None:
            raise ValueError(text)
        return mark.join(part for part in found.groups() if part)

    return change


def _period(one: Callable[[str], str]) -> Callable[[str], str]:
    def change(text: str) -> str:
        return text if text.startswith(("P", "+P", "-P")) else one(text)

    return change


def _ical_when(text: str) -> str:
    return _whole(text, _DATE, _TIME)


def _ical_when_back(text: str) -> str:
    return _whole(text, _DATE_BACK, _TIME_BACK)


_Pair = tuple[Callable[[str], str], Callable[[str], str]]
#: Value type to (to JSON, from JSON), for iCalendar and for vCard.
ICAL: Final[dict[str, _Pair]] = {
    "date": (lambda text: _by(_DATE, text), lambda text: _by(_DATE_BACK, text)),
    "time": (lambda text: _by(_TIME, text), lambda text: _by(_TIME_BACK, text)),
    "date-time": (_ical_when, _ical_when_back),
    "period": (_period(_ical_when), _period(_ical_when_back)),
    "utc-offset": (_offset(":"), _offset("")),
}
_PARTIAL: Final[_Pair] = (
    lambda text: _when(text, _PARTIAL_DATE, _PARTIAL_TIME),
    lambda text: _when(text, _PARTIAL_DATE_BACK, _PARTIAL_TIME_BACK),
)
VCARD: Final[dict[str, _Pair]] = {
    "date": (lambda text: _by(_PARTIAL_DATE, text), lambda text: _by(_PARTIAL_DATE_BACK, text)),
    "time": (lambda text: _by(_PARTIAL_TIME, text), lambda text: _by(_PARTIAL_TIME_BACK, text)),
    "date-time": _PARTIAL,
    "date-and-or-time": _PARTIAL,
    "timestamp": _PARTIAL,
    "utc-offset": (_offset(":"), _offset("")),
}


def to_values(raw: str, kind: Kind, pairs: dict[str, _Pair]) -> list[Any]:
    """
    Return the JSON values of a raw value.

    Raises:
        ValueError: it does not follow its type.
    """
    if kind.type == "text":
        return _texts(raw, kind)
    if kind.type == "float" and kind.parts:
        return [[_number(part) for part in raw.split(";")]]
    if kind.type == "recur":
        return [_rule(raw)]
    return [_scalar(part, kind.type, pairs) for part in (raw.split(",") if kind.listed else [raw])]


def _texts(raw: str, kind: Kind) -> list[Any]:
    if not kind.parts:
        return [unescape(part) for part in (split_escaped(raw, ",") if kind.listed else [raw])]
    parts: list[Any] = []
    for part in split_escaped(raw, ";"):
        values = [unescape(one) for one in (split_escaped(part, ",") if kind.listed else [part])]
        parts.append(values[0] if len(values) == 1 else values)
    return [parts if len(parts) > 1 or isinstance(parts[0], list) else parts[0]]


def _scalar(text: str, kind: str, pairs: dict[str, _Pair]) -> Any:
    if kind == "boolean":
        return (
            {"TRUE": True, "FALSE": False}[text.upper()] if text.upper() in _BOOLEANS else _no(text)
        )
    if kind == "integer":
        return int(text) if _NUMBER.fullmatch(text) else _no(text)
    if kind == "float":
        return _number(text)
    if kind == "period":
        start, mark, end = text.partition("/")
        return [pairs[kind][0](part) for part in (start, end)] if mark else _no(text)
    return pairs[kind][0](text) if kind in pairs else text


_BOOLEANS: Final = frozenset({"TRUE", "FALSE"})


def _no(text: str) -> Any:
    raise ValueError(text)


def _number(text: str) -> float | int:
    if not _FLOAT.fullmatch(text):
        raise ValueError(text)
    return float(text) if "." in text else int(text)


def _rule(raw: str) -> dict[str, Any]:
    rule: dict[str, Any] = {}
    for part in raw.split(";"):
        key, mark, text = part.partition("=")
        name = key.lower()
        if not mark or name in rule or not (name.isalpha() or name.startswith("x-")):
            raise ValueError(raw)
        if name == _UNTIL:
            rule[name] = ICAL["date-time" if "T" in text else "date"][0](text)
            continue
        values = [int(one) if _NUMBER.fullmatch(one) else one for one in text.split(",")]
        rule[name] = values[0] if len(values) == 1 else values
    return rule


def from_values(values: Sequence[Any], kind: Kind, pairs: dict[str, _Pair]) -> str:
    """
    Return the raw value that JSON values say.

    Raises:
        ValueError: they do not follow their type.
        TypeError: one is of another JSON type.
    """
    if kind.type == "text" and kind.parts:
        return ";".join(_component(one, kind) for one in _listed(values[0]))
    if kind.type == "float" and kind.parts:
        return ";".join(_plain(one) for one in _listed(values[0]))
    if kind.type == "recur":
        return _rule_text(values[0])
    if kind.type == "text":
        return ",".join(escape(_string(one)) for one in values)
    return ",".join(_scalar_text(one, kind.type, pairs) for one in values)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _component(value: Any, kind: Kind) -> str:
    if isinstance(value, list) and not kind.listed:
        raise TypeError(value)
    return ",".join(escape(_string(one)) for one in _listed(value))


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _plain(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(value)
    return format(Decimal(repr(value)), "f")


def _scalar_text(value: Any, kind: str, pairs: dict[str, _Pair]) -> str:
    if kind == "boolean":
        return str(value).upper() if isinstance(value, bool) else _no(str(value))
    if kind in ("integer", "float"):
        return _plain(value)
    if kind == "period":
        start, end = _listed(value) if isinstance(value, list) else _string(value).split("/")
        return f"{pairs[kind][1](start)}/{pairs[kind][1](end)}"
    text = _string(value)
    return pairs[kind][1](text) if kind in pairs else text


def _rule_text(rule: Any) -> str:
    if not isinstance(rule, dict):
        raise TypeError(rule)
    parts = []
    # FREQ first, for readers older than RFC 5545 (3.3.10).
    for name in sorted(rule, key=lambda key: key.lower() != "freq"):
        texts = [str(one) for one in _listed(rule[name])]
        if name.lower() == _UNTIL:
            texts = [ICAL["date-time" if "T" in one else "date"][1](one) for one in texts]
        parts.append(f"{name.upper()}={','.join(texts)}")
    return ";".join(parts)
