# SPDX-License-Identifier: Apache-2.0
"""Tensions: whom to call, what to do by when, the meeting and the notice as drafts."""

from territoire_sante.cooperation.tensions._answer import (
    EPCI_WITHIN,
    MEET_WITHIN,
    QUALIFY_WITHIN,
    Answer,
    Move,
    MoveKind,
    answer_to,
    mobilised,
)
from territoire_sante.cooperation.tensions._meeting import crisis_meeting
from territoire_sante.cooperation.tensions._notice import tension_notice

__all__ = [
    "EPCI_WITHIN",
    "MEET_WITHIN",
    "QUALIFY_WITHIN",
    "Answer",
    "Move",
    "MoveKind",
    "answer_to",
    "crisis_meeting",
    "mobilised",
    "tension_notice",
]
