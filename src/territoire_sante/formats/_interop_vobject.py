# SPDX-License-Identifier: Apache-2.0
"""
Conversions to and from the objects of the ``vobject`` library, cards only.

vobject cuts a text at its first comma, drops bare types and empties ``data:`` photos when it
reads and writes by itself; here its objects are built and taken apart property by
property. Nothing outside the result is changed, so threads do not disturb each other. This
is the only module that imports vobject, and is itself imported when asked for.
"""

from __future__ import annotations

import binascii
import io
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Final

from vobject import base, vcard

from territoire_sante.errors import FormatError
from territoire_sante.formats._contentline_document import Component, ContentDocument, parse
from territoire_sante.formats._contentline_head import prefix
from territoire_sante.formats._contentline_line import Line, fold
from territoire_sante.formats._contentline_text import escape, split_escaped, unescape, visible
from territoire_sante.formats._document import Document
from territoire_sante.formats._interop_compare import Losses, base64_bytes, is_name, one_line
from territoire_sante.formats._value_types import vcard_kind
from territoire_sante.formats._vcard_contact import MEDIA_TYPE
from territoire_sante.formats._vcard_read import NOT_TYPES, content_of

_INTO: Final = "vobject"
# Texts are written in UTF-8, and bytes in base64.
_UNDONE: Final = frozenset({"QUOTED-PRINTABLE", "QP", "BASE64", "B"})
_NATIVE: Final = {"N": vcard.NAME_ORDER, "ADR": vcard.ADDRESS_ORDER}
# What vobject is seen to raise on values that it does not expect.
_FAULTS: Final = (
    base.VObjectError, ValueError, TypeError, AttributeError, LookupError, AssertionError,
)  # fmt: skip


def to_component(document: Document | ContentDocument, *, lossy: bool) -> Any:
    """Return the first card of ``document``; see ``vcard.to_vobject``."""
    content = content_of(document)
    cards = [component for component in content.components if component.name == "VCARD"]
    if not cards:
        raise FormatError("there is no VCARD in the document", line=1)
    losses = Losses(_INTO, content)
    losses.around(cards[:1])
    root = _component(cards[0], losses)
    losses.settle(lossy=lossy)
    return root


def _component(source: Component, losses: Losses) -> Any:
    root = base.newFromBehavior("vcard", "3.0") if source.name == "VCARD" else None
    if root is None:
        root = base.Component(source.name)
    for line in source.lines:
        if line.blank:
            continue
        if not line.name:
            losses.add(line, f"{line.value[:40]!r} cannot be read")
            continue
        added, after = _best(line)
        losses.compare(line, after, vcard_kind)
        if added is not None:
            root.contents.setdefault(added.name.lower(), []).append(added)
            added.parentBehavior = root.behavior
    for inner in source.components:
        # An inner component is not held to the rules of cards.
        root.contents.setdefault(inner.name.lower(), []).append(_component(inner, losses))
    return root


def _best(line: Line) -> tuple[Any, Line | None]:
    """Return vobject's line for ours: with its value as it means if that is exact, else as is."""
    found: list[tuple[Any, Line | None]] = []
    for typed in (True, False):
        try:
            made = _made(line, typed=typed)
            after = _written(made)
        except _FAULTS:
            continue
        if not Losses(_INTO).compare(line, after, vcard_kind):
            found.append((made, after))
            continue
        return made, after
    return found[0] if found else (None, None)


def _made(line: Line, *, typed: bool) -> Any:
    made = base.ContentLine(line.name, [], "", group=line.group or None)
    made.params = _parameters(line)
    parent = base.getBehavior("VCARD", "3.0")
    known = parent.knownChildren.get(line.name)
    # vobject's own behaviour for UID and others is that of calendars.
    made.behavior = base.getBehavior(line.name) if known else parent.defaultBehavior
    # Whatever ENCODING says, vobject takes the value for base64.
    sure = bool(line.encoding) or "ENCODING" not in dict(line.params)
    value = _typed_value(line) if typed and sure else None
    if value is None:
        made.value, made.encoded = one_line(line.decoded()), True
    else:
        made.value = value
        made.isNative = line.name in (*_NATIVE, "ORG", "CATEGORIES")
    return made


def _typed_value(line: Line) -> Any:
    """Return the value as vobject's own reader should give it, ``None`` if it has no type."""
    raw = one_line(line.decoded())
    if line.name in _NATIVE:
        order = _NATIVE[line.name]
        parts = [_several(part) for part in split_escaped(raw, ";")]
        shape = vcard.Name if line.name == "N" else vcard.Address
        return shape(**dict(zip(order, parts, strict=False))) if len(parts) <= len(order) else None
    if line.name == "ORG":
        return [unescape(part) for part in split_escaped(raw, ";")]
    if line.name == "CATEGORIES":
        return [unescape(part) for part in split_escaped(raw, ",")]
    if line.encoding == "BASE64":
        return base64_bytes(line)
    kind = vcard_kind(line.name, line.param("VALUE"))
    if kind.type == "text" and not kind.parts and not kind.listed:
        return unescape(raw)
    return unescape(raw) if escape(unescape(raw)) == raw else None


def _several(raw: str) -> str | list[str]:
    values = [unescape(part) for part in split_escaped(raw, ",")]
    return values[0] if len(values) == 1 else values


def _parameters(line: Line) -> dict[str, list[str]]:
    """Return the parameters in vobject's form: types in one list, RFC 6868 escapes kept."""
    found: dict[str, list[str]] = {}
    for key, values in line.params:
        if key == "CHARSET" or (key == "ENCODING" and line.encoding) or not is_name(key):
            continue
        if values:
            found.setdefault(key, []).extend(map(_caret, values))
        elif key not in NOT_TYPES:
            found.setdefault("TYPE", []).append(key)
    if line.encoding == "BASE64":
        found["ENCODING"] = ["b"]
    return found


def _caret(text: str) -> str:
    return visible(text).replace("^", "^^").replace("\n", "^n").replace('"', "^'")


def _written(made: Any) -> Line:
    """Return the line that vobject writes for one of its own."""
    # Given a buffer, because the behaviour of photos returns nothing.
    buffer = io.StringIO()
    made.serialize(buffer, validate=False)
    return Line.of(buffer.getvalue().encode("utf-8", "replace"))


def from_component(component: Any, *, lossy: bool) -> Document:
    """Return the card that says ``component``; see ``vcard.from_vobject``."""
    if getattr(component, "name", "").upper() != "VCARD":
        raise FormatError("a vobject component VCARD was wanted", where="component")
    losses = Losses(_INTO)
    version = next((str(one.value) for one in component.contents.get("version", ())), "3.0")
    data = b"".join(_lines(component, version, losses))
    again = _component(parse(data).components[0], Losses(_INTO))
    _compare(component, again, losses)
    losses.settle(lossy=lossy)
    return Document(data, MEDIA_TYPE)


def _lines(component: Any, version: str, losses: Losses) -> Iterator[bytes]:
    yield f"BEGIN:{component.name}\r\n".encode()
    children = list(component.getChildren())
    if component.name.upper() == "VCARD" and "version" not in component.contents:
        children.insert(0, base.ContentLine("VERSION", [], version))
    # VERSION comes first in 4.0 (RFC 6350, 6.7.9), and vobject keeps no order between names.
    children.sort(key=lambda child: child.name.upper() != "VERSION")
    for child in children:
        if isinstance(child, base.Component):
            yield from _lines(child, version, losses)
            continue
        try:
            head = _head(child)
            value = one_line(_raw(child))
        except (*_FAULTS, FormatError) as error:
            losses.add_at(str(child.name), f"it cannot be written: {error}")
            continue
        yield fold(f"{head}:{value}".encode("utf-8", "replace"), b"\r\n")
    yield f"END:{component.name}\r\n".encode()


def _head(child: Any) -> str:
    params = _kept(child)
    bare = [word for word in child.singletonparams if word.upper() not in NOT_TYPES]
    if bare:
        params["TYPE"] = [*params.get("TYPE", []), *bare]
    encoding = [str(one).upper() for one in child.params.get("ENCODING", ())]
    if isinstance(child.value, bytes) or set(encoding) & {"B", "BASE64"}:
        params["ENCODING"] = ["b"]
    head = prefix(child.group or "", child.name).decode()
    for key, values in params.items():
        prefix("", key)
        texts = [visible(str(value)).replace("\n", "^n").replace('"', "^'") for value in values]
        quoted = [f'"{text}"' if any(mark in text for mark in ",;:") else text for text in texts]
        head += f";{key}={','.join(quoted)}"
    return head


def _kept(child: Any) -> dict[str, list[str]]:
    """Return the parameters of one of vobject's lines, but for encodings that are undone."""
    params = {key.upper(): list(map(str, values)) for key, values in child.params.items()}
    params.pop("CHARSET", None)
    if {word.upper() for word in params.get("ENCODING", ())} & _UNDONE:
        del params["ENCODING"]
    return params


def _raw(child: Any) -> str:
    """Return the value of one of vobject's lines, escaped for its property."""
    value, name = child.value, child.name.upper()
    if isinstance(value, bytes):
        return (
            value.decode() if child.encoded else binascii.b2a_base64(value, newline=False).decode()
        )
    order = _NATIVE.get(name)
    if order is not None and not isinstance(value, str):
        return ";".join(_joined(getattr(value, part)) for part in order)
    if not isinstance(value, str):
        return (";" if name == "ORG" else ",").join(map(_joined, value))
    kind = vcard_kind(name, next(iter(child.params.get("VALUE", ())), ""))
    plain = kind.type in ("text", "unknown") and not kind.parts and not kind.listed
    return escape(value) if plain and not child.encoded else value


def _joined(value: str | Sequence[str]) -> str:
    return escape(value) if isinstance(value, str) else ",".join(map(escape, value))


def _compare(before: Any, after: Any, losses: Losses) -> None:
    """Note what the card, read again, does not give back."""
    for name, children in before.contents.items():
        others = after.contents.get(name, [])
        for at, child in enumerate(children):
            other = others[at] if at < len(others) else None
            if isinstance(child, base.Component) and isinstance(other, base.Component):
                _compare(child, other, losses)
            elif other is None or _worth(child) != _worth(other):
                losses.add_at(name.upper(), f"{str(child.value)[:40]!r} is not kept")


def _worth(child: Any) -> Hashable:
    """Return what one of vobject's lines means to it."""
    params = _kept(child)
    types = [*params.pop("TYPE", []), *child.singletonparams]
    words = frozenset(word.lower() for word in types if word.upper() not in NOT_TYPES)
    value = child.value
    if not isinstance(value, (str, bytes)):
        value = _raw(child)
    if isinstance(value, str) and (child.encoded or vcard_kind(child.name.upper()).parts):
        value = unescape(value)
    shown = tuple(sorted((key, tuple(values)) for key, values in params.items()))
    return (child.group or "").lower(), shown, words, value
