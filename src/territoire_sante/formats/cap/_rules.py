# SPDX-License-Identifier: Apache-2.0
"""The rules of CAP 1.2, each with its section; what breaks them is told by line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from territoire_sante.formats._check import Fault
from territoire_sante.formats._document import Document
from territoire_sante.formats.cap._message import FORBIDDEN
from territoire_sante.formats.cap._read import child, children, parse_time, parsed, text, word
from territoire_sante.formats.cap._words import (
    ALERT_ORDER,
    CODED,
    NAMESPACE,
    ORDERS,
    REPEATED,
    REQUIRED,
    SIGNATURES,
    TIMES,
)
from territoire_sante.formats.feed._xml import Node

# The standard asks for these elements, and not for a text in them.
_MAY_BE_BLANK: Final = frozenset({"resource", "eventCode", "parameter", "geocode"})
_REFERENCE: Final = re.compile(r"[^\s,<&]+,[^\s,<&]+,[^\s,<&]+")
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+")
_POINT: Final = r"-?\d+(?:\.\d+)?,-?\d+(?:\.\d+)?"
_POLYGON: Final = re.compile(rf"{_POINT}(?: {_POINT}){{3,}}")
_CIRCLE: Final = re.compile(rf"{_POINT} \d+(?:\.\d+)?")


def faults(document: Document) -> tuple[Fault, ...]:
    """
    Return what breaks the rules of CAP 1.2 in an alert, none if it may be sent.

    Raises:
        FormatError: it is no alert at all.
    """
    root = parsed(document).root
    found = [*_alert_faults(root)]
    for node, local in _groups(root):
        found += _shape_faults(node, local)
    return tuple(sorted(found, key=lambda fault: fault.line))


def _fault(node: Node, section: str, message: str) -> Fault:
    return Fault(node.line, f"{message} (CAP 1.2, {section})")


def _groups(node: Node) -> Iterator[tuple[Node, str]]:
    """Yield the elements that hold elements."""
    yield node, node.name[1]
    for one in node.children:
        if one.name[0] == node.name[0] and one.name[1] in ORDERS:
            yield from _groups(one)


def _alert_faults(root: Node) -> Iterator[Fault]:
    if root.name[0] != NAMESPACE:
        yield _fault(root, "1.5", f"the namespace is {root.name[0]}")
    for local in ("identifier", "sender"):
        if FORBIDDEN.search(word(root, local)):
            yield _fault(
                child(root, local) or root, "3.2.1", f"{local} has a blank, a comma, < or &"
            )
    scope = word(root, "scope")
    for wanted, local in (("Restricted", "restriction"), ("Private", "addresses")):
        if scope == wanted and not word(root, local):
            yield _fault(root, "3.2.1", f"the scope {wanted} takes {local}")
    references = word(root, "references").split()
    if word(root, "msgType") in {"Update", "Cancel", "Ack", "Error"} and not references:
        yield _fault(root, "3.2.1", f"{word(root, 'msgType')} takes references")
    for one in references:
        if not _REFERENCE.fullmatch(one):
            yield _fault(root, "3.2.1", f"{one!r} is no sender,identifier,sent")


def _shape_faults(node: Node, local: str) -> Iterator[Fault]:
    """Yield what is missing, too many, out of order or unknown among the children."""
    order = ORDERS[local]
    counts = Counter(one.name[1] for one in node.children if one.name[0] == node.name[0])
    for name in REQUIRED.get(local, ()):
        said = [one for one in children(node, name) if one.text.strip() or local in _MAY_BE_BLANK]
        if not said:
            yield _fault(node, _section(local), f"{local} without {name}")
    for name, count in counts.items():
        if count > 1 and name not in REPEATED.get(local, ()):
            yield _fault(node, _section(local), f"{name} stands {count} times in {local}")
    yield from _order_faults(node, local, order)
    for one in node.children:
        yield from _value_faults(one)
    if local == "area":
        yield from _area_faults(node)


def _section(local: str) -> str:
    return {"alert": "3.2.1", "info": "3.2.2", "resource": "3.2.3", "area": "3.2.4"}.get(
        local, "3.2.2"
    )


def _order_faults(node: Node, local: str, order: Sequence[str]) -> Iterator[Fault]:
    last = -1
    for one in node.children:
        uri, name = one.name
        if uri == SIGNATURES and local == "alert":
            continue
        if uri != node.name[0] or name not in order:
            yield _fault(one, "3.4", f"<{name}> is no element of {local}")
            continue
        place = order.index(name)
        if place < last:
            yield _fault(one, "3.4", f"{name} stands after {order[last]}")
        last = max(last, place)


def _value_faults(node: Node) -> Iterator[Fault]:
    name, value = node.name[1], node.text.strip()
    if name in CODED and value and node.text not in CODED[name]:
        section = "3.2.1" if name in ALERT_ORDER else "3.2.2"
        yield _fault(node, section, f"{value!r} is no {name}")
    if name in TIMES and parse_time(node.text) is None:
        yield _fault(node, "3.3.2", f"{name} is {value!r}: write it like 2026-11-14T09:00:00+01:00")
    if name in {"web", "uri"} and value and not _URI.fullmatch(value):
        section = "3.2.2" if name == "web" else "3.2.3"
        yield _fault(node, section, f"{name} is no full address")
    if name == "size" and value and not value.isdigit():
        yield _fault(node, "3.2.3", "size is no number of bytes")


def _area_faults(area: Node) -> Iterator[Fault]:
    for node in children(area, "polygon"):
        points = node.text.split()
        if not _POLYGON.fullmatch(node.text.strip()) or points[0] != points[-1]:
            yield _fault(node, "3.2.4", "a polygon takes four points or more and closes")
    for node in children(area, "circle"):
        if not _CIRCLE.fullmatch(node.text.strip()):
            yield _fault(node, "3.2.4", "a circle is a point and a radius")
    if text(area, "ceiling") is not None and text(area, "altitude") is None:
        yield _fault(area, "3.2.4", "a ceiling takes an altitude")
