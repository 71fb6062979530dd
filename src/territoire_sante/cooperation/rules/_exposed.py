# SPDX-License-Identifier: Apache-2.0
"""
Rule on what public sheets tell: no contact that is kept from the public, nobody who objected.

Fields are withheld when a directory is made; what somebody wrote into a text goes out with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from territoire_sante.cooperation._words import Sentence, folded, say
from territoire_sante.cooperation.rules._finding import Quote, Severity
from territoire_sante.cooperation.rules._ground import called, fact, ground_of, listed, named
from territoire_sante.cooperation.rules._rule import Hit, Rule, View
from territoire_sante.model import (
    Actor,
    Appointment,
    Event,
    Lever,
    LeverOffer,
    Person,
    Visibility,
)

Sheet = Actor | Lever | LeverOffer | Event

_TEXTS: Final[Mapping[type, tuple[str, ...]]] = {
    Actor: ("name", "description"),
    Lever: ("title", "description"),
    LeverOffer: ("title", "conditions", "availability"),
    Event: ("summary", "description"),
}
_MAIL: Final = re.compile(r"[^\s<>()\[\],;:\"«»]+@[^\s<>()\[\],;:\"«»]+[^\s<>()\[\],;:\"«».!?]")
_PHONE: Final = re.compile(r"(?:\+33|\b0)[\s.\-]?(?:\(0\)\s?)?[1-9](?:[\s.\-]?[0-9]{2}){4}\b")
_NAME: Final = re.compile(r"(?!L[ae]s?\s)[A-ZÀ-Ý][\w'’-]+[ \u00a0]+[A-ZÀ-Ý]")
_DIGITS: Final = 9  # of a French number, without 0 or +33

_LAW: Final = Quote(
    text="par défaut, seules les données à caractère personnel qui sont nécessaires au regard de"
    " chaque finalité spécifique du traitement sont traitées",
    source="Règlement (UE) 2016/679, article 25",
)


def public_export_leak(view: View, sheet: Sheet) -> Iterator[Hit]:
    """Find public sheets whose texts hold a contact that is not public, or who objected."""
    if sheet.visibility is not Visibility.PUBLIC:
        return
    text = "\n".join([getattr(sheet, name) for name in _TEXTS[type(sheet)]])
    # Most sheets hold nothing of that kind: who is at their actors need not be looked up.
    values, may_name = _values(text), _NAME.search(text) is not None
    if not values and not may_name:
        return
    actor_ids = tuple(dict.fromkeys(_actors(view, sheet)))
    people = [one for actor_id in actor_ids for one in _people(view, actor_id)]
    points = [point for one in people for point in one.contact_points] if values else []
    shown = {_value(one.value) for one in points if one.visibility is Visibility.PUBLIC}
    kept = {_value(one.value) for one in points} - shown - {""}
    told = values & kept
    opposed = [one for one in people if isinstance(one, Person) and one.opposed]
    plain = f" {' '.join(folded(text).split())} " if opposed else ""
    objected = [one for one in opposed if may_name and _names(plain, one)]
    if not told and not objected:
        return
    # Which contact and who is for the eyes of those who may open the sheets that are named.
    holders = [one.id for one in people if any(_value(p.value) in told for p in one.contact_points)]
    what = [
        *([Sentence(fr="un contact qui n'est pas public", en="a contact that is not public")]
          if told else []),
        *([Sentence(fr="une personne qui s'y est opposée", en="somebody who objected")]
          if objected else []),
    ]  # fmt: skip
    yield Hit(
        subject=sheet,
        message=say(
            "La fiche publique {name} contient dans son texte : {what}.",
            "The public sheet {name} has in its text: {what}.",
            name=called(view, sheet.id),
            what=listed(what),
        ),
        evidence=(
            *fact(sheet, "visibility"),
            *named(dict.fromkeys([*holders, *(one.id for one in objected)])),
        ),
        territory_id=ground_of(view, *actor_ids),
    )


def _actors(view: View, sheet: Sheet) -> Iterator[str]:
    if isinstance(sheet, Actor):
        yield sheet.id
    elif isinstance(sheet, Event):
        yield from sheet.organiser_ids
    else:
        lever = sheet if isinstance(sheet, Lever) else view.snapshot.find(Lever, sheet.lever_id)
        if isinstance(sheet, LeverOffer):
            post = view.snapshot.find(Appointment, sheet.contact_id)
            yield post.actor_id if post is not None else sheet.contact_id
        if lever is not None:
            yield from (lever.holder_id, lever.operator_id)


def _people(view: View, actor_id: str) -> Iterator[Actor | Appointment | Person]:
    """Yield an actor, the posts at it, and who holds them."""
    actor = view.snapshot.find(Actor, actor_id)
    if actor is None:
        return
    yield actor
    for post in view.snapshot.appointments_at(actor_id):
        yield post
        person = view.snapshot.find(Person, post.person_id)
        if person is not None:
            yield person


def _values(text: str) -> set[str]:
    """Return the addresses and numbers in a text, each written one way."""
    # Without one of these signs there is none, and expressions are slow to find that out.
    mails = _MAIL.findall(text) if "@" in text else []
    phones = _PHONE.findall(text) if "0" in text or "+33" in text else []
    return {_value(found) for found in (*mails, *phones)}


def _value(text: str) -> str:
    if "@" in text:
        return text.strip().casefold()
    digits = re.sub(r"\D", "", text.replace("(0)", ""))
    return digits[-_DIGITS:] if len(digits) > _DIGITS else ""


def _names(text: str, person: Person) -> bool:
    given, family = (
        " ".join(folded(one).split()) for one in (person.name.given, person.name.family)
    )
    return bool(given and family) and (
        f" {given} {family} " in text or f" {family} {given} " in text
    )


RULES: Final = (
    Rule(
        code="TS039",
        name="public-export-leak",
        title=Sentence(fr="Fiche publique trop bavarde", en="Public sheet that tells too much"),
        severity=Severity.ERROR,
        about=(Actor, Lever, LeverOffer, Event),
        check=public_export_leak,
        quote=_LAW,
        action=Sentence(
            fr="Retirer du texte ce qui n'est pas public, ou rendre la fiche moins visible.",
            en="Take out of the text what is not public, or let fewer people see the sheet.",
        ),
        unknown=Sentence(
            fr="le texte ne contient aucun contact connu, ni nom de qui s'est opposé",
            en="no contact that is known here, and no name of who objected, is in its text",
        ),
    ),
)
