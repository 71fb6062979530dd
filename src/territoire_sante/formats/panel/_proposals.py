# SPDX-License-Identifier: Apache-2.0
"""What a person could do about an announcement that does not fit a panel."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

import attrs

from territoire_sante.formats.panel._cells import graphemes
from territoire_sante.formats.panel._layout import layout
from territoire_sante.formats.panel._profile import PanelProfile
from territoire_sante.formats.panel._transliterate import transliterate
from territoire_sante.model import Announcement

_ABBREVIATIONS: Final = {
    "janvier": "janv.",
    "février": "févr.",
    "juillet": "juil.",
    "septembre": "sept.",
    "octobre": "oct.",
    "novembre": "nov.",
    "décembre": "déc.",
    "lundi": "lun.",
    "mardi": "mar.",
    "mercredi": "mer.",
    "jeudi": "jeu.",
    "vendredi": "ven.",
    "samedi": "sam.",
    "dimanche": "dim.",
    "docteur": "Dr",
    "docteure": "Dre",
    "professeur": "Pr",
    "professeure": "Pre",
    "madame": "Mme",
    "monsieur": "M.",
    "rendez-vous": "RDV",
    "téléphone": "tél.",
    "boulevard": "bd",
    "avenue": "av.",
    "numéro": "n°",
    "euros": "€",
    "heures": "h",
    "heure": "h",
    "minutes": "min",
    "kilomètres": "km",
}
_SAINT: Final = re.compile(r"\bSaint(e?)-", re.IGNORECASE)
_WORD: Final = re.compile(
    r"(?<![\w-])(?:" + "|".join(_ABBREVIATIONS) + r")(?![\w-])", re.IGNORECASE
)
_BLANKS: Final = re.compile(r"[ \t]+")


@attrs.frozen(kw_only=True)
class Proposal:
    """
    A way out, in French and in English; nothing of it is done before a person says so.

    ``announcement`` is the announcement with the text changed, ``profile`` the panel with more
    pages; both are ``None`` where a person has to write.
    """

    message_fr: str
    message_en: str
    announcement: Announcement | None = None
    profile: PanelProfile | None = None

    def message(self, language: str = "fr") -> str:
        """Return the sentence in ``language``: ``"fr"``, and English for any other."""
        return self.message_fr if language == "fr" else self.message_en


def proposals(announcement: Announcement, profile: PanelProfile) -> tuple[Proposal, ...]:
    """
    Return what would make an announcement fit a panel, none if it fits; each was tried.

    >>> notice = Announcement(id="announcement:1", title="Mercredi 30 septembre 2026")
    >>> proposals(notice, PanelProfile.sized("2x16"))[0].announcement.title
    'Mer. 30 sept. 2026'
    """
    tried = layout(announcement, profile)
    return () if tried.fits else tuple(_found(announcement, profile))


def _found(announcement: Announcement, profile: PanelProfile) -> Iterator[Proposal]:
    shorter = _evolved(announcement, abbreviated)
    for changed, fr, en in (
        (_shown(announcement, profile), "Sans les signes qui manquent", "Without missing signs"),
        (shorter, "Avec des abréviations", "With abbreviations"),
        (
            _shown(shorter, profile),
            "Sans les signes qui manquent, avec des abréviations",
            "Without missing signs, with abbreviations",
        ),
    ):
        if changed != announcement and layout(changed, profile).fits:
            text = _one_line(changed)
            yield Proposal(
                message_fr=f"{fr} : « {text} »",
                message_en=f"{en}: {text!r}",
                announcement=changed,
            )
            break
    needed = layout(announcement, profile).pages_needed
    wider = attrs.evolve(profile, pages_max=max(needed, profile.pages_max))
    if needed > profile.pages_max and layout(announcement, wider).fits:
        yield Proposal(
            message_fr=f"Sur {needed} pages, si l'exploitant du panneau les accorde",
            message_en=f"On {needed} pages, if whoever runs the panel grants them",
            profile=wider,
        )
    if needed > profile.pages_max:
        room = profile.capacity
        yield Proposal(
            message_fr=f"Écrire un texte court (title_short, body_short) de moins de {room} signes",
            message_en=f"Write a short text (title_short, body_short) of less than {room} signs",
        )


def abbreviated(text: str) -> str:
    """
    Return a text with the usual French abbreviations.

    >>> abbreviated("Docteur Martin, sans rendez-vous, Sainte-Croix")
    'Dr Martin, sans RDV, Ste-Croix'
    """
    return _SAINT.sub(r"St\1-", _WORD.sub(_short, text))


def _short(found: re.Match[str]) -> str:
    short = _ABBREVIATIONS[found[0].lower()]
    return short[0].upper() + short[1:] if found[0][0].isupper() else short


def _shown(announcement: Announcement, profile: PanelProfile) -> Announcement:
    """Return it without the signs that have no equivalent on the panel."""

    def without(text: str) -> str:
        missing = set(transliterate(text, profile.charset).missing)
        kept = "".join(cell for cell in graphemes(text) if cell not in missing)
        lines = (_BLANKS.sub(" ", line).strip() for line in kept.split("\n"))
        return "\n".join(lines) if missing else text

    return _evolved(announcement, without)


def _evolved(announcement: Announcement, change: Callable[[str], str]) -> Announcement:
    return attrs.evolve(
        announcement,
        title=change(announcement.title),
        body=change(announcement.body),
        title_short=change(announcement.title_short),
        body_short=change(announcement.body_short),
    )


def _one_line(announcement: Announcement) -> str:
    return " / ".join(f"{announcement.title}\n{announcement.body}".split("\n")).strip(" /")
