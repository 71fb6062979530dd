# SPDX-License-Identifier: Apache-2.0
"""Announcements as CAP 1.2 alerts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

import attrs

from territoire_sante.errors import FormatError, UnsupportedError
from territoire_sante.formats._document import Document
from territoire_sante.formats.cap._contact import read_contact, write_contact
from territoire_sante.formats.cap._edit import Edits
from territoire_sante.formats.cap._message import MEDIA_TYPE, identifier_base
from territoire_sante.formats.cap._read import (
    children,
    is_parameter,
    is_signed,
    parameters,
    parsed,
    text,
    time_text,
    told_time,
    word,
)
from territoire_sante.formats.cap._words import (
    INSEE,
    NAMESPACE,
    PARAMETER,
    TO_CAP,
    category_of,
)
from territoire_sante.formats.feed._values import parse_when, when_text
from territoire_sante.formats.feed._xml import Node
from territoire_sante.model import (
    Announcement,
    Attachment,
    CapCertainty,
    CapSeverity,
    CapUrgency,
    LabelledEnum,
    Severity,
    When,
    ends_before,
    make_id,
    shown_from,
    shown_until,
)

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_UNTYPED: Final = "application/octet-stream"
_LANGUAGE: Final = re.compile(r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*")
_LEVELS: Final[Mapping[str, tuple[str, type[LabelledEnum]]]] = {
    "cap_urgency": ("urgency", CapUrgency),
    "cap_severity": ("severity", CapSeverity),
    "cap_certainty": ("certainty", CapCertainty),
}
_TIMES: Final = {"publish_from": "effective", "event_start": "onset", "publish_until": "expires"}
_BLANK: Final = (
    *('<?xml version="1.0" encoding="UTF-8"?>', f'<alert xmlns="{NAMESPACE}">'),
    *("  <identifier/>", "  <sender/>", "  <sent/>", "  <status/>"),
    *("  <msgType>Alert</msgType>", "  <scope>Public</scope>", "  <info>"),
    *("    <language/>", "    <category/>", "    <event/>", "    <urgency/>", "    <severity/>"),
    *("    <certainty/>", "  </info>", "</alert>"),
)


@attrs.frozen(kw_only=True)
class CapLens:
    """
    Reads and writes one alert; of its several ``info`` the one in ``language``, else the first.

    A new alert has ``sender``, ``sender_name`` and ``status`` from here; who sends it
    really says :func:`alert`. ``names`` are those of communes by INSEE code, for the text that
    describes the area. ``zone`` (IANA) is where days and times without zone are.
    """

    sender: str = "unknown.invalid"
    sender_name: str = ""
    status: str = "Actual"
    language: str = "fr"
    zone: str = "Europe/Paris"
    names: Mapping[str, str] = attrs.field(factory=dict)

    view: ClassVar[type[Announcement]] = Announcement
    media_type: ClassVar[str] = MEDIA_TYPE
    fields: ClassVar[frozenset[str]] = frozenset(
        {
            *("uid", "title", "body", "category", "severity", "language", "audience", "place"),
            *("publish_from", "publish_until", "event_start", "event_end", "url", "attachments"),
            *("contact", *_LEVELS),
        }
    )

    def get(self, document: Document) -> Announcement:
        """
        Return the announcement that an alert tells.

        Raises:
            FormatError: it is no alert, or has neither identifier nor ``info``.
        """
        root = parsed(document).root
        info = self._info(root)
        own = parameters(info)
        uid = own.get("uid") or word(root, "identifier")
        if not uid:
            raise FormatError("an alert without identifier", line=root.line, where="identifier")
        codes = tuple(node.text.strip() for node in children(info, "category"))
        texts = (text(info, "description"), text(info, "instruction"))
        values: dict[str, Any] = {
            "title": text(info, "headline") or "",
            "body": "\n\n".join(part for part in texts if part),
            "category": category_of(codes, word(info, "event")),
            "severity": _one(Severity, own.get("severity", "")) or Severity.ALERT,
            "language": word(info, "language") or "en-US",
            "audience": tuple(dict.fromkeys(code for _, code in _communes(info))),
            "place": own.get("place", ""),
            "url": text(info, "web") or "",
            "attachments": tuple(map(_attachment, _files(info))),
            "contact": read_contact(text(info, "contact"), own.get("contact", "")),
            "event_end": parse_when(own.get("event_end", "")),
            **{name: self._when(info, own, name) for name in _TIMES},
            **{
                name: _one(cls, word(info, local)) or cls("Unknown")
                for name, (local, cls) in _LEVELS.items()
            },
        }
        start, end = values["publish_from"], values["publish_until"]
        if start is not None and end is not None and ends_before(start, end):
            values["publish_until"] = None
        return Announcement(id=make_id("announcement", uid), uid=uid, **values)

    def put(
        self,
        view: Announcement,
        document: Document | None = None,
        *,
        now: dt.datetime | None = None,
    ) -> Document:
        """
        Return the alert with the changed fields of ``view``, or a new alert sent at ``now``.

        What makes it a new message is not changed here: see :func:`update`.

        Raises:
            FormatError: a text cannot stand in XML, the language is none, or the contact is not
                public.
            UnsupportedError: the alert is signed, or one of its several ``info`` would change its
                language.
        """
        wanted = view if view.uid else attrs.evolve(view, uid=view.id.partition(":")[2])
        before = document or self._new(wanted, now or _EPOCH)
        old = self.get(before)
        changed = {name for name in self.fields if _told(old, name) != _told(wanted, name)}
        if document is None:
            changed = set(self.fields)
        if not changed:
            return before
        if changed & {"publish_from", "publish_until"}:
            # An end that was ignored, being before the beginning, must not come back to life.
            changed |= {"publish_from", "publish_until"}
        source = parsed(before)
        if is_signed(source):
            raise UnsupportedError(
                "a signed alert cannot be changed", remedy="Ask its sender for a new message"
            )
        edits = Edits(source)
        info = self._info(source.root)
        several = len(list(children(source.root, "info"))) > 1
        if several and wanted.language[:2].lower() != word(info, "language")[:2].lower():
            raise UnsupportedError(
                "one of several info would change its language",
                where="language",
                remedy="Make a new alert in that language",
            )
        for name, write in _WRITERS.items():
            if name in changed:
                write(self, edits, info, wanted)
        return Document(edits.result(), before.media_type)

    def _info(self, root: Node) -> Node:
        infos = list(children(root, "info"))
        if not infos:
            raise FormatError("an alert without info tells nothing", line=root.line, where="info")
        wanted = self.language[:2].lower()
        return next((one for one in infos if word(one, "language")[:2].lower() == wanted), infos[0])

    def _new(self, view: Announcement, now: dt.datetime) -> Document:
        source = parsed(Document("\n".join(_BLANK).encode(), MEDIA_TYPE))
        root, edits = source.root, Edits(source)
        info = self._info(root)
        edits.text(root, "identifier", identifier_base(view.uid))
        edits.text(root, "sender", self.sender)
        edits.text(root, "sent", time_text(now))
        edits.text(root, "status", self.status)
        edits.text(info, "senderName", self.sender_name or None)
        return Document(edits.result(), MEDIA_TYPE)

    def moment(self, name: str, when: When | None) -> str | None:
        """Return what stands in CAP for a day or a time: the instant, to the second."""
        instant: dt.datetime | None = None
        if name == "publish_from":
            one = Announcement(id="announcement:x", publish_from=when)
            instant = shown_from(one, zone=ZoneInfo(self.zone))
        elif name == "publish_until":
            one = Announcement(id="announcement:x", publish_until=when)
            instant = shown_until(one, zone=ZoneInfo(self.zone))
        elif isinstance(when, dt.datetime):
            instant = when if when.tzinfo else when.replace(tzinfo=ZoneInfo(self.zone))
        elif when is not None:
            instant = dt.datetime.combine(when, dt.time(), ZoneInfo(self.zone))
        return None if instant is None else time_text(instant)

    def _when(self, info: Node, own: Mapping[str, str], name: str) -> When | None:
        """Return the exact day or time, if it still is what the alert says, else that."""
        told = text(info, _TIMES[name])
        exact = parse_when(own[name]) if name in own else None
        if exact is not None and _aware_where_needed(name, exact):
            moment = self.moment(name, exact)
            if moment == (told.strip() if told else None):
                return exact
        return told_time(info, _TIMES[name])


def _aware_where_needed(name: str, when: When) -> bool:
    floats = isinstance(when, dt.datetime) and when.tzinfo is None
    return not floats or not name.startswith("publish")


def _one(cls: type[LabelledEnum], value: str) -> Any:
    return next((one for one in cls if one.value == value), None)


def _told(view: Announcement, name: str) -> Any:
    value = getattr(view, name)
    return when_text(value) if isinstance(value, dt.date) else value


def _communes(info: Node) -> list[tuple[Node, str]]:
    """Return each area with the INSEE code of a commune that it names."""
    return [
        (area, word(code, "value"))
        for area in children(info, "area")
        for code in children(area, "geocode")
        if word(code, "valueName") == INSEE
    ]


def _files(info: Node) -> list[Node]:
    return [one for one in children(info, "resource") if word(one, "uri")]


def _attachment(resource: Node) -> Attachment:
    size, kind = word(resource, "size"), word(resource, "mimeType")
    number = int(size) if size.isascii() and size.isdigit() and len(size) < 16 else 0  # noqa: PLR2004 - above the size of any file
    return Attachment(
        url=text(resource, "uri") or "",
        media_type="" if kind == _UNTYPED else kind,
        size=number,
        alt=text(resource, "resourceDesc") or "",
    )


def _put_parameter(edits: Edits, info: Node, name: str, value: str | None) -> None:
    pair = (("valueName", PARAMETER + name), ("value", value))
    markups = () if value is None else (edits.group("parameter", *pair),)
    edits.put(info, "parameter", markups, mine=lambda node: is_parameter(node, name))


_Writer = Callable[[CapLens, Edits, Node, Announcement], None]


def _write_uid(_: CapLens, edits: Edits, info: Node, view: Announcement) -> None:
    _put_parameter(edits, info, "uid", view.uid)


def _write_title(_: CapLens, edits: Edits, info: Node, view: Announcement) -> None:
    edits.text(info, "headline", view.title or None)


def _write_body(_: CapLens, edits: Edits, info: Node, view: Announcement) -> None:
    edits.text(info, "description", view.body or None)
    # It was read as the end of the body.
    edits.text(info, "instruction", None)


def _write_category(_: CapLens, edits: Edits, info: Node, view: Announcement) -> None:
    edits.text(info, "category", TO_CAP[view.category])
    edits.text(info, "event", view.category.label(view.language[:2]))


def _write_severity(_: CapLens, edits: Edits, info: Node, view: Announcement) -> None:
    alert = view.severity is Severity.ALERT
    _put_parameter(edits, info, "severity", None if alert else str(view.severity.value))


def _write_language(_: CapLens, edits: Edits, info: Node, view: Announcement) -> None:
    if not _LANGUAGE.fullmatch(view.language):
        raise FormatError(
            f"{view.language!r} names no language", where="language", remedy="Write it like fr"
        )
    edits.text(info, "language", view.language)


def _write_level(name: str) -> _Writer:
    local, _ = _LEVELS[name]

    def write(_: CapLens, edits: Edits, info: Node, view: Announcement) -> None:
        edits.text(info, local, str(getattr(view, name).value))

    return write


def _write_time(name: str) -> _Writer:
    def write(lens: CapLens, edits: Edits, info: Node, view: Announcement) -> None:
        when: When | None = getattr(view, name)
        told = lens.moment(name, when)
        edits.text(info, _TIMES[name], told)
        # A day, a zone or a fraction of a second cannot be told from the instant.
        bare = None if told is None else when_text(dt.datetime.fromisoformat(told))
        exact = None if when is None else when_text(when)
        _put_parameter(edits, info, name, None if exact == bare else exact)

    return write


def _write_event_end(_: CapLens, edits: Edits, info: Node, view: Announcement) -> None:
    when = view.event_end
    _put_parameter(edits, info, "event_end", None if when is None else when_text(when))


def _write_place(_: CapLens, edits: Edits, info: Node, view: Announcement) -> None:
    _put_parameter(edits, info, "place", view.place or None)


def _write_url(_: CapLens, edits: Edits, info: Node, view: Announcement) -> None:
    edits.text(info, "web", view.url or None)


def _write_contact(_: CapLens, edits: Edits, info: Node, view: Announcement) -> None:
    value, rest = write_contact(view)
    edits.text(info, "contact", value)
    _put_parameter(edits, info, "contact", rest)


def _write_attachments(_: CapLens, edits: Edits, info: Node, view: Announcement) -> None:
    markups = [
        edits.group(
            "resource",
            ("resourceDesc", one.alt),
            ("mimeType", one.media_type or _UNTYPED),
            ("size", str(one.size) if one.size > 0 else None),
            ("uri", one.url),
        )
        for one in view.attachments
    ]
    edits.put(info, "resource", markups, mine=lambda node: bool(word(node, "uri")))


def _write_audience(lens: CapLens, edits: Edits, info: Node, view: Announcement) -> None:
    ours = [area for area, _ in _communes(info)]
    described = ", ".join(lens.names.get(code, f"commune {code}") for code in view.audience)
    codes = [
        edits.group("geocode", ("valueName", INSEE), ("value", code)) for code in view.audience
    ]
    area = edits.wrap("area", edits.element("areaDesc", described), *codes)
    edits.put(info, "area", (area,) if codes else (), mine=lambda node: node in ours)


_WRITERS: Final[Mapping[str, _Writer]] = {
    "uid": _write_uid,
    "title": _write_title,
    "body": _write_body,
    "category": _write_category,
    "severity": _write_severity,
    "language": _write_language,
    **{name: _write_level(name) for name in _LEVELS},
    **{name: _write_time(name) for name in _TIMES},
    "event_end": _write_event_end,
    "place": _write_place,
    "url": _write_url,
    "contact": _write_contact,
    "attachments": _write_attachments,
    "audience": _write_audience,
}
