# SPDX-License-Identifier: Apache-2.0
"""
Which audience may see which field: one row per class, every field named.

A field that no row names is shown to nobody but PRIVATE, and a test fails for it: what is added
to the model cannot leave the house before somebody decided who may see it. The levels follow the
guidance of the CNIL on maps of stakeholders (13 March 2024): who does what is for everybody who
may see the sheet, how to reach a person is for partners, and what was noted for oneself stays in
the team. Contact points carry a visibility of their own, which decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from territoire_sante import model
from territoire_sante.model import Visibility
from territoire_sante.privacy._parts import COMMON, PARTS, Row, row

ENTITIES: Final[Mapping[type[Any], Row]] = {
    model.Action: row(
        public="title owner_id due done_on lever_id event_id convention_id state",
        partners="description",
        team="dropped_because",
    ),
    model.Actor: row(
        public="kind name short_name uid description legal_form epci_nature identifiers parent_id "
        "territory_id coverage addresses contact_points opening_hours labels competences lacks "
        "tags status review_every",
    ),
    model.Announcement: row(
        public="uid title body title_short body_short category severity cap_urgency cap_severity "
        "cap_certainty language audience publish_from publish_until event_start event_end place "
        "url attachments contact event_id channel_ids state",
        team="author_id approved_by approved_on",
    ),
    model.Appointment: row(
        public="person_id actor_id role uid title delegation profession period contact_points",
    ),
    model.CareProject: row(
        public="kind name lead_id partner_ids actor_id territory_id sites health_project building "
        "stage merged_into_id",
        partners="team stage_history support_ids convention_ids",
        team="in_difficulty",
    ),
    model.Channel: row(
        public="kind name operator_id communes limits",
        team="link external_ref",
    ),
    model.Convention: row(
        public="kind title parties legal_bases purpose territory_id themes starts_on duration "
        "ends_on term_no past_terms renewal jurisdiction commitments resources "
        "governance aid replaced_by_id state",
        partners="preamble context_ids data_clause premises amendments termination "
        "signatures annex_ids suspended_on",
        team="closed_because",
    ),
    model.Document: row(
        public="kind title diagnostic_kind owner_id territory_id contributor_ids published_on "
        "data_as_of themes url media_type",
        team="file_ref checksum",
    ),
    model.DocumentShare: row(
        public="document_id to_id redacted state",
        partners="requested_on sent_on received_on refused_on",
        team="reason",
    ),
    model.Distinction: row(public="first_id second_id", team="decided_on reason"),
    model.Event: row(
        public="uid summary description location geo url categories status classification start "
        "end rrule rdates exdates occurrences kind organiser_ids announcement_ids workshop_id",
        partners="organizer attendees agenda minutes_id action_ids mobilisation_ids convention_ids",
        team="invitations tension_id",
    ),
    model.Lever: row(
        public="type title description secondary_families holder_id operator_id competence_basis "
        "coverage stops tags review_every",
    ),
    model.LeverAwareness: row(public="lever_id actor_id", partners="level since"),
    model.LeverOffer: row(
        public="lever_id title audience_kinds audience_ids capacity availability opening_hours "
        "lead_time min_duration max_duration cost conditions required_documents "
        "insurance_required convention_required contact contact_id request_modes request_url "
        "valid state",
        partners="calendar_url",
    ),
    model.LeverRequest: row(
        public="requester_id lever_id offer_id need purpose due_answer_on state",
        partners="start end quantity site convention_id submitted_on answered_on",
        team="beneficiaries_estimate document_ids answered_by decision",
    ),
    model.LiaisonAssignment: row(
        public="kind actor_id appointment_id serves_ids territory_id period purpose how_to_reach",
    ),
    model.LocalHealthContract: row(
        public="name territory_id carrier_id signatory_ids coordinator_ids diagnostic_id "
        "convention_id axes signed_on starts_on duration ends_on successor_id stage "
        "stage_history",
    ),
    model.MaturityReview: row(public="actor_id project_id", partners="on", team="scores"),
    model.Merge: row(public="kept_id dropped_id", team="at reason first_revision last_revision"),
    model.Mobilisation: row(
        public="lever_id request_id beneficiary_id event_id title site quantity start end state",
        partners="convention_id proofs outcome valuation",
        team="tension_id cancelled_because",
    ),
    model.OppositionEntry: row(public="hash kind algorithm since"),
    model.PeerExchange: row(
        public="host_id guest_id on event_id practice_id state", partners="topic"
    ),
    model.Person: row(
        public="name uid contact_points",
        team="identifiers",
        private="notice_sent_on notice_batch opposed",
    ),
    model.Practice: row(
        public="title actor_id territory_id context problem what_was_done key_moments partner_ids "
        "lever_ids convention_ids skills user_involvement results lessons "
        "conditions_of_transfer reused_by_ids reviewed_on state",
        partners="contact_id",
        team="reviewed_by",
    ),
    model.SafeguardPlan: row(
        public="kind territory_id owner_id mandatory notified_on adopted_on last_revised_on "
        "last_exercise_on presented_to_council_on redacted_copy hazards document_id "
        "successor_id state",
        partners="lever_ids",
    ),
    model.Statement: row(
        public="kind text workshop_id table rank group lever_family actor_kinds tags "
        "derived_from_ids action_ids status",
    ),
    model.SupportRequest: row(
        public="kind requester_id territory_id provider_id requested_on state",
        partners="party_ids facilitator_id answered_on ended_on",
        team="purpose outcome",
    ),
    model.Tension: row(
        public="kind territory_id state",
        partners="level actor_ids reported_on epci_id epci_mobilised_on mobilisation_ids "
        "event_ids ended_on",
        team="title description reporter_id outcome",
    ),
    model.Territory: row(
        public="kind name code communes parent_ids postal_codes population as_of geo absent",
    ),
    model.Workshop: row(
        public="title method event_id held_on territory_id introduction objective "
        "participants_count audiences tables conclusion notes source_url",
    ),
}

#: However wide somebody made the visibility of such a sheet, nobody wider sees it.
FLOORS: Final[Mapping[type[Any], Visibility]] = {
    model.OppositionEntry: Visibility.PRIVATE,
    model.Merge: Visibility.TEAM,
    model.Distinction: Visibility.TEAM,
}

#: Until then, a sheet is the team's own work.
UNFINISHED: Final[Mapping[type[Any], Any]] = {
    model.Announcement: model.AnnouncementState.DRAFT,
    model.LeverOffer: model.OfferState.DRAFT,
    model.LeverRequest: model.RequestState.DRAFT,
    model.Practice: model.PracticeState.DRAFT,
}

#: What stands in a field that must hold something.
NEUTRAL: Final[Mapping[tuple[type[Any], str], Callable[[Any], str]]] = {
    (model.Tension, "title"): lambda tension: tension.kind.label_fr,
}

#: A sheet that named one of these makes no sense once all that it named are left out.
ONE_OF: Final[Mapping[type[Any], tuple[str, ...]]] = {
    model.Invitation: ("actor_id", "person_id"),
    model.LiaisonAssignment: ("actor_id", "appointment_id"),
    model.Statement: ("workshop_id",),
}


def level_of(cls: type[Any], field: str) -> Visibility:
    """
    Return who may see a field of an entity or of a part of one, at the widest.

    >>> level_of(model.Person, "identifiers").name
    'TEAM'
    """
    row = ENTITIES.get(cls) or PARTS.get(cls) or {}
    if field in row:
        return row[field]
    return COMMON.get(field, Visibility.PRIVATE) if cls in ENTITIES else Visibility.PRIVATE
