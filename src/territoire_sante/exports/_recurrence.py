# SPDX-License-Identifier: Apache-2.0
"""Recurrence rules as parts, and the next dates of an event."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Final

from territoire_sante.errors import FormatError, InvalidValueError
from territoire_sante.formats.icalendar import Instance, expand
from territoire_sante.model import Event

_PART: Final = re.compile(r"[A-Z-]+=[A-Z0-9,+:-]+")
#: Dates tested for one event: an export must end, whatever a rule asks for.
BUDGET: Final = 20_000


def rule_parts(rrule: str) -> Mapping[str, str]:
    """
    Return the parts of a rule (RFC 5545, 3.3.10) by name; none if it cannot be read.

    >>> rule_parts("freq=weekly;BYDAY=tu,TH")
    {'FREQ': 'WEEKLY', 'BYDAY': 'TU,TH'}
    """
    parts = rrule.strip().upper().removeprefix("RRULE:").split(";")
    if not rrule.strip() or not all(_PART.fullmatch(part) for part in parts):
        return {}
    return dict(part.split("=", 1) for part in parts)


def until_day(text: str) -> dt.date | None:
    """Return the day of an UNTIL, ``None`` if it names none."""
    try:
        return dt.date.fromisoformat(text[:8])
    except ValueError:
        return None


def next_dates(event: Event, first: dt.date, days: int, most: int) -> Iterator[Instance] | None:
    """Return the instances from a day on, ``most`` of them; ``None`` if they cannot be told."""
    last = first + dt.timedelta(days=min(days, (dt.date.max - first).days))
    try:
        return itertools.islice(expand(event, first, last, budget=BUDGET), most)
    except (FormatError, InvalidValueError, OverflowError, ValueError):
        return None
