# SPDX-License-Identifier: Apache-2.0
"""Whether people see an event: read as a visitor without an account reads it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from territoire_sante.errors import ConnectorError, FormatError
from territoire_sante.model import Announcement
from territoire_sante.plugins import Confirmation, Shown, Stored
from territoire_sante_mobilizon._api import Api, Fault
from territoire_sante_mobilizon._lens import Event, MobilizonLens, document_of


def confirmations(items: Sequence[Stored], api: Api, lens: MobilizonLens) -> Iterator[Confirmation]:
    """Yield what visitors see of each item; what cannot be read proves nothing."""
    hrefs = [item.ref.href for item in items]
    try:
        found = dict(api.events(hrefs, as_visitor=True))
    except ConnectorError as error:
        why = f"L'événement n'a pas pu être lu : {error.what}"
        yield from (Confirmation(href, Shown.UNKNOWN, why) for href in hrefs)
        return
    for item in items:
        yield _seen(item, found.get(item.ref.href), lens)


def same_text(text: str) -> str:
    r"""
    Return a text with its blanks and accents made uniform, to compare what is shown.

    >>> same_text("9 h\u202fà 12 h\n") == same_text("9 h à 12 h")
    True
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def _seen(item: Stored, event: Event | Fault | None, lens: MobilizonLens) -> Confirmation:
    href = item.ref.href
    if isinstance(event, Fault):
        return Confirmation(href, Shown.UNKNOWN, f"L'instance répond : {event.message}")
    if event is None:
        why = "L'événement n'est plus là, ou n'est pas public."
        return Confirmation(href, Shown.GONE, why)
    try:
        wanted, shown = lens.get(item.document), lens.get(document_of(event))
    except FormatError as error:
        return Confirmation(href, Shown.UNKNOWN, f"Document illisible : {error.what}")
    where = str(event.get("url") or "")
    wrong = [*_states(event), *_differences(wanted, shown)]
    if wrong:
        return Confirmation(href, Shown.DIFFERS, f"{', '.join(wrong)} : {where}")
    return Confirmation(href, Shown.VISIBLE, where)


def _states(event: Event) -> Iterator[str]:
    if event.get("status") == "CANCELLED":
        yield "Marqué comme annulé"
    if event.get("draft") is True:
        yield "Encore un brouillon"


def _differences(wanted: Announcement, shown: Announcement) -> Iterator[str]:
    texts = {"title": "Autre titre", "body": "Autre texte", "place": "Autre lieu"}
    for name, words in texts.items():
        if same_text(getattr(wanted, name)) != same_text(getattr(shown, name)):
            yield words
    if wanted.url != shown.url:
        yield "Autre lien"
    if (wanted.event_start, wanted.event_end) != (shown.event_start, shown.event_end):
        yield "Autres dates"
