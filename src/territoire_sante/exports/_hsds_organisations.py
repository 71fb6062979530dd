# SPDX-License-Identifier: Apache-2.0
"""HSDS: organisations with their identifiers, contacts, telephones and locations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, Final

import attrs

from territoire_sante.exports._actors import at_work, holder_name, post_title, posts_at
from territoire_sante.exports._contract import Tally
from territoire_sante.exports._hsds_schedules import opening_schedules
from territoire_sante.exports._plain import code_in, reached, uid, uri, without_empty
from territoire_sante.model import (
    Actor,
    Address,
    Appointment,
    CommuneCode,
    ContactPoint,
    ContactPointKind,
    Entity,
    Person,
)
from territoire_sante.snapshot import Snapshot

_K: Final = ContactPointKind
#: The types of telephones, from RFC 6350.
_PHONES: Final = {_K.PHONE: "voice", _K.MOBILE: "cell", _K.FAX: "fax"}


@attrs.frozen(kw_only=True)
class Job:
    """What an HSDS document is made of, its version, and what is left out of it."""

    snapshot: Snapshot
    today: dt.date
    lang: str
    version: str
    tally: Tally


def organisations(job: Job) -> Iterator[dict[str, Any]]:
    """Yield the organisations that are at work."""
    for actor in job.snapshot.all(Actor):
        if at_work(actor):
            yield _organisation(job, actor)
        else:
            job.tally.leave("closed", actor.id)


def _organisation(job: Job, actor: Actor) -> dict[str, Any]:
    parent = job.snapshot.find(Actor, actor.parent_id)
    sites = reached(actor.contact_points, _K.URL)
    fields = without_empty(
        {
            "alternate_name": actor.short_name,
            # Required: what kind of body it is says at least what can be known.
            "description": actor.description or actor.kind.label(job.lang),
            "email": next(iter(reached(actor.contact_points, _K.EMAIL)), None),
            "website": next(filter(None, map(uri, sites)), None),
            "legal_status": actor.legal_form.label(job.lang) if actor.legal_form else None,
            "parent_organization_id": (
                uid("organization", parent.id) if parent is not None and at_work(parent) else None
            ),
            "contacts": list(contacts(job, actor)),
            "phones": phones(actor.id, actor.contact_points),
            "locations": list(_locations(job, actor)),
            "organization_identifiers": list(_identifiers(actor)),
            "metadata": metadata(actor),
        }
    )
    return {"id": uid("organization", actor.id), "name": actor.name, **fields}


def _identifiers(actor: Actor) -> Iterator[dict[str, Any]]:
    for one in dict.fromkeys((one.scheme, one.value) for one in actor.identifiers):
        scheme, value = one
        yield {
            "id": uid("organization_identifier", actor.id, scheme, value),
            "identifier_scheme": scheme,
            "identifier_type": scheme.upper(),
            "identifier": value,
        }


def phones(key: str, points: Iterable[ContactPoint]) -> list[dict[str, Any]]:
    """Return the telephones among contact points, each number once."""
    known = tuple(points)
    found = {}
    for kind, word in _PHONES.items():
        for value in reached(known, kind):
            labels = (one.label for one in known if one.value == value and one.label)
            found[value] = without_empty(
                {
                    "id": uid("phone", key, value),
                    "number": value,
                    "type": word,
                    "description": next(labels, None),
                }
            )
    return list(found.values())


def contacts(job: Job, actor: Actor) -> Iterator[dict[str, Any]]:
    """Yield the posts of an organisation that are held today, by name where one may be told."""
    for post in posts_at(job.snapshot, actor.id, job.today):
        yield contact(job, post, actor.id)


def contact(job: Job, post: Appointment, key: str) -> dict[str, Any]:
    """Return a post as a contact of what ``key`` names."""
    person = job.snapshot.find(Person, post.person_id)
    points = (*post.contact_points, *(person.contact_points if person is not None else ()))
    return without_empty(
        {
            "id": uid("contact", key, post.id),
            "name": holder_name(job.snapshot, post),
            "title": post_title(post, job.lang),
            "department": post.delegation,
            "email": next(iter(reached(points, _K.EMAIL)), None),
            "phones": phones(f"{key} {post.id}", points),
        }
    )


def _locations(job: Job, actor: Actor) -> Iterator[dict[str, Any]]:
    for place, address in enumerate(actor.addresses):
        key = f"{actor.id} {place}"
        hours = opening_schedules(key, actor.opening_hours) if place == 0 else []
        yield location(job, key, actor.name, address, entity_id=actor.id) | (
            {"schedules": hours} if hours else {}
        )


def location(
    job: Job, key: str, name: str, address: Address | None, *, entity_id: str
) -> dict[str, Any]:
    """Return a place with its position and its address, if that is whole enough."""
    own = address or Address()
    ban = {"external_identifier": own.ban_id, "external_identifier_type": "BAN"}
    return without_empty(
        {
            "id": uid("location", key),
            "location_type": "physical",
            "name": name,
            "latitude": own.geo.latitude if own.geo is not None else None,
            "longitude": own.geo.longitude if own.geo is not None else None,
            **(ban if own.ban_id else {}),
            "addresses": _addresses(job, key, own, entity_id) if address is not None else None,
        }
    )


def _addresses(job: Job, key: str, address: Address, entity_id: str) -> list[dict[str, Any]]:
    if not address.city or not address.postcode:
        if any((address.street, address.complement, address.city, address.postcode)):
            job.tally.leave("address_incomplete", entity_id)
        return []
    code = code_in(CommuneCode, address.citycode)
    department = code.department.value if code is not None else address.postcode[:2]
    fields = {
        "id": uid("address", key),
        # Required: a place without a street has its town for its line.
        "address_1": address.street or address.complement or address.city,
        "address_2": address.complement if address.street else None,
        "city": address.city,
        "state_province": department,
        "postal_code": address.postcode,
        "country": "FR" if address.country in ("", "France") else address.country,
        "address_type": "physical",
    }
    return [without_empty(fields)]


def metadata(entity: Entity) -> list[dict[str, Any]]:
    """Return where a record comes from: open licences ask to name the source and its date."""
    source = entity.provenance
    if source is None or not source.source:
        return []
    day = source.source_date or source.retrieved_on or entity.verified_on
    if day is None:
        return []
    return [
        {
            "id": uid("metadata", entity.id),
            "last_action_date": day.isoformat(),
            "last_action_type": "import",
            "field_name": "id",
            "previous_value": "",
            "replacement_value": ", ".join(
                filter(None, (source.source_id, source.licence, source.url))
            ),
            "updated_by": source.source,
        }
    ]
