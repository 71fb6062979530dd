# SPDX-License-Identifier: Apache-2.0
"""What the lenses of Atom entries and RSS items share."""

from __future__ import annotations

import abc
import datetime as dt
from typing import Any, ClassVar, Final

import attrs

from territoire_sante.errors import FormatError
from territoire_sante.formats._document import Document
from territoire_sante.formats.feed._edit import Edits, element, text_of
from territoire_sante.formats.feed._values import EPOCH, first_shown
from territoire_sante.formats.feed._vocabulary import (
    FIELDS,
    NAMESPACE,
    ONE_LINE,
    PREFIX,
    TEXTS,
    announcement,
    changed_fields,
    contact_from,
    contact_texts,
    entry_id,
    exact_text,
    extension_text,
    from_extension,
    with_uid,
)
from territoire_sante.formats.feed._xml import Name, Node, XmlSource, parse_xml
from territoire_sante.model import Announcement

#: Written in every new entry, so that it says itself what a reader would have to assume.
#: An Atom entry without a link must have a content (RFC 4287, 4.1.2).
_ALWAYS: Final = frozenset({"uid", "title", "category", "severity", "language"})


def ours(local: str) -> Name:
    """Return a name of our own namespace."""
    return NAMESPACE, local


@attrs.frozen
class XmlLens(abc.ABC):
    """
    Reads and writes one element; what differs between Atom and RSS is left to them.

    ``zone`` is where the days of publication begin (IANA name).
    """

    zone: str = "Europe/Paris"

    view: ClassVar[type[Announcement]] = Announcement
    fields: ClassVar[frozenset[str]] = frozenset(FIELDS)
    media_type: ClassVar[str]

    def get(self, document: Document) -> Announcement:
        """
        Return the announcement that the entry tells.

        Raises:
            FormatError: it is not one such entry; it names the line.
        """
        source = self._parsed(document)
        values = {**self._extension(source.root), **self._core(source)}
        exact = text_of(source.root.first(ours("publish_from")), one_line=True)
        values["publish_from"] = first_shown(values["publish_from"], exact)
        uid = text_of(source.root.first(ours("uid")), one_line=True)
        return announcement({**values, "uid": uid or values["uid"]})

    def put(
        self,
        view: Announcement,
        document: Document | None = None,
        *,
        now: dt.datetime | None = None,
    ) -> Document:
        """
        Return the entry with the changed fields of ``view``, or a new entry.

        Raises:
            FormatError: a text cannot stand in XML, or the contact is not public.
        """
        new = document is None
        before = document or Document(self._blank(now or EPOCH), self.media_type)
        source = self._parsed(before)
        wanted = with_uid(view)
        changed = changed_fields(self.get(before), wanted)
        if new:
            changed |= _ALWAYS if wanted.url else _ALWAYS | {"body"}
        if not changed:
            return before
        if not self.identifier(source.root):
            changed.add("uid")
        if "publish_from" in changed:
            # An end that was ignored, being before the beginning, must not come back to life.
            changed.add("publish_until")
        edits = Edits(source)
        for field in FIELDS:
            if field in changed:
                self._write(edits, source, field, wanted)
        if now is not None and not new:
            self._touch(edits, now)
        return Document(edits.result(), before.media_type)

    @abc.abstractmethod
    def accepts(self, root: Node) -> bool:
        """Say whether ``root`` is the element that this lens reads."""

    @abc.abstractmethod
    def _blank(self, now: dt.datetime) -> bytes:
        """Return an entry without content."""

    @abc.abstractmethod
    def _core(self, source: XmlSource) -> dict[str, Any]:
        """
        Return the fields for which the format has its own elements; ``uid`` among them.

        ``publish_from`` is the time as it is written, ``None`` if there is none.
        """

    @abc.abstractmethod
    def identifier(self, root: Node) -> str:
        """Return the identifier that the entry names, empty if it has none."""

    @abc.abstractmethod
    def _write_core(self, edits: Edits, source: XmlSource, field: str, view: Announcement) -> None:
        """Write a field for which the format has its own elements."""

    @abc.abstractmethod
    def _touch(self, edits: Edits, now: dt.datetime) -> None:
        """Note that the entry was changed."""

    def _parsed(self, document: Document) -> XmlSource:
        source = document.parsed(parse_xml)
        if not self.accepts(source.root):
            local = source.root.name[1]
            raise FormatError(f"<{local}> is not what this lens reads", line=source.root.line)
        return source

    def _extension(self, root: Node) -> dict[str, Any]:
        texts = {
            name: text_of(node, one_line=name in ONE_LINE)
            for name in TEXTS
            if (node := root.first(ours(name))) is not None
        }
        values = from_extension(texts)
        values["audience"] = tuple(
            text_of(node, one_line=True) for node in root.all(ours("commune"))
        )
        contact = root.first(ours("contact"))
        if contact is not None:
            rest = {local: value for (_, local), value in contact.attributes.items()}
            values["contact"] = contact_from(text_of(contact, one_line=True), rest)
        return values

    def _write(self, edits: Edits, source: XmlSource, field: str, view: Announcement) -> None:
        prefix, declared = edits.foreign(NAMESPACE, PREFIX)
        if field in TEXTS:
            text = extension_text(view, field)
            edits.put(
                ours(field),
                None
                if text is None
                else element(
                    prefix + field, text, declared, field=field, one_line=field in ONE_LINE
                ),
            )
        elif field == "audience":
            edits.remove(ours("commune"))
            for code in view.audience:
                edits.append(
                    element(f"{prefix}commune", code, declared, field=field, one_line=True)
                )
        elif field == "contact":
            told = contact_texts(view)
            edits.put(
                ours("contact"),
                told
                and element(
                    f"{prefix}contact", told[0], {**declared, **told[1]}, field=field, one_line=True
                ),
            )
        else:
            if field == "uid":
                self._write_uid(edits, view, prefix, declared)
            elif field == "publish_from":
                self._write_exact(edits, view, prefix, declared)
            self._write_core(edits, source, field, view)

    def _write_uid(
        self, edits: Edits, view: Announcement, prefix: str, declared: dict[str, str]
    ) -> None:
        same = entry_id(view.uid) == view.uid
        edits.put(
            ours("uid"),
            None
            if same
            else element(f"{prefix}uid", view.uid, declared, field="uid", one_line=True),
        )

    def _write_exact(
        self, edits: Edits, view: Announcement, prefix: str, declared: dict[str, str]
    ) -> None:
        field = "publish_from"
        text = exact_text(view)
        edits.put(
            ours(field),
            text and element(prefix + field, text, declared, field=field, one_line=True),
        )
