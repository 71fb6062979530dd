# SPDX-License-Identifier: Apache-2.0
"""The entries of a directory in Markdown: one list item for each thing, what is known below it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from territoire_sante.exports._actors import (
    asked,
    holder_name,
    labels_of,
    last_day_of,
    liaison_name,
    notice_day_of,
    offers_on,
    post_title,
    posts_at,
)
from territoire_sante.exports._contract import Tally
from territoire_sante.exports._markup import escaped, link
from territoire_sante.exports._often import often
from territoire_sante.exports._plain import reached
from territoire_sante.exports._recurrence import next_dates
from territoire_sante.exports._words import (
    audience_text,
    cost_text,
    day_text,
    lead_text,
    needs_texts,
    period_text,
    pick,
    quantity_text,
    sentences,
    when_text,
)
from territoire_sante.model import (
    Actor,
    ActorStatus,
    Address,
    ContactPoint,
    ContactPointKind,
    Convention,
    ConventionState,
    Event,
    EventStatus,
    Lever,
    LeverOffer,
    LiaisonAssignment,
    Person,
    Stop,
    When,
)
from territoire_sante.snapshot import Snapshot

#: How far ahead dates are told, and how many of one event.
DAYS: Final = 366
DATES: Final = 5

_K: Final = ContactPointKind
_REACHING: Final = (_K.PHONE, _K.MOBILE, _K.EMAIL, _K.SECURE_EMAIL)
_GONE: Final = frozenset({ConventionState.ABANDONED, ConventionState.REPLACED})


@attrs.frozen(kw_only=True)
class Page:
    """What a directory is made of."""

    snapshot: Snapshot
    today: dt.date
    lang: str
    tally: Tally

    def names(self, ids: Iterable[str]) -> str:
        """Return what several things are called."""
        return ", ".join(self.snapshot.name_of(one) for one in ids)


def _item(page: Page, head: str, kind: str, facts: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return a list item: its head in bold, its kind, and one line for each fact there is."""
    tail = f" — {escaped(kind)}" if kind else ""
    lines = [f"- **{escaped(head) or '—'}**{tail}"]
    for fr, en, text in facts:
        if text:
            colon = pick(page.lang, " : ", ": ")
            lines.append(f"    - {pick(page.lang, fr, en)}{colon}{text}")
    return lines


def actor_lines(page: Page, actor: Actor) -> list[str]:
    """Return an organisation: where it is, how it is reached, who stands for it."""
    sites = reached(actor.contact_points, _K.URL)
    state = actor.status.label(page.lang) if actor.status is ActorStatus.SUSPENDED else ""
    return _item(
        page,
        actor.name,
        actor.kind.label(page.lang),
        [
            ("État", "State", escaped(state)),
            ("Présentation", "About", escaped(actor.description)),
            ("Labels", "Labels", escaped(", ".join(labels_of(actor, page.today)))),
            *(("Adresse", "Address", escaped(_postal(one))) for one in actor.addresses),
            ("Contact", "Contact", _reach(actor.contact_points)),
            ("Site", "Website", ", ".join(map(link, sites))),
            ("Horaires", "Opening hours", escaped(actor.opening_hours)),
            ("Couvre", "Covers", escaped(page.names(actor.coverage))),
            *_posts(page, actor),
        ],
    )


def _posts(page: Page, actor: Actor) -> Iterator[tuple[str, str, str]]:
    for post in posts_at(page.snapshot, actor.id, page.today):
        person = page.snapshot.find(Person, post.person_id)
        own = person.contact_points if person is not None else ()
        named = filter(None, (holder_name(page.snapshot, post), post.delegation))
        reach = _reach((*post.contact_points, *own))
        told = ", ".join(map(escaped, named))
        title = escaped(post_title(post, page.lang))
        yield title, title, " — ".join(filter(None, (told, reach))) or "—"


def liaison_lines(page: Page, one: LiaisonAssignment) -> list[str]:
    """Return a relay: who, for what, how."""
    return _item(
        page,
        liaison_name(page.snapshot, one, page.lang),
        one.kind.label(page.lang),
        [
            ("Pour quoi", "For what", escaped(one.purpose)),
            ("Comment le joindre", "How to reach", escaped(one.how_to_reach)),
            ("Au service de", "Serves", escaped(page.names(one.serves_ids))),
            ("Valable", "Valid", escaped(period_text(one.period, page.lang))),
        ],
    )


def lever_lines(page: Page, lever: Lever) -> list[str]:
    """Return a lever with each open offer: for whom, how to ask, by when, at what cost."""
    holder = page.names([lever.holder_id]) if lever.holder_id else ""
    offers = offers_on(page.snapshot, lever, page.today)
    facts = [
        ("De quoi il s'agit", "What it is", escaped(lever.description)),
        ("Détenteur", "Holder", escaped(holder)),
        ("Couvre", "Covers", escaped(page.names(lever.coverage))),
        *(("Étape", "Stop", escaped(_stop(page, one))) for one in lever.stops),
    ]
    for offer in offers:
        facts.extend(_offer(page, lever, offer))
    if not offers:
        closed = pick(page.lang, "aucune offre ouverte à ce jour", "no open offer on this day")
        facts.append(("Comment demander", "How to ask", closed))
    return _item(page, lever.title, lever.type.label(page.lang), facts)


def _offer(page: Page, lever: Lever, offer: LeverOffer) -> Iterator[tuple[str, str, str]]:
    lang = page.lang
    capacity = quantity_text(offer.capacity, lang) if offer.capacity is not None else ""
    whom = asked(page.snapshot, lever, offer, today=page.today, lang=lang)
    modes = ", ".join(mode.label(lang).lower() for mode in offer.request_modes)
    reach = " — ".join(filter(None, (escaped(whom.name), _reach(whom.points), escaped(modes))))
    if offer.request_url:
        reach = " — ".join(filter(None, (reach, link(offer.request_url))))
    unknown = pick(lang, "non renseigné", "not known")
    rules = sentences((lead_text(offer, lang), offer.conditions, *needs_texts(offer, lang)))
    cost = cost_text(offer.cost, lang) if offer.cost is not None else ""
    if offer.title and offer.title != lever.title:
        yield "Offre", "Offer", escaped(offer.title)
    yield "Ouvert à", "Open to", escaped(audience_text(page.snapshot, offer, lang))
    yield "Capacité", "Capacity", escaped(capacity)
    yield "Comment demander", "How to ask", reach or unknown
    yield "Conditions", "Conditions", escaped(rules)
    yield "Coût", "Cost", escaped(cost)
    yield "Horaires", "Hours", escaped(offer.opening_hours)
    yield "Récurrence", "Recurrence", escaped(often(offer.availability, page.lang))
    yield "Valable", "Valid", escaped(period_text(offer.valid, lang))


def _stop(page: Page, stop: Stop) -> str:
    commune = page.snapshot.name_of(f"commune:{stop.commune}") if stop.commune else ""
    times = [when_text(stop.start, page.lang)] if stop.start is not None else []
    return ", ".join(filter(None, (stop.place, commune, *times, often(stop.rrule, page.lang))))


def convention_lines(page: Page, one: Convention) -> list[str]:
    """Return a convention: its parties, its state, its dates."""
    if one.state in _GONE:
        return []
    last, notice = last_day_of(one, page.today), notice_day_of(one, page.today)
    return _item(
        page,
        one.title,
        one.kind.label(page.lang),
        [
            ("Parties", "Parties", escaped(page.names(party.actor_id for party in one.parties))),
            ("Objet", "Purpose", escaped(one.purpose)),
            ("État", "State", escaped(one.state.label(page.lang))),
            ("Dernier jour", "Last day", day_text(last, page.lang) if last else ""),
            (
                "Dernier jour pour dénoncer",
                "Last day to refuse",
                day_text(notice, page.lang) if notice else "",
            ),
        ],
    )


def event_lines(page: Page, event: Event) -> list[str]:
    """Return an event that is still to come, with its next dates; nothing of one that is over."""
    dates = list(_dates(page, event))
    if not dates:
        return []
    state = event.status if event.status is not EventStatus.CONFIRMED else None
    return _item(
        page,
        event.summary,
        event.kind.label(page.lang),
        [
            ("Quand", "When", escaped(" ; ".join(dates))),
            ("Où", "Where", escaped(event.location)),
            ("De quoi il s'agit", "What it is", escaped(event.description)),
            ("Organisé par", "Organised by", escaped(page.names(event.organiser_ids))),
            ("État", "State", escaped(state.label(page.lang)) if state is not None else ""),
            ("Lien", "Link", link(event.url) if event.url else ""),
        ],
    )


def _dates(page: Page, event: Event) -> Iterator[str]:
    if event.start is None:
        page.tally.leave("no_start", event.id)
        return
    found = next_dates(event, page.today, DAYS, DATES)
    if found is None:
        page.tally.leave("rule_not_followed", event.id)
        if _day(event.start) >= page.today:
            yield when_text(event.start, page.lang)
        return
    for one in found:
        away = one.status is EventStatus.CANCELLED and event.status is not one.status
        note = f" ({one.status.label(page.lang).lower()})" if away and one.status else ""
        yield f"{when_text(one.start, page.lang)}{note}"


def _day(when: When) -> dt.date:
    return when.date() if isinstance(when, dt.datetime) else when


def _postal(address: Address) -> str:
    town = f"{address.postcode} {address.city}".strip()
    return ", ".join(filter(None, (address.street, address.complement, town)))


def _reach(points: Iterable[ContactPoint]) -> str:
    known = tuple(points)
    return ", ".join(escaped(one) for kind in _REACHING for one in reached(known, kind))
