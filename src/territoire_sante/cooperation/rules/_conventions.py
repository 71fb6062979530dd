# SPDX-License-Identifier: Apache-2.0
"""Rules on conventions: the parties, their signatures, their promises, and the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from territoire_sante.cooperation._words import Sentence, day_words, duration_words, say
from territoire_sante.cooperation.rules import _quotes as quotes
from territoire_sante.cooperation.rules._finding import Severity
from territoire_sante.cooperation.rules._ground import (
    called,
    fact,
    ground_of,
    is_care_team,
    label,
    listed,
    named,
    parameter,
    places,
    seat,
    team_of,
)
from territoire_sante.cooperation.rules._meetings import day_of
from territoire_sante.cooperation.rules._rule import Hit, Rule, View
from territoire_sante.model import (
    Actor,
    Convention,
    ConventionKind,
    ConventionState,
    Duration,
    Event,
    EventStatus,
    GovernanceKind,
    LocalHealthContract,
)

_S = ConventionState
_OVER: Final = (_S.TERMINATED, _S.EXPIRED, _S.ABANDONED, _S.REPLACED)
_PARTNERSHIPS: Final = (
    ConventionKind.TRIPARTITE_PARTNERSHIP,
    ConventionKind.BILATERAL_PARTNERSHIP,
)


def _hit(
    view: View,
    convention: Convention,
    message: Sentence,
    *fields: str,
    action: Sentence | None = None,
) -> Hit:
    parties = [party.actor_id for party in convention.parties]
    return Hit(
        subject=convention,
        message=message,
        evidence=(*fact(convention, *fields), *named(parties)),
        territory_id=convention.territory_id or ground_of(view, *parties),
        team_id=team_of(view, *parties),
        action=action,
    )


def tripartite_party_missing(view: View, convention: Convention) -> Iterator[Hit]:
    """Find tripartite conventions without one of the three roles, or with one actor in two."""
    if not convention.parties or convention.state in _OVER:
        return
    missing, doubled = convention.missing_roles(), convention.doubled_parties()
    if missing:
        yield _hit(
            view,
            convention,
            say(
                "Il manque une partie à la convention tripartite {name} : {roles}.",
                "The tripartite convention {name} lacks a party: {roles}.",
                name=called(view, convention.id),
                roles=listed(label(role) for role in missing),
            ),
            "kind",
        )
    elif doubled:
        yield _hit(
            view,
            convention,
            say(
                "Dans la convention tripartite {name}, {actors} tient deux rôles à la fois.",
                "In the tripartite convention {name}, {actors} fills two roles at once.",
                name=called(view, convention.id),
                actors=listed(called(view, one) for one in doubled),
            ),
            "kind",
        )


def no_tripartite_convention(view: View, team: Actor) -> Iterator[Hit]:
    """Find teams in the area of a CLS that have conventions, but no tripartite one."""
    if not is_care_team(team) or not seat(team):
        return
    conventions = view.snapshot.conventions_of(team.id)
    if not conventions or any(
        one.kind is ConventionKind.TRIPARTITE_PARTNERSHIP and one.state not in _OVER
        for one in conventions
    ):
        return
    contracts = [
        one
        for place in places(view, team)
        for one in view.snapshot.referring(LocalHealthContract, "territory_id", place)
        if one.active_on(view.today)
    ]
    if contracts:
        yield Hit(
            subject=team,
            message=say(
                "{team} est dans le territoire de {cls} et n'a pas de convention tripartite.",
                "{team} lies in the area of {cls} and has no tripartite convention.",
                team=called(view, team.id),
                cls=called(view, contracts[0].id),
            ),
            evidence=named([contracts[0].id, *(one.id for one in conventions)]),
            territory_id=team.territory_id,
            team_id=team.id,
        )


def convention_unsigned(view: View, convention: Convention) -> Iterator[Hit]:
    """Find conventions whose signing has come to a halt, or that a council never decided on."""
    if not convention.signatures:
        return  # nobody keeps its formalities here
    waiting = convention.unsigned_by()
    first = min(one.signed_on for one in convention.signatures)
    late = view.duration("within").after(first) < view.today
    signing = convention.state is _S.SIGNING or convention.in_force
    if signing and waiting and late:
        yield _hit(
            view,
            convention,
            say(
                "{name} : signature attendue depuis plus de {delay} de {who}.",
                "{name}: awaited for more than {delay}, the signature of {who}.",
                name=called(view, convention.id),
                delay=duration_words(view.duration("within")),
                who=listed(called(view, one.actor_id) for one in waiting),
            ),
            "state",
        )
    undecided = convention.without_deliberation()
    if signing and undecided:
        yield _hit(
            view,
            convention,
            say(
                "{name} : aucune délibération de {who}.",
                "{name}: no deliberation of {who}.",
                name=called(view, convention.id),
                who=listed(called(view, one.actor_id) for one in undecided),
            ),
            "state",
            action=Sentence(
                fr="Faire délibérer le conseil et noter la délibération.",
                en="Have the council deliberate, and record the deliberation.",
            ),
        )


def convention_ending(view: View, convention: Convention) -> Iterator[Hit]:
    """Find conventions whose last day to refuse a renewal, or whose end, comes near or is past."""
    end, notice = convention.end_on(view.today), convention.last_notice_day(view.today)
    name = called(view, convention.id)
    if convention.in_force and convention.opt_out_window_open(view.today, view.duration("notice")):
        if notice is not None:
            yield _hit(
                view,
                convention,
                say(
                    "{name} : dernier jour pour refuser la tacite reconduction, le {day}.",
                    "{name}: the last day to refuse its tacit renewal is {day}.",
                    name=name,
                    day=day_words(notice),
                ),
                "renewal",
                "ends_on",
                action=Sentence(
                    fr="Décider de la reconduction ; si elle est refusée, envoyer le préavis.",
                    en="Decide on the renewal; if it is refused, give notice.",
                ),
            )
    elif end is not None and (
        convention.past_end(view.today)
        or (notice is None and convention.expiring_soon(view.today, view.duration("within")))
    ):
        over = end < view.today
        yield _hit(
            view,
            convention,
            say(
                "{name} est arrivée à son terme le {day}."
                if over
                else "{name} se termine le {day}.",
                "{name} ended on {day}." if over else "{name} ends on {day}.",
                name=name,
                day=day_words(end),
            ),
            "ends_on",
            "starts_on",
            "duration",
            "state",
        )


def governance_missing(view: View, convention: Convention) -> Iterator[Hit]:
    """Find partnerships whose clauses name no steering body, or whose body no longer meets."""
    if convention.kind not in _PARTNERSHIPS or not convention.in_force:
        return
    steering = [one for one in convention.governance if one.kind is GovernanceKind.STEERING]
    name = called(view, convention.id)
    if not steering:
        if convention.governance or convention.commitments:
            yield _hit(
                view,
                convention,
                say(
                    "{name} n'a pas de comité de pilotage.",
                    "{name} has no steering body.",
                    name=name,
                ),
                "governance",
            )
        return
    met = [day for body in steering for day in body.met_on]
    planned = [body.next_on for body in steering if body.next_on is not None]
    for body in steering:
        for event in (view.snapshot.find(Event, one) for one in body.event_ids):
            day = day_of(event.start) if event is not None else None
            if event is not None and day is not None and event.status is not EventStatus.CANCELLED:
                (met if day <= view.today else planned).append(day)
    if not met or any(day >= view.today for day in planned):
        return
    if view.duration("within").after(max(met)) < view.today:
        yield _hit(
            view,
            convention,
            say(
                "Le comité de pilotage de {name} ne s'est pas réuni depuis le {day}.",
                "The steering body of {name} has not met since {day}.",
                name=name,
                day=day_words(max(met)),
            ),
            "governance",
            action=Sentence(fr="Fixer la prochaine réunion.", en="Set the next meeting."),
        )


def unbalanced_commitments(view: View, convention: Convention) -> Iterator[Hit]:
    """Find partnerships in which one party promises nothing while others do."""
    if convention.kind not in _PARTNERSHIPS or convention.state in _OVER:
        return
    idle = convention.uncommitted_parties()
    if convention.commitments and idle:
        yield _hit(
            view,
            convention,
            say(
                "Dans {name}, sans engagement : {who}.",
                "In {name}, without a commitment: {who}.",
                name=called(view, convention.id),
                who=listed(called(view, one.actor_id) for one in idle),
            ),
            "title",
        )


RULES: Final = (
    Rule(
        code="TS016",
        name="tripartite-party-missing",
        title=Sentence(
            fr="Convention tripartite incomplète", en="Incomplete tripartite convention"
        ),
        severity=Severity.ERROR,
        about=(Convention,),
        check=tripartite_party_missing,
        quote=quotes.TRIPARTITE,
        action=Sentence(
            fr="Ajouter la partie manquante : MSP, CLS et collectivité, trois acteurs distincts.",
            en="Add the party that is missing: team, CLS and authority, three different actors.",
        ),
        unknown=Sentence(fr="aucune partie n'est renseignée", en="no party is recorded"),
    ),
    Rule(
        code="TS017",
        name="no-tripartite-convention",
        title=Sentence(fr="Pas de convention tripartite", en="No tripartite convention"),
        severity=Severity.INFO,
        about=(Actor,),
        check=no_tripartite_convention,
        quote=quotes.TRIPARTITE,
        action=Sentence(
            fr="Ouvrir un projet de convention MSP–CLS–collectivité.",
            en="Open a draft between the team, the CLS and the authority.",
        ),
        unknown=Sentence(
            fr="aucune convention de l'équipe n'est notée, ou aucun CLS connu",
            en="no convention of the team is recorded, or no CLS is known",
        ),
    ),
    Rule(
        code="TS018",
        name="convention-unsigned",
        title=Sentence(
            fr="Convention sans signature ou délibération",
            en="Convention without a signature or deliberation",
        ),
        severity=Severity.ERROR,
        about=(Convention,),
        check=convention_unsigned,
        quote=quotes.TRIPARTITE,
        action=Sentence(fr="Recueillir les signatures.", en="Collect the signatures."),
        unknown=Sentence(fr="aucune signature n'est notée", en="no signature is recorded"),
        parameters=(
            parameter(
                "within",
                Duration(days=60),
                "délai admis après la première signature",
                "how long after the first signature",
            ),
        ),
    ),
    Rule(
        code="TS019",
        name="convention-ending",
        title=Sentence(fr="Convention bientôt à terme", en="Convention about to end"),
        severity=Severity.WARNING,
        about=(Convention,),
        check=convention_ending,
        quote=quotes.LASTING,
        action=Sentence(
            fr="Préparer la reconduction ou la suite.", en="Prepare the renewal, or what follows."
        ),
        unknown=Sentence(fr="date de fin inconnue", en="the day of its end is not known"),
        parameters=(
            parameter(
                "within", Duration(months=6), "délai avant la fin", "how long before the end"
            ),
            parameter(
                "notice",
                Duration(months=3),
                "délai avant le dernier jour de préavis",
                "how long before the last day to give notice",
            ),
        ),
    ),
    Rule(
        code="TS020",
        name="governance-missing",
        title=Sentence(fr="Gouvernance absente ou en sommeil", en="No steering, or asleep"),
        severity=Severity.WARNING,
        about=(Convention,),
        check=governance_missing,
        quote=quotes.TRIPARTITE,
        action=Sentence(
            fr="Constituer un comité de pilotage et fixer sa première réunion.",
            en="Set up a steering body and its first meeting.",
        ),
        unknown=Sentence(
            fr="ni clauses ni réunions ne sont notées",
            en="neither clauses nor meetings are recorded",
        ),
        parameters=(
            parameter(
                "within",
                Duration(months=12),
                "durée admise sans réunion",
                "how long without a meeting",
            ),
        ),
    ),
    Rule(
        code="TS021",
        name="unbalanced-commitments",
        title=Sentence(fr="Engagements déséquilibrés", en="Unbalanced commitments"),
        severity=Severity.INFO,
        about=(Convention,),
        check=unbalanced_commitments,
        quote=quotes.BALANCED,
        action=Sentence(fr="Ajouter un engagement réciproque.", en="Add a commitment in return."),
        unknown=Sentence(fr="aucun engagement n'est noté", en="no commitment is recorded"),
    ),
)
