# SPDX-License-Identifier: Apache-2.0
"""The draft that announces an event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final

from territoire_sante.announcements._french import (
    day_of,
    hours_in_words,
    last_day_of,
    paragraphs,
    sentence,
    short_days,
    when_in_words,
)
from territoire_sante.announcements._recurrence import recurrence_in_words
from territoire_sante.announcements._words import (
    Frame,
    draft_id,
    reach_in_words,
    refuse_private,
    short_title,
    shown_contact,
)
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Announcement,
    AnnouncementCategory,
    Classification,
    ContactPoint,
    Event,
    EventKind,
    EventStatus,
    Provenance,
    Severity,
    Visibility,
)

_NBSP: Final = "\u00a0"
_CATEGORIES: Final[Mapping[EventKind, AnnouncementCategory]] = {
    EventKind.PUBLIC_PREVENTION: AnnouncementCategory.PREVENTION,
    EventKind.CRISIS_MEETING: AnnouncementCategory.CRISIS,
}


def event_draft(
    event: Event, frame: Frame, *, contacts: Iterable[ContactPoint], zone: dt.tzinfo | None
) -> Announcement:
    """
    Return the draft that announces ``event``.

    Raises:
        InvalidValueError: it is private, or over.
    """
    _refuse_hidden(event)
    public = event.visibility is Visibility.PUBLIC
    contact = shown_contact(contacts)
    title, short = _titles(event, frame, zone)
    facts = _facts(event, frame, zone)
    asking = (f"Renseignements{_NBSP}: {reach_in_words(contact)}." if contact is not None else "",)
    text = event.description.strip() if public else ""
    body = paragraphs(facts, [text], asking)
    brief = paragraphs([*facts, *asking])
    return Announcement(
        id=draft_id(event.id),
        title=title,
        title_short=short,
        body=body,
        body_short="" if brief == body else brief,
        category=_CATEGORIES.get(event.kind, AnnouncementCategory.MEETING),
        severity=Severity.EVENT,
        audience=frame.audience,
        publish_from=frame.today,
        publish_until=_last_day(event, frame, zone) or frame.until(None),
        # A series has no one date; which of them a calendar is to show is for a person to say.
        event_start=None if _is_series(event) else event.start,
        event_end=None if _is_series(event) else event.end,
        place=_one_line(event.location),
        url=event.url if public and event.url.startswith(("https://", "http://")) else "",
        contact=contact,
        event_id=event.id,
        provenance=Provenance(source="agenda", source_id=event.uid or event.id),
    )


def _is_series(event: Event) -> bool:
    return bool(event.rrule or event.rdates)


def _refuse_hidden(event: Event) -> None:
    refuse_private(event.visibility, where=event.id)
    if event.classification not in (None, Classification.PUBLIC):
        refuse_private(Visibility.PRIVATE, where=event.id)


def _last_day(event: Event, frame: Frame, zone: dt.tzinfo | None) -> dt.date | None:
    """
    Return the last day of the event, ``None`` if it is not known, or goes on again and again.

    Raises:
        InvalidValueError: it is over.
    """
    if event.start is None or _is_series(event):
        return None
    last = last_day_of(event.start, event.end, zone)
    if last < frame.today:
        raise InvalidValueError(
            f"the event was over on {last}",
            where=event.id,
            remedy="Announce an event that is still to come",
        )
    return last


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _prefix(event: Event) -> str:
    # A noun, because the words after it may be of either gender.
    return f"Annulation{_NBSP}: " if event.status is EventStatus.CANCELLED else ""


def _titles(event: Event, frame: Frame, zone: dt.tzinfo | None) -> tuple[str, str]:
    name = _one_line(event.summary)
    kind = "" if event.kind is EventKind.OTHER else event.kind.label_fr
    name, prefix = name or kind, _prefix(event)
    if event.start is None or _is_series(event) or not name:
        title = f"{prefix}{name}" if name else ""
        return title, short_title(title, [f"{prefix}{kind}" if kind else ""], frame.title_max)
    days = short_days(day_of(event.start, zone))
    if last_day_of(event.start, event.end, zone) != day_of(event.start, zone):
        days = tuple(f"dès {words}" for words in days)
    title = f"{prefix}{name}, {days[0]}"
    shorter = [f"{prefix}{name}, {words}" for words in days[1:]]
    shorter += [f"{prefix}{name}"] if not prefix else []
    shorter += [f"{prefix}{kind}, {words}" for words in days if kind]
    return title, short_title(title, shorter, frame.title_max)


def _facts(event: Event, frame: Frame, zone: dt.tzinfo | None) -> list[str]:
    lines = []
    if event.status is EventStatus.CANCELLED:
        lines.append("Ce rendez-vous n'aura pas lieu.")
    if event.start is not None:
        lines += _dates(event, event.start, frame, zone)
    if event.status is EventStatus.TENTATIVE:
        lines.append("Date à confirmer.")
    if event.location.strip():
        lines.append(f"Lieu{_NBSP}: {_one_line(event.location)}.")
    return lines


def _dates(event: Event, start: dt.date, frame: Frame, zone: dt.tzinfo | None) -> list[str]:
    when = when_in_words(start, event.end, zone)
    if not _is_series(event):
        return [sentence(when)]
    often = recurrence_in_words(event.rrule, day_of(start, zone)) if not event.rdates else ""
    hours = hours_in_words(start, event.end, zone)
    known = sentence(f"{often}, {hours}" if hours else often) if often else "Plusieurs dates."
    return [known, f"Première date{_NBSP}: {when}." if day_of(start, zone) >= frame.today else ""]
