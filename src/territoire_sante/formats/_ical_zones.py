# SPDX-License-Identifier: Apache-2.0
"""
Compact VTIMEZONEs of Europe/Paris and the French overseas zones, right from 1990 on.

Facts: IANA time zone database. Paris follows directive 2000/84/EC (last Sundays of
March and October, 01:00 UTC); Saint-Pierre-et-Miquelon follows the Canadian dates; Nouméa
had summer time in 1996-1997, and the others have had none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_FIXED: Final = {
    "America/Cayenne": ("-0300", "-03"),
    "America/Guadeloupe": ("-0400", "AST"),
    "America/Marigot": ("-0400", "AST"),
    "America/Martinique": ("-0400", "AST"),
    "America/St_Barthelemy": ("-0400", "AST"),
    "Indian/Kerguelen": ("+0500", "+05"),
    "Indian/Mayotte": ("+0300", "EAT"),
    "Indian/Reunion": ("+0400", "+04"),
    "Pacific/Gambier": ("-0900", "-09"),
    "Pacific/Marquesas": ("-0930", "-0930"),
    "Pacific/Tahiti": ("-1000", "-10"),
    "Pacific/Wallis": ("+1200", "+12"),
}

# (kind, from, to, name, first onset in wall time, rule)
_Onset = tuple[str, str, str, str, str, str]

_PARIS: Final[tuple[_Onset, ...]] = (
    ("DAYLIGHT", "+0100", "+0200", "CEST", "19810329T020000", "BYMONTH=3;BYDAY=-1SU"),
    (
        "STANDARD", "+0200", "+0100", "CET", "19810927T030000",
        "UNTIL=19950924T010000Z;BYMONTH=9;BYDAY=-1SU",
    ),
    ("STANDARD", "+0200", "+0100", "CET", "19961027T030000", "BYMONTH=10;BYDAY=-1SU"),
)  # fmt: skip
_MIQUELON: Final[tuple[_Onset, ...]] = (
    (
        "DAYLIGHT", "-0300", "-0200", "-02", "19870405T020000",
        "UNTIL=20060402T050000Z;BYMONTH=4;BYDAY=1SU",
    ),
    (
        "STANDARD", "-0200", "-0300", "-03", "19871025T020000",
        "UNTIL=20061029T040000Z;BYMONTH=10;BYDAY=-1SU",
    ),
    ("DAYLIGHT", "-0300", "-0200", "-02", "20070311T020000", "BYMONTH=3;BYDAY=2SU"),
    ("STANDARD", "-0200", "-0300", "-03", "20071104T020000", "BYMONTH=11;BYDAY=1SU"),
)  # fmt: skip
_NOUMEA: Final[tuple[_Onset, ...]] = (
    ("STANDARD", "+1100", "+1100", "+11", "19700101T000000", ""),
    ("DAYLIGHT", "+1100", "+1200", "+12", "19961201T020000", ""),
    ("STANDARD", "+1200", "+1100", "+11", "19970302T030000", ""),
)


def _onset(onset: _Onset) -> list[str]:
    kind, before, to, name, start, rule = onset
    return [
        f"BEGIN:{kind}",
        f"TZOFFSETFROM:{before}",
        f"TZOFFSETTO:{to}",
        f"TZNAME:{name}",
        f"DTSTART:{start}",
        *([f"RRULE:FREQ=YEARLY;{rule}"] if rule else []),
        f"END:{kind}",
    ]


def _zone(tzid: str, onsets: tuple[_Onset, ...]) -> bytes:
    body = [line for onset in onsets for line in _onset(onset)]
    lines = ["BEGIN:VTIMEZONE", f"TZID:{tzid}", *body, "END:VTIMEZONE", ""]
    return "\r\n".join(lines).encode()


#: IANA name to the bytes of its VTIMEZONE, right from 1990 on.
VTIMEZONES: Final[Mapping[str, bytes]] = {
    "Europe/Paris": _zone("Europe/Paris", _PARIS),
    "America/Miquelon": _zone("America/Miquelon", _MIQUELON),
    "Pacific/Noumea": _zone("Pacific/Noumea", _NOUMEA),
    **{
        tzid: _zone(tzid, (("STANDARD", offset, offset, name, "19700101T000000", ""),))
        for tzid, (offset, name) in _FIXED.items()
    },
}

# Servers read a definition with every event, some several times: rules that are over cost them
# more than the event itself.
_LATER: Final = {
    "Europe/Paris": (1997, _zone("Europe/Paris", (_PARIS[0], _PARIS[2]))),
    "America/Miquelon": (2008, _zone("America/Miquelon", _MIQUELON[2:])),
    "Pacific/Noumea": (1998, _zone("Pacific/Noumea", _NOUMEA[:1])),
}


def definition_of(name: str, year: int) -> bytes:
    """
    Return the shortest VTIMEZONE of a zone of ours that is right from January of ``year`` on.

    >>> definition_of("Pacific/Noumea", 2027).count(b"BEGIN:"), len(VTIMEZONES["Pacific/Noumea"])
    (2, 368)
    """
    first, later = _LATER.get(name, (year + 1, b""))
    return later if year >= first else VTIMEZONES[name]
