# SPDX-License-Identifier: Apache-2.0
"""Which module gives which name of the model, so that each is loaded when it is needed."""

from __future__ import annotations

from typing import Final

_NAMES: Final = {
    "_actor": (
        "Actor ActorKind ActorStatus EpciNature Label LegalForm VerificationStatus "
        "organisation_point"
    ),
    "_announcement": (
        "ANNOUNCEMENT_MACHINE Announcement AnnouncementCategory AnnouncementState Attachment "
        "CapCertainty CapSeverity CapUrgency Channel ChannelKind Severity ends_before"
    ),
    "_cls": "CLS_MACHINE ClsStage ClsStageChange LocalHealthContract",
    "_competence": "Competence competence_for",
    "_contact": "CardAddress Contact ContactKind PersonName Reach",
    "_convention": "Convention",
    "_convention_parts": (
        "AidKind AidTerms Amendment Commitment CommitmentStatus ConventionResource "
        "DeliberationRef GovernanceBody GovernanceKind Party PartyRole PremisesTerms Renewal "
        "RenewalMode ResourceKind Signature SignatureMethod Termination"
    ),
    "_convention_states": "CONVENTION_MACHINE ConventionKind ConventionState",
    "_document": "SHARE_MACHINE DiagnosticKind Document DocumentKind DocumentShare ShareState",
    "_duration": "Duration",
    "_entity": "Entity derived_uuid make_id",
    "_event": (
        "Attendance CalendarUser Classification Event EventKind EventStatus Invitation "
        "Occurrence When"
    ),
    "_fit": "Fit fit",
    "_identifiers": (
        "Code CommuneCode DepartmentCode Finess FinessKind PostalCode RegionCode Rna Rpps "
        "Siren Siret code_of luhn_holds"
    ),
    "_labels": "LabelledEnum",
    "_lengths": "length marked_up summary_of whole_text",
    "_lever": (
        "OFFER_MACHINE AwarenessLevel Cost CostKind Lever LeverAwareness LeverOffer "
        "OfferState RequestMode Stop"
    ),
    "_lever_types": "LeverFamily LeverType",
    "_lifecycles": "MACHINES Lifecycle",
    "_limits": "ChannelLimits DateGranularity Markup PostRate RequiredField",
    "_merge": "Distinction Merge aliases_of repointed",
    "_mobilisation": (
        "MOBILISATION_MACHINE REQUEST_MACHINE LeverRequest Mobilisation MobilisationState "
        "Outcome ProofKind RequestState UsageProof"
    ),
    "_opposition": (
        "OppositionEntry OppositionKind OppositionList normalise_email normalise_phone "
        "opposition_hash"
    ),
    "_person": "Appointment LiaisonAssignment LiaisonKind Person Profession Role",
    "_practice": (
        "EXCHANGE_MACHINE PRACTICE_MACHINE SUPPORT_MACHINE ExchangeState PeerExchange "
        "Practice PracticeState SupportKind SupportRequest SupportState"
    ),
    "_project": "CareProject MaturityAxis MaturityReview MaturityScore ProjectKind StageChange",
    "_project_parts": (
        "BUILDING_MACHINE HEALTH_PROJECT_MACHINE MSP_STAGE_MACHINE Building BuildingTrack "
        "HealthProject HealthProjectState MspStage Team"
    ),
    "_publication": "has_begun is_due is_over is_shown publication_days shown_from shown_until",
    "_reasons": "Reason",
    "_safeguard": "SAFEGUARD_MACHINE SafeguardKind SafeguardPlan SafeguardState",
    "_states": "Machine",
    "_task": "Task TaskStatus",
    "_tension": "TENSION_MACHINE Tension TensionKind TensionLevel TensionState",
    "_territory": "Institution Territory TerritoryKind",
    "_values": (
        "ABSENT ALWAYS UNKNOWN Address ContactPoint ContactPointKind Geo Identifier Knowledge "
        "Known Money Period ProcessingBasis Provenance Quantity Tri Unit Visibility"
    ),
    "_workshop": (
        "ACTION_MACHINE STATEMENT_MACHINE Action ActionState Statement StatementKind "
        "StatementStatus Workshop WorkshopMethod WorkshopTable"
    ),
    "_zone": "CustomZone Onset",
}

#: The module of each name.
HOMES: Final = {name: home for home, names in _NAMES.items() for name in names.split()}
