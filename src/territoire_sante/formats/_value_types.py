# SPDX-License-Identifier: Apache-2.0
"""
The value types that properties have when no VALUE says otherwise.

iCalendar: RFC 5545, 3.7 and 3.8, RFC 7986, RFC 9073; vCard: RFC 6350, 6, RFC 6474, RFC 6715.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs


@attrs.frozen
class Kind:
    """
    What the value of a property is.

    ``type`` is a lower-case value type, ``"unknown"`` if nothing says it. ``listed``: several
    values with commas between them; ``parts``: components with semicolons between them, each of
    them with commas in it if it is also ``listed``.
    """

    type: str
    listed: bool = False
    parts: bool = False


KindOf = Callable[[str, str], Kind]

_UNKNOWN: Final = Kind("unknown")


def _table(**names: str) -> dict[str, Kind]:
    table: dict[str, Kind] = {}
    for kind, text in names.items():
        table |= dict.fromkeys(text.split(), Kind(kind.replace("_", "-")))
    return table


_ICAL: Final = {
    **_table(
        text="CALSCALE METHOD PRODID VERSION CLASS COMMENT DESCRIPTION LOCATION STATUS SUMMARY"
        " TRANSP TZID TZNAME CONTACT RELATED-TO UID ACTION NAME COLOR BUSYTYPE REFID PROXIMITY"
        " X-WR-CALNAME X-WR-CALDESC X-WR-TIMEZONE X-ALT-DESC X-LIC-LOCATION",
        date_time="COMPLETED DTEND DUE DTSTART RECURRENCE-ID CREATED DTSTAMP LAST-MODIFIED"
        " ACKNOWLEDGED TZUNTIL",
        duration="DURATION TRIGGER REFRESH-INTERVAL",
        uri="ATTACH URL TZURL SOURCE CONFERENCE LINK CONCEPT",
        cal_address="ATTENDEE ORGANIZER CALENDAR-ADDRESS",
        integer="PERCENT-COMPLETE PRIORITY REPEAT SEQUENCE",
        recur="RRULE EXRULE",
        utc_offset="TZOFFSETFROM TZOFFSETTO",
    ),
    "CATEGORIES": Kind("text", listed=True),
    "RESOURCES": Kind("text", listed=True),
    "EXDATE": Kind("date-time", listed=True),
    "RDATE": Kind("date-time", listed=True),
    "FREEBUSY": Kind("period", listed=True),
    "GEO": Kind("float", parts=True),
    "REQUEST-STATUS": Kind("text", parts=True),
}
_ICAL_TYPES: Final = frozenset({
    "binary", "boolean", "cal-address", "date", "date-time", "duration", "float", "integer",
    "period", "recur", "text", "time", "uri", "utc-offset",
})  # fmt: skip

_VCARD: Final = {
    **_table(
        text="FN EMAIL TEL TZ TITLE ROLE NOTE PRODID VERSION KIND XML LABEL MAILER SORT-STRING"
        " CLASS NAME PROFILE BIRTHPLACE DEATHPLACE EXPERTISE HOBBY INTEREST X-ABLABEL X-ABADR"
        " X-ABSHOWAS X-ADDRESSBOOKSERVER-KIND",
        uri="SOURCE PHOTO IMPP GEO LOGO MEMBER RELATED SOUND UID URL KEY FBURL CALADRURI CALURI"
        " ORG-DIRECTORY X-ADDRESSBOOKSERVER-MEMBER",
        date_and_or_time="BDAY ANNIVERSARY DEATHDATE",
        timestamp="REV",
        language_tag="LANG",
    ),
    "N": Kind("text", listed=True, parts=True),
    "ADR": Kind("text", listed=True, parts=True),
    "ORG": Kind("text", parts=True),
    "GENDER": Kind("text", parts=True),
    "CLIENTPIDMAP": Kind("text", parts=True),
    "NICKNAME": Kind("text", listed=True),
    "CATEGORIES": Kind("text", listed=True),
}
_VCARD_TYPES: Final = frozenset({
    "text", "uri", "date", "time", "date-time", "date-and-or-time", "timestamp", "boolean",
    "integer", "float", "utc-offset", "language-tag",
})  # fmt: skip


def _kind(table: dict[str, Kind], types: frozenset[str], name: str, value: str) -> Kind:
    known = table.get(name, _UNKNOWN)
    kind = value.lower()
    if not kind or kind == known.type:
        return known
    if kind not in types:
        return _UNKNOWN
    if known.type == "unknown" or kind == "text":
        return Kind(kind)
    return Kind(kind, listed=known.listed and not known.parts)


def ical_kind(name: str, value: str = "") -> Kind:
    """
    Return the kind of an iCalendar property, ``value`` being its VALUE.

    >>> ical_kind("DTSTART"), ical_kind("EXDATE", "DATE")
    (Kind(type='date-time', listed=False, parts=False), Kind(type='date', listed=True, parts=False))
    """
    return _kind(_ICAL, _ICAL_TYPES, name, value)


def vcard_kind(name: str, value: str = "") -> Kind:
    """Return the kind of a vCard property, ``value`` being its VALUE."""
    return _kind(_VCARD, _VCARD_TYPES, name, value)
