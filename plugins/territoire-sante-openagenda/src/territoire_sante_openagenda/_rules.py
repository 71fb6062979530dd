# SPDX-License-Identifier: Apache-2.0
"""What keeps an announcement out of an agenda, all of it, before anything is sent."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator

import attrs

from territoire_sante.errors import InputError, ItemRefusedError
from territoire_sante.formats import Document
from territoire_sante.model import Announcement, Fit, fit, length
from territoire_sante.plugins import Words
from territoire_sante_openagenda._event import Event, location_uid, parse_event
from territoire_sante_openagenda._lens import OpenAgendaLens
from territoire_sante_openagenda._limits import EXT_ID_MAX, LIMITS, SLOTS_MAX
from territoire_sante_openagenda._places import ONLINE, is_link
from territoire_sante_openagenda._times import LONGEST, lasts, read_slots, slots_of


def accepted(href: str, document: Document, lens: OpenAgendaLens) -> Event:
    """
    Return the event of a document that the service would take.

    Raises:
        ItemRefusedError: it would not; with every reason in English, and in French as remedy.
    """
    try:
        event, view = document.parsed(parse_event), lens.get(document)
    except InputError as error:
        raise ItemRefusedError(f"this is no event: {error}", href=href) from error
    result = fit(view, LIMITS)
    reasons = [*_of_length(view, result), *_of_times(event, view, lens)]
    reasons += [*_of_place(event, view), *_of_ids(href, view)]
    if not reasons:
        return event
    remedy = [one.fr for one in reasons]
    if result.proposal is not None:
        remedy.append(f"Proposition : {result.proposal.title} — {result.proposal.body}")
    english = "; ".join(one.en.rstrip(".") for one in reasons)
    raise ItemRefusedError(english, href=href, remedy=" ".join(remedy))


def _of_length(view: Announcement, result: Fit) -> Iterator[Words]:
    reasons = result.reasons
    if result.shown is not None and result.shown.body != view.body:
        # It would fit with the short text in the place of the long one, which is not what is sent.
        bare = fit(attrs.evolve(view, body_short=""), LIMITS)
        reasons = tuple(one for one in bare.reasons if one.field == "body")
    elif not view.body_short.strip():
        reasons = fit(attrs.evolve(view, body_short=""), LIMITS).reasons
    for one in reasons:
        yield Words(one.message_fr, one.message_en)


def _of_times(event: Event, view: Announcement, lens: OpenAgendaLens) -> Iterator[Words]:
    slots = read_slots(event.get("timings"))
    if view.event_start is not None and not slots:
        yield _no_slots(view)
    if len(slots) > SLOTS_MAX or len(slots_of(view.event_start, view.event_end, lens.zone)) > (
        SLOTS_MAX
    ):
        yield Words(
            f"L'événement occupe plus de {SLOTS_MAX} plages horaires, ce qu'OpenAgenda refuse.",
            f"The event fills more than {SLOTS_MAX} time slots, which OpenAgenda refuses.",
        )
    if any(lasts(one) > LONGEST for one in slots):
        yield Words(
            "Une plage horaire dure plus de 24 heures, ce qu'OpenAgenda refuse.",
            "A time slot lasts longer than 24 hours, which OpenAgenda refuses.",
        )
    if any(lasts(one) <= dt.timedelta() for one in slots):
        yield Words(
            "Une plage horaire finit avant de commencer.", "A time slot ends before it begins."
        )
    if any(after[0] < before[1] for before, after in itertools.pairwise(slots)):
        yield Words("Deux plages horaires se chevauchent.", "Two time slots overlap.")


def _no_slots(view: Announcement) -> Words:
    if view.event_end is None:
        return Words(
            "OpenAgenda demande l'heure de fin de l'événement (event_end).",
            "OpenAgenda asks for the end of the event (event_end).",
        )
    return Words(
        "La fin de l'événement (event_end) n'est pas après son début (event_start).",
        "The end of the event (event_end) is not after its start (event_start).",
    )


def _of_place(event: Event, view: Announcement) -> Iterator[Words]:
    if view.url and not is_link(view.url):
        yield Words(
            f"Le lien « {view.url} » n'est pas une adresse http(s).",
            f"The link {view.url!r} is no http(s) address.",
        )
    if location_uid(event) is not None or event.get("attendanceMode") == ONLINE:
        return
    if view.place.strip():
        yield Words(
            f"Le lieu « {view.place.strip()} » n'est associé à aucun lieu de l'agenda : "
            "ajoutez-le à l'option locations, avec le numéro du lieu dans OpenAgenda.",
            f"The place {view.place.strip()!r} is none of the agenda's that are configured: add "
            "it to the option locations, with its number in OpenAgenda.",
        )
    else:
        yield Words(
            "OpenAgenda demande un lieu : écrivez-le (place), ou configurez location, "
            "locations (par commune) ou online.",
            "OpenAgenda asks for a place: write it (place), or configure location, "
            "locations (by commune) or online.",
        )


def _of_ids(href: str, view: Announcement) -> Iterator[Words]:
    if max(length(href), length(view.uid)) > EXT_ID_MAX:
        yield Words(
            f"L'identifiant de l'annonce (uid) dépasse {EXT_ID_MAX} caractères.",
            f"The announcement's id (uid) has more than {EXT_ID_MAX} characters.",
        )
