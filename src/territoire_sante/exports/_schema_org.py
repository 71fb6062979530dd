# SPDX-License-Identifier: Apache-2.0
"""Events and organisations as schema.org JSON-LD, safe inside of a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import attrs

from territoire_sante.exports._actors import at_work
from territoire_sante.exports._contract import Exported, Tally
from territoire_sante.exports._plain import dumped, reached, uid, uri, without_empty
from territoire_sante.exports._recurrence import next_dates
from territoire_sante.exports._schedule_ld import schedule
from territoire_sante.formats.icalendar import Instance
from territoire_sante.model import (
    Actor,
    Address,
    Classification,
    ContactPointKind,
    Event,
    EventStatus,
    Geo,
    When,
)
from territoire_sante.privacy import Disclosed
from territoire_sante.snapshot import Snapshot

#: How far ahead the dates of a recurring event are written out, and how many at most.
DAYS: Final = 366
DATES: Final = 100

_K: Final = ContactPointKind
_CONFIRMED: Final = "https://schema.org/EventScheduled"
_CANCELLED: Final = "https://schema.org/EventCancelled"
_MOVED: Final = "https://schema.org/EventRescheduled"
# Inside of <script>, nothing may end it or begin a comment; the last two end a line of JavaScript.
_ESCAPES: Final = {
    b"<": b"\\u003c",
    b">": b"\\u003e",
    b"&": b"\\u0026",
    "\N{LINE SEPARATOR}".encode(): b"\\u2028",
    "\N{PARAGRAPH SEPARATOR}".encode(): b"\\u2029",
}


@attrs.frozen(kw_only=True)
class _Job:
    snapshot: Snapshot
    today: dt.date
    tally: Tally


def write_schema_org(
    disclosed: Disclosed,
    out: BinaryIO,
    /,
    *,
    today: dt.date,
    lang: str = "fr",  # noqa: ARG001 - of the contract; these are the texts of the territory
) -> Exported:
    """
    Write one JSON-LD graph: the organisations, then the events that are not over.

    It may stand in a ``<script type="application/ld+json">`` as it is. A recurring event is an
    ``EventSeries`` with a ``Schedule`` where one can say its rule, and its dates of the next
    year are events of their own, as search engines want them.
    """
    job = _Job(snapshot=disclosed.snapshot, today=today, tally=Tally())
    out.write(b'{"@context": "https://schema.org", "@graph": [')
    for node in _nodes(job):
        out.write(b",\n" if job.tally.count else b"\n")
        out.write(embeddable(node))
        job.tally.count += 1
    out.write(b"\n]}\n")
    return job.tally.done()


def embeddable(node: Any) -> bytes:
    r"""
    Return JSON that ends no element of a page around it.

    >>> embeddable({"name": "</script>"})
    b'{"name": "\\u003c/script\\u003e"}'
    """
    text = dumped(node)
    for sign, escape in _ESCAPES.items():
        text = text.replace(sign, escape)
    return text


def _nodes(job: _Job) -> Iterator[dict[str, Any]]:
    for actor in job.snapshot.all(Actor):
        if at_work(actor):
            yield _organisation(actor)
        else:
            job.tally.leave("closed", actor.id)
    for event in job.snapshot.all(Event):
        if event.classification in (Classification.PRIVATE, Classification.CONFIDENTIAL):
            job.tally.leave("private", event.id)
        elif event.start is None or not event.summary.strip():
            job.tally.leave("no_start", event.id)
        elif not event.location.strip():
            job.tally.leave("no_place", event.id)
        else:
            yield from _event_nodes(job, event, event.start)


def _node_id(*parts: str) -> str:
    return f"urn:uuid:{uid('schema-org', *parts)}"


def _organisation(actor: Actor) -> dict[str, Any]:
    points = actor.contact_points
    sites = [found for one in reached(points, _K.URL) if (found := uri(one))]
    return without_empty(
        {
            "@type": "GovernmentOrganization" if actor.kind.is_public_authority else "Organization",
            "@id": _node_id(actor.id),
            "name": actor.name,
            "alternateName": actor.short_name,
            "description": actor.description,
            "url": sites[0] if sites else None,
            "telephone": next(iter(reached(points, _K.PHONE, _K.MOBILE)), None),
            "email": next(iter(reached(points, _K.EMAIL)), None),
            "identifier": [
                {"@type": "PropertyValue", "propertyID": one.scheme, "value": one.value}
                for one in actor.identifiers
            ],
            "address": [place for one in actor.addresses if (place := _address(one))],
            "location": [
                {"@type": "Place", "name": actor.name, "geo": _geo(one.geo)}
                for one in actor.addresses
                if one.geo is not None
            ],
        }
    )


def _address(address: Address) -> dict[str, Any]:
    lines = ", ".join(filter(None, (address.street, address.complement)))
    parts = {
        "streetAddress": lines,
        "postalCode": address.postcode,
        "addressLocality": address.city,
    }
    if not any(parts.values()):
        return {}
    country = "FR" if address.country in ("", "France") else address.country
    return without_empty({"@type": "PostalAddress", **parts, "addressCountry": country})


def _geo(geo: Geo) -> dict[str, Any]:
    return {"@type": "GeoCoordinates", "longitude": geo.longitude, "latitude": geo.latitude}


def _event_nodes(job: _Job, event: Event, start: When) -> Iterator[dict[str, Any]]:
    node = _common(job, event)
    if not (event.rrule or event.rdates):
        if not _over(event.end or start, job.today):
            yield {"@type": "Event", **node, **_dates(start, event.end), **_status(event.status)}
        return
    found = next_dates(event, job.today, DAYS, DATES + 1)
    instances = list(found or ())
    if found is None:
        job.tally.leave("rule_not_followed", event.id)
        if not _over(event.end or start, job.today):
            yield {"@type": "Event", **node, **_dates(start, event.end), **_status(event.status)}
        return
    if len(instances) > DATES:
        job.tally.leave("more_dates", event.id)
    rule = schedule(event)
    if rule is None:
        job.tally.leave("rule_as_dates", event.id)
    if instances:
        series: dict[str, Any] = {"@type": "EventSeries", **node, "startDate": start.isoformat()}
        yield without_empty({**series, **_status(event.status), "eventSchedule": rule})
    for one in instances[:DATES]:
        yield _instance(node, event, one)


def _common(job: _Job, event: Event) -> dict[str, Any]:
    hosts = (job.snapshot.find(Actor, one) for one in event.organiser_ids)
    organisers = [_host(actor) for actor in hosts if actor is not None]
    place: dict[str, Any] = {"@type": "Place", "name": event.location, "address": event.location}
    if event.geo is not None:
        place = {**place, "geo": _geo(event.geo)}
    return without_empty(
        {
            "@id": _node_id(event.id),
            "name": event.summary,
            "description": event.description,
            "url": uri(event.url),
            "keywords": list(event.categories),
            "location": place,
            "organizer": organisers,
        }
    )


def _host(actor: Actor) -> dict[str, Any]:
    return {"@type": "Organization", "@id": _node_id(actor.id), "name": actor.name}


def _instance(node: dict[str, Any], event: Event, one: Instance) -> dict[str, Any]:
    moved = one.changed and one.start != one.recurrence_id
    status = _status(one.status or event.status)
    if moved and status.get("eventStatus") != _CANCELLED:
        status = {"eventStatus": _MOVED, "previousStartDate": one.recurrence_id.isoformat()}
    place = {**node["location"]}
    if one.location and one.location != event.location:
        # The position is that of the usual place.
        place = {"@type": "Place", "name": one.location, "address": one.location}
    return without_empty(
        {
            "@type": "Event",
            **node,
            "@id": _node_id(event.id, one.recurrence_id.isoformat()),
            "name": one.summary or event.summary,
            "description": one.description or event.description,
            "location": place,
            **_dates(one.start, one.end if event.end is not None else None),
            **status,
            "superEvent": {"@id": node["@id"]},
        }
    )


def _over(end: When, today: dt.date) -> bool:
    """Say whether an event is over; the end of days is the day after."""
    if isinstance(end, dt.datetime):
        return end.date() < today
    return end < today


def _dates(start: When, end: When | None) -> dict[str, str]:
    """Return when it begins and ends; a last day is named itself, not the day after (ISO 8601)."""
    dates = {"startDate": start.isoformat()}
    if end is not None and not isinstance(end, dt.datetime):
        first = start.date() if isinstance(start, dt.datetime) else start
        end = end - dt.timedelta(days=1) if end > first else None
    if end is not None:
        dates["endDate"] = end.isoformat()
    return dates


def _status(status: EventStatus | None) -> dict[str, str]:
    """Return the status; of what is not yet certain nothing is said."""
    if status is EventStatus.TENTATIVE:
        return {}
    return {"eventStatus": _CANCELLED if status is EventStatus.CANCELLED else _CONFIRMED}
