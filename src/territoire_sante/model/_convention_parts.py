# SPDX-License-Identifier: Apache-2.0
"""The parts of a convention: parties, commitments, means, governance, signatures, terms."""

from __future__ import annotations

import datetime as dt

import attrs

from territoire_sante.model._checks import between
from territoire_sante.model._duration import Duration
from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._values import Money, Quantity, Tri


class PartyRole(LabelledEnum):
    """As what an actor is party to a convention."""

    MSP = "msp", "MSP ou équipe de soins", "Care team"
    CLS = "cls", "Contrat local de santé", "Local health contract"
    COLLECTIVITE = "collectivite", "Collectivité", "Local authority"
    ARS = "ars", "ARS", "Regional health agency"
    CPAM = "cpam", "Assurance Maladie", "Health-insurance fund"
    OTHER = "other", "Autre", "Other"


@attrs.frozen(kw_only=True)
class DeliberationRef:
    """The decision of a council that empowers a signature (CGCT L2121-29, L2131-1)."""

    number: str
    on: dt.date | None = None
    transmitted_on: dt.date | None = None
    document_id: str = ""


@attrs.frozen(kw_only=True)
class Party:
    """
    An actor in a role, who speaks for it, and what empowers them.

    A CLS is no legal person: its party is the body that carries it, or the
    ARS. Whether a deliberation is needed is YES for a COLLECTIVITE, UNKNOWN for
    a CLS (that depends on who carries it) and NO for others, unless it is given.
    """

    actor_id: str
    role: PartyRole
    representative_id: str = ""
    capacity: str = ""
    empowered_by: DeliberationRef | None = None
    deliberation_needed: Tri = attrs.field()

    @deliberation_needed.default
    def _needed_by_role(self) -> Tri:
        if self.role is PartyRole.COLLECTIVITE:
            return Tri.YES
        return Tri.UNKNOWN if self.role is PartyRole.CLS else Tri.NO


class CommitmentStatus(LabelledEnum):
    """How far a commitment is kept."""

    OPEN = "open", "À tenir", "Open"
    IN_PROGRESS = "in_progress", "En cours", "In progress"
    KEPT = "kept", "Tenu", "Kept"
    NOT_KEPT = "not_kept", "Non tenu", "Not kept"
    RELEASED = "released", "Levé", "Released"


@attrs.frozen(kw_only=True)
class Commitment:
    """What one party promises: in words, and as a lever, an amount and a day where it can."""

    party_id: str
    text: str
    lever_id: str = ""
    quantity: Quantity | None = None
    due: dt.date | None = None
    indicator: str = ""
    status: CommitmentStatus = CommitmentStatus.OPEN

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done for it."""
        return self.status in (CommitmentStatus.OPEN, CommitmentStatus.IN_PROGRESS)


class ResourceKind(LabelledEnum):
    """What kind of means a party brings in."""

    HUMAN = "human", "Moyens humains", "Staff"
    PREMISES = "premises", "Locaux", "Premises"
    EQUIPMENT = "equipment", "Matériel", "Equipment"
    MONEY = "money", "Financement", "Money"
    OTHER = "other", "Autre", "Other"


@attrs.frozen(kw_only=True)
class ConventionResource:
    """
    Means that a party brings in, with their worth.

    A free loan of premises is a grant in kind (act of 12 April 2000, article
    9-1), so it needs a valuation.
    """

    kind: ResourceKind
    description: str
    party_id: str = ""
    valuation: Money | None = None


class GovernanceKind(LabelledEnum):
    """What a body of a convention does."""

    STEERING = "steering", "Comité de pilotage", "Steering committee"
    TECHNICAL = "technical", "Comité technique", "Technical committee"


@attrs.frozen(kw_only=True)
class GovernanceBody:
    """A committee of a convention: who sits in it, how often it must meet, when it met."""

    kind: GovernanceKind
    member_ids: tuple[str, ...] = ()
    chair_id: str = ""
    min_meetings_per_year: int = attrs.field(default=1, validator=between(1))
    met_on: tuple[dt.date, ...] = ()
    next_on: dt.date | None = None
    event_ids: tuple[str, ...] = ()

    def overdue(self, today: dt.date, *, since: dt.date | None = None) -> bool:
        """
        Say whether its last meeting is too long ago and none is planned.

        ``since`` counts instead where it never met; without either nothing is said to be late.
        """
        last = max(self.met_on, default=since)
        if last is None or (self.next_on is not None and self.next_on >= today):
            return False
        return Duration(months=max(1, 12 // self.min_meetings_per_year)).after(last) < today


class SignatureMethod(LabelledEnum):
    """How somebody signed."""

    HANDWRITTEN = "handwritten", "Manuscrite", "Handwritten"
    ELECTRONIC = "electronic", "Électronique", "Electronic"


@attrs.frozen(kw_only=True)
class Signature:
    """
    Who signed for a party, and when.

    ``function`` stays when the person is erased: the convention must remain valid.
    """

    party_id: str
    signed_on: dt.date
    signed_by_id: str = ""
    function: str = ""
    place: str = ""
    method: SignatureMethod = SignatureMethod.HANDWRITTEN


@attrs.frozen(kw_only=True)
class Amendment:
    """A dated change ("avenant"), and which fields it changed."""

    number: int = attrs.field(validator=between(1))
    on: dt.date
    summary: str = ""
    changed_fields: tuple[str, ...] = ()
    document_id: str = ""


class RenewalMode(LabelledEnum):
    """What happens at the end of a term."""

    NONE = "none", "Sans reconduction", "No renewal"
    EXPRESS = "express", "Reconduction expresse", "Express renewal"
    TACIT = "tacit", "Tacite reconduction", "Tacit renewal"


@attrs.frozen(kw_only=True)
class Renewal:
    """
    How a term is followed by the next.

    ``period`` is the length of the next terms (that of the first if left
    out), ``max_count`` how many may follow (``None``: no limit is written), ``opt_out_notice``
    how long before its end a tacit renewal must be refused.
    """

    mode: RenewalMode = RenewalMode.NONE
    period: Duration | None = None
    max_count: int | None = None
    opt_out_notice: Duration | None = None

    def allows(self, renewals: int) -> bool:
        """Say whether one more renewal may follow after this many."""
        return self.max_count is None or renewals < self.max_count


def last_day(first: dt.date, length: Duration) -> dt.date:
    """
    Return the last day of a term that begins on ``first``.

    >>> last_day(dt.date(2026, 1, 1), Duration(years=5))
    datetime.date(2030, 12, 31)
    """
    return length.after(first) - dt.timedelta(days=1)


def next_end(end: dt.date, length: Duration) -> dt.date:
    """Return the last day of the term of this length that follows one ending on ``end``."""
    return last_day(end + dt.timedelta(days=1), length)


@attrs.frozen(kw_only=True)
class Termination:
    """How a convention may end before its term, and how it did."""

    notice_period: Duration | None = None
    grounds: str = ""
    noticed_on: dt.date | None = None
    by_party_id: str = ""
    effective_on: dt.date | None = None


@attrs.frozen(kw_only=True)
class PremisesTerms:
    """What a loan of premises adds (CGCT L2144-3): insurance, inventories, rules of use."""

    insurance_proof_id: str = ""
    inventory_in_id: str = ""
    inventory_out_id: str = ""
    use_rules: str = ""
    precarious: Tri = Tri.UNKNOWN


class AidKind(LabelledEnum):
    """Aids that an authority may give to keep or attract professionals (CGCT R1511-44)."""

    INVESTMENT = "investment", "Investissement ou fonctionnement", "Investment or running costs"
    PREMISES = "premises", "Mise à disposition de locaux", "Premises"
    HOUSING = "housing", "Logement", "Housing"
    INSTALLATION_BONUS = "installation_bonus", "Prime d'installation", "Installation bonus"
    PRACTICE_BONUS = "practice_bonus", "Prime d'exercice forfaitaire", "Practice bonus"


@attrs.frozen(kw_only=True)
class AidTerms:
    """
    What an aid to installation must say (CGCT L1511-8): zone, commitment, who was told.

    ``commitment`` is how long the professional promises to practise in the
    zone, three years at least; the convention goes to the ARS and to the health-insurance fund.
    """

    kind: AidKind
    amount: Money | None = None
    commitment: Duration | None = None
    zone_id: str = ""
    in_zone: Tri = Tri.UNKNOWN
    sent_to_ars_on: dt.date | None = None
    sent_to_insurance_on: dt.date | None = None
