# SPDX-License-Identifier: Apache-2.0
"""
Past events that a feed shows no longer.

Many feeds have a moving window: they drop what is over. That is no deletion, the event did take
place. An event that vanished is therefore kept if it is over and nothing that is as old is left in
the feed; one that vanished from between older ones was deleted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from territoire_sante.errors import InputError
from territoire_sante.formats import Document, icalendar
from territoire_sante.model import Event, When
from territoire_sante.plugins import Stored

# A day or a floating time begins (and is over) first in the easternmost zone.
_EARLIEST: Final = dt.timezone(dt.timedelta(hours=14))
_DAY: Final = dt.timedelta(days=1)

# A recurrence that pauses for longer than this is taken for ended.
_AHEAD: Final = 10 * 366 * _DAY


@attrs.frozen(kw_only=True)
class _Span:
    start: dt.datetime
    end: dt.datetime


def still_history(
    vanished: Iterable[Stored], present: Iterable[Document], *, now: dt.datetime
) -> list[Stored]:
    """Return those of the ``vanished`` events that a moving window left behind by ``now``."""
    past = [(stored, span) for stored in vanished if (span := _past(stored.document, now))]
    if not past:
        return []
    left = list(_single(present))
    if not left:
        return [stored for stored, _ in past]
    # A feed may cut by days of its own zone, and days are not hours: in doubt, it is history.
    first = min(span.start for span in left) + _DAY
    over = min(span.end for span in left) + _DAY
    return [stored for stored, span in past if span.start <= first or span.end <= over]


def _past(document: Document, now: dt.datetime) -> _Span | None:
    """Return when an event was, ``None`` if it is not over or cannot be read."""
    try:
        event = icalendar.EVENT.get(document)
        span = _span(event.start, event.end)
        if span is None or span.end > now:
            return None
        if _recurs(event) and any(icalendar.expand(document, now, now + _AHEAD)):
            return None
    except (InputError, OverflowError):
        return None
    # The end of a series is not known exactly; that of its first instance would be too early.
    return attrs.evolve(span, end=now) if _recurs(event) else span


def _single(documents: Iterable[Document]) -> Iterator[_Span]:
    """Yield when the events are that happen once: a series may have begun long ago."""
    for document in documents:
        try:
            event = icalendar.EVENT.get(document)
        except InputError:
            continue
        span = None if _recurs(event) else _span(event.start, event.end)
        if span is not None:
            yield span


def _recurs(event: Event) -> bool:
    return bool(event.rrule or event.rdates or event.occurrences)


def _span(start: When | None, end: When | None) -> _Span | None:
    if start is None:
        return None
    if end is None:
        end = start if isinstance(start, dt.datetime) else start + _DAY
    return _Span(start=_moment(start), end=_moment(end))


def _moment(when: When) -> dt.datetime:
    if not isinstance(when, dt.datetime):
        return dt.datetime.combine(when, dt.time(), _EARLIEST)
    return when if when.tzinfo is not None else when.replace(tzinfo=_EARLIEST)


def starts_at(when: When | None) -> str:
    """
    Return a start as text that is the same for the same instant in another zone.

    >>> starts_at(dt.date(2026, 5, 4))
    '2026-05-04'
    """
    if isinstance(when, dt.datetime) and when.tzinfo is not None:
        return when.astimezone(dt.UTC).isoformat()
    return "" if when is None else when.isoformat()
