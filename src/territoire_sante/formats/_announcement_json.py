# SPDX-License-Identifier: Apache-2.0
"""Announcements as JSON objects, for programs that take files and for texts that people copy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

import attrs

from territoire_sante.errors import FormatError, InvalidValueError
from territoire_sante.formats import record
from territoire_sante.formats._document import Document
from territoire_sante.formats.feed._values import parse_when, when_text
from territoire_sante.model import (
    Announcement,
    AnnouncementCategory,
    Attachment,
    ContactPoint,
    ContactPointKind,
    LabelledEnum,
    Severity,
    Visibility,
    make_id,
)

_TEXTS: Final = ("uid", "title", "body", "title_short", "body_short", "language", "place", "url")
_WHENS: Final = ("publish_from", "publish_until", "event_start", "event_end")
_ENUMS: Final[Mapping[str, type[LabelledEnum]]] = {
    "category": AnnouncementCategory,
    "severity": Severity,
}


def _nothing(view: Announcement) -> Mapping[str, Any]:
    del view
    return {}


@attrs.frozen
class AnnouncementJson:
    """
    Reads and writes one JSON object, with a member for each field that is not at its default.

    ``derive`` gives further members from an announcement, such as a text made of it; they are
    written anew when something changes, and never read. It may refuse the announcement.
    Members that are nobody's stay.

    >>> from territoire_sante.model import Announcement
    >>> lens = AnnouncementJson(lambda view: {"text": view.title.upper()})
    >>> document = lens.put(Announcement(id="announcement:1", uid="1", title="Marche"))
    >>> print(document.data.decode())
    {
      "uid": "1",
      "title": "Marche",
      "text": "MARCHE"
    }
    """

    derive: Callable[[Announcement], Mapping[str, Any]] = _nothing

    view: ClassVar[type[Announcement]] = Announcement
    media_type: ClassVar[str] = "application/json"
    fields: ClassVar[frozenset[str]] = frozenset(
        {*_TEXTS, *_WHENS, *_ENUMS, "audience", "attachments", "contact"}
    )

    def get(self, document: Document) -> Announcement:
        """
        Return the announcement of a document.

        Raises:
            FormatError: it is no JSON object with a uid, or a member has another form.
        """
        held = document.parsed(record.parse)
        uid = held.get("uid")
        if not isinstance(uid, str) or not uid:
            raise FormatError("an announcement without uid", where="uid")
        try:
            given = {name: _read(name, held[name]) for name in self.fields & held.keys()}
            return Announcement(id=make_id("announcement", uid), **given)
        except (InvalidValueError, TypeError, AttributeError, KeyError) as error:
            raise FormatError(f"a member is not of its form: {error}") from error

    def put(
        self,
        view: Announcement,
        document: Document | None = None,
        *,
        now: dt.datetime | None = None,  # noqa: ARG002 - the protocol's; there is no date to set
    ) -> Document:
        """
        Return the document with the changed fields of ``view``, or a new one.

        Raises:
            FormatError: the contact is not public, or a text is no Unicode text.
            AnnouncementRefusedError: what is derived refuses it.
        """
        wanted = view if view.uid else attrs.evolve(view, uid=view.id.partition(":")[2])
        if document is None:
            held: dict[str, Any] = {}
        else:
            held = dict(document.parsed(record.parse))
            before = self.get(document)
            if all(_same(getattr(before, name), getattr(wanted, name)) for name in self.fields):
                return document
        for name in ORDER:
            value = getattr(wanted, name)
            if value == getattr(_DEFAULTS, name) and name != "uid":
                held.pop(name, None)
            else:
                held[name] = _plain(name, value)
        held.update(self.derive(wanted))
        return record.document(held, self.media_type)


#: The order of the members of a new object.
ORDER: Final = (*_TEXTS[:5], *_ENUMS, *_TEXTS[5:], *_WHENS, "audience", "attachments", "contact")

_DEFAULTS: Final = Announcement(id="announcement:default")


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dt.datetime) and isinstance(other, dt.datetime):
        return when_text(one) == when_text(other)
    return bool(one == other)


def _read(name: str, value: Any) -> Any:
    if name in _TEXTS and isinstance(value, str):
        return value
    if name in _ENUMS:
        return _member(_ENUMS[name], value)
    if name in _WHENS:
        return _when(name, value)
    if name == "audience" and all(isinstance(code, str) for code in value):
        return tuple(value)
    if name == "attachments":
        return tuple(Attachment(**given) for given in value)
    if name == "contact":
        kind = _member(ContactPointKind, value["kind"])
        rest = {**value, "kind": kind, "visibility": Visibility.PUBLIC}
        if isinstance(rest.get("verified_on"), str):
            rest["verified_on"] = _when("verified_on", rest["verified_on"])
        return ContactPoint(**rest)
    raise InvalidValueError("it is no text", where=name)


def _member(cls: type[LabelledEnum], value: Any) -> LabelledEnum:
    try:
        return cls(value)
    except ValueError as error:
        raise InvalidValueError(f"{value!r} is none of its words", where=cls.__name__) from error


def _when(name: str, value: Any) -> Any:
    when = parse_when(value) if isinstance(value, str) else None
    if when is None:
        raise InvalidValueError(f"{value!r} is no day and no time", where=name)
    return when


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, LabelledEnum):
        return value.value
    if isinstance(value, dt.date):
        return when_text(value)
    if name == "attachments":
        return [attrs.asdict(one) for one in value]
    if isinstance(value, ContactPoint):
        return _contact(value)
    return list(value) if name == "audience" else value


def _contact(contact: ContactPoint) -> Mapping[str, Any]:
    if contact.visibility is not Visibility.PUBLIC:
        raise FormatError(
            "what is published is public, this contact is not",
            where="contact",
            remedy="Leave the contact out, or give it the visibility PUBLIC",
        )
    bare = ContactPoint(kind=contact.kind, value=contact.value, visibility=Visibility.PUBLIC)
    told: dict[str, Any] = {"kind": contact.kind.value, "value": contact.value}
    for name in ("label", "rank"):
        if getattr(contact, name) != getattr(bare, name):
            told[name] = getattr(contact, name)
    if contact.verified_on is not None:
        told["verified_on"] = contact.verified_on.isoformat()
    return told
