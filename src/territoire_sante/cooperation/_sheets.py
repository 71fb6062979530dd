# SPDX-License-Identifier: Apache-2.0
"""How complete the sheet of a lever is, criterion by criterion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

import attrs

from territoire_sante.cooperation._asking import Asking, asking, offers_for
from territoire_sante.cooperation._relay import Place
from territoire_sante.cooperation._score import freshness
from territoire_sante.cooperation._words import Sentence, say
from territoire_sante.model import Lever, LeverOffer, RequestMode, Tri, Visibility
from territoire_sante.snapshot import Snapshot

# Shorter says too little, longer is not read (data.inclusion scores its sheets alike).
_SHORT: Final = 40
_LONG: Final = 2000


@attrs.frozen(kw_only=True)
class Mark:
    """One criterion of a sheet: from 0 to 1, ``None`` where it does not apply, and what to do."""

    code: str
    value: float | None
    todo: Sentence


@attrs.frozen(kw_only=True)
class Quality:
    """How complete a sheet is: the mean of the marks that apply."""

    lever_id: str
    marks: tuple[Mark, ...]

    @property
    def score(self) -> float:
        """The mean, from 0 to 1."""
        values = [mark.value for mark in self.marks if mark.value is not None]
        return round(sum(values) / len(values), 6)

    def todos(self) -> tuple[Sentence, ...]:
        """Return what would make the sheet better, the most missing first."""
        open_ = [mark for mark in self.marks if mark.value is not None and mark.value < 1]
        return tuple(mark.todo for mark in sorted(open_, key=lambda one: one.value or 0.0))


def sheet_quality(
    snapshot: Snapshot,
    lever: Lever,
    *,
    today: dt.date,
    audience: Visibility = Visibility.PARTNERS,
) -> Quality:
    """
    Say how complete the sheet of a lever is for those who may want it.

    What of it ``audience`` may not see is missing to them.
    """
    place = Place(snapshot=snapshot, commune="", today=today, audience=audience)
    offers = offers_for(place, lever)
    offer = offers[0] if offers else None
    how = asking(place, lever, offer)
    marks = (*_about_lever(place, lever), *_about_offer(offer, how))
    return Quality(lever_id=lever.id, marks=marks)


def _about_lever(place: Place, lever: Lever) -> Iterator[Mark]:
    yield _mark(
        "holder", place.actor(lever.holder_id) is not None, "Dire qui décide.", "Say whose."
    )
    yield _mark(
        "coverage", bool(lever.coverage), "Dire quelles communes.", "Say for which communes."
    )
    length = len(lever.description.strip())
    yield Mark(
        code="description",
        value=min(1.0, length / _SHORT) if length <= _LONG else 0.5,
        todo=say("Décrire en quelques phrases.", "Describe it in a few sentences."),
    )
    yield Mark(
        code="freshness",
        value=freshness(lever.verified_on, place.today),
        todo=say("Vérifier la fiche avec le détenteur.", "Verify the sheet with the holder."),
    )


def _about_offer(offer: LeverOffer | None, how: Asking) -> Iterator[Mark]:
    yield _mark("contact", how.whom_is_known, "Dire à qui demander.", "Say whom to ask.")
    yield _mark("way", how.way_is_known, "Dire comment demander.", "Say how to ask.")
    yield _mark(
        "lead_time", how.lead_time_is_known, "Dire le délai, ou sans délai.", "Say the lead time."
    )
    yield _mark(
        "cost",
        offer is not None and offer.cost is not None,
        "Dire si c'est gratuit.",
        "Say whether it is free.",
    )
    yield _mark(
        "capacity",
        offer is not None and offer.capacity is not None,
        "Dire combien.",
        "Say how many.",
    )
    visit = RequestMode.VISIT in how.modes
    yield Mark(
        code="opening_hours",
        value=float(bool(offer and offer.opening_hours)) if visit else None,
        todo=say("Dire quand on peut passer.", "Say when one can come."),
    )
    said = offer is not None and Tri.UNKNOWN not in (
        offer.insurance_required,
        offer.convention_required,
    )
    yield _mark(
        "requirements",
        said,
        "Dire s'il faut une assurance, une convention.",
        "Say whether insurance or a convention is needed.",
    )


def _mark(code: str, there: bool, fr: str, en: str) -> Mark:  # noqa: FBT001 - a criterion is there or not
    return Mark(code=code, value=float(there), todo=say(fr, en))
