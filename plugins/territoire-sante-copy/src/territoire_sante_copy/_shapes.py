# SPDX-License-Identifier: Apache-2.0
"""Texts for a person to copy, in the few shapes that consoles and e-mails have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs

from territoire_sante.formats import AnnouncementJson
from territoire_sante.model import (
    Announcement,
    Attachment,
    ChannelLimits,
    DateGranularity,
    RequiredField,
    Severity,
    fit,
    publication_days,
)


@attrs.frozen(kw_only=True)
class Shape:
    """
    How a text looks: what has room in it, and what makes it of an announcement.

    ``write`` takes the announcement as it is shown, and the e-mail address that it goes to.
    """

    name: str
    where: str
    limits: ChannelLimits
    write: Callable[[Announcement, str], Iterator[str]]

    def text(self, announcement: Announcement, recipient: str = "") -> str:
        """
        Return the text to copy.

        Raises:
            AnnouncementRefusedError: the announcement has no room; with every reason.
        """
        shown = fit(announcement, self.limits).or_refuse(where=announcement.uid)
        return "\n".join(self.write(shown, recipient)).rstrip("\n") + "\n"

    def lens(self, recipient: str = "") -> AnnouncementJson:
        """Return the lens whose documents hold the announcement, and the text to copy."""

        def derive(view: Announcement) -> Mapping[str, Any]:
            return {"shape": self.name, "copy": self.text(view, recipient)}

        return AnnouncementJson(derive)


def _day(day: dt.date | None) -> str:
    return "" if day is None else day.strftime("%d/%m/%Y")


def _panneaupocket(shown: Announcement, _: str) -> Iterator[str]:
    kind = "une alerte" if shown.severity is Severity.ALERT else "un message"
    first, last = publication_days(shown)
    yield f"[ ] Dans la console de PanneauPocket, créer {kind}."
    yield ""
    yield f"[ ] Titre ({len(shown.title)} signes sur 50) :"
    yield shown.title
    yield ""
    yield "[ ] Texte :"
    yield shown.body
    yield ""
    yield f"[ ] Début de publication : {_day(first) or 'le jour de la saisie'}"
    yield f"[ ] Fin de publication : {_day(last) or 'aucune'}"
    yield from _checklist(shown.attachments)


def _email(shown: Announcement, recipient: str) -> Iterator[str]:
    first, last = publication_days(shown)
    yield f"À : {recipient}" if recipient else "À :"
    yield f"Objet : Annonce à publier – {shown.title}"
    yield ""
    yield "Bonjour,"
    yield ""
    yield "Pourriez-vous publier l'annonce suivante ?"
    yield ""
    yield from _plain(shown, "")
    if first or last:
        days = (f"à partir du {_day(first)}", f"jusqu'au {_day(last)} inclus")
        told = " ".join(text for text, day in zip(days, (first, last), strict=True) if day)
        yield ""
        yield f"À publier {told}."
    yield from _checklist(shown.attachments)
    yield ""
    yield "Merci de nous dire quand c'est fait."


def _plain(shown: Announcement, _: str) -> Iterator[str]:
    yield shown.title
    yield ""
    yield shown.body
    if shown.place:
        yield f"Lieu : {shown.place}"
    if shown.url:
        yield f"En savoir plus : {shown.url}"
    if shown.contact is not None:
        yield f"Contact : {shown.contact.value}"


def _checklist(attachments: tuple[Attachment, ...]) -> Iterator[str]:
    if attachments:
        yield ""
        yield "Pièces jointes :"
    for one in attachments:
        yield f"[ ] {one.url}" + (f" – {one.alt}" if one.alt else "")


#: The shapes by name.
SHAPES: Final[Mapping[str, Shape]] = {
    one.name: one
    for one in (
        Shape(
            name="panneaupocket",
            where="la console de PanneauPocket, « Liste des panneaux »",
            limits=ChannelLimits(
                title_max=50,
                attachments_max=5,
                attachment_types=("image/jpeg", "image/png", "application/pdf"),
                attachment_bytes_max=15_000_000,
                dates=DateGranularity.DAY,
                required=(RequiredField.TITLE,),
            ),
            write=_panneaupocket,
        ),
        Shape(
            name="email",
            where="la messagerie : écrire à la personne qui a publié l'annonce",
            limits=ChannelLimits(dates=DateGranularity.DAY, required=(RequiredField.TITLE,)),
            write=_email,
        ),
        Shape(
            name="plain",
            where="l'endroit où le texte a été copié",
            limits=ChannelLimits(dates=DateGranularity.NONE),
            write=_plain,
        ),
    )
}
