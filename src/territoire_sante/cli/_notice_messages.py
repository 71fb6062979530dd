# SPDX-License-Identifier: Apache-2.0
"""What the command line says of announcements and their channels, in French and in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: key -> (French, English), as in :data:`territoire_sante.cli._messages.MESSAGES`.
NOTICES: Final[Mapping[str, tuple[str, str]]] = {
    "withdraw": (
        "Retirer une annonce de tous les canaux, ou de ceux nommés.",
        "Withdraw an announcement from all channels, or from those named.",
    ),
    "announcements": (
        "Voir où en est chaque annonce, canal par canal.",
        "See how far each announcement came, channel by channel.",
    ),
    "announcements_status": (
        "Montrer l'état de chaque annonce sur chaque canal, ou d'une seule.",
        "Show the state of each announcement on each channel, or of one.",
    ),
    "announcements_done": (
        "Noter qu'une personne a fait ce que le canal ne sait pas faire seul.",
        "Note that a person did what the channel cannot do by itself.",
    ),
    "opt_channel": ("Seulement ce lien (répétable).", "Only this link (repeatable)."),
    "opt_refresh": (
        "D'abord demander aux canaux ce qu'ils affichent ; rien n'est envoyé.",
        "First ask the channels what they show; nothing is sent.",
    ),
    "announcement": ("Annonce", "Announcement"),
    "channel": ("Canal", "Channel"),
    "since": ("Depuis", "Since"),
    "looked_at": ("Vérifiée", "Looked at"),
    "helped_by": ("remplacé par {link}", "replaced by {link}"),
    "helps": ("remplace {link}", "replaces {link}"),
    "not_published_yet": ("pas encore publiée", "not published yet"),
    "over_unpublished": (
        "trop tard : sa période est finie",
        "too late: its period is over",
    ),
    "status_none": (
        "Aucune annonce n'a encore été publiée.",
        "No announcement was published yet.",
    ),
    "to_do": ("À faire :", "To do:"),
    "to_know": ("À savoir :", "To know:"),
    "hand_over_head": (
        "À faire par une personne sur « {link} » :",
        "For a person to do on “{link}”:",
    ),
    "withdrawn": (
        "« {title} » est retirée ; voici où elle en est :",
        "“{title}” is withdrawn; this is how far that came:",
    ),
    "withdrawn_from": (
        "« {title} » est retirée de {links} ; voici où elle en est :",
        "“{title}” is withdrawn from {links}; this is how far that came:",
    ),
    "done_noted": (
        "C'est noté : « {title} », canal {link} : {state}.",
        "Noted: “{title}”, channel {link}: {state}.",
    ),
}
