# SPDX-License-Identifier: Apache-2.0
"""On which days an event is held, repetitions among them."""

from __future__ import annotations

import datetime as dt
from typing import Final

import attrs

from territoire_sante.errors import InputError
from territoire_sante.formats import icalendar
from territoire_sante.model import Event, EventStatus, When

_AHEAD: Final = dt.timedelta(days=400)


@attrs.frozen(kw_only=True)
class Held:
    """Whether an event took place in a time, and whether it comes; ``None``: nobody knows."""

    before: bool | None
    ahead: bool | None


def day_of(when: When | None) -> dt.date | None:
    """Return the day of a start."""
    return when.date() if isinstance(when, dt.datetime) else when


def held(event: Event, since: dt.date, today: dt.date) -> Held:
    """
    Say whether an event was held from ``since`` up to yesterday, and is from ``today`` on.

    One without a start, or with a rule that cannot be followed, may have been.
    """
    if event.status is EventStatus.CANCELLED:
        return Held(before=False, ahead=False)
    start = day_of(event.start)
    if start is None:
        return Held(before=None, ahead=None)
    if not (event.rrule or event.rdates):
        return Held(before=since <= start < today, ahead=start >= today)
    try:
        past = list(icalendar.expand(event, since, today))
        coming = list(icalendar.expand(event, today, today + _AHEAD))
    except InputError:
        return Held(before=None, ahead=None)
    return Held(
        before=any(one.status is not EventStatus.CANCELLED for one in past),
        ahead=any(one.status is not EventStatus.CANCELLED for one in coming),
    )
