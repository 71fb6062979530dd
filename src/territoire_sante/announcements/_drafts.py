# SPDX-License-Identifier: Apache-2.0
"""Drafts of announcements, made of what is known of an event or of an offer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import overload

from territoire_sante.announcements._event_draft import event_draft
from territoire_sante.announcements._offer_draft import offer_draft
from territoire_sante.announcements._words import Frame
from territoire_sante.model import Announcement, ContactPoint, Event, Lever, LeverOffer


@overload
def announcement_for(
    subject: Event,
    *,
    today: dt.date,
    audience: Iterable[str] = ...,
    contacts: Iterable[ContactPoint] = ...,
    days: int = ...,
    title_max: int = ...,
    zone: dt.tzinfo | None = ...,
) -> Announcement: ...


@overload
def announcement_for(
    subject: LeverOffer,
    *,
    today: dt.date,
    lever: Lever | None = ...,
    holder: str = ...,
    audience: Iterable[str] = ...,
    days: int = ...,
    title_max: int = ...,
) -> Announcement: ...


def announcement_for(
    subject: Event | LeverOffer,
    *,
    today: dt.date,
    lever: Lever | None = None,
    holder: str = "",
    audience: Iterable[str] = (),
    contacts: Iterable[ContactPoint] = (),
    days: int = 30,
    title_max: int = 50,
    zone: dt.tzinfo | None = None,
) -> Announcement:
    """
    Return a draft in French that announces an event, or what can be borrowed or used.

    It is always a DRAFT for a person to read, complete and approve, under an id that
    follows from the subject's: two drafts of one subject are the same announcement, so
    store one only where there is none yet. What free texts of the subject say is taken
    over only if the subject is PUBLIC; a contact only if it is PUBLIC itself, of
    ``contacts`` the first by rank. ``audience`` are INSEE codes.

    A title longer than ``title_max`` gets a short one made of other words if that is
    possible, never a part of the long one; else it stays empty, for a person to write.

    Args:
        subject: the event, or the offer of a lever.
        today: the first day of publication.
        lever: what is offered; without it the offer has only its own title.
        holder: the name of the actor that offers it, to be shown.
        audience: INSEE codes of the communes that it is for.
        contacts: how one can ask about the event.
        days: for how many days at most an offer, or an event without end, is shown.
        title_max: what a title should have room in; 50 is that of PanneauPocket.
        zone: where the times of the event are read, else the event's own zone.

    Raises:
        InvalidValueError: the subject is private, over, or not offered (any more).
    """
    frame = Frame(today=today, audience=tuple(audience), days=days, title_max=title_max)
    if isinstance(subject, Event):
        return event_draft(subject, frame, contacts=contacts, zone=zone)
    return offer_draft(subject, frame, lever=lever, holder=holder)
