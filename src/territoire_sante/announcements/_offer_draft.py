# SPDX-License-Identifier: Apache-2.0
"""The draft that tells of a means that can be asked for, and how."""

from __future__ import annotations

import datetime as dt
from typing import Final

from territoire_sante.announcements._french import (
    day_in_words,
    duration_in_words,
    listed,
    number_in_words,
    paragraphs,
    sentence,
)
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
    ContactPoint,
    CostKind,
    Known,
    Lever,
    LeverFamily,
    LeverOffer,
    OfferState,
    Provenance,
    Tri,
    Unit,
    Visibility,
)

_NBSP: Final = "\u00a0"
_COLON: Final = f"{_NBSP}: "
_ONE_DAY: Final = dt.timedelta(days=1)
_CLOSED: Final = frozenset({OfferState.PAUSED, OfferState.WITHDRAWN})


def offer_draft(
    offer: LeverOffer, frame: Frame, *, lever: Lever | None, holder: str
) -> Announcement:
    """
    Return the draft that tells of ``offer``.

    Raises:
        InvalidValueError: it is private, closed, or no longer valid, or the lever is another one.
    """
    _refuse_closed(offer, frame.today, lever)
    contact = shown_contact([offer.contact])
    title, short = _titles(offer, lever, frame)
    facts, asking = _facts(offer, holder), _asking(offer, contact)
    brief = paragraphs([*facts, *asking])
    body = paragraphs(_texts(offer, lever), facts, asking)
    last = None if offer.valid.end is None else offer.valid.end - _ONE_DAY
    mobile = lever is not None and LeverFamily.MOBILITY in lever.families
    return Announcement(
        id=draft_id(offer.id),
        title=title,
        title_short=short,
        body=body,
        body_short="" if brief == body else brief,
        category=AnnouncementCategory.TRANSPORT if mobile else AnnouncementCategory.OTHER,
        audience=frame.audience,
        publish_from=frame.today,
        publish_until=frame.until(last),
        url=_address(offer),
        contact=contact,
        provenance=Provenance(source="offre de levier", source_id=offer.id),
    )


def _refuse_closed(offer: LeverOffer, today: dt.date, lever: Lever | None) -> None:
    for entity in (offer, lever):
        if entity is not None:
            refuse_private(entity.visibility, where=entity.id)
    if lever is not None and lever.id != offer.lever_id:
        raise InvalidValueError(
            f"the offer is of {offer.lever_id}, not of {lever.id}",
            where="lever",
            remedy="Pass the lever that is offered",
        )
    over = offer.valid.end is not None and offer.valid.end <= today
    if over or offer.state in _CLOSED:
        raise InvalidValueError(
            "the offer is over" if over else f"the offer is {offer.state.name}",
            where=offer.id,
            remedy="Announce an offer that can be asked for",
        )


def _titles(offer: LeverOffer, lever: Lever | None, frame: Frame) -> tuple[str, str]:
    kind = "" if lever is None else lever.type.label_fr
    name = offer.title.strip() or ("" if lever is None else lever.title.strip() or kind)
    title = " ".join(name.split())
    own = "" if lever is None else " ".join(lever.title.split())
    return title, short_title(title, [own, kind], frame.title_max)


def _texts(offer: LeverOffer, lever: Lever | None) -> list[str]:
    texts = []
    if lever is not None and lever.visibility is Visibility.PUBLIC:
        texts.append(lever.description.strip())
    if offer.visibility is Visibility.PUBLIC and offer.conditions.strip():
        texts.append(f"Conditions{_COLON}{sentence(offer.conditions)}")
    return texts


def _facts(offer: LeverOffer, holder: str) -> list[str]:
    return [
        f"Proposé par{_COLON}{holder.strip()}." if holder.strip() else "",
        _audience(offer),
        _capacity(offer),
        _cost(offer),
        _length_of_use(offer),
        _valid(offer),
        "Une convention est à signer." if offer.convention_required is Tri.YES else "",
        "Une attestation d'assurance est demandée." if offer.insurance_required is Tri.YES else "",
    ]


def _audience(offer: LeverOffer) -> str:
    kinds = listed([kind.label_fr for kind in offer.audience_kinds], "et")
    return f"Pour{_COLON}{kinds}." if kinds else ""


def _capacity(offer: LeverOffer) -> str:
    capacity = offer.capacity
    if capacity is None:
        return ""
    free = capacity.unit in (Unit.OTHER, Unit.ITEMS) and capacity.detail
    unit = capacity.detail if free else capacity.unit.label_fr.lower()
    return f"Capacité{_COLON}{number_in_words(capacity.value)} {unit}."


def _cost(offer: LeverOffer) -> str:
    cost = offer.cost
    if cost is None:
        return ""
    if cost.kind is CostKind.FREE:
        return "Gratuit."
    if cost.kind is CostKind.QUOTE or cost.amount is None:
        return "Sur devis." if cost.kind is CostKind.QUOTE else ""
    euros = f"{cost.amount.amount:,.2f}".removesuffix(".00")
    money = euros.replace(",", _NBSP).replace(".", ",")
    return f"Coût{_COLON}{money}{_NBSP}€{f' {cost.per.strip()}' if cost.per.strip() else ''}."


def _length_of_use(offer: LeverOffer) -> str:
    least, most = offer.min_duration, offer.max_duration
    if least and most:
        return f"Durée{_COLON}de {duration_in_words(least)} à {duration_in_words(most)}."
    if most:
        return f"Durée{_COLON}{duration_in_words(most)} au plus."
    return f"Durée{_COLON}{duration_in_words(least)} au moins." if least else ""


def _valid(offer: LeverOffer) -> str:
    end = offer.valid.end
    return "" if end is None else f"Disponible jusqu'au {day_in_words(end - _ONE_DAY)}."


def _asking(offer: LeverOffer, contact: ContactPoint | None) -> list[str]:
    modes = listed([mode.label_fr.lower() for mode in offer.request_modes], "ou")
    how = f"Pour le demander{_COLON}{modes}." if modes else ""
    reach = f"Contact{_COLON}{reach_in_words(contact)}." if contact is not None else ""
    form = f"Formulaire{_COLON}{_address(offer)}" if _address(offer) else ""
    ahead = ""
    if isinstance(offer.lead_time, Known) and offer.lead_time.value:
        ahead = f"À demander au moins {duration_in_words(offer.lead_time.value)} à l'avance."
    papers = listed([one.strip() for one in offer.required_documents if one.strip()], "et")
    return [how, reach, form, ahead, f"À fournir{_COLON}{papers}." if papers else ""]


def _address(offer: LeverOffer) -> str:
    return offer.request_url if offer.request_url.startswith(("https://", "http://")) else ""
