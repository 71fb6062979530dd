# SPDX-License-Identifier: Apache-2.0
"""Every rule of this library, in the order of its code."""

from __future__ import annotations

from typing import Final

from territoire_sante.cooperation.rules import (
    _competences,
    _conventions,
    _directory,
    _documents,
    _events,
    _exposed,
    _follow_up,
    _levers,
    _liaisons,
    _plans,
    _projects,
)

#: Every rule of this library, in the order of its code.
RULES: Final = tuple(
    sorted(
        (
            *_projects.RULES,
            *_documents.RULES,
            *_liaisons.RULES,
            *_plans.RULES,
            *_conventions.RULES,
            *_events.RULES,
            *_exposed.RULES,
            *_levers.RULES,
            *_competences.RULES,
            *_directory.RULES,
            *_follow_up.RULES,
        ),
        key=lambda rule: rule.code,
    )
)
