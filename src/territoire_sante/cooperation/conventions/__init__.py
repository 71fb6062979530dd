# SPDX-License-Identifier: Apache-2.0
"""Conventions: where they stand, their days, their parties and promises, and drafts of them."""

from territoire_sante.cooperation.conventions._clauses import Blank
from territoire_sante.cooperation.conventions._draft import (
    PLACES,
    TEMPLATE,
    ConventionDraft,
    draft_convention,
)
from territoire_sante.cooperation.conventions._parties import PartyCheck, check_parties
from territoire_sante.cooperation.conventions._promises import (
    Followed,
    Progress,
    follow_promises,
)
from territoire_sante.cooperation.conventions._standing import (
    Lack,
    Milestone,
    MilestoneKind,
    Standing,
    milestones,
    standing_of,
)

__all__ = [
    "PLACES",
    "TEMPLATE",
    "Blank",
    "ConventionDraft",
    "Followed",
    "Lack",
    "Milestone",
    "MilestoneKind",
    "PartyCheck",
    "Progress",
    "Standing",
    "check_parties",
    "draft_convention",
    "follow_promises",
    "milestones",
    "standing_of",
]
