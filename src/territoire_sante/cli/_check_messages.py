# SPDX-License-Identifier: Apache-2.0
"""What the command line says of the rules of the cooperation, in French and in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: key -> (French, English), as in :data:`territoire_sante.cli._messages.MESSAGES`.
CHECKS: Final[Mapping[str, tuple[str, str]]] = {
    "check": (
        "Chercher ce qui manque ou tarde dans la coopération du territoire.",
        "Look for what is missing or late in the cooperation of the territory.",
    ),
    "opt_commune": (
        "Seulement cette commune (code INSEE) et les territoires dont elle fait partie.",
        "Only this commune (INSEE code) and the territories that it is part of.",
    ),
    "opt_team": (
        "Seulement cette équipe (identifiant d'acteur) ; groupe par équipe.",
        "Only this team (id of an actor); grouped by team.",
    ),
    "opt_rule": ("Seulement cette règle (répétable).", "Only this rule (repeatable)."),
    "opt_form": ("Forme de la réponse.", "Form of the answer."),
    "opt_today": (
        "Le jour à partir duquel compter les délais ; aujourd'hui sinon.",
        "The day that delays are counted from; else today.",
    ),
    "rule": ("Règle", "Rule"),
    "severity": ("Gravité", "Severity"),
    "finding": ("Constat", "Finding"),
    "to_do_now": ("À faire", "To do"),
    "check_count": ("Constats : {count}.", "Findings: {count}."),
}
