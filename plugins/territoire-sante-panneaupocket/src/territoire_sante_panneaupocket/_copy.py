# SPDX-License-Identifier: Apache-2.0
"""An announcement as a block to be copied into PanneauPocket's console, by hand or by e-mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from territoire_sante.model import Announcement, Attachment, Severity, fit, publication_days
from territoire_sante_panneaupocket._limits import LIMITS

_CREATION = {False: "Créer un message", True: "Créer une alerte"}


def copy_block(announcement: Announcement) -> str:
    """
    Return the text, in French, that a person needs to put an announcement up in the console.

    Raises:
        AnnouncementRefusedError: it does not fit; nothing is cut.

    >>> print(copy_block(Announcement(id="announcement:1", title="Dépistage", body="Samedi")))
    PANNEAUPOCKET : PANNEAU À SAISIR DANS LA CONSOLE
    <BLANKLINE>
    Bouton : Créer un message
    Titre (9 caractères sur 50) :
    Dépistage
    <BLANKLINE>
    Texte :
    Samedi
    <BLANKLINE>
    Début de publication : dès la saisie
    Fin de publication : aucune ; à archiver à la main
    Documents : aucun
    """
    shown = fit(announcement, LIMITS).or_refuse(where=announcement.id)
    return "\n".join(_lines(shown))


def _lines(shown: Announcement) -> Iterator[str]:
    first, last = publication_days(shown, zone=ZoneInfo("Europe/Paris"))
    yield "PANNEAUPOCKET : PANNEAU À SAISIR DANS LA CONSOLE"
    yield ""
    yield f"Bouton : {_CREATION[shown.severity is Severity.ALERT]}"
    yield f"Titre ({len(shown.title)} caractères sur {LIMITS.title_max}) :"
    yield shown.title
    yield ""
    yield "Texte :"
    yield shown.body
    yield ""
    yield f"Début de publication : {_day(first) if first else 'dès la saisie'}"
    yield f"Fin de publication : {_day(last) if last else 'aucune ; à archiver à la main'}"
    yield f"Documents : {'à joindre un par un' if shown.attachments else 'aucun'}"
    for one in shown.attachments:
        yield f"[ ] {_file(one)}"


def _day(day: dt.date) -> str:
    return f"{day:%d/%m/%Y}"


def _file(one: Attachment) -> str:
    return f"{one.url} ({one.alt})" if one.alt else one.url
