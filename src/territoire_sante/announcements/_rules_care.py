# SPDX-License-Identifier: Apache-2.0
"""Rules on what readers need beside the text: links, descriptions, a contact, somebody's yes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from territoire_sante.announcements._remarks import (
    Found,
    LinkState,
    RemarkLevel,
    Setting,
    addresses_in,
    texts_of,
)
from territoire_sante.errors import TerritoireSanteError
from territoire_sante.model import Announcement, AnnouncementState, Visibility

_ADDRESS: Final = re.compile(
    r"https?://(?:[^\s/?#@.\[\]]{1,63}\.)+[^\s/?#@.\[\]]{2,63}(?::\d{1,5})?(?:[/?#]\S*)?",
    re.IGNORECASE,
)
_PHONE: Final = re.compile(
    r"(?<!\d)(?:\+33|0)[\s.\u00a0]?[1-9](?:[\s.\-\u00a0\u202f]?\d\d){4}(?!\d)"
)
_SHORT_PHONE: Final = re.compile(r"(?<!\d)(?:15|17|18|112|114|116[\s\u00a0]?117|3\d{3})(?!\d)")
_APPROVED: Final = frozenset(
    {AnnouncementState.APPROVED, AnnouncementState.SCHEDULED, AnnouncementState.PUBLISHED}
)


def _links(announcement: Announcement) -> Iterator[tuple[str, str]]:
    if announcement.url.strip():
        yield "url", announcement.url.strip()
    for number, attachment in enumerate(announcement.attachments):
        yield f"attachments[{number}]", attachment.url.strip()
    for field, text in texts_of(announcement):
        for address in addresses_in(text):
            yield field, address


def malformed_links(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find addresses that no browser can open."""
    del setting
    for field, address in _links(announcement):
        if not _ADDRESS.fullmatch(address):
            yield Found(
                field=field,
                fr="Cette adresse n'est pas complète : elle commence par https:// et n'a pas "
                "d'espace.",
                en="This address is not complete: it begins with https:// and has no spaces.",
                excerpt=address,
            )


def dead_links(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Ask the checker, if there is one, once about each address."""
    if setting.links is None:
        return
    known: dict[str, LinkState] = {}
    for field, address in _links(announcement):
        if not _ADDRESS.fullmatch(address):
            continue
        if address not in known:
            known[address] = _state(address, setting)
        if known[address] is LinkState.DEAD:
            yield Found(
                field=field,
                fr="Ce lien ne mène nulle part : corrigez-le ou retirez-le.",
                en="This link leads nowhere: mend it or take it out.",
                excerpt=address,
            )
        elif known[address] is LinkState.UNKNOWN:
            yield Found(
                field=field,
                fr="Ce lien n'a pas pu être vérifié : ouvrez-le vous-même.",
                en="This link could not be checked: open it yourself.",
                excerpt=address,
                level=RemarkLevel.HINT,
            )


def _state(address: str, setting: Setting) -> LinkState:
    try:
        return setting.links(address) if setting.links is not None else LinkState.UNKNOWN
    except TerritoireSanteError:
        return LinkState.UNKNOWN


def missing_alt(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find attachments that nothing describes to those who cannot see them."""
    del setting
    for number, attachment in enumerate(announcement.attachments):
        if not attachment.alt.strip():
            yield Found(
                field=f"attachments[{number}]",
                fr="Décrivez cette pièce jointe pour les personnes qui ne la voient pas.",
                en="Describe this attachment for people who cannot see it.",
                excerpt=attachment.url,
            )


def missing_contact(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find announcements that say nowhere whom to ask."""
    del setting
    if announcement.contact is not None or announcement.url.strip():
        return
    texts = [text for field, text in texts_of(announcement) if field.startswith("body")]
    if not any(_reaches(text) for text in texts):
        yield Found(
            field="contact",
            fr="Il manque un contact : à qui s'adresser ?",
            en="A contact is missing: whom is one to ask?",
        )


def _reaches(text: str) -> bool:
    found = _PHONE.search(text) or _SHORT_PHONE.search(text)
    return bool(found or "@" in text or addresses_in(text))


def hidden_contact(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find a contact that will not be shown, because it is not public."""
    del setting
    contact = announcement.contact
    if contact is not None and contact.visibility is not Visibility.PUBLIC:
        yield Found(
            field="contact",
            fr="Le contact n'est pas public : il ne sera pas montré.",
            en="The contact is not public: it will not be shown.",
            excerpt=contact.label,
        )


def missing_approval(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find announcements that nobody said yes to."""
    del setting
    if announcement.state is AnnouncementState.DRAFT:
        yield Found(
            field="state",
            fr="C'est un brouillon : quelqu'un doit le valider avant la publication.",
            en="This is a draft: somebody must approve it before it is published.",
            level=RemarkLevel.HINT,
        )
    elif announcement.state in _APPROVED and not announcement.approved_by.strip():
        yield Found(
            field="approved_by",
            fr="Rien ne dit qui a validé cette annonce.",
            en="Nothing says who approved this announcement.",
        )


def missing_audience(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find announcements that are for no commune."""
    del setting
    if not announcement.audience:
        yield Found(
            field="audience",
            fr="Aucune commune n'est indiquée : pour qui est cette annonce ?",
            en="No commune is named: for whom is this announcement?",
        )


def missing_title(announcement: Announcement, setting: Setting) -> Iterator[Found]:
    """Find announcements without a title."""
    del setting
    if not announcement.title.strip():
        yield Found(
            field="title",
            fr="Il manque un titre : c'est souvent tout ce que l'on lit.",
            en="A title is missing: it is often all that is read.",
        )
