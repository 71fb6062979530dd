# SPDX-License-Identifier: Apache-2.0
"""The rows of each table, their cells as texts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

import attrs

from territoire_sante.exports._actors import (
    asked,
    holder_name,
    labels_of,
    last_day_of,
    liaison_name,
    main_address,
    notice_day_of,
    offers_shown,
    post_title,
    posts_at,
)
from territoire_sante.exports._plain import coded, reached
from territoire_sante.exports._words import (
    audience_text,
    decimal_text,
    lead_text,
    length_text,
)
from territoire_sante.model import (
    Actor,
    Address,
    ContactPoint,
    ContactPointKind,
    Convention,
    Finess,
    Lever,
    LeverOffer,
    LiaisonAssignment,
    Money,
    Period,
    Person,
    Siren,
    Siret,
)
from territoire_sante.snapshot import Snapshot

#: The heads of columns, in French and in English.
Columns = tuple[tuple[str, str], ...]
_BETWEEN: Final = " | "
_K: Final = ContactPointKind


@attrs.frozen(kw_only=True)
class Sheet:
    """What all tables are made of."""

    snapshot: Snapshot
    today: dt.date
    lang: str

    def names(self, ids: Iterable[str]) -> str:
        """Return what several things are called."""
        return _BETWEEN.join(self.snapshot.name_of(one) for one in ids)

    def name(self, entity_id: str) -> str:
        """Return what a thing is called, its id where that is not known, or nothing for none."""
        return self.snapshot.name_of(entity_id) if entity_id else ""


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day is not None else ""


def _days(period: Period) -> list[str]:
    """Return the first and the last day of a period, whose end is the day after."""
    last = period.end
    if last is not None and last > dt.date.min:
        last -= dt.timedelta(days=1)
    return [_day(period.start), _day(last)]


def _points(points: Iterable[ContactPoint]) -> list[str]:
    known = tuple(points)
    kinds = ((_K.PHONE, _K.MOBILE), (_K.EMAIL,), (_K.SECURE_EMAIL,), (_K.URL,))
    return [_BETWEEN.join(reached(known, *one)) for one in kinds]


def _position(address: Address, lang: str) -> list[str]:
    if address.geo is None:
        return ["", ""]
    degrees = (address.geo.longitude, address.geo.latitude)
    return [decimal_text(Decimal(str(one)), lang) for one in degrees]


_POINTS: Final[Columns] = (
    ("Téléphone", "Phone"),
    ("Courriel", "E-mail"),
    ("Messagerie sécurisée", "Secure e-mail"),
    ("Site internet", "Website"),
)
_ORIGIN: Final[Columns] = (
    ("Vérifié le", "Verified on"),
    ("Source", "Source"),
    ("Licence", "Licence"),
)


def _origin(entity: Actor | Lever | Convention) -> list[str]:
    source = entity.provenance
    names = [source.source, source.licence] if source is not None else ["", ""]
    return [_day(entity.verified_on), *names]


ACTORS: Final[Columns] = (
    ("Identifiant", "Id"),
    ("Type", "Kind"),
    ("Nom", "Name"),
    ("Sigle", "Short name"),
    ("Description", "Description"),
    ("SIRET", "SIRET"),
    ("SIREN", "SIREN"),
    ("FINESS", "FINESS"),
    ("État", "State"),
    ("Adresse", "Street"),
    ("Complément", "Complement"),
    ("Code postal", "Postcode"),
    ("Ville", "Town"),
    ("Code INSEE", "INSEE code"),
    ("Longitude", "Longitude"),
    ("Latitude", "Latitude"),
    *_POINTS,
    ("Horaires", "Opening hours"),
    ("Labels", "Labels"),
    ("Siège sur", "Sits in"),
    ("Territoires couverts", "Covers"),
    *_ORIGIN,
)


def actor_rows(sheet: Sheet) -> Iterator[list[str]]:
    """Yield a row for each organisation, closed ones with their state."""
    for one in sheet.snapshot.all(Actor):
        address = main_address(one) or Address()
        yield [
            one.id,
            one.kind.label(sheet.lang),
            one.name,
            one.short_name,
            one.description,
            coded(one, Siret),
            coded(one, Siren),
            coded(one, Finess),
            one.status.label(sheet.lang),
            address.street,
            address.complement,
            address.postcode,
            address.city,
            address.citycode,
            *_position(address, sheet.lang),
            *_points(one.contact_points),
            one.opening_hours,
            _BETWEEN.join(labels_of(one, sheet.today)),
            sheet.name(one.territory_id),
            sheet.names(one.coverage),
            *_origin(one),
        ]


POSTS: Final[Columns] = (
    ("Identifiant", "Id"),
    ("Organisme", "Organisation"),
    ("Identifiant de l'organisme", "Id of the organisation"),
    ("Fonction", "Post"),
    ("Délégation", "Delegation"),
    ("Personne", "Person"),
    *_POINTS,
    ("Depuis le", "Since"),
    ("Jusqu'au", "Until"),
)


def post_rows(sheet: Sheet) -> Iterator[list[str]]:
    """Yield a row for each mandate or post that is held today."""
    for actor in sheet.snapshot.all(Actor):
        for post in posts_at(sheet.snapshot, actor.id, sheet.today):
            person = sheet.snapshot.find(Person, post.person_id)
            own = person.contact_points if person is not None else ()
            yield [
                post.id,
                actor.name,
                actor.id,
                post_title(post, sheet.lang),
                post.delegation,
                holder_name(sheet.snapshot, post),
                *_points((*post.contact_points, *own)),
                *_days(post.period),
            ]


LIAISONS: Final[Columns] = (
    ("Identifiant", "Id"),
    ("Rôle", "Role"),
    ("Organisme ou fonction", "Organisation or post"),
    ("Territoire", "Territory"),
    ("Au service de", "Serves"),
    ("Pour quoi", "For what"),
    ("Comment le joindre", "How to reach"),
    ("Depuis le", "Since"),
    ("Jusqu'au", "Until"),
)


def liaison_rows(sheet: Sheet) -> Iterator[list[str]]:
    """Yield a row for each liaison role, past ones with their end."""
    for one in sheet.snapshot.all(LiaisonAssignment):
        yield [
            one.id,
            one.kind.label(sheet.lang),
            liaison_name(sheet.snapshot, one, sheet.lang),
            sheet.name(one.territory_id),
            sheet.names(one.serves_ids),
            one.purpose,
            one.how_to_reach,
            *_days(one.period),
        ]


LEVERS: Final[Columns] = (
    ("Identifiant", "Id"),
    ("Identifiant de l'offre", "Id of the offer"),
    ("Famille", "Family"),
    ("Type", "Type"),
    ("Intitulé", "Title"),
    ("Description", "Description"),
    ("Détenteur", "Holder"),
    ("Exploitant", "Operator"),
    ("Territoires couverts", "Covers"),
    ("État de l'offre", "State of the offer"),
    ("Ouvert à", "Open to"),
    ("Capacité", "Capacity"),
    ("Unité", "Unit"),
    ("Délai de demande", "Lead time"),
    ("Durée minimale", "At least"),
    ("Durée maximale", "At most"),
    ("Coût", "Cost"),
    ("Montant en euros", "Amount in euros"),
    ("Par", "Per"),
    ("Valeur en nature", "Worth in kind"),
    ("Conditions", "Conditions"),
    ("Pièces à fournir", "Documents needed"),
    ("Assurance exigée", "Insurance required"),
    ("Convention exigée", "Convention required"),
    ("Horaires", "Opening hours"),
    ("Récurrence (RRULE)", "Recurrence (RRULE)"),
    ("Façons de demander", "Ways to ask"),
    ("À qui demander", "Whom to ask"),
    *_POINTS,
    ("Lien de demande", "Link to ask"),
    ("Valable du", "Valid from"),
    ("Valable au", "Valid to"),
    *_ORIGIN,
)


def lever_rows(sheet: Sheet) -> Iterator[list[str]]:
    """Yield a row for each offer that was shown once, and one for a lever without."""
    for lever in sheet.snapshot.all(Lever):
        head = [lever.family.label(sheet.lang), lever.type.label(sheet.lang), lever.title]
        head += [lever.description, sheet.name(lever.holder_id), sheet.name(lever.operator_id)]
        head.append(sheet.names(lever.coverage))
        for offer in offers_shown(sheet.snapshot, lever):
            cells = _offer_cells(sheet, lever, offer)
            yield [lever.id, offer.id, *head, *cells, *_origin(lever)]
        if not offers_shown(sheet.snapshot, lever):
            blank = [""] * (len(LEVERS) - len(head) - 2 - len(_ORIGIN))
            yield [lever.id, "", *head, *blank, *_origin(lever)]


def _offer_cells(sheet: Sheet, lever: Lever, offer: LeverOffer) -> list[str]:
    lang, capacity, cost = sheet.lang, offer.capacity, offer.cost
    whom = asked(sheet.snapshot, lever, offer, today=sheet.today, lang=lang)
    return [
        offer.state.label(lang),
        audience_text(sheet.snapshot, offer, lang),
        decimal_text(capacity.value, lang) if capacity is not None else "",
        (capacity.detail or capacity.unit.label(lang)) if capacity is not None else "",
        lead_text(offer, lang),
        length_text(offer.min_duration, lang) if offer.min_duration is not None else "",
        length_text(offer.max_duration, lang) if offer.max_duration is not None else "",
        cost.kind.label(lang) if cost is not None else "",
        _euros(cost.amount if cost is not None else None, lang),
        cost.per if cost is not None else "",
        _euros(cost.in_kind_value if cost is not None else None, lang),
        offer.conditions,
        _BETWEEN.join(offer.required_documents),
        offer.insurance_required.label(lang),
        offer.convention_required.label(lang),
        offer.opening_hours,
        offer.availability,
        _BETWEEN.join(mode.label(lang) for mode in offer.request_modes),
        whom.name,
        *_points(whom.points),
        offer.request_url,
        *_days(offer.valid),
    ]


def _euros(amount: Money | None, lang: str) -> str:
    return decimal_text(amount.amount, lang) if amount is not None else ""


CONVENTIONS: Final[Columns] = (
    ("Identifiant", "Id"),
    ("Nature", "Kind"),
    ("Titre", "Title"),
    ("Parties", "Parties"),
    ("Territoire", "Territory"),
    ("Objet", "Purpose"),
    ("Thèmes", "Themes"),
    ("État", "State"),
    ("En vigueur depuis le", "In force since"),
    ("Dernier jour", "Last day"),
    ("Reconduction", "Renewal"),
    ("Dernier jour pour dénoncer", "Last day to refuse"),
    ("Engagements", "Commitments"),
    *_ORIGIN,
)


def convention_rows(sheet: Sheet) -> Iterator[list[str]]:
    """Yield a row for each convention, with its dates as they are today."""
    lang = sheet.lang
    for one in sheet.snapshot.all(Convention):
        parties = (
            f"{sheet.name(party.actor_id)} ({party.role.label(lang)})" for party in one.parties
        )
        promises = (f"{sheet.name(each.party_id)} : {each.text}" for each in one.commitments)
        yield [
            one.id,
            one.kind.label(lang),
            one.title,
            _BETWEEN.join(parties),
            sheet.name(one.territory_id),
            one.purpose,
            _BETWEEN.join(one.themes),
            one.state.label(lang),
            _day(one.effective_on()),
            _day(last_day_of(one, sheet.today)),
            one.renewal.mode.label(lang) if one.renewal is not None else "",
            _day(notice_day_of(one, sheet.today)),
            _BETWEEN.join(promises),
            *_origin(one),
        ]
