# SPDX-License-Identifier: Apache-2.0
"""A card in another version of vCard."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import Final

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.formats._contentline_document import ContentDocument
from territoire_sante.formats._contentline_edit import Edit
from territoire_sante.formats._contentline_head import decode
from territoire_sante.formats._contentline_line import Line, make_line
from territoire_sante.formats._contentline_text import escape, split_escaped, unescape, visible
from territoire_sante.formats._document import Document
from territoire_sante.formats._interop_compare import is_name
from territoire_sante.formats._value_types import vcard_kind
from territoire_sante.formats._vcard_contact import MEDIA_TYPE
from territoire_sante.formats._vcard_read import (
    APPLE_KIND,
    APPLE_MEMBER,
    APPLE_SHOW_AS,
    NOT_TYPES,
    Card,
    content_of,
    find_card,
    read_contact,
    types_of,
)
from territoire_sante.formats._vcard_rules import Entry, apply_rules, read_entry
from territoire_sante.formats._vcard_versions import VERSIONS, undefined
from territoire_sante.formats._vcard_write import CardWriter
from territoire_sante.model import Contact

_OLD: Final = "2.1"
_NEW: Final = "4.0"
_RANK_DIGITS: Final = 4
# What programs compare byte for byte is never put in quoted-printable.
_PLAIN: Final = frozenset({"UID", "GEO", "KIND", APPLE_KIND, APPLE_SHOW_AS})
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


@attrs.frozen
class Converted:
    """
    A card in its new version.

    ``unsaid`` names what the standard of this version does not define (``GENDER``,
    ``TEL;TYPE=msg``); it is kept in the card all the same, where other programs may overlook it.
    Left out, and named here too, are only types and parameters that cannot be spelled in it.
    """

    document: Document
    unsaid: tuple[str, ...] = ()


def convert(document: Document | ContentDocument, version: str) -> Converted:
    """
    Return the card in ``document`` as vCard ``version`` (``"2.1"``, ``"3.0"`` or ``"4.0"``), UTF-8.

    Lines that are the same in both versions keep their bytes. A missing FN is made of the
    name, organisation or address, a missing N is left empty, where the version asks for them.

    Raises:
        InvalidValueError: another version.
        FormatError: no card, or several.
        UnsupportedError: the card is never closed.
    """
    if version not in VERSIONS:
        raise InvalidValueError(
            f"there is no vCard {version!r}", where="version", remedy="Give 2.1, 3.0 or 4.0"
        )
    content = content_of(document)
    card = find_card(content)
    Edit(content).need_closed(card.component)
    given = card.component.first("VERSION")
    if given is not None and given.value.strip() == version:
        return Converted(Document(content.to_bytes(), MEDIA_TYPE))
    return _Conversion(card, version).run()


@attrs.define
class _Conversion:
    """One card on its way to another version."""

    card: Card
    target: str
    _unsaid: dict[str, None] = attrs.Factory(dict)
    #: LABEL lines that become a parameter, by the identity of their ADR line.
    _labels: dict[int, Line] = attrs.Factory(dict)

    def run(self) -> Converted:
        """Return the whole card in its new version."""
        content, component = self.card.content, self.card.component
        own = {id(line) for line in component.lines}
        self._match_labels()
        out = [
            self._foreign(component.begin),
            make_line("VERSION", self.target, eol=content.eol),
        ]
        for line in content.lines[component.start + 1 : component.stop - 1]:
            if id(line) in own and line.name:
                out.extend(self._convert(line))
            else:
                out.append(self._foreign(line))
        out.extend(self._missing())
        out.append(self._foreign(content.lines[component.stop - 1]))
        data = b"".join([line.raw for line in out])
        return Converted(Document(data, MEDIA_TYPE), tuple(self._unsaid))

    def _foreign(self, line: Line) -> Line:
        """Return a line that is no property of this card, in UTF-8: blank, unreadable, inner."""
        text = decode(line.text)
        if text.strip() and not line.name:
            self._unsaid["a line that cannot be read"] = None
            # Not left out: without them the line might be read as something.
            text = _CONTROL.sub("?", text)
        return Line.of(visible(text).replace("\n", " ").encode() + self.card.content.eol)

    def _match_labels(self) -> None:
        """Find the address whose label each LABEL is: of the same group and types."""
        if self.target != _NEW:
            return
        free = [line for line in self.card.component.all("ADR") if not line.param("LABEL")]
        for label in self.card.component.all("LABEL"):
            for line in free:
                same = line.group.lower() == label.group.lower() or not label.group
                if same and set(types_of(line)[0]) == set(types_of(label)[0]):
                    self._labels[id(line)] = label
                    free.remove(line)
                    break

    def _convert(self, line: Line) -> Iterator[Line]:
        """Yield what the line of one property becomes."""
        if line.name == "VERSION" or line in self._labels.values():
            return
        entry = read_entry(line, self.card.version)
        self._rename(entry, line)
        apply_rules(entry, self.target)
        label = self._labels.get(id(line))
        if label is not None:
            entry.put("LABEL", unescape(read_entry(label, self.card.version).raw))
        for one in (entry, *entry.extra):
            self._unsaid.update(dict.fromkeys(undefined(self.target, one.name, one.params)))
            self._unsaid.update(dict.fromkeys(one.unsaid))
            if self.target == _OLD:
                yield from self._old(one)
            elif one is entry and _unchanged(one, line):
                yield line
            else:
                yield self._modern(one)

    def _rename(self, entry: Entry, line: Line) -> None:
        """Change between KIND and MEMBER, and the names that Apple gave them in 3.0."""
        has = self.card.component.index
        if self.target == _NEW:
            if entry.name == APPLE_KIND and "KIND" not in has:
                entry.name = entry.spelled = "KIND"
            elif entry.name == APPLE_MEMBER and "MEMBER" not in has:
                entry.name = entry.spelled = "MEMBER"
            elif self._shows_company(entry, line):
                entry.name, entry.spelled, entry.raw = "KIND", "KIND", "org"
        elif entry.name == "KIND" and APPLE_KIND not in has:
            alone = len(has["KIND"]) == 1 and APPLE_SHOW_AS not in has
            if alone and entry.raw.strip().lower() == "org":
                entry.name, entry.spelled, entry.raw = APPLE_SHOW_AS, "X-ABShowAs", "COMPANY"
            else:
                entry.name = entry.spelled = APPLE_KIND
        elif entry.name == "MEMBER" and APPLE_MEMBER not in has:
            entry.name = entry.spelled = APPLE_MEMBER

    def _shows_company(self, entry: Entry, line: Line) -> bool:
        """Say whether this line is what makes the card that of an organisation."""
        has = self.card.component.index
        return (
            entry.name == APPLE_SHOW_AS
            and entry.raw.strip().upper() == "COMPANY"
            and has[APPLE_SHOW_AS][0] is line
            and not has.keys() & {"KIND", APPLE_KIND}
        )

    def _modern(self, entry: Entry) -> Line:
        """Return an entry as a line of 3.0 or 4.0."""
        params, raw = list(entry.params), entry.raw
        if entry.data is not None:
            params.append(("ENCODING", ("b",)))
            raw = binascii.b2a_base64(entry.data, newline=False).decode()
        return make_line(
            entry.spelled, raw, params=params, group=entry.group, eol=self.card.content.eol
        )

    def _old(self, entry: Entry) -> Iterator[Line]:
        """Yield the lines of an entry in 2.1: bare types, quoted-printable, bytes, a blank."""
        content = self.card.content
        writer = CardWriter(edit=Edit(content), card=self.card._replace(version=_OLD, labels={}))
        words = [one for one in entry.types if is_name(one) and one.upper() not in NOT_TYPES]
        if len(words) < len(entry.types):
            self._unsaid[f"{entry.name}: a type that is no word"] = None
        if entry.data is not None:
            params = [one for one in entry.params if one[0] != "TYPE"]
            params += [(word.upper(), ()) for word in words]
            raw = binascii.b2a_base64(entry.data, newline=False).decode()
            params.append(("ENCODING", ("BASE64",)))
            yield make_line(entry.spelled, raw, params=params, group=entry.group, eol=content.eol)
            yield Line.of(content.eol)
            return
        changes = {key: values for key, values in entry.params if key not in ("TYPE", "PREF")}
        if changes.get("VALUE") == ("uri",):
            changes["VALUE"] = ("URL",)
        if entry.name in _PLAIN:
            given = list(changes.items())
            yield make_line(
                entry.spelled, entry.raw, params=given, group=entry.group, eol=content.eol
            )
            return
        line = writer.make(entry.spelled, _old_value(writer, entry), None, {**changes}, entry.group)
        rank = entry.get("PREF")
        pref = int(rank) if rank.isascii() and rank.isdigit() and len(rank) < _RANK_DIGITS else 0
        plain = [word.lower() for word in words if word.lower() != "pref"]
        yield writer.set_types(line, plain, 1 if len(plain) < len(words) else pref)

    def _missing(self) -> Iterator[Line]:
        """Yield FN or N where the version asks for it and the card has none."""
        first, eol = self.card.component.first, self.card.content.eol
        if self.target != _OLD and first("FN") is None:
            yield make_line("FN", escape(_name_of(read_contact(self.card))), eol=eol)
        if self.target != _NEW and first("N") is None:
            yield make_line("N", ";;;;", eol=eol)


def _unchanged(entry: Entry, line: Line) -> bool:
    """Say whether a line can stay as it is, byte for byte."""
    if entry.data is not None or not line.head.simple or not line.eol:
        return False
    try:
        line.text.decode()
    except UnicodeDecodeError:
        return False
    now = (entry.name, entry.params, entry.raw)
    return now == (line.name, list(line.params), line.value)


def _old_value(writer: CardWriter, entry: Entry) -> str:
    kind = vcard_kind(entry.name, entry.get("VALUE"))
    if kind.parts:
        parts = split_escaped(entry.raw, ";")
        return ";".join(writer.escape(unescape(part)) for part in parts)
    if kind.type == "text" and not kind.listed:
        return writer.escape(unescape(entry.raw))
    return entry.raw


def _name_of(contact: Contact) -> str:
    """Return what a card without FN is best called, empty if nothing tells."""
    name = " ".join(part for part in (contact.name.given, contact.name.family) if part)
    reaches = [reach.value for reach in (*contact.emails, *contact.telephones)]
    return next(filter(None, (name, " ".join(contact.organisation), *reaches)), "")
