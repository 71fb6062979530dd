# SPDX-License-Identifier: Apache-2.0
"""Actors: teams, authorities, agencies and associations that cooperate on a territory."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.model._competence import Competence
from territoire_sante.model._duration import Duration
from territoire_sante.model._entity import Entity
from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._values import (
    ALWAYS,
    Address,
    ContactPoint,
    ContactPointKind,
    Identifier,
    Period,
    Tri,
    Visibility,
)


class ActorKind(LabelledEnum):
    """What an actor is; a CLS is none but a contract, see ``LocalHealthContract``."""

    MSP = "msp", "Maison de santé pluriprofessionnelle", "Multi-professional health centre (MSP)"
    ESP = "esp", "Équipe de soins primaires", "Primary-care team"
    CENTRE_SANTE = "centre_sante", "Centre de santé", "Salaried health centre"
    CPTS = "cpts", "CPTS", "Territorial community of professionals (CPTS)"
    SISA = "sisa", "SISA", "Interprofessional company (SISA)"
    HOSPITAL = "hospital", "Établissement de santé", "Hospital"
    PHARMACY = "pharmacy", "Pharmacie", "Pharmacy"
    ARS = "ars", "Agence régionale de santé", "Regional health agency"
    ARS_DD = "ars_dd", "Délégation départementale de l'ARS", "Local office of the health agency"
    CPAM = "cpam", "Assurance Maladie (CPAM)", "Health-insurance fund (CPAM)"
    MSA = "msa", "MSA", "Agricultural social-security fund (MSA)"
    CAF = "caf", "CAF", "Family-allowance fund (CAF)"
    PREFECTURE = "prefecture", "Préfecture", "Prefecture"
    COMMUNE = "commune", "Commune", "Municipality"
    EPCI = "epci", "EPCI à fiscalité propre", "Intercommunal body"
    PETR = "petr", "Pays ou PETR", "Rural grouping (PETR)"
    DEPARTEMENT = "departement", "Département", "Département"
    REGION = "region", "Région", "Region"
    CCAS = "ccas", "CCAS", "Municipal social-action centre"
    CIAS = "cias", "CIAS", "Intercommunal social-action centre"
    DAC = "dac", "Dispositif d'appui à la coordination", "Coordination support body (DAC)"
    MOBILE_SERVICE = "mobile_service", "Service mobile (Médicobus…)", "Mobile service"
    FEDERATION = "federation", "Fédération de MSP", "Federation of health centres"
    USER_ASSOCIATION = "user_association", "Association d'usagers", "Users' association"
    ASSOCIATION = "association", "Association", "Association"
    SCHOOL = "school", "Établissement scolaire", "School"
    UNIVERSITY = "university", "Université, faculté", "University"
    OTHER = "other", "Autre", "Other"

    @property
    def is_care_team(self) -> bool:
        """Whether it is a team of health professionals (MSP, ESP, health centre, CPTS)."""
        return self in _CARE_TEAMS

    @property
    def is_public_authority(self) -> bool:
        """Whether it acts through deliberations: a local authority or one of its bodies."""
        return self in _PUBLIC_AUTHORITIES


_CARE_TEAMS = frozenset(
    {ActorKind.MSP, ActorKind.ESP, ActorKind.CENTRE_SANTE, ActorKind.CPTS},
)
_PUBLIC_AUTHORITIES = frozenset(
    {
        ActorKind.COMMUNE,
        ActorKind.EPCI,
        ActorKind.PETR,
        ActorKind.DEPARTEMENT,
        ActorKind.REGION,
        ActorKind.CCAS,
        ActorKind.CIAS,
    },
)


class EpciNature(LabelledEnum):
    """The five natures of an EPCI with its own taxation."""

    CC = "CC", "Communauté de communes", "Community of municipalities"
    CA = "CA", "Communauté d'agglomération", "Agglomeration community"
    CU = "CU", "Communauté urbaine", "Urban community"
    METRO = "METRO", "Métropole", "Metropolis"
    MET69 = "MET69", "Métropole de Lyon", "Metropolis of Lyon"


class LegalForm(LabelledEnum):
    """The legal form of an actor."""

    NONE = "none", "Sans forme juridique", "No legal form"
    ASSOCIATION_1901 = "association_1901", "Association loi 1901", "Association (1901 act)"
    SISA = "sisa", "SISA (CSP L4041-1)", "Interprofessional company (SISA)"
    SCM = "scm", "Société civile de moyens", "Shared-means company"
    SCP = "scp", "Société civile professionnelle", "Professional civil company"
    SEL = "sel", "Société d'exercice libéral", "Liberal-profession company"
    SCI = "sci", "Société civile immobilière", "Real-estate company"
    GCS = "gcs", "Groupement de coopération sanitaire", "Health cooperation group (GCS)"
    GCSMS = "gcsms", "GCSMS", "Social and health cooperation group (GCSMS)"
    GIP = "gip", "Groupement d'intérêt public", "Public-interest group"
    COLLECTIVITE = "collectivite", "Collectivité territoriale", "Local authority"
    GROUPEMENT = "groupement", "Groupement de collectivités", "Grouping of authorities"
    ETABLISSEMENT_PUBLIC = "etablissement_public", "Établissement public", "Public body"
    ETAT = "etat", "Service de l'État", "State service"
    MUTUALITY = "mutuality", "Organisme mutualiste", "Mutual body"
    COMPANY = "company", "Société commerciale", "Company"
    OTHER = "other", "Autre", "Other"


class ActorStatus(LabelledEnum):
    """Whether an actor is at work; a closed one is kept, never deleted."""

    PLANNED = "planned", "En projet", "Planned"
    ACTIVE = "active", "En activité", "Active"
    SUSPENDED = "suspended", "Fermé temporairement", "Temporarily closed"
    CLOSED = "closed", "Fermé", "Closed"


class VerificationStatus(LabelledEnum):
    """How far a record can be trusted on a day."""

    VERIFIED = "verified", "Vérifié", "Verified"
    TO_CHECK = "to_check", "À vérifier", "To check"
    STALE = "stale", "Périmé", "Stale"
    UNKNOWN = "unknown", "Inconnu", "Unknown"


@attrs.frozen(kw_only=True)
class Label:
    """A label that an actor holds for a time (France Santé…), and who granted it."""

    name: str
    period: Period = ALWAYS
    granted_by: str = ""
    url: str = ""


def verification(
    verified_on: dt.date | None, review_every: Duration | None, today: dt.date
) -> VerificationStatus:
    """
    Say how far a record confirmed on ``verified_on`` can be trusted ``today``.

    After one review period it is TO_CHECK, after two it is STALE; never
    confirmed it is UNKNOWN, and without a review period it stays VERIFIED.

    >>> verification(dt.date(2026, 1, 1), Duration(months=6), dt.date(2026, 8, 1)).name
    'TO_CHECK'
    """
    if verified_on is None:
        return VerificationStatus.UNKNOWN
    if review_every is None or today < review_every.after(verified_on):
        return VerificationStatus.VERIFIED
    if today < review_every.after(review_every.after(verified_on)):
        return VerificationStatus.TO_CHECK
    return VerificationStatus.STALE


def organisation_point(
    kind: ContactPointKind, value: str, *, label: str = "", rank: int = 0
) -> ContactPoint:
    """
    Return a contact point of an organisation: PUBLIC, but a mobile stays PRIVATE.

    A mobile number is somebody's, whatever card it was found on.
    """
    mobile = kind is ContactPointKind.MOBILE
    visibility = Visibility.PRIVATE if mobile else Visibility.PUBLIC
    return ContactPoint(kind=kind, value=value, label=label, rank=rank, visibility=visibility)


@attrs.frozen(kw_only=True)
class Actor(Entity):
    """
    An organisation or a team, with or without a legal person.

    Only ``kind`` and ``name`` are needed: a primary-care team may have no
    number at all. ``uid`` is the UID of its card in address books, derived from ``id`` if
    empty. ``identifiers`` are external ones (``finess``, ``siret``…),
    ``territory_id`` where it sits, ``coverage`` the ids of the territories it
    serves: none means not known, never everywhere. ``opening_hours`` is in
    the OpenStreetMap syntax. ``competences`` are those that an authority is known to have,
    ``lacks`` those that it is known not to have (transferred, or never taken); of the others
    nothing is known.

    Raises:
        InvalidValueError: it has and lacks one competence.
    """

    KIND: ClassVar[str] = "actor"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("actor", "finess", "siren", "siret", "rna", "mairie")

    kind: ActorKind
    name: str
    short_name: str = ""
    uid: str = ""
    description: str = ""
    legal_form: LegalForm | None = None
    epci_nature: EpciNature | None = None
    identifiers: tuple[Identifier, ...] = ()
    parent_id: str = ""
    territory_id: str = ""
    coverage: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    contact_points: tuple[ContactPoint, ...] = ()
    opening_hours: str = ""
    labels: tuple[Label, ...] = ()
    competences: tuple[Competence, ...] = ()
    lacks: tuple[Competence, ...] = ()
    tags: tuple[str, ...] = ()
    status: ActorStatus = ActorStatus.ACTIVE
    review_every: Duration | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse a competence that it has and lacks."""
        if not frozenset(self.lacks).isdisjoint(self.competences):
            raise InvalidValueError(
                "it has and lacks the same competence",
                where="lacks",
                remedy="Keep it in one of the two lists, or in none while it is not known",
            )

    def has_competence(self, competence: Competence) -> Tri:
        """Say whether it has a competence, as far as that is known."""
        if competence in self.competences:
            return Tri.YES
        return Tri.NO if competence in self.lacks else Tri.UNKNOWN

    def identifier(self, scheme: str, *, today: dt.date | None = None) -> str:
        """Return its first identifier of ``scheme``, valid on ``today`` if given, or ``""``."""
        for found in self.identifiers:
            if found.scheme == scheme and (today is None or found.period.contains(today)):
                return found.value
        return ""

    def with_contact_point(
        self, kind: ContactPointKind, value: str, *, label: str = "", rank: int = 0
    ) -> Actor:
        """Return it with one more contact point, visible as :func:`organisation_point` says."""
        added = organisation_point(kind, value, label=label, rank=rank)
        return attrs.evolve(self, contact_points=(*self.contact_points, added))

    def verify(self, *, on: dt.date) -> Actor:
        """Return it as confirmed by a person on this day."""
        return attrs.evolve(self, verified_on=on)

    def verification(self, today: dt.date) -> VerificationStatus:
        """Say how far the record can be trusted ``today``; see :func:`verification`."""
        return verification(self.verified_on, self.review_every, today)

    def holds_label(self, name: str, today: dt.date) -> bool:
        """Say whether it holds the label of this name ``today``."""
        return any(label.name == name and label.period.contains(today) for label in self.labels)
