# SPDX-License-Identifier: Apache-2.0
"""Where an event takes place: one of the agenda's places that a person named, or online."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import attrs

from territoire_sante.model import Announcement
from territoire_sante_openagenda import _event as events
from territoire_sante_openagenda._event import Event

ONSITE: Final = 1
ONLINE: Final = 2

_COMMUNE: Final = re.compile(r"\d[0-9AB]\d{3}")
_WEB: Final = re.compile(r"https?://[^\s/]+\.?\S*", re.IGNORECASE)


@attrs.frozen(kw_only=True)
class Place:
    """A place as an announcement tells it: in words, or by the communes that it is for."""

    words: str = ""
    communes: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Places:
    """
    How announcements name the places of an agenda; nothing is ever guessed.

    Attributes:
        known: numbers of places, by words or by INSEE code.
        default: the place of announcements that name none.
        online: whether what names no place, but has a link, is online.
    """

    known: Mapping[str, int] = attrs.field(factory=dict)
    default: int | None = None
    online: bool = False

    def number_for(self, view: Announcement) -> int | None:
        """Return the number of the place, ``None`` if it is not known which."""
        words = _folded(view.place)
        if words:
            named = {_folded(name): uid for name, uid in self.known.items()}
            return named.get(words)
        found = {self.known[code] for code in view.audience if code in self.known}
        return found.pop() if len(found) == 1 else self.default

    def is_online(self, view: Announcement) -> bool:
        """Say whether an announcement is of an event online."""
        here = bool(view.place.strip()) or self.number_for(view) is not None
        return self.online and not here and is_link(view.url)

    def write(self, event: dict[str, Any], view: Announcement) -> None:
        """Write the place into an event, or that it is online."""
        number = self.number_for(view)
        online = self.is_online(view)
        event["attendanceMode"] = ONLINE if online else ONSITE
        if number is None:
            event.pop("location", None)
            event.pop("locationUid", None)
        elif events.location_uid(event) != number:
            event.pop("location", None)
            event["locationUid"] = number
        if online:
            event["onlineAccessLink"] = view.url
        else:
            event.pop("onlineAccessLink", None)

    def told(self, event: Event) -> Place:
        """Return the place of an event as an announcement would name it."""
        number = events.location_uid(event)
        if number is None:
            return Place()
        names = [name for name, uid in self.known.items() if uid == number]
        words = [name for name in names if not _COMMUNE.fullmatch(name)]
        codes = tuple(name for name in names if _COMMUNE.fullmatch(name))
        if words:
            return Place(words=words[0])
        if codes:
            return Place(communes=codes)
        return Place() if number == self.default else Place(words=events.location_name(event))


def is_link(url: str) -> bool:
    """
    Say whether this is an address that browsers can open.

    >>> is_link("https://example.org/reunion"), is_link("à la mairie")
    (True, False)
    """
    return bool(_WEB.fullmatch(url))


def _folded(words: str) -> str:
    return " ".join(words.split()).casefold()
