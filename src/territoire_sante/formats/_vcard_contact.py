# SPDX-License-Identifier: Apache-2.0
"""The lens between cards and contacts."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.formats._contentline_document import ContentDocument
from territoire_sante.formats._contentline_edit import Edit
from territoire_sante.formats._contentline_lists import put_categories
from territoire_sante.formats._contentline_text import line_breaks
from territoire_sante.formats._document import Document
from territoire_sante.formats._vcard_read import (
    N_PARTS,
    member_lines,
    read,
    split_parts,
    whole_content,
)
from territoire_sante.formats._vcard_write import (
    CardWriter,
    member_name,
    put_addresses,
    put_geo,
    put_kind,
    put_reaches,
    put_uris,
)
from territoire_sante.model import Contact, PersonName

MEDIA_TYPE: Final = "text/vcard"
_VERSIONS: Final = ("3.0", "4.0")
_N_FIELDS: Final = ("family", "given", "additional", "prefix", "suffix")


@attrs.frozen(kw_only=True)
class ContactLens:
    """
    Cards to :class:`~territoire_sante.model.Contact` and back, in version 2.1, 3.0 or 4.0.

    A card keeps the version it has; ``version`` (3.0 or 4.0) is that of new ones.
    """

    version: str = "3.0"

    def __attrs_post_init__(self) -> None:
        if self.version not in _VERSIONS:
            raise InvalidValueError(
                f"new cards cannot be of version {self.version!r}",
                where="version",
                remedy="Give 3.0 or 4.0",
            )

    @property
    def view(self) -> type[Contact]:
        """Contacts."""
        return Contact

    @property
    def media_type(self) -> str:
        """``text/vcard``."""
        return MEDIA_TYPE

    @property
    def fields(self) -> frozenset[str]:
        """All fields of a contact."""
        return frozenset(field.name for field in attrs.fields(Contact))

    def get(self, document: Document | ContentDocument) -> Contact:
        """
        Return the contact on the card in ``document``.

        Raises:
            FormatError: no card, or several.
        """
        return read(document)[1]

    def require_whole(self, document: Document | ContentDocument) -> None:
        """
        Return if the card has its END.

        Raises:
            FormatError: it has none, so that it may be cut short.
        """
        whole_content(document).require_whole()

    def put(
        self,
        view: Contact,
        document: Document | ContentDocument | None = None,
        *,
        now: dt.datetime | None = None,
    ) -> Document:
        """
        Return ``document`` with the changed fields of ``view``, or a new card.

        ``now`` sets REV when something changes. Of an address, what ADR has no place for
        (INSEE code, BAN key, position) is not written.

        Raises:
            FormatError: the view cannot be said in this format, or the document not be read.
        """
        if document is None:
            source = Document(_skeleton(self.version), MEDIA_TYPE)
        elif isinstance(document, ContentDocument):
            source = Document(document.to_bytes(), MEDIA_TYPE)
        else:
            source = document
        card, old = read(source)
        writer = CardWriter(edit=Edit(card.content), card=card)
        _put(writer, old, view)
        if writer.edit.empty:
            return source
        if now is not None:
            stamp = now.astimezone(dt.UTC).replace(microsecond=0)
            form = "%Y%m%dT%H%M%SZ" if card.version == "4.0" else "%Y-%m-%dT%H:%M:%SZ"
            writer.set("REV", stamp.strftime(form))
        data = writer.edit.to_bytes(writer.owned)
        return Document(data, source.media_type)


def _skeleton(version: str) -> bytes:
    name = "N:;;;;\r\n" if version == "3.0" else ""
    return f"BEGIN:VCARD\r\nVERSION:{version}\r\n{name}FN:\r\nEND:VCARD\r\n".encode()


def _put_uid(writer: CardWriter, old: str, new: str) -> None:
    uid = new.strip()
    if uid == old:
        return
    if uid:
        writer.set("UID", uid)
    else:
        writer.remove("UID")


def _put_name(writer: CardWriter, old: PersonName, new: PersonName) -> None:
    """Set N; components that stay keep their escapes, commas separate several values."""
    raws = split_parts(writer.component.first("N"), N_PARTS)
    for at, field in enumerate(_N_FIELDS):
        text = line_breaks(getattr(new, field))
        if getattr(old, field) != text:
            raws[at] = writer.escape(text).replace("\\,", ",")
    writer.parts("N", raws, required=writer.card.version != "4.0")


def _put_organisation(writer: CardWriter, old: Sequence[str], new: Sequence[str]) -> None:
    raws = split_parts(writer.component.first("ORG"), 0)
    written = [
        raws[at] if at < len(old) and old[at] == text else writer.escape(text)
        for at, text in enumerate(new)
    ]
    writer.parts("ORG", written)


def _put_categories(writer: CardWriter, _: Sequence[str], new: Sequence[str]) -> None:
    if put_categories(writer.edit, writer.component, new):
        writer.owned.add("CATEGORIES")


def _put_members(writer: CardWriter, _: Sequence[str], new: Sequence[str]) -> None:
    put_uris(writer, member_name(writer), member_lines(writer.component), new)


def _put_related(writer: CardWriter, _: Sequence[str], new: Sequence[str]) -> None:
    put_uris(writer, "RELATED", writer.component.all("RELATED"), new)


# How each field of a contact is set, given (writer, old value, new value), in this order.
_PUTS: Final[Mapping[str, Callable[[CardWriter, Any, Any], None]]] = {
    "uid": _put_uid,
    "formatted_name": lambda writer, old, new: writer.text("FN", old, new, required=True),
    "name": _put_name,
    "kind": put_kind,
    "organisation": _put_organisation,
    "title": lambda writer, old, new: writer.text("TITLE", old, new),
    "role": lambda writer, old, new: writer.text("ROLE", old, new),
    "telephones": lambda writer, old, new: put_reaches(writer, "TEL", old, new),
    "emails": lambda writer, old, new: put_reaches(writer, "EMAIL", old, new),
    "urls": lambda writer, old, new: put_reaches(writer, "URL", old, new),
    "addresses": put_addresses,
    "geo": put_geo,
    "note": lambda writer, old, new: writer.text("NOTE", old, new),
    "categories": _put_categories,
    "members": _put_members,
    "related": _put_related,
}
_values = operator.attrgetter(*_PUTS)


def _put(writer: CardWriter, old: Contact, new: Contact) -> None:
    """Set the fields that differ."""
    for put, before, wanted in zip(_PUTS.values(), _values(old), _values(new), strict=True):
        # Of a view that was changed in one field, the others are the same objects.
        if before is not wanted and before != wanted:
            put(writer, before, wanted)
