# SPDX-License-Identifier: Apache-2.0
"""Days, times, numbers and lists in French words, as a notice gives them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from territoire_sante.model import Duration, When

WEEKDAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS: Final = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août"),
    *("septembre", "octobre", "novembre", "décembre"),
)

_SHORT_MONTHS: Final = (
    *("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août"),
    *("sept.", "oct.", "nov.", "déc."),
)
_PARIS: Final = "Europe/Paris"
_ONE_DAY: Final = dt.timedelta(days=1)
_NBSP: Final = "\u00a0"
_UNITS: Final = (
    ("years", "an", "ans"),
    ("months", "mois", "mois"),
    ("days", "jour", "jours"),
    ("hours", "heure", "heures"),
    ("minutes", "minute", "minutes"),
)
_ENDING: Final = re.compile(r"[.!?…]$")


def local(when: When, zone: dt.tzinfo | None = None) -> When:
    """
    Return a time as people there read it on the clock.

    With ``zone``, aware times are moved there; without it they keep their own, but for
    UTC, which nobody's clock shows, and which becomes Europe/Paris.
    """
    if not isinstance(when, dt.datetime) or when.utcoffset() is None:
        return when
    if zone is None and when.tzname() != "UTC":
        return when
    try:
        return when.astimezone(zone or ZoneInfo(_PARIS))
    except OverflowError:
        return when


def day_of(when: When, zone: dt.tzinfo | None = None) -> dt.date:
    """Return the day that a calendar on the wall shows."""
    there = local(when, zone)
    return there.date() if isinstance(there, dt.datetime) else there


def last_day_of(start: When, end: When | None, zone: dt.tzinfo | None = None) -> dt.date:
    """Return the last day that an event touches; ``end`` is exclusive (RFC 5545, 3.6.1)."""
    first = day_of(start, zone)
    if end is None:
        return first
    there, day = local(end, zone), day_of(end, zone)
    midnight = not isinstance(there, dt.datetime) or there.time() == dt.time()
    return max(first, day - _ONE_DAY if midnight and day > first else day)


def day_in_words(day: dt.date, *, year: bool = True) -> str:
    """
    Return a day with its weekday.

    >>> day_in_words(dt.date(2026, 12, 1))
    'mardi 1er décembre 2026'
    """
    number = "1er" if day.day == 1 else str(day.day)
    text = f"{WEEKDAYS[day.weekday()]} {number} {MONTHS[day.month - 1]}"
    return f"{text} {day.year}" if year else text


def short_days(day: dt.date) -> tuple[str, ...]:
    """
    Return a day in shorter and shorter words, without the year.

    >>> short_days(dt.date(2026, 11, 14))
    ('samedi 14 novembre', 'sam. 14 nov.', '14/11')
    """
    number = "1er" if day.day == 1 else str(day.day)
    short = f"{WEEKDAYS[day.weekday()][:3]}. {number} {_SHORT_MONTHS[day.month - 1]}"
    return day_in_words(day, year=False), short, f"{day.day:02}/{day.month:02}"


def time_in_words(moment: dt.time) -> str:
    r"""
    Return a time of the day, with no-break spaces.

    >>> time_in_words(dt.time(9, 30)), time_in_words(dt.time(18))
    ('9\xa0h\xa030', '18\xa0h')
    """
    hours = f"{moment.hour}{_NBSP}h"
    return f"{hours}{_NBSP}{moment.minute:02}" if moment.minute else hours


def when_in_words(start: When, end: When | None = None, zone: dt.tzinfo | None = None) -> str:
    """
    Return when something takes place; ``end`` is exclusive for days (RFC 5545, 3.6.1).

    >>> when_in_words(dt.date(2026, 11, 14), dt.date(2026, 11, 17))
    'du samedi 14 au lundi 16 novembre 2026'
    >>> evening = dt.datetime(2026, 11, 14, 18, tzinfo=ZoneInfo("Europe/Paris"))
    >>> when_in_words(evening, evening + dt.timedelta(hours=2)).replace("\u00a0", " ")
    'samedi 14 novembre 2026 de 18 h à 20 h'
    """
    first = local(start, zone)
    if not isinstance(first, dt.datetime):
        return _days(first, last_day_of(start, end, zone))
    begins, day = time_in_words(first.time()), first.date()
    last = None if end is None else local(end, zone)
    if not isinstance(last, dt.datetime) or not _after(first, last):
        return f"{day_in_words(day)} à {begins}"
    ends = time_in_words(last.time())
    if last.date() == day:
        return f"{day_in_words(day)} de {begins} à {ends}"
    if last_day_of(start, end, zone) == day:
        return f"{day_in_words(day)} de {begins} à minuit"
    return f"du {day_in_words(day)} à {begins} au {day_in_words(last.date())} à {ends}"


def hours_in_words(start: When, end: When | None = None, zone: dt.tzinfo | None = None) -> str:
    """
    Return the times of the day at which something takes place, empty for days.

    >>> evening = dt.datetime(2026, 11, 14, 18, tzinfo=ZoneInfo("Europe/Paris"))
    >>> hours_in_words(evening).replace("\u00a0", " ")
    'à 18 h'
    """
    first, day = local(start, zone), day_of(start, zone)
    if not isinstance(first, dt.datetime) or last_day_of(start, end, zone) != day:
        return ""
    # Of a weekday and a date nothing is left but the times.
    return when_in_words(start, end, zone).removeprefix(day_in_words(day)).strip()


def _after(first: dt.datetime, last: dt.datetime) -> bool:
    try:
        return last > first
    except TypeError:
        # A floating time and a zoned one: as both clocks show it.
        return last.replace(tzinfo=None) > first.replace(tzinfo=None)


def _days(first: dt.date, last: dt.date) -> str:
    if last <= first:
        return day_in_words(first)
    beginning = day_in_words(first, year=first.year != last.year)
    if (first.year, first.month) == (last.year, last.month):
        beginning = beginning.rpartition(" ")[0]
    return f"du {beginning} au {day_in_words(last)}"


def number_in_words(value: Decimal) -> str:
    r"""
    Return a number as French writes it.

    >>> number_in_words(Decimal("12500.50"))
    '12\xa0500,5'
    """
    plain = f"{value.normalize():,f}"
    return plain.replace(",", _NBSP).replace(".", ",")


def duration_in_words(duration: Duration) -> str:
    """
    Return a duration.

    >>> duration_in_words(Duration.parse("P1Y15D"))
    '1 an et 15 jours'
    """
    parts = [
        f"{count} {one if count == 1 else many}"
        for name, one, many in _UNITS
        if (count := getattr(duration, name))
    ]
    return listed(parts, "et") or "0 jour"


def listed(parts: Sequence[str], word: str) -> str:
    """
    Return parts joined by commas, and by ``word`` before the last.

    >>> listed(["par courriel", "par téléphone", "sur place"], "ou")
    'par courriel, par téléphone ou sur place'
    """
    *most, last = parts or ("",)
    return f"{', '.join(most)} {word} {last}" if most else last


def sentence(text: str) -> str:
    """
    Return text with a capital first letter and a full stop, unless it ends a sentence by itself.

    >>> sentence("samedi 14 novembre 2026")
    'Samedi 14 novembre 2026.'
    """
    told = text.strip()
    if not told:
        return ""
    capital = told[0].upper() + told[1:] if len(told[0].upper()) == 1 else told
    return capital if _ENDING.search(capital) else f"{capital}."


def paragraphs(*groups: Iterable[str]) -> str:
    """Return groups of lines with an empty line between them; what is empty is left out."""
    texts = ("\n".join(line for line in group if line) for group in groups)
    return "\n\n".join(text for text in texts if text)
