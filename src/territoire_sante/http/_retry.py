# SPDX-License-Identifier: Apache-2.0
"""How long to wait before asking again (RFC 9110 §10.2.3, RFC 6585 §4)."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import Final

SHORTEST: Final = 1.0
LONGEST: Final = 7200.0


def retry_after(value: str | None, now: dt.datetime) -> float | None:
    """
    Return the seconds a Retry-After header asks for, from 1 to 7,200; ``None`` if it says nothing.

    >>> now = dt.datetime(2026, 3, 29, 12, tzinfo=dt.timezone.utc)
    >>> retry_after("120", now), retry_after("Sun, 29 Mar 2026 12:01:00 GMT", now)
    (120.0, 60.0)
    >>> retry_after("999999999", now), retry_after("soon", now)
    (7200.0, None)
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        # Longer numbers are centuries; they are clamped without being computed.
        return _clamped(float(text[:12]))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return _clamped((moment - now).total_seconds())


def backoff(attempt: int) -> float:
    """Return the seconds to wait after refusal number ``attempt`` that names no time: 1, 2, 4."""
    return _clamped(2.0 ** min(attempt - 1, 12))


def _clamped(seconds: float) -> float:
    return max(SHORTEST, min(seconds, LONGEST))
