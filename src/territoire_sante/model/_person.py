# SPDX-License-Identifier: Apache-2.0
"""
Persons, their appointments, and the liaison roles they hold.

A person is kept as small as possible (GDPR, article 5.1 c): a name, ways to
reach them, and what they were told. Birth date, sex, nationality, profession in the
socio-professional sense, opinions and free notes have no field.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs

from territoire_sante.model._contact import PersonName
from territoire_sante.model._entity import Entity, derived_uuid
from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._values import ALWAYS, ContactPoint, Identifier, Period


@attrs.frozen(kw_only=True)
class Person(Entity):
    """
    A person as far as cooperation needs it.

    ``uid`` is the UID of the person's card in address books, derived from
    ``id`` if empty. ``notice_sent_on`` is the day they were told that they are listed
    (GDPR, article 14), ``notice_batch`` with which mailing. ``opposed`` means
    that they objected: nothing of them is shown any more.
    """

    KIND: ClassVar[str] = "person"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("person",)

    name: PersonName
    uid: str = ""
    identifiers: tuple[Identifier, ...] = ()
    contact_points: tuple[ContactPoint, ...] = ()
    notice_sent_on: dt.date | None = None
    notice_batch: str = ""
    opposed: bool = False

    @property
    def card_uid(self) -> str:
        """The UID of their card in address books, also where none is noted."""
        return self.uid or f"urn:uuid:{derived_uuid(self.id)}"

    @property
    def display_name(self) -> str:
        """The name as one writes it: prefix, given names, family name, suffix."""
        name = self.name
        parts = (name.prefix, name.given, name.additional, name.family, name.suffix)
        return " ".join(part for part in parts if part)

    def notify(self, *, on: dt.date, batch: str = "") -> Person:
        """Return it as informed on this day."""
        return attrs.evolve(self, notice_sent_on=on, notice_batch=batch)

    def oppose(self) -> Person:
        """Return it as having objected, with every way to reach them removed."""
        return attrs.evolve(self, opposed=True, contact_points=())


class Role(LabelledEnum):
    """Mandates and posts; the precise wording goes to ``Appointment.title``."""

    MAYOR = "mayor", "Maire", "Mayor"
    DEPUTY_MAYOR = "deputy_mayor", "Adjoint au maire", "Deputy mayor"
    COUNCILLOR = "councillor", "Conseiller municipal", "Municipal councillor"
    EPCI_PRESIDENT = "epci_president", "Président d'EPCI", "President of an intercommunal body"
    EPCI_VICE_PRESIDENT = "epci_vice_president", "Vice-président d'EPCI", "Vice-president (EPCI)"
    EPCI_COUNCILLOR = "epci_councillor", "Conseiller communautaire", "Intercommunal councillor"
    DEPARTMENT_COUNCILLOR = "department_councillor", "Conseiller départemental", "Councillor (dép.)"
    REGION_COUNCILLOR = "region_councillor", "Conseiller régional", "Regional councillor"
    MSP_COORDINATOR = "msp_coordinator", "Coordinateur de MSP", "MSP coordinator"
    CLS_COORDINATOR = "cls_coordinator", "Coordinateur de CLS", "CLS coordinator"
    CPTS_COORDINATOR = "cpts_coordinator", "Coordinateur de CPTS", "CPTS coordinator"
    HEALTH_REFERENT = "health_referent", "Référent santé", "Health contact of an authority"
    FACILITATOR = "facilitator", "Facilitateur", "Peer facilitator"
    CIVIL_SECURITY_CORRESPONDENT = (
        "civil_security_correspondent",
        "Correspondant incendie et secours",
        "Civil-security correspondent",
    )
    PRESIDENT = "president", "Président", "President"
    MANAGER = "manager", "Gérant", "Managing partner"
    DIRECTOR = "director", "Directeur", "Director"
    HEALTH_PROFESSIONAL = "health_professional", "Professionnel de santé", "Health professional"
    SECRETARY = "secretary", "Secrétariat", "Secretary"
    STAFF = "staff", "Agent", "Staff member"
    USER_REPRESENTATIVE = "user_representative", "Représentant des usagers", "Users' representative"
    MEMBER = "member", "Membre", "Member"
    OTHER = "other", "Autre", "Other"

    @property
    def is_elected(self) -> bool:
        """Whether it is a local mandate, so that its holder is an elected official."""
        return self in _ELECTED


_ELECTED = frozenset(
    {
        Role.MAYOR,
        Role.DEPUTY_MAYOR,
        Role.COUNCILLOR,
        Role.EPCI_PRESIDENT,
        Role.EPCI_VICE_PRESIDENT,
        Role.EPCI_COUNCILLOR,
        Role.DEPARTMENT_COUNCILLOR,
        Role.REGION_COUNCILLOR,
    },
)


class Profession(LabelledEnum):
    """What the legal thresholds of a team count (CSP L6323-3, L4041-4)."""

    GENERAL_PRACTITIONER = "general_practitioner", "Médecin généraliste", "General practitioner"
    SPECIALIST = "specialist", "Médecin d'une autre spécialité", "Specialist doctor"
    PARAMEDICAL = "paramedical", "Auxiliaire médical", "Paramedical professional"
    PHARMACIST = "pharmacist", "Pharmacien", "Pharmacist"
    MIDWIFE = "midwife", "Sage-femme", "Midwife"
    DENTIST = "dentist", "Chirurgien-dentiste", "Dentist"
    OTHER = "other", "Autre", "Other"


@attrs.frozen(kw_only=True)
class Appointment(Entity):
    """
    A person in a role at an actor for a time: a mandate or a post.

    Its contact points are those of the post (a direct line, a work e-mail) and end with it.
    An ended appointment stays; once its retention is over,
    :meth:`anonymise` keeps the role and drops the person. ``uid`` is the UID of its
    own card, where a person has one card per post.
    """

    KIND: ClassVar[str] = "appointment"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("appointment",)

    person_id: str = ""
    actor_id: str
    role: Role
    uid: str = ""
    title: str = ""
    delegation: str = ""
    profession: Profession | None = None
    period: Period = ALWAYS
    contact_points: tuple[ContactPoint, ...] = ()

    def active_on(self, day: dt.date) -> bool:
        """Say whether the role is held on this day."""
        return self.period.contains(day)

    def end(self, *, on: dt.date) -> Appointment:
        """Return it as ended: ``on`` is the first day on which the role is no longer held."""
        return attrs.evolve(self, period=attrs.evolve(self.period, end=on))

    def anonymise(self) -> Appointment:
        """Return it without the person: role, actor and dates stay for history."""
        return attrs.evolve(self, person_id="", uid="", contact_points=(), provenance=None)


class LiaisonKind(LabelledEnum):
    """Who may act as relay between a team and the authorities."""

    CLS_COORDINATOR = "cls_coordinator", "Coordinateur de CLS", "CLS coordinator"
    MSP_COORDINATOR = "msp_coordinator", "Coordinateur de MSP", "MSP coordinator"
    CPTS_COORDINATOR = "cpts_coordinator", "Coordinateur de CPTS", "CPTS coordinator"
    CCAS = "ccas", "CCAS ou CIAS", "Social-action centre"
    DAC = "dac", "Dispositif d'appui à la coordination", "Coordination support body"
    HEALTH_REFERENT = "health_referent", "Référent santé", "Health contact of an authority"
    FEDERATION_FACILITATOR = (
        "federation_facilitator",
        "Facilitateur de fédération",
        "Federation facilitator",
    )
    OTHER = "other", "Autre", "Other"


@attrs.frozen(kw_only=True)
class LiaisonAssignment(Entity):
    """
    An actor, or a person in a post, recognised as relay ("tiers de liaison") on a territory.

    ``serves_ids`` are the actors it serves, ``purpose`` says for what in words that
    everybody understands, ``how_to_reach`` how: together they are its public card.
    """

    KIND: ClassVar[str] = "liaison"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("liaison",)

    kind: LiaisonKind
    actor_id: str = ""
    appointment_id: str = ""
    serves_ids: tuple[str, ...] = ()
    territory_id: str = ""
    period: Period = ALWAYS
    purpose: str = ""
    how_to_reach: str = ""

    def active_on(self, day: dt.date) -> bool:
        """Say whether the assignment runs on this day."""
        return self.period.contains(day)

    @property
    def is_legible(self) -> bool:
        """Whether its public card says who, for what and how."""
        who = self.actor_id or self.appointment_id
        return bool(who and self.purpose.strip() and self.how_to_reach.strip())

    def end(self, *, on: dt.date) -> LiaisonAssignment:
        """Return it as ended: ``on`` is the first day without it."""
        return attrs.evolve(self, period=attrs.evolve(self.period, end=on))
