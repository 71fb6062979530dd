# SPDX-License-Identifier: Apache-2.0
"""HSDS: levers as services, with what their offers say, and the taxonomy of levers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

from territoire_sante.exports._actors import asked, at_work, offers_shown
from territoire_sante.exports._areas import areas_of
from territoire_sante.exports._hsds_organisations import Job, contact, location, metadata, phones
from territoire_sante.exports._hsds_schedules import all_of, opening_schedules, rule_schedule
from territoire_sante.exports._plain import number, reached, uid, uri, without_empty
from territoire_sante.exports._words import (
    audience_text,
    cost_text,
    lead_text,
    needs_texts,
    period_text,
    pick,
    sentences,
)
from territoire_sante.model import (
    Actor,
    ActorStatus,
    Appointment,
    ContactPointKind,
    Lever,
    LeverFamily,
    LeverOffer,
    LeverType,
    OfferState,
    Stop,
    Unit,
)

_K: Final = ContactPointKind
_TAXONOMY: Final = "territoire_sante"
_TAXONOMY_ID: Final = uid("taxonomy", _TAXONOMY)
_LANGUAGES: Final = {"fr": "fra"}
_WITH_CAPACITY: Final = "3.1"


def services(job: Job) -> Iterator[dict[str, Any]]:
    """Yield a service for each lever whose holder is at work."""
    for lever in job.snapshot.all(Lever):
        holder = job.snapshot.find(Actor, lever.holder_id)
        if holder is None or not at_work(holder):
            job.tally.leave("no_holder", lever.id)
        else:
            yield _service(job, lever, holder)


def _service(job: Job, lever: Lever, holder: Actor) -> dict[str, Any]:
    offers = offers_shown(job.snapshot, lever)
    people = [asked(job.snapshot, lever, one, today=job.today, lang=job.lang) for one in offers]
    points = [point for whom in people for point in whom.points]
    links = filter(None, (uri(one.request_url) for one in offers))
    audiences = dict.fromkeys(audience_text(job.snapshot, one, job.lang) for one in offers)
    costs = dict.fromkeys(cost_text(one.cost, job.lang) for one in offers if one.cost is not None)
    fields = {
        "organization_id": uid("organization", holder.id),
        "description": lever.description,
        "url": next(links, None),
        "email": next(iter(reached(points, _K.EMAIL)), None),
        "status": _status(holder, offers, job.today),
        "application_process": sentences(
            dict.fromkeys(text for one in offers for text in _how(one, job.lang))
        ),
        "fees_description": "; ".join(costs),
        "eligibility_description": "; ".join(filter(None, audiences)),
        "assured_date": lever.verified_on.isoformat() if lever.verified_on else None,
        "phones": phones(lever.id, points),
        "schedules": all_of(schedule for one in offers for schedule in _schedules(one)),
        "service_areas": list(_service_areas(job, lever)),
        "service_at_locations": list(_stops(job, lever)),
        "cost_options": [cost for one in offers for cost in _cost_options(job, one)],
        "required_documents": list(_documents(offers)),
        "contacts": list(_contacts(job, lever, offers)),
        "attributes": list(_attributes(job, lever)),
        "metadata": metadata(lever),
    }
    if job.version == _WITH_CAPACITY:
        fields["capacities"] = list(_capacities(job, lever, offers))
    elif any(one.capacity is not None for one in offers):
        job.tally.leave("capacity_has_no_field", lever.id)
    own = {"id": uid("service", lever.id), "name": lever.title}
    return own | without_empty(fields)


def _status(holder: Actor, offers: list[LeverOffer], today: dt.date) -> str:
    """Return the best that the offers of a lever are today; without offers it is not in use."""
    if any(one.available_on(today) for one in offers):
        return "active" if holder.status is ActorStatus.ACTIVE else "temporarily closed"
    if any(one.state is OfferState.PAUSED for one in offers):
        return "temporarily closed"
    return "defunct" if offers and all(_withdrawn(one) for one in offers) else "inactive"


def _withdrawn(offer: LeverOffer) -> bool:
    return offer.state is OfferState.WITHDRAWN


def _how(offer: LeverOffer, lang: str) -> Iterator[str]:
    modes = ", ".join(mode.label(lang).lower() for mode in offer.request_modes)
    if modes:
        yield pick(lang, f"Demander {modes}", f"Ask {modes}")
    yield lead_text(offer, lang)
    yield offer.conditions
    yield from needs_texts(offer, lang)
    if valid := period_text(offer.valid, lang):
        yield pick(lang, f"Valable {valid}", f"Valid {valid}")


def _schedules(offer: LeverOffer) -> Iterator[dict[str, Any] | None]:
    yield from opening_schedules(offer.id, offer.opening_hours)
    found = rule_schedule(offer.id, offer.availability)
    link = uri(offer.calendar_url)
    if found is not None or link:
        own = found or {"id": uid("schedule", offer.id, "calendar")}
        yield own | ({"schedule_link": link} if link else {})


def _service_areas(job: Job, lever: Lever) -> Iterator[dict[str, Any]]:
    kinds = frozenset({"commune", "departement", "epci", "region"})
    for territory_id, areas in areas_of(job.snapshot, dict.fromkeys(lever.coverage), kinds):
        own = {
            "id": uid("service_area", lever.id, territory_id),
            "name": job.snapshot.name_of(territory_id),
        }
        if len(areas) == 1:
            code = f"{areas[0].kind} {areas[0].code}"
            yield without_empty({**own, "extent": code, "extent_type": "text", "uri": areas[0].uri})
        elif areas:
            codes = ", ".join(f"{area.kind} {area.code}" for area in areas)
            yield {**own, "extent": codes, "extent_type": "text"}
        else:
            yield own


def _stops(job: Job, lever: Lever) -> Iterator[dict[str, Any]]:
    for place, stop in enumerate(lever.stops):
        key = f"{lever.id} {place}"
        found = location(job, key, stop.place, stop.address, entity_id=lever.id)
        times = rule_schedule(key, stop.rrule, start=stop.start, end=stop.end)
        yield without_empty(
            {
                "id": uid("service_at_location", key),
                "location_id": found["id"],
                "description": _commune(job, stop),
                "location": found,
                "schedules": [times] if times is not None else None,
            }
        )


def _commune(job: Job, stop: Stop) -> str:
    if not stop.commune:
        return ""
    name = job.snapshot.name_of(f"commune:{stop.commune}")
    return f"{name} ({stop.commune})" if not name.startswith("commune:") else stop.commune


def _cost_options(job: Job, offer: LeverOffer) -> Iterator[dict[str, Any]]:
    if offer.cost is None:
        return
    amount, valid = offer.cost.amount, offer.valid
    last = valid.end
    if last is not None and last > dt.date.min:
        last -= dt.timedelta(days=1)
    yield without_empty(
        {
            "id": uid("cost_option", offer.id),
            "valid_from": valid.start.isoformat() if valid.start else None,
            "valid_to": last.isoformat() if last else None,
            "option": offer.title or offer.cost.kind.label(job.lang),
            "currency": "EUR" if amount is not None else None,
            "amount": number(amount.amount) if amount is not None else None,
            "amount_description": cost_text(offer.cost, job.lang),
        }
    )


def _documents(offers: list[LeverOffer]) -> Iterator[dict[str, Any]]:
    for offer in offers:
        for text in dict.fromkeys(offer.required_documents):
            yield {"id": uid("required_document", offer.id, text), "document": text}


def _contacts(job: Job, lever: Lever, offers: list[LeverOffer]) -> Iterator[dict[str, Any]]:
    for one in dict.fromkeys(offer.contact_id for offer in offers):
        post = job.snapshot.find(Appointment, one)
        if post is not None and post.active_on(job.today):
            yield contact(job, post, lever.id)


def _capacities(job: Job, lever: Lever, offers: list[LeverOffer]) -> Iterator[dict[str, Any]]:
    """Yield what an offer holds at most; while it is paused or over, nothing of it is free."""
    for offer in offers:
        most = number(offer.capacity.value) if offer.capacity is not None else None
        if offer.capacity is None or most is None:
            continue
        unit, detail = offer.capacity.unit, offer.capacity.detail
        seen = offer.verified_on or lever.verified_on or job.today
        name = detail if unit is Unit.OTHER and detail else unit.label(job.lang)
        yield without_empty(
            {
                "id": uid("service_capacity", offer.id),
                "unit": {
                    "id": uid("unit", unit.value, detail if unit is Unit.OTHER else ""),
                    "name": name,
                    "scheme": _TAXONOMY,
                    "identifier": unit.value,
                },
                "available": most if offer.available_on(job.today) else 0,
                "maximum": most,
                "description": detail if unit is not Unit.OTHER else None,
                "updated": f"{seen.isoformat()}T00:00:00Z",
            }
        )


# The taxonomy: families, and the types of levers in each.


def taxonomies(job: Job) -> Iterator[dict[str, Any]]:
    """Yield the one taxonomy, that of levers."""
    yield {
        "id": _TAXONOMY_ID,
        "name": _TAXONOMY,
        "description": pick(
            job.lang,
            "Leviers de coopération entre équipes de soins et collectivités",
            "Levers of cooperation between care teams and local authorities",
        ),
    }


def taxonomy_terms(job: Job) -> Iterator[dict[str, Any]]:
    """Yield the families, then the types."""
    yield from (_term(job, family) for family in LeverFamily)
    yield from (_term(job, kind) for kind in LeverType)


def _term(job: Job, term: LeverFamily | LeverType) -> dict[str, Any]:
    parent = {"parent_id": _term_id(term.family)} if isinstance(term, LeverType) else {}
    return {
        "id": _term_id(term),
        "code": _code(term),
        "name": term.label(job.lang),
        "description": term.label(job.lang),
        **parent,
        "taxonomy": _TAXONOMY,
        "taxonomy_id": _TAXONOMY_ID,
        "language": _LANGUAGES.get(job.lang, "eng"),
    }


def _code(term: LeverFamily | LeverType) -> str:
    return term.value if isinstance(term, LeverType) else f"family:{term.value}"


def _term_id(term: LeverFamily | LeverType) -> str:
    return uid("taxonomy_term", _code(term))


def _attributes(job: Job, lever: Lever) -> Iterator[dict[str, Any]]:
    terms: tuple[LeverType | LeverFamily, ...] = (lever.type, *lever.families)
    for term in terms:
        yield {
            "id": uid("attribute", lever.id, _code(term)),
            "link_id": uid("service", lever.id),
            "link_entity": "service",
            "taxonomy_term_id": _term_id(term),
            "taxonomy_term": _term(job, term),
        }
