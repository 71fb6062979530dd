# SPDX-License-Identifier: Apache-2.0
"""
Events: what a calendar shows, and what the cooperation knows beside it.

The first group of fields is what an iCalendar lens reads and writes (RFC 5545
names); the second never leaves the store.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.model._entity import Entity
from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._values import Geo

#: A day for all-day events; a naive datetime floats; an aware one is zoned or UTC.
When = dt.date | dt.datetime


class EventKind(LabelledEnum):
    """Kinds of meetings between teams, officials and the public (domain reference, 6.4)."""

    REGULAR_MEETING = "regular_meeting", "Rencontre régulière MSP–élus", "Regular meeting"
    EVENING_EXCHANGE = "evening_exchange", "Soirée d'échange", "Evening exchange"
    FIELD_VISIT = "field_visit", "Visite de terrain", "Field visit"
    WORLD_CAFE = "world_cafe", "World café", "World café"
    STEERING_COMMITTEE = "steering_committee", "Comité de pilotage", "Steering committee"
    PUBLIC_PREVENTION = "public_prevention", "Action de prévention", "Public prevention"
    CRISIS_MEETING = "crisis_meeting", "Réunion de crise", "Crisis meeting"
    INAUGURATION = "inauguration", "Inauguration", "Inauguration"
    TRAINING = "training", "Formation", "Training"
    PLENARY = "plenary", "Plénière", "Plenary"
    OTHER = "other", "Autre", "Other"


class EventStatus(LabelledEnum):
    """STATUS of a VEVENT (RFC 5545, 3.8.1.11)."""

    TENTATIVE = "TENTATIVE", "À confirmer", "Tentative"
    CONFIRMED = "CONFIRMED", "Confirmé", "Confirmed"
    CANCELLED = "CANCELLED", "Annulé", "Cancelled"


class Classification(LabelledEnum):
    """CLASS of a calendar component (RFC 5545, 3.8.1.3)."""

    PUBLIC = "PUBLIC", "Public", "Public"
    PRIVATE = "PRIVATE", "Privé", "Private"
    CONFIDENTIAL = "CONFIDENTIAL", "Confidentiel", "Confidential"


class Attendance(LabelledEnum):
    """Answer to an invitation."""

    INVITED = "invited", "Invité", "Invited"
    ACCEPTED = "accepted", "Accepté", "Accepted"
    DECLINED = "declined", "Décliné", "Declined"
    TENTATIVE = "tentative", "Peut-être", "Tentative"
    PRESENT = "present", "Présent", "Present"
    ABSENT = "absent", "Absent", "Absent"


@attrs.frozen(kw_only=True)
class CalendarUser:
    """ORGANIZER or ATTENDEE as a calendar names them; ``address`` is a URI (``mailto:…``)."""

    address: str
    name: str = ""
    role: str = ""
    status: str = ""


@attrs.frozen(kw_only=True)
class Occurrence:
    """
    One changed instance of a recurring event (RFC 5545, 3.8.4.4).

    ``recurrence_id`` is the start that the rule gives this instance; the
    other fields hold the instance as it is shown.
    """

    recurrence_id: When
    summary: str = ""
    description: str = ""
    location: str = ""
    status: EventStatus | None = None
    start: When | None = None
    end: When | None = None


@attrs.frozen(kw_only=True)
class Invitation:
    """An invited actor or person, in which capacity, and the answer."""

    actor_id: str = ""
    person_id: str = ""
    role: str = ""
    attendance: Attendance = Attendance.INVITED


def _same_type(start: When, end: When) -> bool:
    return isinstance(start, dt.datetime) == isinstance(end, dt.datetime)


@attrs.frozen(kw_only=True)
class Event(Entity):
    """
    A dated meeting, with its recurrence, invitations and links to the rest.

    ``end`` is exclusive (RFC 5545, 3.6.1): an all-day event of one day ends on
    the next day. ``uid`` is the calendar's identifier, the same in every
    calendar; left empty it is derived from ``id`` when the event is shown.
    ``rrule`` is the text of an RRULE value. The end is not checked against the
    start: calendars hold such events and they must not be lost.
    """

    KIND: ClassVar[str] = "event"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("event",)

    uid: str = ""
    summary: str = ""
    description: str = ""
    location: str = ""
    geo: Geo | None = None
    url: str = ""
    categories: tuple[str, ...] = ()
    status: EventStatus | None = None
    classification: Classification | None = None
    start: When | None = None
    end: When | None = None
    rrule: str = ""
    rdates: tuple[When, ...] = ()
    exdates: tuple[When, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    organizer: CalendarUser | None = None
    attendees: tuple[CalendarUser, ...] = ()

    kind: EventKind = EventKind.OTHER
    organiser_ids: tuple[str, ...] = ()
    invitations: tuple[Invitation, ...] = ()
    agenda: str = ""
    minutes_id: str = ""
    action_ids: tuple[str, ...] = ()
    announcement_ids: tuple[str, ...] = ()
    mobilisation_ids: tuple[str, ...] = ()
    convention_ids: tuple[str, ...] = ()
    tension_id: str = ""
    workshop_id: str = ""

    def __attrs_post_init__(self) -> None:
        if self.start is not None and self.end is not None and not _same_type(self.start, self.end):
            message = "start and end must both be days or both be times"
            raise InvalidValueError(
                message, where="end", remedy="Give two dates (all day) or two datetimes"
            )

    @property
    def all_day(self) -> bool:
        """Whether the event is given in days, without times."""
        return self.start is not None and not isinstance(self.start, dt.datetime)
