# SPDX-License-Identifier: Apache-2.0
"""Views to write in tests: ordinary ones of each kind, and texts that break careless code."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs

from territoire_sante.model import (
    Address,
    Announcement,
    CardAddress,
    Contact,
    ContactKind,
    Event,
    EventStatus,
    Geo,
    Occurrence,
    PersonName,
    Reach,
    make_id,
)

#: Texts that must come back unchanged, or be refused in so many words; by name.
HOSTILE_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "accents": "Œuvre d'été à Saint-Étienne-Vallée-Française — 5 €",
        "decomposed accents": "e\u0301te\u0301",
        "emoji": "Vaccins 💉 famille 👨‍👩‍👧 drapeau 🇫🇷",
        "separators": "a,b;c:d=e|f",
        "escapes": r"\n \\ \, \; ^n ^^ ^' %0A &amp; <b>",
        "quotes": "\"double\" 'simple' «guillemets» “courbes”",
        "newlines": "une\ndeux\n\nquatre",
        "leading and trailing spaces": "  deux devant, deux derrière  ",
        "tab": "colonne\tcolonne",
        "unicode line ends": "avant\u2028après\u0085fin\u2029",
        "looks like a line": "x\nEND:VCALENDAR\nBEGIN:VEVENT",
        "right to left": "مستشفى \u202eabc\u202c",
        "long line": "é" * 400,
        "ten kilobytes": "mot et mot. " * 850,
    }
)

TEXT_FIELDS: Final[Mapping[type, tuple[str, ...]]] = MappingProxyType(
    {
        Event: ("summary", "description", "location"),
        Contact: ("formatted_name", "title", "note"),
        Announcement: ("title", "body"),
    }
)
_LIST_FIELDS: Final[Mapping[type, tuple[str, ...]]] = MappingProxyType(
    {Event: ("categories",), Contact: ("organisation", "categories"), Announcement: ()}
)

_PARIS: Final = ZoneInfo("Europe/Paris")
_NAMESPACE: Final = uuid.UUID("2d0f6c5a-64c1-5a5e-8a53-0f3c8c9a7b10")


def _event(name: str, **fields: Any) -> Event:
    uid = f"{name}@suite.example.org"
    return Event(id=make_id("event", uid), uid=uid, summary=f"Réunion {name}", **fields)


def events() -> Mapping[str, Event]:
    """Return ordinary events by name: zoned, UTC, floating, of days, across a clock change."""
    nine = dt.datetime(2026, 3, 28, 9, 0)  # noqa: DTZ001 - one of them is meant to float
    hour = dt.timedelta(hours=1)
    day = dt.date(2026, 5, 4)
    zoned = nine.replace(tzinfo=_PARIS)
    utc = nine.replace(tzinfo=dt.UTC)
    series = _event(
        "recurring",
        start=zoned,
        end=zoned + hour,
        rrule="FREQ=DAILY;COUNT=4",
        exdates=(zoned + dt.timedelta(days=3),),
        occurrences=(
            Occurrence(
                recurrence_id=zoned + dt.timedelta(days=1),
                summary="Réunion déplacée",
                start=zoned + dt.timedelta(days=1, hours=2),
                end=zoned + dt.timedelta(days=1, hours=3),
            ),
        ),
    )
    return {
        "zoned": _event(
            "zoned",
            start=zoned,
            end=zoned + hour,
            description="Ordre du jour : accès aux soins",
            location="Salle des fêtes",
            status=EventStatus.CONFIRMED,
            categories=("santé", "élus"),
            geo=Geo(latitude=44.5, longitude=3.5),
            url="https://example.org/reunion",
        ),
        "utc": _event("utc", start=utc, end=utc + hour),
        "floating": _event("floating", start=nine, end=nine + hour),
        "days": _event("days", start=day, end=day + dt.timedelta(days=2)),
        "clock change": _event(
            "clock-change",
            start=dt.datetime(2026, 3, 29, 1, 30, tzinfo=_PARIS),
            end=dt.datetime(2026, 3, 29, 3, 30, tzinfo=_PARIS),
        ),
        "recurring": series,
    }


def contacts() -> Mapping[str, Contact]:
    """Return ordinary contacts by name: a person in a function, an organisation."""
    office = Address(
        street="1 place de la Mairie", postcode="48000", city="Exempleville", country="France"
    )
    return {
        "person": Contact(
            uid=f"urn:uuid:{uuid.uuid5(_NAMESPACE, 'person')}",
            formatted_name="Dr Camille Exemple",
            name=PersonName(family="Exemple", given="Camille", prefix="Dr"),
            organisation=("MSP des Trois Vallées", "Pôle ville"),
            title="Médecin généraliste",
            role="Coordinatrice",
            telephones=(Reach(value="+33 4 66 00 00 00", types=("work",)),),
            emails=(Reach(value="camille@example.org", types=("work",)),),
            urls=(Reach(value="https://example.org/msp"),),
            addresses=(CardAddress(address=office, types=("work",)),),
            note="Joindre le matin",
            categories=("santé",),
        ),
        "organisation": Contact(
            uid=f"urn:uuid:{uuid.uuid5(_NAMESPACE, 'organisation')}",
            kind=ContactKind.ORG,
            formatted_name="Mairie d'Exempleville",
            organisation=("Mairie d'Exempleville",),
            telephones=(Reach(value="+33 4 66 00 00 01", types=("work",)),),
        ),
    }


def announcements() -> Mapping[str, Announcement]:
    """Return ordinary announcements by name, short enough for any channel we know of."""

    def notice(name: str, **fields: Any) -> Announcement:
        uid = f"urn:uuid:{uuid.uuid5(_NAMESPACE, name)}"
        return Announcement(id=make_id("announcement", uid), uid=uid, **fields)

    return {
        "plain": notice("plain", title="Vaccination", body="Salle des fêtes, de 9 h à 12 h."),
        "dated": notice(
            "dated",
            title="Permanence",
            body="L'infirmière reçoit sans rendez-vous.",
            publish_from=dt.date(2026, 3, 20),
            publish_until=dt.date(2026, 3, 29),
        ),
        # A time is a day to Python too: whoever writes it as one loses the hour.
        "timed": notice(
            "timed",
            title="Réunion publique",
            body="À 18 h 30 au foyer.",
            publish_from=dt.datetime(2026, 3, 20, 17, tzinfo=_PARIS),
            publish_until=dt.datetime(2026, 3, 29, 18, 30, tzinfo=_PARIS),
        ),
    }


def samples_for(view: type) -> Mapping[str, Any]:
    """Return the ordinary samples of ``Event``, ``Contact`` or ``Announcement``, by name."""
    makers: dict[type, Any] = {Event: events, Contact: contacts, Announcement: announcements}
    samples: Mapping[str, Any] = makers[view]()
    return samples


def with_text(sample: Any, text: str, fields: frozenset[str]) -> Any:
    """
    Return ``sample`` with ``text`` in each of its free texts among ``fields``.

    In lists of keywords it stands without spaces around, which formats are free to drop.
    """
    kind = type(sample)
    changes: dict[str, Any] = {name: text for name in TEXT_FIELDS[kind] if name in fields}
    changes |= {name: (text.strip(), "autre") for name in _LIST_FIELDS[kind] if name in fields}
    return attrs.evolve(sample, **changes)


def with_identity(sample: Any, name: str) -> Any:
    """Return ``sample`` as another item, whose uid (and id) come from ``name``."""
    uid = f"urn:uuid:{uuid.uuid5(_NAMESPACE, name)}"
    if isinstance(sample, Contact):
        return attrs.evolve(sample, uid=uid)
    return attrs.evolve(sample, uid=uid, id=make_id(type(sample).KIND, uid))
