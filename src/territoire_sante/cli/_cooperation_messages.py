# SPDX-License-Identifier: Apache-2.0
"""What the command line says of the cooperation, in French and in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: key -> (French, English), as in :data:`territoire_sante.cli._messages.MESSAGES`.
COOPERATION: Final[Mapping[str, tuple[str, str]]] = {
    "levers": (
        "Chercher qui peut prêter ou faire quelque chose près d'ici, et comment demander.",
        "Find who can lend or do something near here, and how to ask.",
    ),
    "opt_levers_near": ("Code INSEE de la commune.", "INSEE code of the commune."),
    "opt_asker": ("Identifiant de qui demande.", "Id of the actor that asks."),
    "opt_use_on": ("Le jour où l'on en a besoin.", "The day on which it is needed."),
    "liaison": (
        "Dire qui est le relais d'une commune, pourquoi, et ce qui manque pour mieux le savoir.",
        "Say who is the relay of a commune, why, and what is missing to know it better.",
    ),
    "opt_need": ("Ce pour quoi on cherche un relais.", "What a relay is looked for."),
    "next": (
        "Dire ce qu'une équipe a à faire maintenant, et quels leviers elle ne connaît pas encore.",
        "Say what a team has to do now, and which levers it does not know yet.",
    ),
    "peers": (
        "Chercher quelles équipes l'ont déjà fait.",
        "Find which teams have done it before.",
    ),
    "tension": (
        "Dire qui appeler au sujet d'une tension, et ce qui reste à faire pour quand.",
        "Say whom to call about a tension, and what is left to do by when.",
    ),
    "told_none": ("Rien, à ce que l'on sait.", "Nothing, as far as is known."),
    "conventions": (
        "Voir les jours qui comptent pour les conventions, où elles en sont, et les rédiger.",
        "See the days that matter for conventions, where they stand, and draft them.",
    ),
    "conventions_days": (
        "Lister les fins, reconductions, préavis et engagements d'une année.",
        "List the ends, renewals, notices and commitments of a year.",
    ),
    "conventions_show": (
        "Dire où en est une convention, ce qui manque, et ce que deviennent ses engagements.",
        "Say where a convention stands, what it lacks, and what becomes of its commitments.",
    ),
    "conventions_draft": (
        "Rédiger une convention ; ce qui n'est pas connu reste à compléter.",
        "Draft a convention; what is not known is left open.",
    ),
    "opt_year": ("L'année ; celle de ce jour sinon.", "The year; else that of today."),
    "opt_template": (
        "Un modèle à soi, avec des places comme $commitments.",
        "A template of one's own, with places such as $commitments.",
    ),
    "workshop": (
        "Lire et écrire les comptes rendus d'ateliers, et suivre leurs idées.",
        "Read and write reports of workshops, and follow their ideas.",
    ),
    "workshop_read": (
        "Enregistrer un compte rendu : tables, constats, idées, conditions, idées phares.",
        "Store a report: tables, observations, ideas, conditions, key ideas.",
    ),
    "workshop_write": ("Écrire le compte rendu d'un atelier.", "Write the report of a workshop."),
    "workshop_open": (
        "Lister les idées que personne n'a encore reprises.",
        "List the ideas that nobody has taken up yet.",
    ),
    "opt_workshop": (
        "Identifiant de l'atelier, comme workshop:chanac-2026.",
        "Id of the workshop, such as workshop:chanac-2026.",
    ),
    "opt_workshop_title": (
        "Titre, si le compte rendu n'en a pas.",
        "Title, if the report has none.",
    ),
    "workshop_done": (
        "Phrases lues : {count} ; tables : {tables}.",
        "Statements read: {count}; tables: {tables}.",
    ),
    "line": ("Ligne", "Line"),
    "table": ("Table", "Table"),
    "statement_kind": ("Genre", "Kind"),
    "statement": ("Texte", "Text"),
}
