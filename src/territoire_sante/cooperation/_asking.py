# SPDX-License-Identifier: Apache-2.0
"""How one asks for a lever: whom, in which way, how long before, and what is to be brought."""

from __future__ import annotations

import datetime as dt
from typing import Final

import attrs

from territoire_sante.cooperation._relay import Place
from territoire_sante.cooperation._words import Sentence, day_words, duration_words, say
from territoire_sante.model import (
    Actor,
    ContactPoint,
    ContactPointKind,
    Duration,
    Knowledge,
    Known,
    Lever,
    LeverOffer,
    OfferState,
    RequestMode,
    Tri,
)

_K = ContactPointKind
_FITTING: Final = {
    RequestMode.EMAIL: (_K.EMAIL, _K.SECURE_EMAIL),
    RequestMode.PHONE: (_K.PHONE, _K.MOBILE),
    RequestMode.ONLINE_FORM: (_K.URL,),
}


@attrs.frozen(kw_only=True)
class Asking:
    """
    Whom to ask for a lever, how, and by when.

    ``by_holder`` says that the offer names nobody, so that the points are the holder's own.
    ``ask_by`` is the last day to ask for a use on the day that was given; ``too_late`` says
    that it is past.
    """

    contact_points: tuple[ContactPoint, ...] = ()
    contact_name: str = ""
    by_holder: bool = False
    modes: tuple[RequestMode, ...] = ()
    url: str = ""
    lead_time: Known[Duration] | Knowledge = Knowledge.UNKNOWN
    ask_by: dt.date | None = None
    too_late: bool = False
    documents: tuple[str, ...] = ()
    conditions: str = ""
    open_to: Tri = Tri.UNKNOWN

    @property
    def whom_is_known(self) -> bool:
        """Whether there is somebody to ask."""
        return bool(self.contact_points or self.url)

    @property
    def way_is_known(self) -> bool:
        """Whether the holder said how to ask."""
        return bool(self.modes or self.url)

    @property
    def lead_time_is_known(self) -> bool:
        """Whether it is said how long before one must ask; "at once" is said, too."""
        return self.lead_time is not Knowledge.UNKNOWN

    def sentences(self) -> tuple[Sentence, ...]:
        """Return it all in sentences: whom, how, by when, with what."""
        return tuple(one for one in (self._whom(), self._when(), self._with()) if one is not None)

    def _whom(self) -> Sentence:
        if not self.whom_is_known:
            return say("On ne sait pas à qui demander.", "It is not known whom to ask.")
        kinds = {kind for mode in self.modes for kind in _FITTING.get(mode, ())}
        fitting = [one for one in self.contact_points if one.kind in kinds] or self.contact_points
        points = ", ".join(one.value for one in fitting[:2]) or self.url
        modes = Sentence(
            fr=", ".join(mode.label_fr.lower() for mode in self.modes) or "façon non précisée",
            en=", ".join(mode.label_en.lower() for mode in self.modes) or "in a way not said",
        )
        who = f"{self.contact_name}, {points}" if self.contact_name else points
        return say("Demander à : {who} ({modes}).", "Ask: {who} ({modes}).", who=who, modes=modes)

    def _when(self) -> Sentence:
        if self.ask_by is not None:
            day = day_words(self.ask_by)
            if self.too_late:
                return say(
                    "Trop tard : il fallait demander au plus tard le {day}.",
                    "Too late: one had to ask by {day}.",
                    day=day,
                )
            return say("Au plus tard le {day}.", "By {day} at the latest.", day=day)
        if isinstance(self.lead_time, Known):
            return say(
                "Délai : {time} avant.",
                "Lead time: {time} before.",
                time=duration_words(self.lead_time.value),
            )
        if self.lead_time is Knowledge.ABSENT:
            return say("Sans délai.", "At any time.")
        return say("Délai non renseigné.", "The lead time is not known.")

    def _with(self) -> Sentence | None:
        parts = ", ".join((*self.documents, *((self.conditions,) if self.conditions else ())))
        return say("Avec : {parts}.", "With: {parts}.", parts=parts.rstrip(".")) if parts else None


def offers_for(place: Place, lever: Lever) -> tuple[LeverOffer, ...]:
    """Return the offers of a lever that can be had or will be: the published ones first."""
    offers = [
        one
        for one in place.snapshot.offers_of(lever.id)
        if one.state is not OfferState.WITHDRAWN and place.sees(one)
    ]
    return tuple(sorted(offers, key=lambda one: (not one.available_on(place.today), one.id)))


def asking(
    place: Place,
    lever: Lever,
    offer: LeverOffer | None,
    *,
    asker: Actor | None = None,
    use_on: dt.date | None = None,
) -> Asking:
    """Return how one asks for a lever under an offer, or of its holder where there is none."""
    points, name = _contact(place, offer)
    holder = place.actor(lever.holder_id)
    by_holder = not points
    if by_holder:
        points, name = place.points(holder), holder.name if holder is not None else ""
    if offer is None:
        return Asking(contact_points=points, contact_name=name, by_holder=by_holder)
    ask_by = offer.last_request_day(use_on) if use_on is not None else None
    return Asking(
        contact_points=points,
        contact_name=name if points else "",
        by_holder=by_holder,
        modes=offer.request_modes,
        url=offer.request_url,
        lead_time=offer.lead_time,
        ask_by=ask_by,
        too_late=ask_by is not None and ask_by < place.today,
        documents=offer.required_documents,
        conditions=offer.conditions,
        open_to=Tri.UNKNOWN if asker is None else offer.open_to(asker.id, asker.kind),
    )


def _contact(place: Place, offer: LeverOffer | None) -> tuple[tuple[ContactPoint, ...], str]:
    """Return the points of an offer, and whose they are as far as that may be told."""
    if offer is None:
        return (), ""
    post, actor = place.post(offer.contact_id), place.actor(offer.contact_id)
    body = actor if post is None else place.actor(post.actor_id)
    name = body.short_name or body.name if body is not None else ""
    if post is not None:
        name = ", ".join(part for part in (post.title or post.role.label_fr, name) if part)
    own = offer.contact
    if own is not None and own.visibility.may_be_seen_by(place.audience):
        return (own,), name
    return place.points(post, actor), name
