# SPDX-License-Identifier: Apache-2.0
"""Announcements, the channels that show them, and what each channel can hold."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.model._entity import Entity
from territoire_sante.model._event import When
from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._limits import ChannelLimits
from territoire_sante.model._states import Machine
from territoire_sante.model._values import ContactPoint, Visibility


class Severity(LabelledEnum):
    """How urgently people should read it; mapped down explicitly where a channel knows less."""

    INFO = "info", "Information", "Information"
    EVENT = "event", "Événement", "Event"
    ALERT = "alert", "Alerte", "Alert"


class AnnouncementCategory(LabelledEnum):
    """What an announcement is about; each channel maps this closed list to its own words."""

    HEALTH = "health", "Santé", "Health"
    PREVENTION = "prevention", "Prévention", "Prevention"
    OPENING_HOURS = "opening_hours", "Horaires", "Opening hours"
    TRANSPORT = "transport", "Transport", "Transport"
    MEETING = "meeting", "Rencontre", "Meeting"
    RECRUITMENT = "recruitment", "Recrutement", "Recruitment"
    CRISIS = "crisis", "Crise", "Crisis"
    OTHER = "other", "Autre", "Other"


class AnnouncementState(LabelledEnum):
    """Life of an announcement (domain reference, 3.4)."""

    DRAFT = "draft", "Brouillon", "Draft"
    APPROVED = "approved", "Validée", "Approved"
    SCHEDULED = "scheduled", "Programmée", "Scheduled"
    PUBLISHED = "published", "Publiée", "Published"
    EXPIRED = "expired", "Expirée", "Expired"
    WITHDRAWN = "withdrawn", "Retirée", "Withdrawn"


class CapUrgency(LabelledEnum):
    """How soon people must act (CAP 1.2, 3.2.2); the values are the words of CAP."""

    IMMEDIATE = "Immediate", "Immédiate", "Immediate"
    EXPECTED = "Expected", "Dans l'heure", "Expected"
    FUTURE = "Future", "Prochainement", "Future"
    PAST = "Past", "Plus nécessaire", "Past"
    UNKNOWN = "Unknown", "Non renseignée", "Unknown"


class CapSeverity(LabelledEnum):
    """How much is at stake (CAP 1.2, 3.2.2); the values are the words of CAP."""

    EXTREME = "Extreme", "Extrême", "Extreme"
    SEVERE = "Severe", "Grave", "Severe"
    MODERATE = "Moderate", "Modérée", "Moderate"
    MINOR = "Minor", "Mineure", "Minor"
    UNKNOWN = "Unknown", "Non renseignée", "Unknown"


class CapCertainty(LabelledEnum):
    """How sure it is (CAP 1.2, 3.2.2); the values are the words of CAP."""

    OBSERVED = "Observed", "Constatée", "Observed"
    LIKELY = "Likely", "Probable", "Likely"
    POSSIBLE = "Possible", "Possible", "Possible"
    UNLIKELY = "Unlikely", "Peu probable", "Unlikely"
    UNKNOWN = "Unknown", "Non renseignée", "Unknown"


_S = AnnouncementState

ANNOUNCEMENT_MACHINE = Machine(
    name="announcement",
    states=AnnouncementState,
    initial=_S.DRAFT,
    table={
        "approve": {_S.DRAFT: _S.APPROVED},
        "schedule": {_S.APPROVED: _S.SCHEDULED},
        "publish": {_S.APPROVED: _S.PUBLISHED, _S.SCHEDULED: _S.PUBLISHED},
        "expire": {_S.PUBLISHED: _S.EXPIRED},
        "withdraw": {
            _S.APPROVED: _S.WITHDRAWN,
            _S.SCHEDULED: _S.WITHDRAWN,
            _S.PUBLISHED: _S.WITHDRAWN,
        },
    },
)


def ends_before(start: When, end: When) -> bool:
    """
    Say whether a publication would end before it begins.

    A day and an aware time are compared by their days, and must be two apart: the time may
    be written in the zone of another continent.
    """
    if isinstance(start, dt.datetime) and isinstance(end, dt.datetime):
        return end < start
    mixed = isinstance(start, dt.datetime) or isinstance(end, dt.datetime)
    return (_day(start) - _day(end)).days > int(mixed)


def _day(when: When) -> dt.date:
    return when.date() if isinstance(when, dt.datetime) else when


@attrs.frozen(kw_only=True)
class Attachment:
    """A file shown with an announcement: public URL, media type, size in bytes, text instead."""

    url: str
    media_type: str = ""
    size: int = 0
    alt: str = ""


@attrs.frozen(kw_only=True)
class Announcement(Entity):
    """
    A short dated message for the people of some communes.

    ``audience`` holds INSEE codes. ``publish_from`` and ``publish_until`` say when it is shown:
    as days, from the beginning of the first to the end of the last, or as aware times, from
    the first instant and no longer at the last. ``event_start`` and ``event_end`` (exclusive, as
    with an event) say when what it tells of happens, ``place`` where, in words. ``uid`` is the id
    that channels are given, derived from ``id`` if empty. The short variants are for channels
    with less room, written by a person, never cut from the long ones. ``severity`` is enough for
    most; the ``cap_`` fields are for alerts that go to systems of public warning.
    """

    KIND: ClassVar[str] = "announcement"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("announcement",)

    visibility: Visibility = Visibility.PUBLIC
    uid: str = ""
    title: str = ""
    body: str = ""
    title_short: str = ""
    body_short: str = ""
    category: AnnouncementCategory = AnnouncementCategory.HEALTH
    severity: Severity = Severity.INFO
    cap_urgency: CapUrgency = CapUrgency.UNKNOWN
    cap_severity: CapSeverity = CapSeverity.UNKNOWN
    cap_certainty: CapCertainty = CapCertainty.UNKNOWN
    language: str = "fr"
    audience: tuple[str, ...] = ()
    publish_from: When | None = None
    publish_until: When | None = None
    event_start: When | None = None
    event_end: When | None = None
    place: str = ""
    url: str = ""
    attachments: tuple[Attachment, ...] = ()
    contact: ContactPoint | None = None
    author_id: str = ""
    event_id: str = ""
    channel_ids: tuple[str, ...] = ()
    approved_by: str = ""
    approved_on: dt.date | None = None
    state: AnnouncementState = AnnouncementState.DRAFT

    def __attrs_post_init__(self) -> None:
        start, end = self.publish_from, self.publish_until
        for name, given in (("publish_from", start), ("publish_until", end)):
            if isinstance(given, dt.datetime) and given.utcoffset() is None:
                raise InvalidValueError(
                    f"{given} has no time zone", where=name, remedy="Give a day, or an aware time"
                )
        if start is not None and end is not None and ends_before(start, end):
            message = f"{end} is before publish_from, {start}"
            raise InvalidValueError(message, where="publish_until", remedy="Swap the two")

    def approve(self, *, by: str, on: dt.date) -> Announcement:
        """Return it approved by the person or function ``by``."""
        return attrs.evolve(self._step("approve"), approved_by=by, approved_on=on)

    def schedule(self) -> Announcement:
        """Return it waiting for its first day."""
        return self._step("schedule")

    def publish(self) -> Announcement:
        """Return it as handed to its channels."""
        return self._step("publish")

    def expire(self) -> Announcement:
        """Return it past its last day."""
        return self._step("expire")

    def withdraw(self) -> Announcement:
        """Return it called back before its time."""
        return self._step("withdraw")

    def _step(self, verb: str) -> Announcement:
        return attrs.evolve(
            self, state=ANNOUNCEMENT_MACHINE.step(self.state, verb, subject=self.id)
        )


class ChannelKind(LabelledEnum):
    """Where announcements are shown (domain reference, 3.1 and 3.4)."""

    POSTER = "poster", "Affichage", "Poster"
    LED_PANEL = "led_panel", "Panneau lumineux", "Light panel"
    MOBILE_APP = "mobile_app", "Application mobile (PanneauPocket…)", "Mobile app"
    SOCIAL_MEDIA = "social_media", "Réseaux sociaux", "Social media"
    BULLETIN = "bulletin", "Bulletin municipal", "Municipal bulletin"
    WEBSITE = "website", "Site internet", "Website"
    FEED = "feed", "Flux (Atom, RSS, JSON)", "Feed"
    LOCAL_RADIO_PRESS = "local_radio_press", "Radio et presse locales", "Local radio and press"
    SCHOOL_CHANNEL = "school_channel", "Canal scolaire", "School channel"


@attrs.frozen(kw_only=True)
class Channel(Entity):
    """
    A place where announcements are shown: who runs it, whom it reaches, through which link.

    ``link`` is the name of a configured link, empty when a person carries the
    text over. ``external_ref`` is the channel's own id of the place, confirmed by a person.
    """

    KIND: ClassVar[str] = "channel"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("channel",)

    kind: ChannelKind
    name: str
    operator_id: str = ""
    communes: tuple[str, ...] = ()
    link: str = ""
    external_ref: str = ""
    limits: ChannelLimits = attrs.field(factory=ChannelLimits)
