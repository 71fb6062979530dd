# SPDX-License-Identifier: Apache-2.0
"""One booking read as an event, and an event written into a booking."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

import attrs

from territoire_sante.errors import FormatError
from territoire_sante.formats import Document
from territoire_sante.model import Event, EventStatus, When, make_id

_TEXTS: Final = {"title": "summary", "note": "description", "room": "location"}
_STATES: Final = {
    "confirmed": EventStatus.CONFIRMED,
    "option": EventStatus.TENTATIVE,
    "cancelled": EventStatus.CANCELLED,
}
_UTC: Final = "UTC"
_DAY: Final = dt.timedelta(days=1)


@attrs.frozen
class BookingLens:
    """
    Reads JSON objects of the service; members that it does not know stay as they are.

    ``service`` names the service: bookings that were made there have no UID but by it.
    """

    service: str

    view: ClassVar[type[Event]] = Event
    media_type: ClassVar[str] = "application/json"
    fields: ClassVar[frozenset[str]] = frozenset(
        {"uid", "start", "end", "status", *_TEXTS.values()}
    )

    def get(self, document: Document) -> Event:
        """
        Return the event of a booking.

        Raises:
            FormatError: it is none; it names the member.
        """
        held = document.parsed(_object)
        uid = _text(held, "external_id") or self._own_uid(held)
        start, end = _times(held)
        return Event(
            id=make_id("event", uid),
            uid=uid,
            start=start,
            end=end,
            status=_STATES.get(_text(held, "status")),
            summary=_text(held, "title"),
            description=_text(held, "note"),
            location=_text(held, "room"),
        )

    def put(
        self,
        view: Event,
        document: Document | None = None,
        *,
        now: dt.datetime | None = None,  # noqa: ARG002 - the protocol's; the service dates itself
    ) -> Document:
        """
        Return the booking with what changed, or a new one.

        Raises:
            FormatError: the service has no way to say it.
        """
        before = None if document is None else self.get(document)
        held = {} if document is None else dict(document.parsed(_object))
        held |= self._changes(view, before)
        if document is not None and held == document.parsed(_object):
            return document
        try:
            return Document(json.dumps(held, ensure_ascii=False).encode(), self.media_type)
        except UnicodeEncodeError:
            raise FormatError("a text holds half a character") from None

    def _changes(self, view: Event, before: Event | None) -> dict[str, Any]:
        """Return the members that are to be otherwise."""
        changes: dict[str, Any] = {}
        uid = view.uid or view.id.partition(":")[2]
        if before is None or uid != before.uid:
            changes["external_id"] = uid
        for name, field in _TEXTS.items():
            if before is None or getattr(view, field) != getattr(before, field):
                changes[name] = getattr(view, field)
        if view.status != (before.status if before else None):
            words = {status: word for word, status in _STATES.items()}
            changes["status"] = None if view.status is None else words[view.status]
        times = (view.start, view.end)
        if before is None or not _same(times, (before.start, before.end)):
            changes |= _members(*times)
        return changes

    def _own_uid(self, held: dict[str, Any]) -> str:
        number = _text(held, "id")
        if not number:
            raise FormatError("a booking without id and external_id", where="id")
        return f"{number}@{self.service}"


def _object(data: bytes) -> dict[str, Any]:
    try:
        held = json.loads(data)
    except json.JSONDecodeError as error:
        raise FormatError(f"not JSON: {error.msg}", line=error.lineno) from None
    except (ValueError, RecursionError):
        raise FormatError("not JSON") from None
    if not isinstance(held, dict):
        raise FormatError("not a JSON object", line=1)
    return held


def _text(held: dict[str, Any], name: str) -> str:
    value = held.get(name)
    if value is not None and not isinstance(value, str):
        raise FormatError("it is no text", where=name)
    return value or ""


def _times(held: dict[str, Any]) -> tuple[When, When | None]:
    """Return start and end; whole days are told by the first and the last of them."""
    first, last = _text(held, "starts_at"), _text(held, "ends_at")
    whole_days = held.get("all_day", False)
    if not isinstance(whole_days, bool):
        raise FormatError("it is neither true nor false", where="all_day")
    try:
        if whole_days:
            end = dt.date.fromisoformat(last) + _DAY if last else None
            return dt.date.fromisoformat(first), end
        zone = _zone(_text(held, "time_zone"))
        return _local(first, zone), _local(last, zone) if last else None
    except (KeyError, ValueError, OSError, OverflowError):
        where = "starts_at, ends_at, time_zone"
        raise FormatError("no days, or no times of a known zone", where=where) from None


def _zone(name: str) -> dt.tzinfo:
    return dt.UTC if name == _UTC else ZoneInfo(name)


def _local(text: str, zone: dt.tzinfo) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        raise ValueError(text)  # the name of the zone is what tells it here
    return moment.replace(tzinfo=zone)


def _members(start: When | None, end: When | None) -> dict[str, Any]:
    """
    Return the members that tell a time.

    Raises:
        FormatError: it has no start, or cannot be told by the clock and the name of one zone.
    """
    if start is None:
        raise FormatError("a booking has a start", where="start")
    if not isinstance(start, dt.datetime):
        if end is not None and end <= start:
            raise FormatError("the last day is before the first", where="end")
        told = {
            "starts_at": start.isoformat(),
            "ends_at": None if end is None else (end - _DAY).isoformat(),
            "time_zone": "Europe/Paris",
            "all_day": True,
        }
    else:
        told = {
            "starts_at": _clock(start),
            "ends_at": _clock(end) if isinstance(end, dt.datetime) else None,
            "time_zone": _name(start.tzinfo),
            "all_day": False,
        }
    # Seconds, a second zone, the later of two equal hours: what is not told is found by reading.
    if not _same(_times(told), (start, end)):
        raise FormatError(
            "the service cannot say this time",
            where="start, end",
            remedy="It knows hours and minutes of one named zone, each hour once",
        )
    return told


def _clock(moment: dt.datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="minutes")


def _name(zone: dt.tzinfo | None) -> str:
    name = _UTC if zone is dt.UTC else getattr(zone, "key", None)
    if not isinstance(name, str):
        raise FormatError(
            "the service asks for the name of a time zone",
            where="start",
            remedy="Give the event a zone, such as Europe/Paris",
        )
    return name


def _same(one: tuple[When | None, When | None], other: tuple[When | None, When | None]) -> bool:
    """Say whether two spans are the same, zones included."""
    return [*map(_told, one)] == [*map(_told, other)]


def _told(when: When | None) -> tuple[str, str]:
    zone = when.tzinfo if isinstance(when, dt.datetime) else None
    return str(when), str(zone)
