# SPDX-License-Identifier: Apache-2.0
"""What data.inclusion says of a service: themes, costs, whom it is for, where, how to ask."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import attrs

from territoire_sante.exports._actors import asked, offers_on
from territoire_sante.exports._areas import areas_of
from territoire_sante.exports._contract import Tally
from territoire_sante.exports._often import often
from territoire_sante.exports._plain import reached
from territoire_sante.exports._words import (
    cost_text,
    lead_text,
    needs_texts,
    quantity_text,
    sentences,
)
from territoire_sante.formats.inclusion import LEVERS, MODES, THEMES
from territoire_sante.model import (
    Actor,
    ContactPointKind,
    Cost,
    CostKind,
    Lever,
    LeverFamily,
    LeverOffer,
    RequestMode,
)
from territoire_sante.snapshot import Snapshot

#: The tag under which "all of France" is kept, which no list of territories says.
_EVERYWHERE: Final = "zone:france"
_ZONES: Final = frozenset({"commune", "departement", "epci"})
_KNOWN_THEMES: Final = frozenset({*LEVERS, *THEMES.values()})
_MODE_WORDS: Final = {mode: word for word, mode in MODES.items()}
_TYPES: Final = {
    LeverFamily.FUNDING: "aide-financiere",
    LeverFamily.LOGISTICS: "aide-materielle",
    LeverFamily.PREMISES: "aide-materielle",
    LeverFamily.KNOWLEDGE: "information",
}
_K: Final = ContactPointKind


@attrs.frozen(kw_only=True)
class Service:
    """A lever under one of its offers, and who holds it."""

    lever: Lever
    offer: LeverOffer
    holder: Actor


def services_of(snapshot: Snapshot, lever: Lever, today: dt.date) -> list[LeverOffer]:
    """Return the offers under which a lever is a service today."""
    return offers_on(snapshot, lever, today)


def service_record(
    snapshot: Snapshot, service: Service, today: dt.date, tally: Tally
) -> dict[str, Any]:
    """Return what the offer says, in French as the schema's readers are."""
    lever, offer = service.lever, service.offer
    points = asked(snapshot, lever, offer, today=today, lang="fr").points
    modes = [_MODE_WORDS[one] for one in offer.request_modes if one in _MODE_WORDS]
    return {
        "type": _TYPES.get(lever.family),
        "thematiques": _themes(lever, tally),
        **_cost(offer.cost),
        "conditions_acces": offer.conditions or None,
        "zone_eligibilite": _zones(snapshot, lever, tally),
        "telephone": next(iter(reached(points, _K.PHONE, _K.MOBILE)), None),
        "courriel": next(iter(reached(points, _K.EMAIL)), None),
        "modes_mobilisation": list(dict.fromkeys(modes)) or None,
        "mobilisable_par": ["professionnels"] if offer.audience_kinds else None,
        "mobilisation_precisions": _precisions(offer) or None,
        "horaires_accueil": offer.opening_hours or None,
    }


def _themes(lever: Lever, tally: Tally) -> list[str] | None:
    tagged = [tag for tag in lever.tags if "--" in tag]
    if any(one not in _KNOWN_THEMES for one in tagged):
        tally.leave("code_not_in_schema", lever.id)
    known = [one for one in tagged if one in _KNOWN_THEMES]
    own = THEMES.get(lever.type)
    # What an import was tagged with says more than its type, which follows from it.
    if own is not None and not any(LEVERS.get(one) is lever.type for one in known):
        known.insert(0, own)
    return list(dict.fromkeys(known)) or None


def _cost(cost: Cost | None) -> dict[str, Any]:
    if cost is None:
        return {}
    if cost.kind is CostKind.FREE:
        return {"frais": "gratuit", "frais_precisions": cost.per or None}
    if cost.kind is CostKind.AMOUNT:
        return {"frais": "payant", "frais_precisions": cost_text(cost, "fr")}
    return {"frais": "payant", "frais_precisions": cost.per or None}


def _zones(snapshot: Snapshot, lever: Lever, tally: Tally) -> list[str] | None:
    """Return where it is to be had; none is not known, and never everywhere."""
    zones: dict[str, None] = {}
    for territory_id, areas in areas_of(snapshot, lever.coverage, _ZONES):
        if not areas:
            tally.leave("area_without_code", territory_id)
        zones |= dict.fromkeys(area.code for area in areas)
    if _EVERYWHERE in lever.tags:
        zones["france"] = None
    return list(zones) or None


def _precisions(offer: LeverOffer) -> str:
    """Return in words what has no field of its own."""
    texts = [lead_text(offer, "fr"), *needs_texts(offer, "fr")]
    if RequestMode.LETTER in offer.request_modes:
        texts.insert(0, "Demander par courrier")
    if offer.capacity is not None:
        texts.append(f"Capacité : {quantity_text(offer.capacity, 'fr')}")
    if offer.availability:
        texts.append(f"Disponibilité : {often(offer.availability, 'fr')}")
    if offer.calendar_url:
        texts.append(f"Calendrier : {offer.calendar_url}")
    return sentences(texts)
