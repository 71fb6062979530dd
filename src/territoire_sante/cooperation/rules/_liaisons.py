# SPDX-License-Identifier: Apache-2.0
"""Rules on relays: who links a team with the authorities, where there is no CLS, and in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from territoire_sante.cooperation._words import Sentence, day_words, say
from territoire_sante.cooperation.rules import _quotes as quotes
from territoire_sante.cooperation.rules._finding import Severity
from territoire_sante.cooperation.rules._ground import (
    called,
    fact,
    is_care_team,
    lacks,
    listed,
    named,
    parameter,
    places,
    upwards,
)
from territoire_sante.cooperation.rules._rule import Hit, Rule, View
from territoire_sante.model import (
    Actor,
    Appointment,
    ClsStage,
    ContactPoint,
    Duration,
    Institution,
    LiaisonAssignment,
    LiaisonKind,
    LocalHealthContract,
    Person,
    Role,
    Territory,
)

_RELAYS: Final = (Institution.CLS, Institution.CCAS, Institution.DAC, Institution.HEALTH_REFERENT)
_WIDE: Final = ("departement:", "region:")
_IN_FORCE: Final = (ClsStage.SIGNED, ClsStage.RUNNING, ClsStage.EVALUATION)


def _liaisons(view: View, team: Actor, place_ids: tuple[str, ...]) -> list[LiaisonAssignment]:
    ask = view.snapshot.referring
    found = {one.id: one for one in view.snapshot.liaisons_serving(team.id)}
    for place in place_ids:
        found |= {one.id: one for one in ask(LiaisonAssignment, "territory_id", place)}
    return list(found.values())


def no_liaison(view: View, team: Actor) -> Iterator[Hit]:
    """Find teams that are known to have no relay: the last one ended, or none can be."""
    if not is_care_team(team):
        return
    place_ids = places(view, team)
    liaisons = _liaisons(view, team, place_ids)
    if any(one.period.end is None or one.period.end > view.today for one in liaisons):
        return
    posts = view.snapshot.appointments_at(team.id)
    if any(one.role is Role.MSP_COORDINATOR and one.active_on(view.today) for one in posts):
        return
    none_can_be = bool(posts) and all(lacks(view, team, one) for one in _RELAYS)
    # That a relay of a whole région left says nothing of those nearer by.
    ended = [one for one in liaisons if not one.territory_id.startswith(_WIDE)]
    if ended or none_can_be:
        yield Hit(
            subject=team,
            message=say(
                "Personne ne fait le lien entre {name} et les collectivités.",
                "Nobody links {name} with the authorities.",
                name=called(view, team.id),
            ),
            evidence=tuple(one for liaison in ended for one in fact(liaison, "period.end"))
            or named(place_ids[:1]),
            territory_id=team.territory_id,
            team_id=team.id,
        )


def health_referent_missing(view: View, territory: Territory) -> Iterator[Hit]:
    """Find territories that are known to have neither a CLS nor a health contact."""
    if Institution.CLS not in territory.absent:
        return
    ask, around = view.snapshot.referring, upwards(view, territory.id)
    contracts = [one for place in around for one in ask(LocalHealthContract, "territory_id", place)]
    referents = [
        one
        for place in around
        for one in ask(LiaisonAssignment, "territory_id", place)
        if one.kind is LiaisonKind.HEALTH_REFERENT
    ]
    if any(one.active_on(view.today) for one in contracts):
        return
    if any(one.period.end is None or one.period.end > view.today for one in referents):
        return
    held = [one for one in referents if one.territory_id == territory.id]
    if held or Institution.HEALTH_REFERENT in territory.absent:
        yield Hit(
            subject=territory,
            message=say(
                "{name} n'a ni contrat local de santé ni référent santé.",
                "{name} has neither a local health contract nor a health contact.",
                name=called(view, territory.id),
            ),
            evidence=(
                *named([territory.id]),
                *(one for liaison in held for one in fact(liaison, "period.end")),
            ),
            territory_id=territory.id,
        )


def cls_contact_missing(view: View, contract: LocalHealthContract) -> Iterator[Hit]:
    """Find contracts in force whose named coordinators have left or cannot be reached."""
    if not contract.coordinator_ids or not contract.active_on(view.today):
        return
    named_ones = [view.snapshot.named(one) for one in contract.coordinator_ids]
    if any(one is None or _reachable(view, one) for one in named_ones):
        return
    yield Hit(
        subject=contract,
        message=say(
            "{name} est en vigueur et personne ne peut être joint pour sa coordination.",
            "{name} is in force, and nobody can be reached for its coordination.",
            name=called(view, contract.id),
        ),
        evidence=named(contract.coordinator_ids),
        territory_id=contract.territory_id,
    )


def _reachable(view: View, one: object) -> bool:
    points: tuple[ContactPoint, ...] = ()
    if isinstance(one, Appointment):
        if not one.active_on(view.today):
            return False
        person = view.snapshot.find(Person, one.person_id)
        points = (*one.contact_points, *(person.contact_points if person else ()))
    elif isinstance(one, Person | Actor):
        points = one.contact_points
    return bool(points)


def cls_expiring(view: View, contract: LocalHealthContract) -> Iterator[Hit]:
    """Find contracts in force that end soon, or have ended and nobody said what follows."""
    end = contract.end_on()
    if end is None or contract.stage not in _IN_FORCE or contract.successor_id:
        return
    if end > view.duration("within").after(view.today):
        return
    over = end < view.today
    yield Hit(
        subject=contract,
        message=say(
            "{name} est arrivé à son terme le {day}." if over else "{name} se termine le {day}.",
            "{name} ended on {day}." if over else "{name} ends on {day}.",
            name=called(view, contract.id),
            day=day_words(end),
        ),
        evidence=fact(contract, "ends_on", "starts_on", "duration", "stage"),
        territory_id=contract.territory_id,
    )


def role_not_legible(view: View, liaison: LiaisonAssignment) -> Iterator[Hit]:
    """Find relays in force whose card does not say who, for what, or how."""
    if not liaison.active_on(view.today) or liaison.is_legible:
        return
    lacking = [
        word
        for missing, word in (
            (not (liaison.actor_id or liaison.appointment_id), Sentence(fr="qui", en="who")),
            (not liaison.purpose.strip(), Sentence(fr="pour quoi", en="for what")),
            (
                not liaison.how_to_reach.strip(),
                Sentence(fr="comment le joindre", en="how to reach it"),
            ),
        )
        if missing
    ]
    yield Hit(
        subject=liaison,
        message=say(
            "La fiche du relais ({kind_fr}) ne dit pas : {lacking}.",
            "The card of the relay ({kind_en}) does not say: {lacking}.",
            kind_fr=liaison.kind.label_fr,
            kind_en=liaison.kind.label_en,
            lacking=listed(lacking),
        ),
        evidence=fact(liaison, "purpose", "how_to_reach"),
        territory_id=liaison.territory_id,
        team_id=next(iter(liaison.serves_ids), ""),
    )


def liaison_single_point(view: View, territory: Territory) -> Iterator[Hit]:
    """Find territories where one person holds every relay."""
    here = [
        one
        for one in view.snapshot.referring(LiaisonAssignment, "territory_id", territory.id)
        if one.active_on(view.today)
    ]
    if len(here) < view.number("roles"):
        return
    posts = [view.snapshot.find(Appointment, one.appointment_id) for one in here]
    persons = {"" if one is None else one.person_id for one in posts}
    if len(persons) == 1 and "" not in persons:
        yield Hit(
            subject=territory,
            message=say(
                "À {name}, une seule personne tient tous les rôles de relais ({count}).",
                "In {name}, one person holds every role of relay ({count}).",
                name=called(view, territory.id),
                count=str(len(here)),
            ),
            evidence=tuple(one for liaison in here for one in fact(liaison, "appointment_id")),
            territory_id=territory.id,
        )


RULES: Final = (
    Rule(
        code="TS007",
        name="no-liaison",
        title=Sentence(fr="Aucun tiers de liaison", en="No relay"),
        severity=Severity.ERROR,
        about=(Actor,),
        check=no_liaison,
        quote=quotes.LIAISON,
        action=Sentence(
            fr="Désigner un tiers de liaison : coordinateur de CLS ou de MSP, CCAS, DAC, ou"
            " référent santé.",
            en="Name a relay: the coordinator of the CLS or of the MSP, a CCAS, the DAC, or a"
            " health contact.",
        ),
        unknown=Sentence(
            fr="aucun relais n'a jamais été noté et l'absence des autres n'est pas vérifiée",
            en="no relay was ever recorded, and nobody made sure that the others are absent",
        ),
    ),
    Rule(
        code="TS008",
        name="health-referent-missing",
        title=Sentence(fr="Ni CLS ni référent santé", en="Neither CLS nor health contact"),
        severity=Severity.ERROR,
        about=(Territory,),
        check=health_referent_missing,
        quote=quotes.REFERENT,
        action=Sentence(
            fr="Demander au maire ou à l'intercommunalité de désigner un référent santé.",
            en="Ask the mayor or the intercommunal body to name a health contact.",
        ),
        unknown=Sentence(
            fr="l'absence de CLS ou de référent n'est pas vérifiée",
            en="nobody made sure that there is no CLS, or no health contact",
        ),
    ),
    Rule(
        code="TS009",
        name="cls-contact-missing",
        title=Sentence(fr="CLS sans contact", en="CLS without a contact"),
        severity=Severity.WARNING,
        about=(LocalHealthContract,),
        check=cls_contact_missing,
        quote=quotes.CONTACT,
        action=Sentence(
            fr="Demander à la structure porteuse du CLS qui contacter.",
            en="Ask the body that carries the CLS whom to contact.",
        ),
        unknown=Sentence(fr="aucun coordinateur n'est renseigné", en="no coordinator is recorded"),
    ),
    Rule(
        code="TS010",
        name="cls-expiring",
        title=Sentence(fr="CLS bientôt à terme", en="CLS about to end"),
        severity=Severity.WARNING,
        about=(LocalHealthContract,),
        check=cls_expiring,
        quote=quotes.CLS,
        action=Sentence(
            fr="Programmer l'évaluation et préparer le contrat suivant.",
            en="Plan the evaluation and prepare the next contract.",
        ),
        unknown=Sentence(fr="date de fin inconnue", en="the day of its end is not known"),
        parameters=(
            parameter("within", Duration(months=12), "délai d'alerte", "how long before the end"),
        ),
    ),
    Rule(
        code="TS034",
        name="role-not-legible",
        title=Sentence(fr="Rôle de relais peu lisible", en="Role of a relay that is not clear"),
        severity=Severity.INFO,
        about=(LiaisonAssignment,),
        check=role_not_legible,
        quote=quotes.RELAYS,
        action=Sentence(
            fr="Compléter la fiche : qui, pour quoi, comment le joindre.",
            en="Complete the card: who, for what, how to reach them.",
        ),
        unknown=Sentence(
            fr="relais terminé ou à venir : sa fiche importe peu",
            en="the role is over or has not begun: its card does not matter",
        ),
    ),
    Rule(
        code="TS040",
        name="liaison-single-point",
        title=Sentence(fr="Relais tenus par une seule personne", en="Relays held by one person"),
        severity=Severity.INFO,
        about=(Territory,),
        check=liaison_single_point,
        action=Sentence(fr="Désigner un suppléant.", en="Name a deputy."),
        unknown=Sentence(
            fr="la personne d'un des rôles n'est pas renseignée",
            en="the person in one of the roles is not recorded",
        ),
        parameters=(
            parameter(
                "roles",
                2,
                "nombre de rôles à partir duquel la règle s'applique",
                "number of roles from which the rule applies",
            ),
        ),
    ),
)
