# SPDX-License-Identifier: Apache-2.0
"""Days and times as feeds write them, and back; what cannot be read is ``None``, never an error."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final
from urllib.parse import urljoin

from territoire_sante.model import When

EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

_BLANKS: Final = re.compile(r"[ \t\r\n]+")
_MINUTE: Final = dt.timedelta(minutes=1)
_SECOND: Final = dt.timedelta(seconds=1)


def collapsed(text: str) -> str:
    """Return ``text`` on one line with single spaces; no-break spaces stay."""
    return _BLANKS.sub(" ", text).strip(" ")


def joined(base: str, link: str) -> str:
    """
    Return ``link`` seen from ``base``, as it is if the two do not go together.

    >>> joined("https://example.org/a/feed", "../b")
    'https://example.org/b'
    """
    try:
        return urljoin(base, link)
    except ValueError:
        return link


def instant_text(moment: dt.datetime) -> str:
    """
    Return an aware moment as RFC 3339 in UTC, to the second.

    >>> instant_text(EPOCH)
    '1970-01-01T00:00:00Z'
    """
    return moment.astimezone(dt.UTC).replace(tzinfo=None, microsecond=0).isoformat() + "Z"


def beginning(when: When, zone: str) -> dt.datetime:
    """
    Return the instant of ``when``, to the second, with an offset in whole minutes.

    A day begins at midnight in the IANA ``zone``.

    >>> beginning(dt.date(2026, 3, 29), "Europe/Paris").isoformat()
    '2026-03-29T00:00:00+01:00'
    """
    if not isinstance(when, dt.datetime):
        start = dt.datetime.combine(when, dt.time(), tzinfo=zoneinfo.ZoneInfo(zone))
        return start.replace(tzinfo=_whole_minutes(start))
    exact = when.utcoffset() or dt.timedelta()
    wall = when.replace(tzinfo=None, microsecond=0)
    told = _whole_minutes(when)
    return (wall - (exact - (told.utcoffset(None)))).replace(tzinfo=told)


def _whole_minutes(moment: dt.datetime) -> dt.timezone:
    # RFC 3339 and RFC 822 know no seconds in offsets, local mean times before 1911 have some.
    return dt.timezone((moment.utcoffset() or dt.timedelta()) // _MINUTE * _MINUTE)


def parse_rfc3339(text: str) -> dt.datetime | None:
    """
    Return an RFC 3339 time, naive if it has no offset.

    >>> parse_rfc3339("2026-03-29T00:00:00+01:00").isoformat()
    '2026-03-29T00:00:00+01:00'
    """
    try:
        return dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def parse_rfc822(text: str) -> dt.datetime | None:
    """
    Return an RFC 822 time, naive if its zone is not known.

    >>> parse_rfc822("Sun, 29 Mar 2026 00:00:00 +0100").isoformat()
    '2026-03-29T00:00:00+01:00'
    """
    try:
        return parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def first_shown(told: dt.datetime | None, exact: str) -> When | None:
    """
    Return when a publication begins: the time ``exact``, else the day that the feed tells.

    ``exact`` is our own word for it, and holds only while it is the second that every other
    reader is told: somebody may have changed that one alone.
    """
    if told is None:
        return None
    ours = parse_when(exact)
    if isinstance(ours, dt.datetime) and ours.utcoffset() is not None:
        aware = told.utcoffset() is not None
        if aware and dt.timedelta() <= ours - told < _SECOND:
            return ours
    return told.date()


def rfc822_text(moment: dt.datetime) -> str:
    """Return an aware moment as RSS writes it (RFC 822 with a four-digit year)."""
    return format_datetime(moment)


def when_text(when: When) -> str:
    """
    Return a day, a floating time, or a time with offset and zone (RFC 9557).

    >>> when_text(dt.datetime(2026, 3, 29, 18, tzinfo=zoneinfo.ZoneInfo("Europe/Paris")))
    '2026-03-29T18:00:00+02:00[Europe/Paris]'
    """
    if not isinstance(when, dt.datetime) or when.tzinfo is None:
        return when.isoformat()
    key = when.tzinfo.key if isinstance(when.tzinfo, zoneinfo.ZoneInfo) else None
    if when.tzinfo is dt.UTC:
        return when.replace(tzinfo=None).isoformat() + "Z"
    return f"{when.isoformat()}[{key}]" if key else when.isoformat()


def parse_when(text: str) -> When | None:
    """Read what :func:`when_text` writes; ``None`` if it is no day and no time."""
    plain, _, key = text.strip().removesuffix("]").partition("[")
    try:
        if "T" not in plain:
            return dt.date.fromisoformat(plain)
        moment = dt.datetime.fromisoformat(plain)
        return _in_zone(moment, zoneinfo.ZoneInfo(key)) if key else moment
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return None


def parse_day(text: str) -> dt.date | None:
    """Read an ISO day, ``None`` if it is not one."""
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        return None


def _in_zone(moment: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """Return the wall time in ``zone``; of two such times, the one with the offset written."""
    wall = moment.replace(tzinfo=zone)
    if moment.utcoffset() not in (None, wall.utcoffset()):
        later = wall.replace(fold=1)
        return later if later.utcoffset() == moment.utcoffset() else wall
    return wall
