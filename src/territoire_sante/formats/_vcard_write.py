# SPDX-License-Identifier: Apache-2.0
"""Writing of a Contact into a card, touching the lines of changed fields only."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Hashable, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Final, Generic, TypeVar

import attrs

from territoire_sante.errors import FormatError
from territoire_sante.formats._contentline_document import Component
from territoire_sante.formats._contentline_edit import Edit
from territoire_sante.formats._contentline_line import Line
from territoire_sante.formats._contentline_lists import PLAIN, match
from territoire_sante.formats._contentline_text import escape, line_breaks
from territoire_sante.formats._vcard_read import (
    ADR_PARTS,
    APPLE_KIND,
    APPLE_SHOW_AS,
    HIDDEN_TYPES,
    LABEL,
    NOT_TYPES,
    Card,
    member_lines,
    reach_value,
    read_address,
    read_reach,
    split_parts,
    types_of,
    uri_of,
    words_of,
)
from territoire_sante.model import Address, CardAddress, ContactKind, Geo, Reach

Entry = TypeVar("Entry", Reach, CardAddress)
_Changes = dict[str, Sequence[str] | None]

_ADR_FIELDS: Final = (
    (1, "complement"),
    (2, "street"),
    (3, "city"),
    (5, "postcode"),
    (6, "country"),
)
_TYPE = re.compile(r"[^\s,;:=\"^\\\x00-\x1f]+")
_COMPOUND_21 = str.maketrans({"\\": "\\\\", ";": "\\;"})
_PLAIN_21 = 60
_OF_A_GROUP: Final = frozenset({LABEL, "X-ABADR"})


@attrs.define
class CardWriter:
    """A card under change: its edit, and which properties changed so far."""

    edit: Edit
    card: Card
    owned: set[str] = attrs.Factory(set)
    _groups: set[str] | None = None

    @property
    def component(self) -> Component:
        """The card."""
        return self.card.component

    @property
    def old_style(self) -> bool:
        """Whether it is a vCard 2.1: quoted-printable, bare types, hardly an escape."""
        return self.card.version == "2.1"

    def escape(self, text: str) -> str:
        """Return ``text`` escaped for this version; 2.1 keeps line breaks for its encoding."""
        if self.old_style:
            return line_breaks(text).translate(_COMPOUND_21)
        return escape(text)

    def make(
        self,
        name: str,
        value: str,
        line: Line | None = None,
        params: _Changes | None = None,
        group: str = "",
    ) -> Line:
        """Return ``line`` with another escaped value and parameters, or a new line."""
        if line is None and not params and not self.old_style:
            return self.edit.line(name, value, (), group)
        changes: _Changes = {**PLAIN, **(params or {})}
        if self.old_style and ("\n" in value or not value.isascii() or len(value) > _PLAIN_21):
            data = value.replace("\n", "\r\n").encode()
            quoted = binascii.b2a_qp(data, istext=False)
            value = quoted.replace(b"=\r\n", b"").replace(b"=\n", b"").decode()
            changes |= {"ENCODING": ["QUOTED-PRINTABLE"], "CHARSET": ["UTF-8"]}
        if line is not None:
            return line.rewritten(
                value,
                params=changes,
                fallback=self.edit.fallback,
                folded=not self.old_style,
            )
        given = [(key, values) for key, values in changes.items() if values is not None]
        return self.edit.line(name, value, given, group, folded=not self.old_style)

    def set(self, name: str, value: str, params: _Changes | None = None) -> None:
        """Set the first line ``name`` to an escaped value, or add it."""
        self.owned.add(name)
        line = self.component.first(name)
        if line is not None:
            self.edit.replace(line, self.make(name, value, line, params))
        else:
            self.edit.append(self.component, self.make(name, value, None, params))

    def remove(self, *names: str) -> None:
        """Remove all lines of these names."""
        for name in names:
            self.owned.add(name)
            self.edit.remove(self.component.all(name))

    def text(self, name: str, old: str, new: str, *, required: bool = False) -> None:
        """Set a text property; a required one is emptied, not removed."""
        if new == old:
            return
        wanted = line_breaks(new)
        if wanted == old:
            return
        if wanted or required:
            self.set(name, self.escape(wanted))
        else:
            self.remove(name)

    def parts(self, name: str, raws: Sequence[str], *, required: bool = False) -> None:
        """Set a property of several components, given escaped."""
        if any(raws) or required:
            self.set(name, ";".join(raws))
        else:
            self.remove(name)

    def free_group(self) -> str:
        """Return a group name that the card does not use yet."""
        if self._groups is None:
            self._groups = {line.group.lower() for line in self.component.lines if line.group}
        number = 1
        while f"item{number}" in self._groups:
            number += 1
        self._groups.add(f"item{number}")
        return f"item{number}"

    def set_types(self, line: Line, types: Sequence[str], pref: int) -> Line:
        """Return ``line`` with these types and this preference; its other parameters stay."""
        if types_of(line) == (tuple(types), pref):
            return line
        words = [word for word in words_of(line) if word in HIDDEN_TYPES] + list(types)
        gone = [key for key, values in line.params if not values and key not in NOT_TYPES]
        added: list[tuple[str, Sequence[str]]] = []
        if pref == 1 and self.card.version != "4.0":
            words.append("pref")
        elif pref:
            added.append(("PREF", [str(pref)]))
        for word in words:
            if not _TYPE.fullmatch(word):
                raise FormatError(f"{word!r} cannot be a type of a card's entry", where="types")
        if self.old_style:
            added.extend((word.upper(), ()) for word in words)
        elif words:
            added.append(("TYPE", words))
        return line.retyped(
            dict.fromkeys(["TYPE", "PREF", *gone]), added, folded=not self.old_style
        )


@attrs.frozen
class _Kind(Generic[Entry]):
    """How the entries of one property are read, compared by value, and written."""

    name: str
    read: Callable[[Card, Line], Entry | None]
    value: Callable[[Entry], Hashable]
    change: Callable[[CardWriter, Line | None, Entry], Line]


def _put_entries(writer: CardWriter, kind: _Kind[Entry], new: Sequence[Entry]) -> None:
    """
    Make the lines of a property say ``new``; an entry that stays the same keeps its line.

    Entries are matched when equal, else by value, else by types and label, else by place, so
    that one edit changes one line.
    """
    found = [(line, kind.read(writer.card, line)) for line in writer.component.all(kind.name)]
    lines = [line for line, entry in found if entry is not None]
    old = [entry for _, entry in found if entry is not None]
    if old == list(new):
        return
    writer.owned.add(kind.name)
    origins = _origins(old, new, kind.value)
    entries: list[tuple[int | None, Sequence[Line]]] = []
    for entry, origin in zip(new, origins, strict=True):
        if origin is None:
            changed = kind.change(writer, None, entry)
            entries.append((None, _put_label(writer, None, changed, "", entry.label)))
            continue
        line, before = lines[origin], old[origin]
        same = attrs.evolve(before, label="") == attrs.evolve(entry, label="")
        changed = line if same else kind.change(writer, line, entry)
        entries.append((origin, _put_label(writer, line, changed, before.label, entry.label)))
    for at in set(range(len(lines))) - set(origins):
        _drop_label(writer, lines[at])
    writer.edit.arrange(writer.component, lines, entries)


def _origins(
    old: Sequence[Entry], new: Sequence[Entry], key: Callable[[Entry], Hashable]
) -> list[int | None]:
    """Return for each new entry the index of the old one it continues."""
    origins: list[int | None] = [None] * len(new)
    keys: tuple[Callable[[Entry], Hashable], ...] = (
        lambda entry: entry,
        key,
        lambda entry: (entry.types, entry.label),
        lambda _: 0,
    )
    for by in keys:
        here = [at for at in range(len(old)) if at not in origins]
        there = [at for at, origin in enumerate(origins) if origin is None]
        matched, _ = match([by(old[at]) for at in here], [by(new[at]) for at in there])
        for at, to in zip(here, matched, strict=True):
            if to is not None:
                origins[there[to]] = at
    return origins


def _group_lines(
    writer: CardWriter, line: Line, names: AbstractSet[str] = _OF_A_GROUP
) -> list[Line]:
    """Return the lines of these names that stand in the group of ``line``."""
    group = line.group.lower()
    return [
        other
        for other in writer.component.lines
        if group and other.group.lower() == group and other.name in names
    ]


def _shares_group(writer: CardWriter, line: Line) -> bool:
    """Say whether another property than this line and its label stands in the group."""
    group = line.group.lower()
    return bool(group) and any(
        other.group.lower() == group and other is not line and other.name not in _OF_A_GROUP
        for other in writer.component.lines
    )


def _drop_label(writer: CardWriter, line: Line) -> None:
    """Remove what belongs to a removed line alone: the label of its group."""
    if not _shares_group(writer, line):
        mates = _group_lines(writer, line)
        writer.owned.update(mate.name for mate in mates)
        writer.edit.remove(mates)


def _put_label(
    writer: CardWriter, line: Line | None, changed: Line, old: str, new: str
) -> list[Line]:
    """Return the lines of an entry once its label is ``new``."""
    if old == new:
        return [changed]
    writer.owned.add(LABEL)
    labels = _group_lines(writer, line, {LABEL}) if line is not None else []
    shared = line is not None and _shares_group(writer, line)
    if labels and not shared:
        if new:
            writer.edit.replace(labels[-1], writer.make(LABEL, writer.escape(new), labels[-1]))
        else:
            writer.edit.remove(labels)
        return [changed]
    group = changed.group
    if not group or shared:
        group = writer.free_group()
        changed = changed.regrouped(group, folded=not writer.old_style)
    if not new:
        return [changed]
    return [changed, writer.make("X-ABLabel", writer.escape(new), group=group)]


def _change_reach(name: str) -> Callable[[CardWriter, Line | None, Reach], Line]:
    """Return how a TEL, EMAIL or URL line comes to say an entry."""

    def change(writer: CardWriter, line: Line | None, entry: Reach) -> Line:
        value = line_breaks(entry.value)
        if line is None or reach_value(line) != value:
            raw = value.replace("\\", "\\\\") if name == "URL" else writer.escape(value)
            line = writer.make(name, raw, line, {} if name == "URL" else {"VALUE": None})
        return writer.set_types(line, entry.types, entry.pref)

    return change


def _change_address(writer: CardWriter, line: Line | None, entry: CardAddress) -> Line:
    """Return how an ADR line comes to say an entry; what a view has no word for is kept."""
    raws = split_parts(line, ADR_PARTS)
    before = read_address(writer.card, line) if line is not None else None
    old, new = before.address if before else Address(country=""), entry.address
    for at, field in _ADR_FIELDS:
        text = line_breaks(getattr(new, field))
        if getattr(old, field) != text:
            raws[at] = writer.escape(text)
            if field == "complement":
                raws[0] = ""
    if line is None or old != new:
        # LABEL is the same address in another form (RFC 6350, 6.3.1): the old one.
        line = writer.make("ADR", ";".join(raws), line, {"LABEL": None})
    return writer.set_types(line, entry.types, types_of(line)[1])


def _bare_address(entry: CardAddress) -> CardAddress:
    """Return the entry with only what ADR has a place for."""
    address = entry.address
    return attrs.evolve(
        entry,
        address=Address(
            street=address.street,
            complement=address.complement,
            postcode=address.postcode,
            city=address.city,
            country=address.country,
        ),
    )


def put_reaches(writer: CardWriter, name: str, old: Sequence[Reach], new: Sequence[Reach]) -> None:
    """Set TEL, EMAIL or URL."""
    if new != old:
        kind = _Kind[Reach](name, read_reach, lambda entry: entry.value, _change_reach(name))
        _put_entries(writer, kind, new)


def put_addresses(
    writer: CardWriter, old: Sequence[CardAddress], new: Sequence[CardAddress]
) -> None:
    """Set ADR."""
    if new != old:
        kind = _Kind[CardAddress]("ADR", read_address, lambda entry: entry.address, _change_address)
        _put_entries(writer, kind, [_bare_address(entry) for entry in new])


def put_geo(writer: CardWriter, old: Geo | None, new: Geo | None) -> None:
    """Set GEO: ``geo:lat,lon`` in 4.0, ``lat;lon`` before."""
    if old == new:
        return
    if new is None:
        writer.remove("GEO")
        return
    latitude, longitude = (f"{Decimal(repr(x)):f}" for x in (new.latitude, new.longitude))
    mark = ("geo:", ",") if writer.card.version == "4.0" else ("", ";")
    writer.set("GEO", f"{mark[0]}{latitude}{mark[1]}{longitude}")


def put_kind(writer: CardWriter, old: ContactKind, new: ContactKind) -> None:
    """Set the kind in the card's dialect: KIND, or Apple's two properties in 3.0."""
    if old is new:
        return
    if writer.component.first("KIND") is not None or writer.card.version == "4.0":
        writer.set("KIND", new.value)
        return
    shown = new is ContactKind.ORG
    writer.remove(*([APPLE_KIND] if shown else [APPLE_SHOW_AS]))
    if shown:
        writer.set(APPLE_SHOW_AS, "COMPANY")
    elif new is ContactKind.INDIVIDUAL:
        writer.remove(APPLE_KIND)
    else:
        writer.set(APPLE_KIND, new.value)


def put_uris(writer: CardWriter, name: str, lines: Sequence[Line], new: Sequence[str]) -> None:
    """Set MEMBER or RELATED: an entry that stays keeps its line."""
    lines = [line for line in lines if uri_of(line)]
    old = [uri_of(line) for line in lines]
    wanted = [uri for uri in (line_breaks(text).strip() for text in new) if uri]
    if old == wanted:
        return
    writer.owned.add(lines[0].name if lines else name)
    matched, left = match(old, wanted)
    origins: dict[int, int] = {to: at for at, to in enumerate(matched) if to is not None}
    # A changed value takes the line, with its parameters, of one that is gone.
    gone = [at for at, to in enumerate(matched) if to is None]
    reused = dict(zip(left, gone, strict=False)) if len(gone) == len(left) else {}
    entries: list[tuple[int | None, Sequence[Line]]] = []
    for at, uri in enumerate(wanted):
        if at in origins:
            entries.append((origins[at], [lines[origins[at]]]))
            continue
        line = lines[reused[at]] if at in reused else None
        made = writer.make(name, uri.replace("\\", "\\\\"), line)
        entries.append((reused.get(at), [made]))
    writer.edit.arrange(writer.component, lines, entries)


def member_name(writer: CardWriter) -> str:
    """Return the property that names members in this card."""
    lines = member_lines(writer.component)
    if lines:
        return lines[0].name
    return "MEMBER" if writer.card.version == "4.0" else "X-ADDRESSBOOKSERVER-MEMBER"
