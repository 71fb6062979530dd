# SPDX-License-Identifier: Apache-2.0
"""Kinds and states of conventions, and what may follow what (domain reference, 2.3)."""

from __future__ import annotations

from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._states import Machine


class ConventionKind(LabelledEnum):
    """What a convention is about."""

    TRIPARTITE_PARTNERSHIP = (
        "tripartite_partnership",
        "Convention tripartite (MSP–CLS–collectivité)",
        "Tripartite convention",
    )
    BILATERAL_PARTNERSHIP = (
        "bilateral_partnership",
        "Convention de partenariat",
        "Partnership convention",
    )
    PREMISES_LOAN = "premises_loan", "Mise à disposition de locaux", "Loan of premises"
    EQUIPMENT_LOAN = "equipment_loan", "Prêt de matériel", "Loan of equipment"
    STAFF_SECONDMENT = "staff_secondment", "Mise à disposition d'agents", "Secondment of staff"
    SUBSIDY = "subsidy", "Subvention", "Grant"
    MOBILE_SERVICE_HOSTING = (
        "mobile_service_hosting",
        "Accueil d'un service mobile",
        "Hosting of a mobile service",
    )
    INTERN_HOUSING = "intern_housing", "Logement d'internes", "Housing of interns"
    ACI = "aci", "Accord conventionnel interprofessionnel", "Interprofessional agreement (ACI)"
    CLS = "cls", "Contrat local de santé", "Local health contract"
    CHARTER = "charter", "Charte", "Charter"
    OTHER = "other", "Autre", "Other"


class ConventionState(LabelledEnum):
    """Stored states; what depends on the day (expiring, overdue) is computed."""

    DRAFT = "draft", "Brouillon", "Draft"
    NEGOTIATION = "negotiation", "En négociation", "In negotiation"
    APPROVED = "approved", "Approuvée", "Approved"
    SIGNING = "signing", "En signature", "Being signed"
    ACTIVE = "active", "En vigueur", "In force"
    SUSPENDED = "suspended", "Suspendue", "Suspended"
    RENEWED = "renewed", "Reconduite", "Renewed"
    TERMINATION_NOTICE = "termination_notice", "Préavis en cours", "Under notice"
    TERMINATED = "terminated", "Résiliée", "Terminated"
    EXPIRED = "expired", "Arrivée à terme", "Expired"
    ABANDONED = "abandoned", "Abandonnée", "Abandoned"
    REPLACED = "replaced", "Remplacée", "Replaced"


_S = ConventionState

CONVENTION_MACHINE = Machine(
    name="convention",
    states=ConventionState,
    initial=_S.DRAFT,
    table={
        "negotiate": {_S.DRAFT: _S.NEGOTIATION},
        "approve": {_S.NEGOTIATION: _S.APPROVED},
        "sign": {_S.APPROVED: _S.SIGNING, _S.SIGNING: _S.SIGNING},
        "activate": {_S.SIGNING: _S.ACTIVE},
        "suspend": {_S.ACTIVE: _S.SUSPENDED, _S.RENEWED: _S.SUSPENDED},
        "resume": {_S.SUSPENDED: _S.ACTIVE},
        # A renewed convention is in force: it can do all that an active one can.
        "renew": {_S.ACTIVE: _S.RENEWED, _S.RENEWED: _S.RENEWED},
        "amend": {_S.ACTIVE: _S.ACTIVE, _S.RENEWED: _S.RENEWED},
        "give_notice": {_S.ACTIVE: _S.TERMINATION_NOTICE, _S.RENEWED: _S.TERMINATION_NOTICE},
        "terminate": {_S.TERMINATION_NOTICE: _S.TERMINATED},
        "expire": {_S.ACTIVE: _S.EXPIRED, _S.RENEWED: _S.EXPIRED},
        "abandon": {
            _S.DRAFT: _S.ABANDONED,
            _S.NEGOTIATION: _S.ABANDONED,
            _S.APPROVED: _S.ABANDONED,
            _S.SIGNING: _S.ABANDONED,
        },
        "replace": {_S.EXPIRED: _S.REPLACED, _S.TERMINATED: _S.REPLACED},
    },
    back=frozenset({"resume"}),
)

#: The states in which a convention binds its parties.
IN_FORCE = frozenset({_S.ACTIVE, _S.RENEWED, _S.TERMINATION_NOTICE})
