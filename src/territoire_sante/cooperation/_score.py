# SPDX-License-Identifier: Apache-2.0
"""A score as a sum of parts, each with its weight and its reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import attrs

from territoire_sante.cooperation._asking import Asking
from territoire_sante.cooperation._words import Sentence, day_words, say
from territoire_sante.model import LabelledEnum, Tri
from territoire_sante.snapshot import Nearness


class Criterion(LabelledEnum):
    """What a lever is ranked by."""

    COVERAGE = "coverage", "Couvre la commune", "Covers the commune"
    NEARNESS = "nearness", "Proximité", "Nearness"
    FRESHNESS = "freshness", "Fraîcheur", "Freshness"
    ACTIONABILITY = "actionability", "Prêt à être demandé", "Ready to be asked for"
    WORDS = "words", "Correspondance des mots", "Match of the words"


#: How much each criterion counts; together 1.
WEIGHTS: Final[Mapping[Criterion, float]] = {
    Criterion.COVERAGE: 0.35,
    Criterion.NEARNESS: 0.25,
    Criterion.ACTIONABILITY: 0.2,
    Criterion.FRESHNESS: 0.1,
    Criterion.WORDS: 0.1,
}

_COVERAGE: Final = {
    Tri.YES: (1.0, say("Couvre la commune.", "Covers the commune.")),
    Tri.UNKNOWN: (0.4, say("Couverture non renseignée.", "The coverage is not known.")),
    Tri.NO: (0.0, say("Ne couvre pas la commune.", "Does not cover the commune.")),
}
_READY: Final = say("Prêt à être demandé.", "Ready to be asked for.")
_FOR_OTHERS: Final = say("Réservé à d'autres.", "Reserved for others.")
_CHECKS: Final = (
    say("offre ouverte", "open offer"),
    say("contact", "contact"),
    say("façon de demander", "way of asking"),
    say("délai", "lead time"),
)
_NEARNESS: Final = {
    Nearness.COMMUNE: 1.0,
    Nearness.EPCI: 0.8,
    Nearness.AREA: 0.6,
    Nearness.DEPARTEMENT: 0.4,
    Nearness.REGION: 0.2,
    Nearness.UNKNOWN: 0.1,
    Nearness.ELSEWHERE: 0.0,
}

# As data.inclusion scores its sheets: good for six months, worth nothing after two years.
_FRESH_DAYS: Final = 183
_STALE_DAYS: Final = 730


@attrs.frozen(kw_only=True)
class Part:
    """
    One part of a score: what it is about, from 0 to 1, how much it counts, and why.

    The criterion is a :class:`Criterion` of levers, or a ``Trait`` of duplicates.
    """

    criterion: LabelledEnum
    value: float
    weight: float
    reason: Sentence


def part(criterion: Criterion, value: float, reason: Sentence) -> Part:
    """Return a part with the weight of its criterion."""
    return Part(criterion=criterion, value=value, weight=WEIGHTS[criterion], reason=reason)


def coverage_part(covers: Tri) -> Part:
    """Say whether a lever covers a commune; not known is worth more than no."""
    value, reason = _COVERAGE[covers]
    return part(Criterion.COVERAGE, value, reason)


def nearness_part(nearness: Nearness) -> Part:
    """Say how near it is to be had."""
    reason = say(
        "Où : {where}.",
        "Where: {where}.",
        where=Sentence(fr=nearness.label_fr, en=nearness.label_en),
    )
    return part(Criterion.NEARNESS, _NEARNESS[nearness], reason)


def freshness(verified_on: dt.date | None, today: dt.date) -> float:
    """
    Return how fresh a record is, from 1 within six months down to 0 after two years.

    Never verified is 0, and so is a day to come, which can only be a slip.

    >>> freshness(dt.date(2026, 1, 1), dt.date(2026, 3, 1))
    1.0
    """
    if verified_on is None or verified_on > today:
        return 0.0
    age = (today - verified_on).days
    return min(1.0, max(0.0, (_STALE_DAYS - age) / (_STALE_DAYS - _FRESH_DAYS)))


def freshness_part(verified_on: dt.date | None, today: dt.date) -> Part:
    """Say when a record was last verified."""
    if verified_on is None:
        reason = say("Jamais vérifié.", "Never verified.")
    else:
        reason = say("Vérifié le {day}.", "Verified on {day}.", day=day_words(verified_on))
    return part(Criterion.FRESHNESS, freshness(verified_on, today), reason)


def actionability_part(how: Asking, *, available: bool) -> Part:
    """
    Say whether one can ask: an offer that is open, somebody to ask, a way, a lead time to keep.

    An offer that is not for those who ask is worth nothing.
    """
    if how.open_to is Tri.NO:
        return part(Criterion.ACTIONABILITY, 0.0, _FOR_OTHERS)
    in_time = how.lead_time_is_known and not how.too_late
    there = (available, how.whom_is_known, how.way_is_known, in_time)
    missing = [one for one, good in zip(_CHECKS, there, strict=True) if not good]
    if not missing:
        return part(Criterion.ACTIONABILITY, 1.0, _READY)
    reason = say(
        "Manque : {what}.",
        "Missing: {what}.",
        what=Sentence(
            fr=", ".join(one.fr for one in missing), en=", ".join(one.en for one in missing)
        ),
    )
    return part(Criterion.ACTIONABILITY, 1 - len(missing) / len(_CHECKS), reason)


def words_part(*, in_title: bool) -> Part:
    """Say where the words are that were looked for."""
    if in_title:
        reason = say("Le titre ou le type y répond.", "Title or type match.")
    else:
        reason = say("La fiche en parle.", "The sheet mentions it.")
    return part(Criterion.WORDS, 1.0 if in_title else 0.5, reason)
