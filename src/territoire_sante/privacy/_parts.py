# SPDX-License-Identifier: Apache-2.0
"""Which audience may see which field of the parts of entities; see :mod:`._levels`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from territoire_sante import model
from territoire_sante.model import Visibility


def row(*, public: str = "", partners: str = "", team: str = "", private: str = "") -> Row:
    """Return one row: the names of the fields, by who may see them at the widest."""
    named = (
        (Visibility.PUBLIC, public),
        (Visibility.PARTNERS, partners),
        (Visibility.TEAM, team),
        (Visibility.PRIVATE, private),
    )
    return MappingProxyType({name: level for level, names in named for name in names.split()})


Row = Mapping[str, Visibility]

#: What every entity has.
COMMON: Final = row(public="id visibility provenance verified_on")

PARTS: Final[Mapping[type[Any], Row]] = {
    model.Address: row(
        public="street complement postcode city citycode country ban_id geo",
    ),
    model.AidTerms: row(
        public="kind commitment zone_id in_zone sent_to_ars_on sent_to_insurance_on",
        partners="amount",
    ),
    model.Amendment: row(public="number on summary changed_fields document_id"),
    model.Attachment: row(public="url media_type size alt"),
    model.Building: row(
        public="track owner_id decided_on permit_on works_on delivered_on",
        partners="cost funding",
    ),
    model.CalendarUser: row(public="address name role status"),
    model.ChannelLimits: row(
        public="title_min title_max body_max text_max url_cost summary_max url_max lines_max "
        "markup attachments_max attachment_types attachment_bytes_max alt_max dates rate "
        "required",
    ),
    model.ClsStageChange: row(public="stage on"),
    model.Commitment: row(
        public="party_id text lever_id quantity due indicator status",
    ),
    model.ContactPoint: row(
        public="kind value label visibility rank verified_on card_types",
    ),
    model.ConventionResource: row(public="kind description party_id", partners="valuation"),
    model.Cost: row(public="kind amount per in_kind_value"),
    model.DeliberationRef: row(public="number on transmitted_on document_id"),
    model.Duration: row(public="years months days hours minutes"),
    model.Geo: row(public="latitude longitude"),
    model.GovernanceBody: row(
        public="kind min_meetings_per_year met_on next_on event_ids",
        partners="member_ids chair_id",
    ),
    model.HealthProject: row(public="state submitted_on validated_on document_id"),
    model.Identifier: row(public="scheme value period"),
    model.Invitation: row(public="actor_id person_id role attendance"),
    model.Known: row(public="value"),
    model.Label: row(public="name period granted_by url"),
    model.MaturityScore: row(public="axis dimension level evidence action_id"),
    model.Money: row(public="amount currency"),
    model.Occurrence: row(
        public="recurrence_id summary description location status start end",
    ),
    model.Outcome: row(public="people_reached satisfaction", team="notes"),
    model.Party: row(
        public="actor_id role empowered_by deliberation_needed",
        partners="representative_id capacity",
    ),
    model.Period: row(public="start end"),
    model.PersonName: row(public="family given additional prefix suffix"),
    model.PostRate: row(public="posts seconds"),
    model.PremisesTerms: row(
        public="insurance_proof_id inventory_in_id inventory_out_id use_rules precarious",
    ),
    model.Provenance: row(
        public="source retrieved_on source_date licence url basis",
        team="source_id checksum",
    ),
    model.Quantity: row(public="value unit detail"),
    model.Renewal: row(public="mode period max_count opt_out_notice"),
    model.Signature: row(public="party_id signed_on function place method signed_by_id"),
    model.StageChange: row(public="stage on", team="evidence"),
    model.Stop: row(public="place commune address start end rrule"),
    model.Team: row(public="general_practitioners paramedicals others committed_on"),
    model.Termination: row(
        public="notice_period noticed_on by_party_id effective_on", team="grounds"
    ),
    model.UsageProof: row(public="kind ref on", team="by"),
    model.WorkshopTable: row(public="number theme", partners="host_id"),
}
