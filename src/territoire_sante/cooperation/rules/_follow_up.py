# SPDX-License-Identifier: Apache-2.0
"""Rules on what must be followed up: tensions, practices that work, key ideas, aids."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from territoire_sante.cooperation._words import Sentence, day_words, duration_words, say
from territoire_sante.cooperation.rules import _quotes as quotes
from territoire_sante.cooperation.rules._finding import Severity
from territoire_sante.cooperation.rules._ground import (
    called,
    fact,
    ground_of,
    listed,
    named,
    parameter,
    team_of,
)
from territoire_sante.cooperation.rules._rule import Hit, Rule, View
from territoire_sante.model import (
    Convention,
    ConventionState,
    Duration,
    Lever,
    LeverOffer,
    LeverType,
    OfferState,
    Practice,
    PracticeState,
    Statement,
    StatementKind,
    StatementStatus,
    Tension,
    Tri,
    Workshop,
)

_DEAD: Final = (
    ConventionState.TERMINATED,
    ConventionState.EXPIRED,
    ConventionState.ABANDONED,
    ConventionState.REPLACED,
)


def tension_without_epci(view: View, tension: Tension) -> Iterator[Hit]:
    """Find tensions that have lasted without the intercommunal body being called."""
    if not tension.waiting_for_epci(view.today, within=view.duration("within")):
        return
    yield Hit(
        subject=tension,
        message=say(
            "{name} dure depuis plus de {delay} sans que l'intercommunalité soit mobilisée.",
            "{name} has lasted for more than {delay}, and the intercommunal body was not called.",
            name=called(view, tension.id),
            delay=duration_words(view.duration("within")),
        ),
        evidence=fact(tension, "level", "reported_on", "state"),
        territory_id=tension.territory_id or ground_of(view, *tension.actor_ids),
        team_id=team_of(view, *tension.actor_ids, tension.reporter_id),
    )


def practice_not_modelled(view: View, practice: Practice) -> Iterator[Hit]:
    """Find practices that others already took up, and whose sheet is not written."""
    if practice.state is not PracticeState.DRAFT or not practice.reused_by_ids:
        return
    lacking = [
        word
        for missing, word in (
            (not practice.context.strip(), Sentence(fr="contexte", en="context")),
            (not practice.what_was_done, Sentence(fr="ce qui a été fait", en="what was done")),
            (
                not practice.conditions_of_transfer.strip(),
                Sentence(fr="conditions de transfert", en="conditions of transfer"),
            ),
        )
        if missing
    ]
    if lacking:
        yield Hit(
            subject=practice,
            message=say(
                "{name} est reprise par d'autres, mais sa fiche ne dit pas : {lacking}.",
                "{name} is taken up by others, but its sheet does not say: {lacking}.",
                name=called(view, practice.id),
                lacking=listed(lacking),
            ),
            evidence=(*fact(practice, "state"), *named(practice.reused_by_ids)),
            territory_id=practice.territory_id or ground_of(view, practice.actor_id),
            team_id=team_of(view, practice.actor_id),
        )


def key_idea_without_action(view: View, statement: Statement) -> Iterator[Hit]:
    """Find key ideas of a workshop that nobody took up."""
    if statement.kind is not StatementKind.KEY_IDEA or statement.action_ids:
        return
    if statement.status in (StatementStatus.DONE, StatementStatus.DROPPED):
        return
    workshop = view.snapshot.find(Workshop, statement.workshop_id)
    day = workshop.held_on if workshop is not None else None
    if workshop is None or day is None or view.duration("within").after(day) >= view.today:
        return
    yield Hit(
        subject=statement,
        message=say(
            "L'idée phare « {text} » n'a donné aucune action depuis le {day}.",
            "The key idea “{text}” has led to no action since {day}.",
            text=statement.text,
            day=day_words(day),
        ),
        evidence=(*fact(statement, "status"), *fact(workshop, "held_on")),
        territory_id=workshop.territory_id,
    )


def aid_without_convention(view: View, subject: Convention | LeverOffer) -> Iterator[Hit]:
    """Find aids to installation that go without a convention, or whose convention falls short."""
    if isinstance(subject, LeverOffer):
        yield from _offer(view, subject)
    elif subject.aid is not None and subject.state not in _DEAD:
        yield from _terms(view, subject)


def _offer(view: View, offer: LeverOffer) -> Iterator[Hit]:
    lever = view.snapshot.find(Lever, offer.lever_id)
    aid = lever is not None and lever.type is LeverType.INSTALLATION_AID
    if aid and offer.state is OfferState.PUBLISHED and offer.convention_required is Tri.NO:
        yield Hit(
            subject=offer,
            message=say(
                "L'aide à l'installation {name} est proposée sans convention.",
                "The aid to installation {name} is offered without a convention.",
                name=called(view, offer.lever_id),
            ),
            evidence=fact(offer, "convention_required"),
            territory_id=next(iter(lever.coverage), "") if lever else "",
        )


def _terms(view: View, convention: Convention) -> Iterator[Hit]:
    aid = convention.aid
    if aid is None:
        return
    least = view.duration("commitment")
    short = aid.commitment is not None and _shorter(aid.commitment, least)
    start = convention.effective_on()
    late = start is not None and view.duration("send_within").after(start) < view.today
    # One of the two days noted says that sending is followed here.
    sent = [aid.sent_to_ars_on, aid.sent_to_insurance_on]
    unsent = late and convention.in_force and any(sent) and not all(sent)
    faults = [
        said
        for found, said in (
            (
                short,
                say(
                    "engagement de moins de {least}",
                    "a commitment of less than {least}",
                    least=duration_words(least),
                ),
            ),
            (aid.in_zone is Tri.NO, Sentence(fr="hors zone", en="outside of the zone")),
            (
                unsent,
                Sentence(
                    fr="non transmise à l'ARS ou à l'Assurance Maladie",
                    en="not sent to the health agency or to the insurance fund",
                ),
            ),
        )
        if found
    ]
    if faults:
        parties = [party.actor_id for party in convention.parties]
        yield Hit(
            subject=convention,
            message=say(
                "L'aide de {name} n'est pas régulière : {faults}.",
                "The aid of {name} is not in order: {faults}.",
                name=called(view, convention.id),
                faults=listed(faults),
            ),
            evidence=fact(
                convention,
                "aid.commitment",
                "aid.in_zone",
                "aid.sent_to_ars_on",
                "aid.sent_to_insurance_on",
            ),
            territory_id=convention.territory_id or ground_of(view, *parties),
            team_id=team_of(view, *parties),
        )


def _shorter(one: Duration, other: Duration) -> bool:
    # Counted from a fixed day: "36 months" and "3 years" are the same.
    start = dt.date(2001, 1, 1)
    return one.after(start) < other.after(start)


RULES: Final = (
    Rule(
        code="TS025",
        name="tension-without-epci",
        title=Sentence(fr="Tension sans intercommunalité", en="Tension without the EPCI"),
        severity=Severity.ERROR,
        about=(Tension,),
        check=tension_without_epci,
        quote=quotes.TENSIONS,
        action=Sentence(
            fr="Contacter l'intercommunalité et réunir les acteurs.",
            en="Contact the intercommunal body and gather those concerned.",
        ),
        unknown=Sentence(
            fr="gravité ou date de signalement inconnue",
            en="how serious it is, or the day of the report, is not known",
        ),
        parameters=(
            parameter("within", Duration(days=15), "délai de mobilisation", "how long it may last"),
        ),
    ),
    Rule(
        code="TS036",
        name="practice-not-modelled",
        title=Sentence(fr="Pratique non modélisée", en="Practice that is not written down"),
        severity=Severity.INFO,
        about=(Practice,),
        check=practice_not_modelled,
        quote=quotes.PRACTICES,
        action=Sentence(fr="Écrire la fiche de la pratique.", en="Write the sheet."),
        unknown=Sentence(
            fr="rien ne dit que d'autres reprennent la pratique",
            en="nothing says that others take it up",
        ),
    ),
    Rule(
        code="TS037",
        name="key-idea-without-action",
        title=Sentence(fr="Idée phare sans action", en="Key idea without an action"),
        severity=Severity.INFO,
        about=(Statement,),
        check=key_idea_without_action,
        quote=quotes.KEY_IDEAS,
        action=Sentence(
            fr="Confier l'idée à quelqu'un, avec une échéance.",
            en="Give the idea to somebody, with a day.",
        ),
        unknown=Sentence(
            fr="date de l'atelier inconnue", en="the day of the workshop is not known"
        ),
        parameters=(
            parameter(
                "within", Duration(days=60), "délai après l'atelier", "how long after the workshop"
            ),
        ),
    ),
    Rule(
        code="TS038",
        name="aid-without-convention",
        title=Sentence(
            fr="Aide à l'installation irrégulière (CGCT L1511-8)",
            en="Aid to installation that is not in order (CGCT L1511-8)",
        ),
        severity=Severity.ERROR,
        about=(Convention, LeverOffer),
        check=aid_without_convention,
        quote=quotes.FEW_SEEN,
        action=Sentence(
            fr="Conclure ou corriger la convention, et la transmettre à l'ARS et à l'Assurance"
            " Maladie.",
            en="Make or mend the convention, and send it to the health agency and the insurance"
            " fund.",
        ),
        unknown=Sentence(
            fr="engagement, zone et transmissions non renseignés",
            en="commitment, zone and sending are not recorded",
        ),
        parameters=(
            parameter(
                "commitment",
                Duration(years=3),
                "durée d'engagement minimale",
                "shortest commitment",
            ),
            parameter(
                "send_within",
                Duration(months=1),
                "délai de transmission",
                "how long the sending may take",
            ),
        ),
    ),
)
