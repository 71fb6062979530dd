# SPDX-License-Identifier: Apache-2.0
"""Rules on dates: missing, over, contradictory."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Final

from territoire_sante.announcements._dates import Mention, mentions_in
from territoire_sante.announcements._french import (
    WEEKDAYS,
    day_in_words,
    day_of,
    last_day_of,
)
from territoire_sante.announcements._remarks import (
    Found,
    RemarkLevel,
    Setting,
    texts_of,
    without_addresses,
)
from territoire_sante.model import Announcement, AnnouncementCategory, Severity, publication_days

_ENGLISH: Final = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_SERIES: Final = re.compile(
    r"\b(?:(?:chaque|tous les|toutes les|(?:premier|deuxième|troisième|quatrième|dernier)s?)"
    rf"[\s\u00a0](?:jours?|semaines?|mois|(?:{'|'.join(WEEKDAYS)})s?)"
    rf"|un (?:{'|'.join(WEEKDAYS)}) sur deux)\b",
    re.IGNORECASE,
)
_RELATIVE: Final = re.compile(
    r"\b(?:aujourd['’]hui|demain|après-demain|hier|ce (?:soir|matin|midi|week-end)"
    r"|cet après-midi|(?:la )?semaine prochaine|(?:le )?mois prochain"
    rf"|(?:{'|'.join(WEEKDAYS)}) (?:prochain|dernier))\b",
    re.IGNORECASE,
)


def is_event(announcement: Announcement) -> bool:
    """Say whether it tells of something to go to."""
    return bool(
        announcement.event_id
        or announcement.severity is Severity.EVENT
        or announcement.category is AnnouncementCategory.MEETING
        or announcement.event_start is not None
    )


def _mentions(announcement: Announcement) -> Iterator[tuple[str, Mention]]:
    for field, text in texts_of(announcement):
        for mention in mentions_in(without_addresses(text)):
            yield field, mention


def _event_days(announcement: Announcement) -> tuple[dt.date, dt.date] | None:
    start = announcement.event_start
    if start is None:
        return None
    return day_of(start), last_day_of(start, announcement.event_end)


def missing_date(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find an event that does not say when it is."""
    del setting
    if not is_event(announcement) or announcement.event_start is not None:
        return
    if any(_SERIES.search(text) for _, text in texts_of(announcement)):
        return
    written = next(_mentions(announcement), None)
    if written is None:
        yield Found(
            field="event_start",
            fr="Il manque la date : ni le champ ni le texte ne disent quand cela a lieu.",
            en="The date is missing: neither the field nor the text says when it takes place.",
        )
    else:
        yield Found(
            field="event_start",
            fr="La date n'est que dans le texte : remplissez aussi la date de l'événement, "
            "pour les agendas et les flux.",
            en="The date is in the text only: fill in the date of the event too, "
            "for calendars and feeds.",
            excerpt=written[1].words,
            level=RemarkLevel.HINT,
        )


def missing_place(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find an event that does not say where it is."""
    del setting
    if is_event(announcement) and not announcement.place.strip():
        yield Found(
            field="place",
            fr="Il manque le lieu : où faut-il aller ?",
            en="The place is missing: where is one to go?",
        )


def past_event(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find an event, or a publication, that is over."""
    days = _event_days(announcement)
    if days is not None and days[1] < setting.today:
        yield Found(
            field="event_start",
            fr=f"C'est passé : {day_in_words(days[1])}.",
            en=f"It is over since {days[1]}.",
            excerpt=day_in_words(days[1]),
        )
    _, last = publication_days(announcement)
    if last is not None and last < setting.today:
        yield Found(
            field="publish_until",
            fr=f"La publication est terminée depuis le {day_in_words(last)}.",
            en=f"The publication ended on {last}.",
            excerpt=day_in_words(last),
        )


def past_mention(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find dates with their year, in the texts, that are over."""
    for field, mention in _mentions(announcement):
        day = mention.in_year(mention.year) if mention.year is not None else None
        if day is not None and day < setting.today and not mention.is_since:
            yield Found(
                field=field,
                fr=f"Le texte parle d'une date passée : {mention.words}.",
                en=f"The text names a day that is over: {mention.words}.",
                excerpt=mention.words,
            )


def wrong_weekday(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find weekdays that contradict their date; without a year, that of the year around today."""
    for field, mention in _mentions(announcement):
        if mention.weekday is None:
            continue
        day = mention.meant(_near(announcement, setting.today))
        if day is not None and day.weekday() != mention.weekday:
            told = WEEKDAYS[mention.weekday]
            yield Found(
                field=field,
                fr=f"Le {day_in_words(day).partition(' ')[2]} est un "
                f"{WEEKDAYS[day.weekday()]}, pas un {told}.",
                en=f"{day} is a {_ENGLISH[day.weekday()]}, not a {_ENGLISH[mention.weekday]}.",
                excerpt=mention.words,
            )


def _near(announcement: Announcement, today: dt.date) -> dt.date:
    return today if announcement.event_start is None else day_of(announcement.event_start)


def impossible_date(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find dates that no calendar has."""
    del setting
    for field, mention in _mentions(announcement):
        if not mention.exists:
            yield Found(
                field=field,
                fr=f"Cette date n'existe pas : {mention.words}.",
                en=f"There is no such day: {mention.words}.",
                excerpt=mention.words,
            )


def other_date(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find texts that name dates, none of them that of the event."""
    del setting
    days = _event_days(announcement)
    if days is None:
        return
    for field, text in texts_of(announcement):
        named = mentions_in(without_addresses(text))
        found = [one for one in named if one.exists and not one.is_bound]
        if found and not any(_within(one, days) for one in found):
            yield Found(
                field=field,
                fr=f"Le texte dit « {found[0].words} », mais l'événement a lieu le "
                f"{day_in_words(days[0])}.",
                en=f"The text says “{found[0].words}”, but the event is on {days[0]}.",
                excerpt=found[0].words,
            )


def _within(mention: Mention, days: tuple[dt.date, dt.date]) -> bool:
    years = (days[0].year, days[1].year) if mention.year is None else (mention.year,)
    named = (mention.in_year(year) for year in years)
    return any(day is not None and days[0] <= day <= days[1] for day in named)


def relative_date(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find "demain" and the like where no date is named: notices are read for days."""
    del setting
    for field, text in texts_of(announcement):
        found = _RELATIVE.search(text)
        if found is not None and next(mentions_in(text), None) is None:
            yield Found(
                field=field,
                fr=f"« {found[0]} » change de sens chaque jour : écrivez la date.",
                en=f"“{found[0]}” means another day each day: write the date.",
                excerpt=found[0],
            )


def publication(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find publications without an end, or that do not suit the event."""
    del setting
    first, last = publication_days(announcement)
    if last is None:
        yield Found(
            field="publish_until",
            fr="Il manque la fin de publication : l'annonce resterait affichée.",
            en="The end of publication is missing: the notice would stay.",
        )
    days = _event_days(announcement)
    if days is None:
        return
    if first is not None and first > days[1]:
        yield Found(
            field="publish_from",
            fr=f"La publication commence après l'événement ({day_in_words(days[1])}).",
            en=f"The publication begins after the event ({days[1]}).",
            level=RemarkLevel.ERROR,
        )
    if last is not None and last > days[1]:
        yield Found(
            field="publish_until",
            fr=f"L'annonce reste affichée après l'événement ({day_in_words(days[1])}).",
            en=f"The notice stays after the event ({days[1]}).",
            level=RemarkLevel.HINT,
        )
