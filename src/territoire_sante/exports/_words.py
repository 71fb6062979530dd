# SPDX-License-Identifier: Apache-2.0
"""Days, lengths, amounts and ways to ask, in the words of either language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from territoire_sante.model import (
    ActorKind,
    Cost,
    CostKind,
    Duration,
    Knowledge,
    Known,
    LeverOffer,
    Money,
    Period,
    Quantity,
    Tri,
    Unit,
    When,
)
from territoire_sante.snapshot import Snapshot

_MONTHS: Final = {
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août"),
        *("septembre", "octobre", "novembre", "décembre"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June", "July", "August"),
        *("September", "October", "November", "December"),
    ),
}
_LENGTHS: Final = (
    ("years", ("an", "ans"), ("year", "years")),
    ("months", ("mois", "mois"), ("month", "months")),
    ("days", ("jour", "jours"), ("day", "days")),
    ("hours", ("heure", "heures"), ("hour", "hours")),
    ("minutes", ("minute", "minutes"), ("minute", "minutes")),
)


def pick(lang: str, fr: str, en: str) -> str:
    """Return one of two texts: French for ``"fr"``, English for any other language."""
    return fr if lang == "fr" else en


def day_text(day: dt.date, lang: str) -> str:
    """
    Return a day in words.

    >>> day_text(dt.date(2027, 3, 1), "fr"), day_text(dt.date(2027, 3, 1), "en")
    ('1er mars 2027', '1 March 2027')
    """
    first = lang == "fr" and day.day == 1
    month = _MONTHS["fr" if lang == "fr" else "en"][day.month - 1]
    return f"{day.day}{'er' if first else ''} {month} {day.year}"


def when_text(when: When, lang: str) -> str:
    """
    Return a day, or a day and the time on the clock of its place.

    >>> when_text(dt.datetime(2027, 3, 1, 18, 30), "fr")
    '1er mars 2027, 18 h 30'
    """
    if not isinstance(when, dt.datetime):
        return day_text(when, lang)
    clock = f"{when.hour} h {when.minute:02}" if lang == "fr" else f"{when:%H:%M}"
    return f"{day_text(when.date(), lang)}, {clock}"


def length_text(length: Duration, lang: str) -> str:
    """
    Return a length of time in words.

    >>> length_text(Duration(months=1, days=15), "fr")
    '1 mois et 15 jours'
    """
    parts = []
    for field, fr, en in _LENGTHS:
        if count := getattr(length, field):
            one, many = fr if lang == "fr" else en
            parts.append(f"{count} {one if count == 1 else many}")
    return f" {pick(lang, 'et', 'and')} ".join(parts) or pick(lang, "0 jour", "0 days")


def decimal_text(value: Decimal, lang: str) -> str:
    """
    Return a number as one writes it, with the decimal sign of the language.

    >>> decimal_text(Decimal("12.50"), "fr"), decimal_text(Decimal("8E+1"), "en")
    ('12,50', '80')
    """
    text = f"{value:f}"
    return text.replace(".", ",") if lang == "fr" else text


def money_text(money: Money, lang: str) -> str:
    """
    Return an amount in euros.

    >>> money_text(Money("1250.5"), "en")
    '€1250.50'
    """
    amount = decimal_text(money.amount, lang)
    return f"{amount} €" if lang == "fr" else f"€{amount}"


def quantity_text(quantity: Quantity, lang: str) -> str:
    """Return an amount of something with its unit, in its own words where it has some."""
    unit = quantity.unit.label(lang).lower()
    if quantity.unit is Unit.OTHER:
        unit = ""
    detail = quantity.detail and (f" ({quantity.detail})" if unit else f" {quantity.detail}")
    return f"{decimal_text(quantity.value, lang)}{' ' if unit else ''}{unit}{detail}"


def cost_text(cost: Cost, lang: str) -> str:
    """
    Return what something costs.

    >>> cost_text(Cost(kind=CostKind.AMOUNT, amount=Money("2"), per="trajet"), "fr")
    '2,00 € par trajet'
    """
    if cost.kind is CostKind.AMOUNT and cost.amount is not None:
        per = f" {pick(lang, 'par', 'per')} {cost.per}" if cost.per else ""
        return f"{money_text(cost.amount, lang)}{per}"
    return f"{cost.kind.label(lang)} ({cost.per})" if cost.per else cost.kind.label(lang)


def period_text(period: Period, lang: str) -> str:
    """
    Return from when to when, in days; the end of a period is the first day without it.

    >>> period_text(Period(start=dt.date(2026, 1, 1)), "fr")
    'depuis le 1er janvier 2026'
    """
    start, last = period.start, period.end
    if last is not None and last > dt.date.min:
        last -= dt.timedelta(days=1)
    first_words = day_text(start, lang) if start is not None else ""
    last_words = day_text(last, lang) if last is not None else ""
    if first_words and last_words:
        return pick(lang, f"du {first_words} au {last_words}", f"{first_words} to {last_words}")
    if first_words:
        return pick(lang, f"depuis le {first_words}", f"since {first_words}")
    return pick(lang, f"jusqu'au {last_words}", f"until {last_words}") if last_words else ""


def lead_text(offer: LeverOffer, lang: str) -> str:
    """Return how long before one must ask; empty where that is not known."""
    if isinstance(offer.lead_time, Known):
        words = length_text(offer.lead_time.value, lang)
        return pick(lang, f"Demander {words} avant", f"Ask {words} before")
    if offer.lead_time is Knowledge.ABSENT:
        return pick(lang, "Sans délai", "At any time")
    return ""


def audience_text(snapshot: Snapshot, offer: LeverOffer, lang: str) -> str:
    """Return whom an offer is open to; empty where it is not said."""
    kinds = [kind.label(lang) for kind in ActorKind if kind in offer.audience_kinds]
    names = [snapshot.name_of(one) for one in offer.audience_ids]
    return ", ".join((*kinds, *names))


def needs_texts(offer: LeverOffer, lang: str) -> list[str]:
    """Return what one must bring, documents or an insurance, and how long one may use it."""
    texts = []
    if offer.required_documents:
        listed = ", ".join(offer.required_documents)
        texts.append(pick(lang, f"Pièces à fournir : {listed}", f"Documents needed: {listed}"))
    if offer.insurance_required is Tri.YES:
        texts.append(pick(lang, "Assurance exigée", "Insurance required"))
    if offer.convention_required is Tri.YES:
        texts.append(pick(lang, "Convention exigée", "Convention required"))
    for length, fr, en in (
        (offer.min_duration, "Durée minimale", "At least"),
        (offer.max_duration, "Durée maximale", "At most"),
    ):
        if length is not None:
            colon = pick(lang, " : ", ": ")
            texts.append(f"{pick(lang, fr, en)}{colon}{length_text(length, lang)}")
    return texts


def sentences(texts: Iterable[str]) -> str:
    """
    Join texts to sentences, each with its full stop.

    >>> sentences(["Sans délai", "", "Retour le lundi."])
    'Sans délai. Retour le lundi.'
    """
    full = (text.strip() for text in texts if text.strip())
    return " ".join(text if text[-1] in ".!?…" else f"{text}." for text in full)
