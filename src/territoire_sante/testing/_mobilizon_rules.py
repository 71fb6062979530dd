# SPDX-License-Identifier: Apache-2.0
"""
What the Mobilizon stand-in takes as an event, and what it makes of it.

It checks for itself and shares no code with the connector.
"""

from __future__ import annotations

import datetime as dt
import html
import re
import zoneinfo
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, Final

TITLE: Final = range(3, 201)
ADDRESS_MAX: Final = 2000

#: The arguments of createEvent and updateEvent; any other is a mistake of the caller.
ARGUMENTS: Final = frozenset(
    {
        *("title", "description", "beginsOn", "endsOn", "status", "visibility", "joinOptions"),
        *("tags", "picture", "publishAt", "onlineAddress", "phoneAddress", "organizerActorId"),
        *("attributedToId", "category", "physicalAddress", "options", "draft", "contacts"),
        *("metadata", "language", "eventId"),
    }
)
_ADDRESS: Final = (
    *("geom", "street", "locality", "postalCode", "region", "country", "description"),
    *("type", "url", "id", "originId", "timezone"),
)
_OPTIONS: Final = (
    *("timezone", "showStartTime", "showEndTime", "anonymousParticipation", "commentModeration"),
    *("maximumAttendeeCapacity", "showRemainingAttendeeCapacity", "hideOrganizerWhenGroupEvent"),
)
#: What createEvent and updateEvent alike take where the caller names nothing.
DEFAULTS: Final[Mapping[str, Any]] = {"visibility": "PUBLIC", "joinOptions": "FREE", "contacts": ()}
_TAG: Final = re.compile(r"<[!/?a-zA-Z][^>]*>")
_ALLOWED: Final = frozenset({"p", "br", "strong", "em", "a", "ul", "ol", "li", "h1", "h2", "h3"})


def missing(given: Mapping[str, Any]) -> list[str]:
    """Return the arguments of a new event that must be there and are not."""
    needed = ("title", "description", "beginsOn", "organizerActorId")
    return [name for name in needed if given.get(name) is None]


def faults(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each field that is wrong, in the words of the schema, and why."""
    if "title" in given:
        size = _units(strip_tags(str(given["title"])))
        if size not in TITLE:
            what = "least 3" if size < TITLE.start else "most 200"
            yield "title", f"should be at {what} character(s)"
    address = given.get("onlineAddress")
    if address and (_units(address) > ADDRESS_MAX or not re.match(r"https?://[^\s]+\Z", address)):
        yield "online_address", "is not a valid URL"
    begins, ends = moment(given.get("beginsOn")), moment(given.get("endsOn"))
    if given.get("beginsOn") is not None and begins is None:
        yield "begins_on", "is invalid"
    if begins is not None and ends is not None and ends < begins:
        yield "ends_on", "ends_on must be after begins_on"
    zone = (given.get("options") or {}).get("timezone")
    if zone and zone not in zoneinfo.available_timezones():
        yield "options", "timezone is invalid"


def strip_tags(title: str) -> str:
    """
    Return a title as it is kept: without tags, and without blanks around it.

    >>> strip_tags(" <b>Marche</b> ")
    'Marche'
    """
    return _TAG.sub("", title).strip()


def moment(value: object) -> dt.datetime | None:
    """Return a time with an offset, ``None`` for anything else."""
    try:
        found = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def told_moment(value: object) -> str | None:
    """Return a time as it is told: in UTC, without fractions of a second."""
    found = moment(value)
    if found is None:
        return None
    return found.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def address_of(given: Any) -> dict[str, Any] | None:
    """Return a place as it is told."""
    if not isinstance(given, dict):
        return None
    return {name: given.get(name) for name in _ADDRESS}


def options_of(given: Any, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the options of an event as they are told."""
    usual = {"showStartTime": True, "showEndTime": True, "anonymousParticipation": False}
    told = {name: (before or usual).get(name) for name in _OPTIONS}
    return {**told, **(given if isinstance(given, dict) else {})}


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out = ""
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _ALLOWED:
            href = next((value for name, value in attrs if name == "href"), None)
            self.out += f'<a href="{html.escape(href or "")}">' if tag == "a" else f"<{tag}>"
        if tag in {"br", "p"}:
            self.text += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag in _ALLOWED and tag != "br":
            self.out += f"</{tag}>"

    def handle_data(self, data: str) -> None:
        self.out += html.escape(data, quote=False)
        self.text += data


def cleaned(source: str) -> str:
    """
    Return HTML with what is allowed of it, its references written as the signs they stand for.

    >>> cleaned("<p>Prix&#32;: 5 &lt; 6<blink>!</blink></p>")
    '<p>Prix : 5 &lt; 6!</p>'
    """
    return _read(source).out


def read_by_people(source: str) -> str:
    """Return the text of a description, its lines as people see them."""
    return _read(source).text.strip("\n")


def _read(source: str) -> _Cleaner:
    cleaner = _Cleaner()
    cleaner.feed(source)
    cleaner.close()
    return cleaner


def _units(text: str) -> int:
    return max(len(text), len(text.encode("utf-16-le", "replace")) // 2)
