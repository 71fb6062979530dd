# SPDX-License-Identifier: Apache-2.0
"""
When an announcement is shown: its publication period on the clock of its people.

A day means what it means to them: ``publish_from`` begins at midnight in their zone,
``publish_until`` ends at the midnight after it, whichever length the clock change gives that
day. A time is an instant: shown from the first on, and no longer at the last.
"""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from territoire_sante.errors import InvalidValueError
from territoire_sante.model._announcement import Announcement, AnnouncementState
from territoire_sante.model._event import When

_ONE_DAY: Final = dt.timedelta(days=1)
_TICK: Final = dt.timedelta(microseconds=1)
_PARIS: Final = "Europe/Paris"

# Approved ones are on their way to the channels: nobody else has to say yes.
_MEANT_TO_BE_SEEN: Final = frozenset(
    {AnnouncementState.APPROVED, AnnouncementState.SCHEDULED, AnnouncementState.PUBLISHED}
)


def shown_from(announcement: Announcement, *, zone: dt.tzinfo | None = None) -> dt.datetime | None:
    """
    Return the first instant at which it is shown, ``None`` if it has no beginning.

    ``zone`` is where its days begin, Europe/Paris if left out.
    """
    return _instant(announcement.publish_from, 0, zone)


def shown_until(announcement: Announcement, *, zone: dt.tzinfo | None = None) -> dt.datetime | None:
    """
    Return the first instant at which it is shown no longer, ``None`` if it has no end.

    >>> one = Announcement(id="announcement:1", publish_until=dt.date(2026, 11, 14))
    >>> shown_until(one).isoformat()
    '2026-11-15T00:00:00+01:00'
    """
    return _instant(announcement.publish_until, 1, zone)


def publication_days(
    announcement: Announcement, *, zone: dt.tzinfo | None = None
) -> tuple[dt.date | None, dt.date | None]:
    """
    Return the first and the last day on which it is shown, for channels that only know days.

    >>> one = Announcement(
    ...     id="announcement:1",
    ...     publish_from=dt.datetime(2026, 11, 13, 23, tzinfo=dt.UTC),
    ...     publish_until=dt.datetime(2026, 11, 15, 23, tzinfo=dt.UTC),
    ... )
    >>> [str(day) for day in publication_days(one)]
    ['2026-11-14', '2026-11-15']
    """
    first = _day(announcement.publish_from, zone, dt.timedelta())
    last = _day(announcement.publish_until, zone, _TICK)
    return first, last if first is None or last is None else max(first, last)


def is_over(announcement: Announcement, now: dt.datetime, *, zone: dt.tzinfo | None = None) -> bool:
    """
    Say whether its publication period has ended at ``now``, an aware time; whatever its state.

    Without ``publish_until`` it never ends: the end of the event is another matter.

    Raises:
        InvalidValueError: ``now`` is naive.
    """
    end = shown_until(announcement, zone=zone)
    return end is not None and end <= _aware(now)


def has_begun(
    announcement: Announcement, now: dt.datetime, *, zone: dt.tzinfo | None = None
) -> bool:
    """
    Say whether its publication period has begun at ``now``, an aware time; whatever its state.

    Raises:
        InvalidValueError: ``now`` is naive.
    """
    start = shown_from(announcement, zone=zone)
    return start is None or start <= _aware(now)


def is_shown(
    announcement: Announcement, now: dt.datetime, *, zone: dt.tzinfo | None = None
) -> bool:
    """
    Say whether people are meant to see it at ``now``: approved or later, and in its period.

    Raises:
        InvalidValueError: ``now`` is naive.

    >>> one = Announcement(
    ...     id="announcement:1",
    ...     publish_from=dt.date(2026, 11, 14),
    ...     publish_until=dt.date(2026, 11, 14),
    ...     state=AnnouncementState.APPROVED,
    ... )
    >>> is_shown(one, dt.datetime(2026, 11, 13, 23, 30, tzinfo=dt.UTC))
    True
    """
    return (
        announcement.state in _MEANT_TO_BE_SEEN
        and has_begun(announcement, now, zone=zone)
        and not is_over(announcement, now, zone=zone)
    )


def is_due(announcement: Announcement, now: dt.datetime, *, zone: dt.tzinfo | None = None) -> bool:
    """
    Say whether it is to be released at ``now``: meant to be seen, and not published yet.

    Raises:
        InvalidValueError: ``now`` is naive.
    """
    waits = announcement.state is not AnnouncementState.PUBLISHED
    return waits and is_shown(announcement, now, zone=zone)


def _day(when: When | None, zone: dt.tzinfo | None, less: dt.timedelta) -> dt.date | None:
    if not isinstance(when, dt.datetime):
        return when
    try:
        return (when.astimezone(zone or ZoneInfo(_PARIS)) - less).date()
    except OverflowError:
        # The first and the last days of the calendar have no other zones.
        return when.date()


def _instant(when: When | None, days_later: int, zone: dt.tzinfo | None) -> dt.datetime | None:
    if when is None or isinstance(when, dt.datetime):
        return when
    place = zone or ZoneInfo(_PARIS)
    if days_later and when == dt.date.max:
        return None
    return dt.datetime.combine(when + days_later * _ONE_DAY, dt.time(), place)


def _aware(now: dt.datetime) -> dt.datetime:
    if now.utcoffset() is None:
        raise InvalidValueError(
            f"{now} has no time zone", where="now", remedy="Pass an aware time, with its zone"
        )
    return now
