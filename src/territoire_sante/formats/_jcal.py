# SPDX-License-Identifier: Apache-2.0
"""
jCal (RFC 7265) and jCard (RFC 7095): calendars and cards as JSON-ready lists.

Each conversion is checked line by line: what was made is converted back and compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs

from territoire_sante.errors import FormatError, LimitExceededError
from territoire_sante.formats._contentline_document import Component, ContentDocument
from territoire_sante.formats._contentline_line import Line, make_line
from territoire_sante.formats._contentline_text import visible
from territoire_sante.formats._document import Document
from territoire_sante.formats._interop_compare import Losses, is_name, one_line
from territoire_sante.formats._json_values import ICAL, VCARD, from_values, to_values
from territoire_sante.formats._value_types import Kind, KindOf, ical_kind, vcard_kind
from territoire_sante.formats._vcard_read import NOT_TYPES, content_of
from territoire_sante.formats.contentline import Limits

_PROPERTY: Final = 4
_DEPTH: Final = Limits().depth


@attrs.frozen
class Dialect:
    """What differs between jCal and jCard."""

    name: str
    root: str
    media_type: str
    kind_of: KindOf
    nested: bool

    @property
    def pairs(self) -> Any:
        """How its dates and times are written."""
        return ICAL if self.nested else VCARD


JCAL: Final = Dialect("jCal", "VCALENDAR", "text/calendar", ical_kind, nested=True)
JCARD: Final = Dialect("jCard", "VCARD", "text/vcard", vcard_kind, nested=False)


def to_json(document: Document | ContentDocument, dialect: Dialect, *, lossy: bool) -> list[Any]:
    """Return the first calendar or card of ``document`` as JSON-ready lists."""
    content = content_of(document)
    roots = [one for one in content.components if one.name == dialect.root]
    if not roots:
        raise FormatError(f"there is no {dialect.root} in the document", line=1)
    losses = Losses(dialect.name, content)
    losses.around(roots[:1])
    made = _component(roots[0], dialect, losses)
    losses.settle(lossy=lossy)
    return made


def _component(component: Component, dialect: Dialect, losses: Losses) -> list[Any]:
    properties: list[Any] = []
    for line in component.lines:
        if line.blank:
            continue
        if not line.name:
            losses.add(line, f"{line.value[:40]!r} cannot be read")
            continue
        made = _property(line, dialect)
        properties.append(made)
        try:
            back: Line | None = _line(made, dialect, "$")
        except FormatError:
            back = None
        losses.compare(line, back, dialect.kind_of)
    if not dialect.nested:
        for inner in component.components:
            losses.add(inner.begin, f"the whole {inner.name}")
        return [component.name.lower(), properties]
    inners = [_component(inner, dialect, losses) for inner in component.components]
    return [component.name.lower(), properties, inners]


def _property(line: Line, dialect: Dialect) -> list[Any]:
    value_type = line.param("VALUE").lower()
    kind = dialect.kind_of(line.name, value_type)
    if kind.type == "unknown" and value_type:
        kind = Kind(value_type)
    if line.encoding == "BASE64" and dialect.nested:
        kind = Kind("binary")
    raw = one_line(line.decoded())
    try:
        values = to_values(raw, kind, dialect.pairs)
    except ValueError:
        kind, values = Kind("unknown"), [raw]
    return [line.name.lower(), _parameters(line, dialect), kind.type, *values]


def _parameters(line: Line, dialect: Dialect) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for key, values in line.params:
        if key in ("VALUE", "CHARSET") or (key == "ENCODING" and line.encoding):
            continue
        if not is_name(key):
            continue
        if not values:
            if not dialect.nested and key not in NOT_TYPES:
                found.setdefault("type", []).append(key.lower())
        elif key == "TYPE" or key.lower() not in found:
            found.setdefault(key.lower(), []).extend(map(visible, values))
    if line.group and not dialect.nested:
        found["group"] = [line.group]
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()}


def from_json(data: Any, dialect: Dialect, *, lossy: bool) -> Document:
    """Return the document that JSON-ready lists say."""
    losses = Losses(dialect.name)
    lines = list(_lines(data, dialect, losses, "$", 1))
    if lines[0].value != dialect.root:
        raise FormatError(f"{dialect.name} begins with {dialect.root.lower()!r}", where="$[0]")
    losses.settle(lossy=lossy)
    return Document(b"".join([line.raw for line in lines]), dialect.media_type)


def _lines(data: Any, dialect: Dialect, losses: Losses, where: str, depth: int) -> Iterator[Line]:
    if depth > _DEPTH:
        raise LimitExceededError(f"components are nested deeper than {_DEPTH}", where=where)
    size = 3 if dialect.nested else 2
    if not isinstance(data, (list, tuple)) or len(data) != size:
        raise FormatError(f"a list of {size} was expected", where=where)
    name = data[0].upper() if isinstance(data[0], str) else ""
    if not all(isinstance(part, (list, tuple)) for part in data[1:]):
        raise FormatError("lists were expected behind the name", where=where)
    # The name of a component follows the rules of names of lines.
    make_line(name, "")
    yield make_line("BEGIN", name)
    made = []
    for at, given in enumerate(data[1]):
        place = f"{where}[1][{at}]"
        line = _line(given, dialect, place)
        made.append(line)
        if _canonical(_property(line, dialect)) != _canonical(given):
            losses.add_at(place, f"{line.name}: not all of it can be written")
    # VERSION stands first in a card (RFC 6350, 6.7.9); jCard keeps no such order.
    yield from made if dialect.nested else sorted(made, key=lambda line: line.name != "VERSION")
    for at, inner in enumerate(data[2] if dialect.nested else ()):
        yield from _lines(inner, dialect, losses, f"{where}[2][{at}]", depth + 1)
    yield make_line("END", name)


def _line(given: Any, dialect: Dialect, where: str) -> Line:
    """
    Return the line that a property says.

    Raises:
        FormatError: it is no property, or its value does not follow its type; with its path.
    """
    name, params, value_type, values = _checked(given, where)
    default = dialect.kind_of(name, "")
    kind = default if value_type == "unknown" else dialect.kind_of(name, value_type)
    if value_type == "unknown" or (kind.type == "unknown" and value_type):
        kind = Kind("unknown")
    group = params.pop("GROUP", ("",))[0] if not dialect.nested else ""
    given_params = list(params.items())
    if value_type not in ("unknown", default.type):
        shown = value_type.upper() if dialect.nested else value_type
        given_params.insert(0, ("VALUE", (shown,)))
    if value_type == "binary":
        given_params.append(("ENCODING", ("BASE64",)))
    try:
        raw = from_values(values, kind, dialect.pairs)
        return make_line(name, raw, params=given_params, group=group)
    except FormatError as error:
        error.where = where
        raise
    except (ValueError, TypeError) as error:
        raise FormatError(f"{name}: the value is no {value_type}", where=f"{where}[3]") from error


def _checked(given: Any, where: str) -> tuple[str, dict[str, tuple[str, ...]], str, list[Any]]:
    if not isinstance(given, (list, tuple)) or len(given) < _PROPERTY:
        raise FormatError("a property is a list of four or more", where=where)
    name, params, value_type, *values = given
    if not isinstance(name, str) or not isinstance(value_type, str) or not isinstance(params, dict):
        raise FormatError("a property is [name, {parameters}, type, value …]", where=where)
    found: dict[str, tuple[str, ...]] = {}
    for key, value in params.items():
        listed = tuple(value) if isinstance(value, (list, tuple)) else (value,)
        if (
            not listed
            or not all(isinstance(one, str) for one in listed)
            or not isinstance(key, str)
        ):
            raise FormatError(f"the parameter {key!r} is no text", where=f"{where}[1]")
        # JSON is in UTF-8, and its type says what is in base64.
        if key.upper() not in ("ENCODING", "CHARSET"):
            found[key.upper()] = listed
    return name.upper(), found, value_type.lower(), values


def _canonical(given: Any) -> Any:
    """Return a property to compare, its case and its kinds of lists apart."""
    name, params, value_type, values = _checked(given, "$")
    shown = [tuple(one) if isinstance(one, list) else one for one in values]
    return name, params, len(given[1]) - len(params), value_type, shown
