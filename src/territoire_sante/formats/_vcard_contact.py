# SPDX-License-Identifier: Apache-2.0
"""The lens between cards and contacts."""

from __future__ import annotations

import datetime as dt
from typing import Final

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
from territoire_sante.model import Contact

MEDIA_TYPE: Final = "text/vcard"
_VERSIONS: Final = ("3.0", "4.0")
_N_FIELDS: Final = ("family", "given", "additional", "prefix", "suffix")


@attrs.frozen(kw_only=True)
class ContactLens:
    """
    Cards to :class:`Contact` and back, in version 2.1, 3.0 or 4.0.

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
        data = writer.edit.apply(writer.owned).to_bytes()
        return Document(data, source.media_type)


def _skeleton(version: str) -> bytes:
    name = "N:;;;;\r\n" if version == "3.0" else ""
    return f"BEGIN:VCARD\r\nVERSION:{version}\r\n{name}FN:\r\nEND:VCARD\r\n".encode()


def _put(writer: CardWriter, old: Contact, new: Contact) -> None:
    uid = new.uid.strip()
    if uid != old.uid:
        if uid:
            writer.set("UID", uid)
        else:
            writer.remove("UID")
    writer.text("FN", old.formatted_name, new.formatted_name, required=True)
    _put_name(writer, old, new)
    put_kind(writer, old.kind, new.kind)
    _put_organisation(writer, old, new)
    writer.text("TITLE", old.title, new.title)
    writer.text("ROLE", old.role, new.role)
    put_reaches(writer, "TEL", old.telephones, new.telephones)
    put_reaches(writer, "EMAIL", old.emails, new.emails)
    put_reaches(writer, "URL", old.urls, new.urls)
    put_addresses(writer, old.addresses, new.addresses)
    put_geo(writer, old.geo, new.geo)
    writer.text("NOTE", old.note, new.note)
    if new.categories != old.categories and put_categories(
        writer.edit, writer.component, new.categories
    ):
        writer.owned.add("CATEGORIES")
    if new.members != old.members:
        put_uris(writer, member_name(writer), member_lines(writer.component), new.members)
    if new.related != old.related:
        put_uris(writer, "RELATED", writer.component.all("RELATED"), new.related)


def _put_name(writer: CardWriter, old: Contact, new: Contact) -> None:
    """Set N; components that stay keep their escapes, commas separate several values."""
    if old.name == new.name:
        return
    raws = split_parts(writer.component.first("N"), N_PARTS)
    for at, field in enumerate(_N_FIELDS):
        text = line_breaks(getattr(new.name, field))
        if getattr(old.name, field) != text:
            raws[at] = writer.escape(text).replace("\\,", ",")
    writer.parts("N", raws, required=writer.card.version != "4.0")


def _put_organisation(writer: CardWriter, old: Contact, new: Contact) -> None:
    if old.organisation == new.organisation:
        return
    raws = split_parts(writer.component.first("ORG"), 0)
    before = old.organisation
    written = [
        raws[at] if at < len(before) and before[at] == text else writer.escape(text)
        for at, text in enumerate(new.organisation)
    ]
    writer.parts("ORG", written)
