# SPDX-License-Identifier: Apache-2.0
"""Views that say something in each of their fields, to see which of them a format carries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs

from territoire_sante.model import (
    Announcement,
    AnnouncementCategory,
    Attachment,
    CalendarUser,
    CapCertainty,
    CapSeverity,
    CapUrgency,
    Classification,
    Contact,
    ContactKind,
    ContactPoint,
    ContactPointKind,
    Event,
    Geo,
    Severity,
    Visibility,
)
from territoire_sante.testing._samples import announcements, contacts, events

_PARIS: Final = ZoneInfo("Europe/Paris")
_GEO: Final = Geo(latitude=44.5, longitude=3.5)


def _events() -> Mapping[str, Event]:
    series = events()["recurring"]
    start = series.start
    moved = start + dt.timedelta(days=7) if isinstance(start, dt.datetime) else start
    return {
        "full": attrs.evolve(
            series,
            description="Ordre du jour",
            location="Salle des fêtes",
            geo=_GEO,
            url="https://example.org/reunion",
            categories=("santé", "élus"),
            status=events()["zoned"].status,
            classification=Classification.PRIVATE,
            rdates=(moved,) if moved else (),
            organizer=CalendarUser(address="mailto:msp@example.org", name="MSP"),
            attendees=(CalendarUser(address="mailto:mairie@example.org", name="Mairie"),),
        )
    }


def _contacts() -> Mapping[str, Contact]:
    one = contacts()["person"]
    return {
        "full": attrs.evolve(one, geo=_GEO, related=("urn:uuid:relative",)),
        "group": Contact(
            uid="urn:uuid:group",
            kind=ContactKind.GROUP,
            formatted_name="Référents",
            members=(one.uid,),
        ),
    }


def _announcements() -> Mapping[str, Announcement]:
    start = dt.datetime(2026, 3, 28, 9, tzinfo=_PARIS)
    common: dict[str, Any] = {
        "title_short": "Vaccins",
        "body_short": "Salle des fêtes.",
        "audience": ("48095",),
        "place": "Salle des fêtes",
        "url": "https://example.org/vaccination",
        "language": "en",
        "attachments": (Attachment(url="https://example.org/affiche.png", media_type="image/png"),),
        "contact": ContactPoint(
            kind=ContactPointKind.EMAIL,
            value="mairie@example.org",
            visibility=Visibility.PUBLIC,
        ),
    }
    plain = attrs.evolve(
        announcements()["timed"],
        **common,
        event_start=start,
        event_end=start + dt.timedelta(hours=3),
    )
    return {
        "full": attrs.evolve(
            plain,
            category=AnnouncementCategory.MEETING,
            severity=Severity.EVENT,
        ),
        "alert": attrs.evolve(
            plain,
            category=AnnouncementCategory.CRISIS,
            severity=Severity.ALERT,
            cap_urgency=CapUrgency.IMMEDIATE,
            cap_severity=CapSeverity.SEVERE,
            cap_certainty=CapCertainty.OBSERVED,
        ),
    }


def full_views(view: type) -> Mapping[str, Any]:
    """Return views of ``Event``, ``Contact`` or ``Announcement`` that leave no field out."""
    makers: dict[type, Any] = {
        Event: _events,
        Contact: _contacts,
        Announcement: _announcements,
    }
    found: Mapping[str, Any] = makers[view]()
    return found
