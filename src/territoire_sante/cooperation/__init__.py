# SPDX-License-Identifier: Apache-2.0
"""What the cooperation of care teams and authorities asks: who is the relay, who can help, how."""

from territoire_sante.cooperation._asking import Asking
from territoire_sante.cooperation._awareness import Digest, News, digest_for, teams_aware_of
from territoire_sante.cooperation._ladder import liaison_for
from territoire_sante.cooperation._levers import Found, Match, Searchable, find_levers
from territoire_sante.cooperation._liaison import Gap, Liaison, Need, Step, StepState
from territoire_sante.cooperation._peers import (
    PEER_WEIGHTS,
    Peer,
    PeerCriterion,
    exchange_for,
    find_peers,
)
from territoire_sante.cooperation._relay import Relay, Rung
from territoire_sante.cooperation._requests import (
    Due,
    DueKind,
    due_steps,
    mobilisation_for,
    request_for,
)
from territoire_sante.cooperation._score import WEIGHTS, Criterion, Part
from territoire_sante.cooperation._sheets import Mark, Quality, sheet_quality
from territoire_sante.cooperation._words import Sentence
from territoire_sante.cooperation.duplicates import (
    Choice,
    Duplicate,
    Duplicates,
    Kept,
    MergePlan,
    Nature,
    Repointed,
    Swept,
    Trait,
    Undone,
    find_duplicates,
    merge,
    merged_ids,
    not_duplicates,
    plan_merge,
    undo_merge,
)

__all__ = [
    "PEER_WEIGHTS",
    "WEIGHTS",
    "Asking",
    "Choice",
    "Criterion",
    "Digest",
    "Due",
    "DueKind",
    "Duplicate",
    "Duplicates",
    "Found",
    "Gap",
    "Kept",
    "Liaison",
    "Mark",
    "Match",
    "MergePlan",
    "Nature",
    "Need",
    "News",
    "Part",
    "Peer",
    "PeerCriterion",
    "Quality",
    "Relay",
    "Repointed",
    "Rung",
    "Searchable",
    "Sentence",
    "Step",
    "StepState",
    "Swept",
    "Trait",
    "Undone",
    "digest_for",
    "due_steps",
    "exchange_for",
    "find_duplicates",
    "find_levers",
    "find_peers",
    "liaison_for",
    "merge",
    "merged_ids",
    "mobilisation_for",
    "not_duplicates",
    "plan_merge",
    "request_for",
    "sheet_quality",
    "teams_aware_of",
    "undo_merge",
]
