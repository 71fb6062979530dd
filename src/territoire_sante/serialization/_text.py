# SPDX-License-Identifier: Apache-2.0
"""
Days, times and amounts as text: ISO 8601 dates, RFC 9557 for times in a zone.

A zone that only a document defines has no name to write; its rules stand in the place of
the name, under the experimental key ``_zone`` (RFC 9557, 3.2).
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from decimal import Decimal
from typing import Final

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import CustomZone

DATE_PATTERN: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
DATETIME_PATTERN: Final = (
    DATE_PATTERN
    + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    + r"(Z|[+-][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?"
    + r"(\[([A-Za-z][A-Za-z0-9_+./-]*|_zone=[A-Za-z0-9_+.~%-]+)\])?"
)
DECIMAL_PATTERN: Final = r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?"

_DATE = re.compile(DATE_PATTERN)
_DATETIME = re.compile(DATETIME_PATTERN)
_CUSTOM: Final = "_zone="
_UTC_KEYS = frozenset({"UTC", "Etc/UTC"})


def datetime_text(moment: dt.datetime) -> str:
    """
    Return ``moment`` as text that says whether it floats, is UTC, or has a zone.

    A zone of the document's own is written with its rules, a bare offset as itself.

    >>> datetime_text(dt.datetime(2026, 3, 29, 18, 0, tzinfo=zoneinfo.ZoneInfo("Europe/Paris")))
    '2026-03-29T18:00:00+02:00[Europe/Paris]'
    """
    zone = moment.tzinfo
    if zone is None:
        return moment.isoformat()
    key = zone.key if isinstance(zone, zoneinfo.ZoneInfo) else None
    if zone is dt.UTC or key in _UTC_KEYS:
        return moment.replace(tzinfo=None).isoformat() + "Z"
    if isinstance(zone, CustomZone):
        key = f"{_CUSTOM}{zone}"
    return f"{moment.isoformat()}[{key}]" if key else moment.isoformat()


def when_text(day_or_moment: dt.date) -> str:
    """Return a day or a moment as text; a datetime is a date too, so the order matters."""
    if isinstance(day_or_moment, dt.datetime):
        return datetime_text(day_or_moment)
    return day_or_moment.isoformat()


def parse_date(text: str) -> dt.date:
    """
    Read ``2026-03-29``.

    Raises:
        InvalidValueError: it is written otherwise, or there is no such day.
    """
    if _DATE.fullmatch(text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError as error:
            raise InvalidValueError(f"there is no day {text} ({error})") from error
    raise InvalidValueError(f"{text!r} is not a day", remedy="Write it like 2026-03-29")


def parse_datetime(text: str, *, strict: bool = True) -> dt.datetime:
    """
    Read what :func:`datetime_text` writes.

    ``strict`` refuses an offset that the named zone does not have then. Without it
    the wall time stands: what was stored for a coming summer keeps its hour
    when a government changes the rules of the zone (RFC 9557, 3.4).

    Raises:
        InvalidValueError: it is written otherwise, there is no such moment, or the
            zone is not known.
    """
    if not _DATETIME.fullmatch(text):
        raise InvalidValueError(
            f"{text!r} is not a day and time",
            remedy="Write it like 2026-03-29T18:00:00, with Z or +02:00[Europe/Paris] behind",
        )
    plain, _, key = text.removesuffix("]").partition("[")
    try:
        moment = dt.datetime.fromisoformat(plain)
    except ValueError as error:
        raise InvalidValueError(f"there is no moment {text} ({error})") from error
    return _in_zone(moment, key, strict=strict, text=text) if key else moment


def _in_zone(moment: dt.datetime, key: str, *, strict: bool, text: str) -> dt.datetime:
    zone = _zone(key)
    if moment.tzinfo is dt.UTC:
        return moment.astimezone(zone)
    offset = moment.utcoffset()
    # As replace(tzinfo=zone), in a third of its time.
    wall = dt.datetime.combine(moment, moment.time(), zone)
    if offset is None or wall.utcoffset() == offset:
        return wall
    later = wall.replace(fold=1)
    if later.utcoffset() == offset:
        return later
    if strict:
        raise InvalidValueError(
            f"{text} has an offset that {key} does not have then",
            remedy=f"Write {datetime_text(wall)}, or leave the zone out",
        )
    return wall


def _zone(key: str) -> dt.tzinfo:
    if key.startswith(_CUSTOM):
        return CustomZone.parse(key.removeprefix(_CUSTOM))
    try:
        return zoneinfo.ZoneInfo(key)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidValueError(
            f"the time zone {key!r} is not known", remedy="Write an IANA name like Europe/Paris"
        ) from error


def parse_when(text: str, *, strict: bool = True) -> dt.date:
    """
    Read a day or a moment, told apart by the ``T``.

    Raises:
        InvalidValueError: it is neither.
    """
    return parse_datetime(text, strict=strict) if "T" in text else parse_date(text)


def parse_decimal(text: str) -> Decimal:
    """
    Read an exact number.

    Raises:
        InvalidValueError: it is no number, or not a finite one.
    """
    if not re.fullmatch(DECIMAL_PATTERN, text):
        raise InvalidValueError(f"{text!r} is not a number", remedy='Write it like "12.50"')
    return Decimal(text)
