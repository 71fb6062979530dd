# SPDX-License-Identifier: Apache-2.0
"""Levers and the conditions under which they are offered (domain reference, 3.2)."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs

from territoire_sante.model._actor import ActorKind, VerificationStatus, verification
from territoire_sante.model._duration import Duration
from territoire_sante.model._entity import Entity
from territoire_sante.model._event import When
from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._lever_types import LeverFamily, LeverType
from territoire_sante.model._states import Machine
from territoire_sante.model._values import (
    ALWAYS,
    UNKNOWN,
    Address,
    ContactPoint,
    Knowledge,
    Known,
    Money,
    Period,
    Quantity,
    Tri,
)


@attrs.frozen(kw_only=True)
class Stop:
    """
    A timed stop of a mobile service: where it stands, when first, how it recurs.

    ``commune`` is an INSEE code, ``rrule`` the text of an RRULE value (RFC 5545, 3.3.10).
    """

    place: str
    commune: str = ""
    address: Address | None = None
    start: When | None = None
    end: When | None = None
    rrule: str = ""


@attrs.frozen(kw_only=True)
class Lever(Entity):
    """
    A means that an actor can put at the service of a care team.

    ``holder_id`` is the actor that decides on it, ``operator_id`` the one
    that runs it if another, ``competence_basis`` the text that makes it theirs
    to give. ``coverage`` holds ids of territories: none means not known, never
    everywhere. ``stops`` are for mobile services.
    """

    KIND: ClassVar[str] = "lever"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("lever",)

    type: LeverType
    title: str
    description: str = ""
    secondary_families: tuple[LeverFamily, ...] = ()
    holder_id: str = ""
    operator_id: str = ""
    competence_basis: str = ""
    coverage: tuple[str, ...] = ()
    stops: tuple[Stop, ...] = ()
    tags: tuple[str, ...] = ()
    review_every: Duration | None = None

    @property
    def family(self) -> LeverFamily:
        """The primary family, that of its type."""
        return self.type.family

    @property
    def families(self) -> tuple[LeverFamily, ...]:
        """The primary family, then the others."""
        others = (family for family in self.secondary_families if family is not self.family)
        return (self.family, *others)

    def verification(self, today: dt.date) -> VerificationStatus:
        """Say how far the record can be trusted ``today``."""
        return verification(self.verified_on, self.review_every, today)


class OfferState(LabelledEnum):
    """Life of an offer."""

    DRAFT = "draft", "Brouillon", "Draft"
    PUBLISHED = "published", "Publiée", "Published"
    PAUSED = "paused", "En pause", "Paused"
    WITHDRAWN = "withdrawn", "Retirée", "Withdrawn"


_O = OfferState

OFFER_MACHINE = Machine(
    name="lever offer",
    states=OfferState,
    initial=_O.DRAFT,
    table={
        "publish": {_O.DRAFT: _O.PUBLISHED},
        "pause": {_O.PUBLISHED: _O.PAUSED},
        "resume": {_O.PAUSED: _O.PUBLISHED},
        "withdraw": {_O.PUBLISHED: _O.WITHDRAWN, _O.PAUSED: _O.WITHDRAWN},
    },
)


class CostKind(LabelledEnum):
    """How a lever is paid for."""

    FREE = "free", "Gratuit", "Free"
    AMOUNT = "amount", "Montant fixé", "Fixed amount"
    QUOTE = "quote", "Sur devis", "On quotation"


@attrs.frozen(kw_only=True)
class Cost:
    """
    What using a lever costs, and what a free use is worth.

    ``in_kind_value`` is the aid in kind that the authority lists in its
    budget annex (CGCT L2144-3).
    """

    kind: CostKind = CostKind.FREE
    amount: Money | None = None
    per: str = ""
    in_kind_value: Money | None = None


class RequestMode(LabelledEnum):
    """How one asks for a lever."""

    EMAIL = "email", "Par courriel", "By e-mail"
    PHONE = "phone", "Par téléphone", "By phone"
    VISIT = "visit", "Sur place", "In person"
    LETTER = "letter", "Par courrier", "By letter"
    ONLINE_FORM = "online_form", "Formulaire en ligne", "Online form"


@attrs.frozen(kw_only=True)
class LeverOffer(Entity):
    """
    The conditions under which a lever can be had.

    The audience is the kinds of actors and the named actors it is open to;
    both empty means that it is not said. ``availability`` is an RRULE,
    ``opening_hours`` the OpenStreetMap syntax, ``calendar_url`` a public
    calendar. ``lead_time`` is how long before the use one must ask; the
    lengths of use go from ``min_duration`` to ``max_duration``. One asks at ``contact``, or
    the actor or appointment ``contact_id``.
    """

    KIND: ClassVar[str] = "lever_offer"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("lever_offer",)

    lever_id: str
    title: str = ""
    audience_kinds: tuple[ActorKind, ...] = ()
    audience_ids: tuple[str, ...] = ()
    capacity: Quantity | None = None
    availability: str = ""
    opening_hours: str = ""
    calendar_url: str = ""
    lead_time: Known[Duration] | Knowledge = UNKNOWN
    min_duration: Duration | None = None
    max_duration: Duration | None = None
    cost: Cost | None = None
    conditions: str = ""
    required_documents: tuple[str, ...] = ()
    insurance_required: Tri = Tri.UNKNOWN
    convention_required: Tri = Tri.UNKNOWN
    contact: ContactPoint | None = None
    contact_id: str = ""
    request_modes: tuple[RequestMode, ...] = ()
    request_url: str = ""
    valid: Period = ALWAYS
    state: OfferState = OfferState.DRAFT

    def open_to(self, actor_id: str, kind: ActorKind) -> Tri:
        """Say whether this actor is in the audience; UNKNOWN if no audience is given."""
        if not self.audience_kinds and not self.audience_ids:
            return Tri.UNKNOWN
        return Tri.of(actor_id in self.audience_ids or kind in self.audience_kinds)

    def available_on(self, today: dt.date) -> bool:
        """Say whether it is published and valid ``today``."""
        return self.state is OfferState.PUBLISHED and self.valid.contains(today)

    def last_request_day(self, use_on: dt.date) -> dt.date | None:
        """Return the last day to ask for a use on ``use_on``; ``None`` if it is not known."""
        if isinstance(self.lead_time, Known):
            return self.lead_time.value.before(use_on)
        return use_on if self.lead_time is Knowledge.ABSENT else None

    def publish(self) -> LeverOffer:
        """Return it open to requests."""
        return self._step("publish")

    def pause(self) -> LeverOffer:
        """Return it closed to requests for a time."""
        return self._step("pause")

    def resume(self) -> LeverOffer:
        """Return it open again after a pause."""
        return self._step("resume")

    def withdraw(self) -> LeverOffer:
        """Return it closed for good."""
        return self._step("withdraw")

    def _step(self, verb: str) -> LeverOffer:
        return attrs.evolve(self, state=OFFER_MACHINE.step(self.state, verb, subject=self.id))


class AwarenessLevel(LabelledEnum):
    """How well an actor knows a means of another."""

    UNKNOWN = "unknown", "Inconnu", "Unknown"
    SEEN = "seen", "Vu", "Seen"
    UNDERSTOOD = "understood", "Compris", "Understood"
    USED = "used", "Utilisé", "Used"


@attrs.frozen(kw_only=True)
class LeverAwareness(Entity):
    """How well an actor knows a lever, and since when: means are often there but not known."""

    KIND: ClassVar[str] = "lever_awareness"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("lever_awareness",)

    lever_id: str
    actor_id: str
    level: AwarenessLevel = AwarenessLevel.UNKNOWN
    since: dt.date | None = None

    def reach(self, level: AwarenessLevel, *, on: dt.date) -> LeverAwareness:
        """Return it at ``level``, which never makes somebody know less."""
        order = list(AwarenessLevel)
        if order.index(level) <= order.index(self.level):
            return self
        return attrs.evolve(self, level=level, since=on)
