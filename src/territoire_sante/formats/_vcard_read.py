# SPDX-License-Identifier: Apache-2.0
"""Reading of one VCARD, version 2.1, 3.0 or 4.0, into a Contact (RFC 2426, RFC 6350)."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from territoire_sante.errors import FormatError, InputError, InvalidValueError
from territoire_sante.formats._contentline_document import Component, ContentDocument, parse
from territoire_sante.formats._contentline_head import Params
from territoire_sante.formats._contentline_line import Line
from territoire_sante.formats._contentline_lists import read_categories
from territoire_sante.formats._contentline_text import split_escaped, unescape, visible
from territoire_sante.formats._document import Document
from territoire_sante.model import (
    Address,
    CardAddress,
    Contact,
    ContactKind,
    Geo,
    PersonName,
    Reach,
)

KINDS: Final = {member.value: member for member in ContactKind}
APPLE_KIND: Final = "X-ADDRESSBOOKSERVER-KIND"
APPLE_MEMBER: Final = "X-ADDRESSBOOKSERVER-MEMBER"
APPLE_SHOW_AS: Final = "X-ABSHOWAS"
LABEL: Final = "X-ABLABEL"
ADR_PARTS: Final = 7
N_PARTS: Final = 5
PREF_MAX: Final = 100

#: Bare words of vCard 2.1 that are no TYPE: encodings and kinds of values.
NOT_TYPES: Final = frozenset({
    "QUOTED-PRINTABLE", "QP", "BASE64", "B", "7BIT", "8BIT", "BINARY",
    "URL", "CID", "CONTENT-ID", "INLINE",
})  # fmt: skip
#: What is said of every e-mail address in 2.1 and 3.0, and tells nothing.
HIDDEN_TYPES: Final = frozenset({"internet"})

T = TypeVar("T", Reach, CardAddress, PersonName, Contact)

_NO_TYPES: Final[tuple[tuple[str, ...], int]] = ((), 0)
_APPLE_LABEL = re.compile(r"_\$!<(.*)>!\$_")
_TEL = re.compile(r"tel:([^;?]+)(?:;ext=([0-9]+))?", re.IGNORECASE)
_GEO = re.compile(r"(?:geo:)?\s*([-+0-9.]+)\s*[;,]\s*([-+0-9.]+)", re.IGNORECASE)


class Card(NamedTuple):
    """The one card of a document and its labels: lower-case group to X-ABLabel line."""

    content: ContentDocument
    component: Component
    version: str
    labels: Mapping[str, Line]


def _made(record: type[T], fields: dict[str, Any]) -> T:
    """
    Return a record of a contact, given all its fields: what its ``__init__`` would make.

    The records are frozen, have no slots and check nothing, so that their fields are their
    ``__dict__``: it takes half of the time of a call with as many names.
    """
    made = object.__new__(record)
    object.__setattr__(made, "__dict__", fields)
    return made


def content_of(document: Document | ContentDocument) -> ContentDocument:
    """Return the parsed content of either kind of document."""
    return document if isinstance(document, ContentDocument) else document.parsed(parse)


def find_card(content: ContentDocument) -> Card:
    """
    Return the one card in a document.

    Raises:
        FormatError: no card, or several.
    """
    cards = content.components
    if len(cards) != 1 or cards[0].name != "VCARD":
        cards = [component for component in cards if component.name == "VCARD"]
    if not cards:
        raise FormatError("there is no VCARD in the document", line=1)
    if len(cards) > 1:
        raise FormatError(
            f"the document holds {len(cards)} cards",
            line=content.number(cards[1].begin),
            remedy="Cut it with territoire_sante.formats.vcard.split first",
        )
    card = cards[0]
    line = card.first("VERSION")
    version = line.value.strip() if line is not None else ""
    found = card.all(LABEL)
    labels = {label.group.lower(): label for label in found if label.group} if found else {}
    return Card(content, card, version if version in ("2.1", "4.0") else "3.0", labels)


def text_of(line: Line | None) -> str:
    """Return the text of a line, empty without one; an unescaped comma is part of it."""
    return line.unescaped() if line is not None else ""


def raw_of(line: Line | None) -> str:
    """Return a value that has no escapes (UID), without white space around it."""
    return visible(line.value).strip() if line is not None else ""


def uri_of(line: Line) -> str:
    r"""Return a URI; some programs escape its colon (``http\://``)."""
    text = line.unescaped()
    return (text.replace("\\:", ":") if "\\" in text else text).strip()


def words_of(line: Line) -> list[str]:
    """Return the TYPE words of a line, lower-case: lists, repetitions and bare ones."""
    return _words(line.params)


def _words(params: Params) -> list[str]:
    words: list[str] = []
    for key, values in params:
        if key == "TYPE":
            for value in values:
                words.extend(value.lower().split(","))
        elif not values and key not in NOT_TYPES:
            words.append(key.lower())
    return [word.strip() for word in words if word.strip()]


def types_of(line: Line) -> tuple[tuple[str, ...], int]:
    """Return (types without ``pref`` and ``internet``, preference 0-100)."""
    params = line.head.params
    return _types(params) if params else _NO_TYPES


@functools.lru_cache(maxsize=256)
def _types(params: Params) -> tuple[tuple[str, ...], int]:
    words = _words(params)
    number = next((values[0].strip() for key, values in params if key == "PREF" and values), "")
    pref = int(number) if re.fullmatch("[0-9]{1,3}", number) else 0
    if not 1 <= pref <= PREF_MAX:
        pref = 1 if "pref" in words else 0
    types = dict.fromkeys(word for word in words if word not in HIDDEN_TYPES and word != "pref")
    return tuple(types), pref


def label_of(card: Card, line: Line) -> str:
    """Return the X-ABLabel of the line's group, Apple's own words unwrapped."""
    label = card.labels.get(line.group.lower()) if line.group else None
    if label is None:
        return ""
    text = text_of(label).strip()
    found = _APPLE_LABEL.fullmatch(text) if text.startswith("_") else None
    return found[1] if found else text


def _telephone(text: str) -> str:
    """Return the number in a ``tel:`` URI, or the text if it is none."""
    found = _TEL.fullmatch(text)
    if found is None:
        return text
    return f"{found[1]} ext. {found[2]}" if found[2] else found[1]


def reach_value(line: Line) -> str:
    """Return the value of a TEL, EMAIL or URL line."""
    text = line.unescaped().strip()
    if ":" in text:
        if line.name == "URL":
            return uri_of(line)
        if line.name == "TEL":
            return _telephone(text)
    return text


def read_reach(card: Card, line: Line) -> Reach | None:
    """Return the entry of a TEL, EMAIL or URL line, ``None`` if it is empty."""
    value = reach_value(line)
    if not value:
        return None
    types, pref = types_of(line)
    label = label_of(card, line) if card.labels else ""
    return _made(Reach, {"value": value, "types": types, "label": label, "pref": pref})


def split_parts(line: Line | None, count: int) -> list[str]:
    """Return the raw, still escaped components of N or ADR, filled up to ``count``."""
    parts = split_escaped(line.decoded(), ";") if line is not None else []
    return parts + [""] * (count - len(parts))


def _text_parts(line: Line, count: int) -> list[str]:
    """Return the components of N, ORG or ADR as texts, as many as ``count`` if it is not 0."""
    raw = line.decoded()
    if "\\" in raw or not raw.isprintable():
        parts = [unescape(part) for part in split_escaped(raw, ";")]
    else:
        parts = raw.split(";")
    return parts if len(parts) == count or not count else (parts + [""] * count)[:count]


def read_address(card: Card, line: Line) -> CardAddress | None:
    """Return the entry of an ADR line, ``None`` if it is empty; the region is not read."""
    parts = _text_parts(line, ADR_PARTS)
    if not any(parts):
        return None
    box, extended, street, city, _, postcode, country = parts
    address = Address(
        street=street,
        complement=f"{box}, {extended}" if box and extended else box or extended,
        postcode=postcode,
        city=city,
        country=country,
    )
    types, label = types_of(line)[0], label_of(card, line)
    return _made(CardAddress, {"address": address, "types": types, "label": label})


def read_kind(component: Component) -> ContactKind:
    """Return the kind: KIND, else Apple's dialect, else an individual."""
    for name in ("KIND", APPLE_KIND):
        line = component.first(name)
        if line is not None:
            return KINDS.get(line.value.strip().lower(), ContactKind.INDIVIDUAL)
    shown = component.first(APPLE_SHOW_AS)
    company = shown is not None and shown.value.strip().upper() == "COMPANY"
    return ContactKind.ORG if company else ContactKind.INDIVIDUAL


def read_name(line: Line) -> PersonName:
    """Return the components of N; several values of one keep their commas."""
    family, given, additional, prefix, suffix = _text_parts(line, N_PARTS)
    return _made(
        PersonName,
        {
            "family": family,
            "given": given,
            "additional": additional,
            "prefix": prefix,
            "suffix": suffix,
        },
    )


def read_organisation(line: Line) -> tuple[str, ...]:
    """Return the components of ORG without empty ones at the end."""
    parts = _text_parts(line, 0)
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts)


def read_geo(line: Line) -> Geo | None:
    """Return GEO in either form (``lat;lon``, ``geo:lat,lon``), ``None`` if it is neither."""
    found = _GEO.match(line.value.strip())
    try:
        return Geo(latitude=float(found[1]), longitude=float(found[2])) if found else None
    except (ValueError, InvalidValueError):
        return None


def read_uris(lines: Sequence[Line]) -> tuple[str, ...]:
    """Return the non-empty values of MEMBER or RELATED lines."""
    return tuple([uri for uri in map(uri_of, lines) if uri]) if lines else ()


def member_lines(component: Component) -> Sequence[Line]:
    """Return the MEMBER lines in whichever dialect the card uses."""
    return component.all("MEMBER") or component.all(APPLE_MEMBER)


def _reaches(card: Card, lines: Sequence[Line]) -> tuple[Reach, ...]:
    return tuple(filter(None, map(read_reach, itertools.repeat(card), lines)))


def _addresses(card: Card, lines: Sequence[Line]) -> tuple[CardAddress, ...]:
    return tuple(filter(None, map(read_address, itertools.repeat(card), lines)))


_NOTHING_SAID: Final = vars(Contact())

# Fields that are the text of the first line of a property.
_TEXTS: Final = {"FN": "formatted_name", "TITLE": "title", "ROLE": "role", "NOTE": "note"}

# For each other property, its field, and what makes it of the card and the property's lines.
_FIELDS: Final[Mapping[str, tuple[str, Callable[[Card, Sequence[Line]], object]]]] = {
    "UID": ("uid", lambda _, lines: raw_of(lines[0])),
    "KIND": ("kind", lambda card, _: read_kind(card.component)),
    APPLE_KIND: ("kind", lambda card, _: read_kind(card.component)),
    APPLE_SHOW_AS: ("kind", lambda card, _: read_kind(card.component)),
    "N": ("name", lambda _, lines: read_name(lines[0])),
    "ORG": ("organisation", lambda _, lines: read_organisation(lines[0])),
    "TEL": ("telephones", _reaches),
    "EMAIL": ("emails", _reaches),
    "URL": ("urls", _reaches),
    "ADR": ("addresses", _addresses),
    "GEO": ("geo", lambda _, lines: read_geo(lines[0])),
    "CATEGORIES": ("categories", lambda _, lines: read_categories(lines)),
    "MEMBER": ("members", lambda card, _: read_uris(member_lines(card.component))),
    APPLE_MEMBER: ("members", lambda card, _: read_uris(member_lines(card.component))),
    "RELATED": ("related", lambda _, lines: read_uris(lines)),
}


def _card_and_contact(data: bytes) -> tuple[Card, Contact]:
    card = find_card(parse(data))
    return card, read_contact(card)


def read(document: Document | ContentDocument) -> tuple[Card, Contact]:
    """Return the card of a document and the contact it says; a Document keeps both."""
    if isinstance(document, ContentDocument):
        card = find_card(document)
        return card, read_contact(card)
    return document.parsed(_card_and_contact)


def whole_content(document: Document | ContentDocument) -> ContentDocument:
    """Return the parsed content, that of the contact where it can be read: cut into lines once."""
    try:
        return read(document)[0].content
    except InputError:
        return content_of(document)


def read_contact(card: Card) -> Contact:
    """Return the contact of a card; what cannot be read as its type is left out."""
    # Most cards have few of the properties: only those that are there cost anything.
    said = _NOTHING_SAID.copy()
    for name, lines in card.component.index.items():
        if name in _TEXTS:
            said[_TEXTS[name]] = lines[0].unescaped()
        elif name in _FIELDS:
            field, read_field = _FIELDS[name]
            said[field] = read_field(card, lines)
    return _made(Contact, said)
