# SPDX-License-Identifier: Apache-2.0
"""How long to wait before asking again (RFC 9110 §10.2.3, RFC 6585 §4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from email.utils import parsedate_to_datetime
from typing import Final

SHORTEST: Final = 1.0
LONGEST: Final = 7200.0
_EPOCH_DIGITS: Final = range(10, 12)


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


def wait_asked(
    headers: Mapping[str, str], names: Collection[str], now: dt.datetime
) -> float | None:
    """
    Return the seconds that an answer asks for: by Retry-After, else by one of ``names``.

    The headers of some vendors hold seconds since 1970, or a time of ISO 8601, instead of
    seconds from now.

    >>> now = dt.datetime(2026, 3, 29, 12, tzinfo=dt.timezone.utc)
    >>> wait_asked({"X-Reset": str(int(now.timestamp()) + 90)}, ["X-Reset"], now)
    90.0
    >>> wait_asked({"X-Reset": "2026-03-29T12:05:00.000Z"}, ["X-Reset"], now)
    300.0
    """
    told = retry_after(headers.get("Retry-After"), now)
    for name in names:
        if told is not None:
            break
        value = headers.get(name, "").strip()
        since_1970 = value.isascii() and value.isdigit() and len(value) in _EPOCH_DIGITS
        told = _clamped(int(value) - now.timestamp()) if since_1970 else retry_after(value, now)
        told = _until(value, now) if told is None else told
    return told


def _until(value: str, now: dt.datetime) -> float | None:
    """Return the seconds until an aware time of ISO 8601, ``None`` if it is none."""
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    return _clamped((moment - now).total_seconds()) if moment.tzinfo is not None else None


def backoff(attempt: int, jitter: float) -> float:
    """
    Return the seconds to wait after refusal number ``attempt`` that names no time.

    The jitter, 0 to 1, is full: anything up to 1, 2, 4 … seconds, so that many clients
    that were refused together do not come back together.
    """
    return jitter * min(2.0 ** min(attempt - 1, 12), LONGEST)


def _clamped(seconds: float) -> float:
    return max(SHORTEST, min(seconds, LONGEST))
