# SPDX-License-Identifier: Apache-2.0
"""What became of one announcement on one channel, and what that means for its own state."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any, Final

import attrs

from territoire_sante import model, serialization
from territoire_sante.errors import OutcomeUnknownError
from territoire_sante.model import LabelledEnum

#: What people read of an announcement; two that agree in all of it are one notice sent twice.
_CONTENT: Final = (
    "title", "body", "title_short", "body_short", "category", "severity", "language", "audience",
    "publish_from", "publish_until", "event_start", "event_end", "place", "url", "attachments",
    "contact",
)  # fmt: skip


class DeliveryState(LabelledEnum):
    """How far an announcement came on one channel."""

    HELD = "held", "En attente", "Held"
    REFUSED = "refused", "Refusée", "Refused"
    FAILED = "failed", "Non envoyée", "Not sent"
    ACCEPTED = "accepted", "Acceptée", "Accepted"
    VISIBLE = "visible", "Visible", "Visible"
    DIFFERS = "differs", "Visible, mais différente", "Visible, but different"
    GONE = "gone", "Disparue", "Gone"
    UNKNOWN = "unknown", "Affichage inconnu", "Unknown"
    PARTIAL = "partial", "Ancienne version affichée", "Older version shown"
    WITHDRAWN = "withdrawn", "Retirée", "Withdrawn"
    HANDED_OVER = "handed_over", "À faire par une personne", "A person has to do it"
    EXPIRED = "expired", "Expirée", "Expired"

    @property
    def is_up(self) -> bool:
        """Whether the channel took it, and nothing says that it is no longer there."""
        return self in _UP

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to happen."""
        return self in (DeliveryState.WITHDRAWN, DeliveryState.EXPIRED)

    @property
    def needs_a_person(self) -> bool:
        """Whether it waits for somebody."""
        return self in _FOR_A_PERSON


_UP: Final = frozenset(
    {
        DeliveryState.ACCEPTED,
        DeliveryState.VISIBLE,
        DeliveryState.DIFFERS,
        DeliveryState.GONE,
        DeliveryState.UNKNOWN,
        DeliveryState.PARTIAL,
    }
)
_FOR_A_PERSON: Final = frozenset(
    {
        DeliveryState.REFUSED,
        DeliveryState.FAILED,
        DeliveryState.DIFFERS,
        DeliveryState.GONE,
        DeliveryState.PARTIAL,
        DeliveryState.HANDED_OVER,
    }
)


@attrs.frozen(kw_only=True)
class Delivery:
    """
    One announcement on one link: the line of the ledger.

    ``cause`` names why it is so: ``schedule``, ``duplicate``, ``misfit``, ``no_confirm``,
    ``sending`` …, or the class of an error. ``reason`` and ``reason_fr`` say it in a sentence,
    ``hand_over`` is the text for the person who has to do it, ``proposal`` a view that would fit.
    ``digest`` names the content that the channel took last, ``href`` where it is there.
    ``since`` is when the state became this one, ``sent_at`` when the channel last took it,
    ``checked_at`` when somebody last looked. At ``turn_at`` something is to be done: it begins,
    ends, or is tried again. The line was last written at ``noted_at``. ``fallback_of`` names
    the link that it is the fallback of, ``fallback`` the one that took over; ``called_back``
    that a person withdrew it from this link.
    """

    link: str
    announcement: str
    uid: str = ""
    title: str = ""
    state: DeliveryState
    cause: str = ""
    reason: str = ""
    reason_fr: str = ""
    hand_over: str = ""
    proposal: Mapping[str, Any] | None = None
    digest: str = ""
    href: str = ""
    since: dt.datetime | None = None
    sent_at: dt.datetime | None = None
    checked_at: dt.datetime | None = None
    turn_at: dt.datetime | None = None
    retry_at: dt.datetime | None = None
    noted_at: dt.datetime | None = None
    fallback: str = ""
    fallback_of: str = ""
    called_back: bool = False

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody has to act, or to look."""
        return self.state.needs_a_person or self.cause in _OPEN_ENDS

    def why(self, language: str = "fr") -> str:
        """Return the reason in ``language`` if there is one, else in English."""
        return (language == "fr" and self.reason_fr) or self.reason

    def to_plain(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        plain = attrs.asdict(self, recurse=False)
        for name in TIMES:
            plain[name] = plain[name].isoformat() if plain[name] else None
        proposal = None if self.proposal is None else dict(self.proposal)
        return {**plain, "state": self.state.value, "proposal": proposal}


#: Why a line is as it is although it was withdrawn: the channel could not be told yet.
NOT_WITHDRAWN: Final = "not_withdrawn"

#: A person put it there, or took it down.
BY_HAND: Final = "by_hand"

_OPEN_ENDS: Final = frozenset({NOT_WITHDRAWN, "sending", OutcomeUnknownError.__name__})

TIMES: Final = ("since", "sent_at", "checked_at", "turn_at", "retry_at", "noted_at")


@attrs.frozen(kw_only=True)
class DeliveryChange:
    """One line of the history of a delivery."""

    link: str
    announcement: str
    at: dt.datetime
    state: DeliveryState
    cause: str = ""
    digest: str = ""


def content_digest(announcement: model.Announcement) -> str:
    """
    Return what names the content and the audience of an announcement, whatever it is called.

    >>> one = model.Announcement(id="announcement:1", title="Médicobus")
    >>> content_digest(one) == content_digest(attrs.evolve(one, id="announcement:2"))
    True
    """
    plain = serialization.to_plain(announcement)
    told = {name: plain[name] for name in _CONTENT if plain.get(name)}
    told["audience"] = sorted(announcement.audience)
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def after_delivery(announcement: model.Announcement) -> model.Announcement:
    """Return an announcement as it is once a channel has taken it."""
    waits = (model.AnnouncementState.APPROVED, model.AnnouncementState.SCHEDULED)
    return announcement.publish() if announcement.state in waits else announcement


def as_time_goes(
    announcement: model.Announcement, now: dt.datetime, *, held: bool
) -> model.Announcement:
    """
    Return an announcement as its publication period makes it at ``now``.

    ``held``: some channel waits for its first day.

    >>> one = model.Announcement(
    ...     id="announcement:1",
    ...     state=model.AnnouncementState.PUBLISHED,
    ...     publish_until=dt.date(2026, 11, 14),
    ... )
    >>> as_time_goes(one, dt.datetime(2026, 11, 15, tzinfo=dt.UTC), held=False).state.value
    'expired'
    """
    if announcement.state is model.AnnouncementState.PUBLISHED and model.is_over(announcement, now):
        return announcement.expire()
    waits = announcement.state is model.AnnouncementState.APPROVED and not model.has_begun(
        announcement, now
    )
    return announcement.schedule() if held and waits else announcement


def summary(states: Collection[DeliveryState]) -> DeliveryState | None:
    """
    Return how an announcement stands over all its channels, ``PARTIAL`` if not on all alike.

    >>> summary([DeliveryState.VISIBLE, DeliveryState.REFUSED]).value
    'partial'
    """
    found = set(states)
    if len(found) <= 1:
        return next(iter(found), None)
    if all(state.is_over for state in found):
        return DeliveryState.WITHDRAWN
    if DeliveryState.HANDED_OVER in found and not any(state.is_up for state in found):
        return DeliveryState.HANDED_OVER
    return DeliveryState.PARTIAL if any(s.is_up for s in found) else DeliveryState.FAILED
