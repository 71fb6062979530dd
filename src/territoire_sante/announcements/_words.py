# SPDX-License-Identifier: Apache-2.0
"""What both kinds of drafts share: titles with room, contacts that may be shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import ContactPoint, ContactPointKind, Visibility, length, make_id


@attrs.frozen(kw_only=True)
class Frame:
    """What is asked of a draft, whatever it is about."""

    today: dt.date
    audience: tuple[str, ...] = ()
    days: int = 30
    title_max: int = 50

    def until(self, last: dt.date | None) -> dt.date:
        """Return the last day of publication: ``last``, but after :attr:`days` days at most."""
        room = max(self.days - 1, 0)
        if room >= (dt.date.max - self.today).days:
            return last or dt.date.max
        latest = self.today + dt.timedelta(days=room)
        return latest if last is None else min(last, latest)


def draft_id(subject_id: str) -> str:
    """Return the id of the draft about a subject, the same each time."""
    return make_id("announcement", subject_id.replace(":", "-", 1))


def refuse_private(visibility: Visibility, *, where: str) -> None:
    """
    Refuse what is not even meant for the whole team.

    Raises:
        InvalidValueError: it is private.
    """
    if visibility is Visibility.PRIVATE:
        raise InvalidValueError(
            "it is private and cannot be announced",
            where=where,
            remedy="Give it another visibility first, if it is to be known",
        )


def short_title(title: str, candidates: Iterable[str], room: int) -> str:
    """Return the first candidate with room; empty if none has, or the title needs none."""
    if length(title) <= room:
        return ""
    return next((one for one in candidates if one and length(one) <= room), "")


def shown_contact(contacts: Iterable[ContactPoint | None]) -> ContactPoint | None:
    """Return the first by rank of the contacts that everybody may see."""
    public = [one for one in contacts if one and one.visibility is Visibility.PUBLIC]
    return min(public, key=lambda one: one.rank or 101, default=None)


def reach_in_words(contact: ContactPoint) -> str:
    """
    Return how to reach a contact, to follow a word such as "Renseignements :".

    >>> desk = ContactPoint(kind=ContactPointKind.PHONE, value="04 66 00 00 00", label="accueil")
    >>> reach_in_words(desk)
    'accueil, 04 66 00 00 00'
    """
    fax = "télécopie" if contact.kind is ContactPointKind.FAX else ""
    return ", ".join(part for part in (contact.label.strip(), fax, contact.value) if part)
