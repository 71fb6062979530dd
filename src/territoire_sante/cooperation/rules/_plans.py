# SPDX-License-Identifier: Apache-2.0
"""Rules on safeguard plans: asked for, shared, revised, adopted and presented in time."""

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
    is_care_team,
    named,
    parameter,
    seat,
)
from territoire_sante.cooperation.rules._rule import Hit, Rule, View
from territoire_sante.cooperation.rules._shares import kept_from, shares_of
from territoire_sante.model import (
    Actor,
    Duration,
    SafeguardKind,
    SafeguardPlan,
    SafeguardState,
    Tri,
)

_ADOPTED: Final = (SafeguardState.ADOPTED, SafeguardState.UNDER_REVISION)
_LACKING: Final = (SafeguardState.NONE, SafeguardState.IN_PREPARATION)

#: The second round of the last general renewal of municipal councils.
RENEWAL: Final = dt.date(2026, 3, 22)


def _hit(
    plan: SafeguardPlan, message: Sentence, *fields: str, action: Sentence | None = None
) -> Hit:
    return Hit(
        subject=plan,
        message=message,
        evidence=fact(plan, *fields),
        territory_id=plan.territory_id,
        action=action,
    )


def _name(view: View, plan: SafeguardPlan) -> Sentence:
    where = view.name(plan.territory_id) if plan.territory_id else plan.id
    return say(
        "{kind} de {where}",
        "{kind} of {where}",
        kind=plan.kind.name,
        where=where,
    )


def plan_not_requested(view: View, team: Actor) -> Iterator[Hit]:
    """Find teams that asked for no plan of their commune, though there is or may be one."""
    if not is_care_team(team) or not seat(team):
        return
    plans = [
        one
        for one in view.snapshot.referring(SafeguardPlan, "territory_id", team.territory_id)
        if one.kind is SafeguardKind.PCS and one.state is not SafeguardState.SUPERSEDED
    ]
    if any(one.state in _LACKING for one in plans):
        return
    if any(share.to_id == team.id for one in plans for share in shares_of(view, one.id)):
        return
    yield Hit(
        subject=team,
        message=say(
            "{team} n'a demandé à {commune} aucun plan communal de sauvegarde.",
            "{team} has not asked {commune} for its safeguard plan.",
            team=called(view, team.id),
            commune=view.name(team.territory_id),
        ),
        evidence=named([one.id for one in plans] or [team.territory_id]),
        territory_id=team.territory_id,
        team_id=team.id,
    )


def plan_not_shared(view: View, plan: SafeguardPlan) -> Iterator[Hit]:
    """Find adopted plans that a team of the commune was known not to be given."""
    if plan.kind is not SafeguardKind.PCS or plan.state not in _ADOPTED:
        return
    here = view.snapshot.referring(Actor, "territory_id", plan.territory_id)
    for team in here if plan.territory_id else ():
        if not is_care_team(team):
            continue
        if (evidence := kept_from(view, plan.id, team)) is not None:
            yield Hit(
                subject=plan,
                message=say(
                    "Le {plan} n'a pas été transmis à {team}.",
                    "The {plan} was not given to {team}.",
                    plan=_name(view, plan),
                    team=called(view, team.id),
                ),
                evidence=evidence,
                territory_id=plan.territory_id,
                team_id=team.id,
            )


def plan_overdue(view: View, plan: SafeguardPlan) -> Iterator[Hit]:
    """Find adopted plans whose revision or exercise is late."""
    if plan.overdue(view.today, every=view.duration("revise_every")) is Tri.YES:
        yield _hit(
            plan,
            say(
                "Le {plan} n'a pas été révisé depuis plus de {delay}.",
                "The {plan} has not been revised for more than {delay}.",
                plan=_name(view, plan),
                delay=duration_words(view.duration("revise_every")),
            ),
            "last_revised_on",
            "adopted_on",
        )
    if plan.exercise_overdue(view.today, every=view.duration("exercise_every")) is Tri.YES:
        yield _hit(
            plan,
            say(
                "Aucun exercice du {plan} depuis plus de {delay}.",
                "No exercise of the {plan} for more than {delay}.",
                plan=_name(view, plan),
                delay=duration_words(view.duration("exercise_every")),
            ),
            "last_exercise_on",
            action=Sentence(fr="Organiser un exercice.", en="Hold an exercise."),
        )


def plan_missing(view: View, plan: SafeguardPlan) -> Iterator[Hit]:
    """Find compulsory plans that are known not to be there, after the last day for them."""
    if plan.mandatory is not Tri.YES or plan.state not in _LACKING:
        return
    due = plan.adopt_by(within=view.duration("adopt_within"))
    if plan.kind is SafeguardKind.PICS:
        due = view.day("pics_deadline")
    if due is not None and due < view.today:
        yield _hit(
            plan,
            say(
                "Le {plan} est obligatoire et devait être adopté au plus tard le {day}.",
                "The {plan} is compulsory and was to be adopted by {day}.",
                plan=_name(view, plan),
                day=day_words(due),
            ),
            "mandatory",
            "notified_on",
            "state",
        )


def plan_not_presented(view: View, plan: SafeguardPlan) -> Iterator[Hit]:
    """Find plans from before the last general renewal, last presented before it."""
    renewal = view.day("renewal_on")
    adopted = plan.adopted_on
    if adopted is None or adopted >= renewal or view.today < renewal:
        return
    if plan.presented_since(renewal) is Tri.NO:
        yield _hit(
            plan,
            say(
                "Le {plan} n'a pas été présenté au conseil issu des élections du {day}.",
                "The {plan} was not presented to the council elected on {day}.",
                plan=_name(view, plan),
                day=day_words(renewal),
            ),
            "adopted_on",
            "presented_to_council_on",
        )


RULES: Final = (
    Rule(
        code="TS011",
        name="pcs-not-requested",
        title=Sentence(fr="PCS non demandé", en="Safeguard plan not asked for"),
        severity=Severity.INFO,
        about=(Actor,),
        check=plan_not_requested,
        quote=quotes.PLAN,
        action=Sentence(
            fr="Demander le PCS à la mairie : il est communicable à toute personne, une fois les"
            " données personnelles occultées (CADA, avis 20227101).",
            en="Ask the town hall for the plan: anybody may have it once personal data are hidden"
            " (CADA, opinion 20227101).",
        ),
        unknown=Sentence(
            fr="la commune du siège n'est pas renseignée", en="the commune of its seat is not known"
        ),
    ),
    Rule(
        code="TS012",
        name="pcs-not-shared",
        title=Sentence(fr="PCS non transmis", en="Safeguard plan not shared"),
        severity=Severity.WARNING,
        about=(SafeguardPlan,),
        check=plan_not_shared,
        quote=quotes.PLAN,
        action=Sentence(
            fr="Transmettre une copie occultée à l'équipe et au relais.",
            en="Send a redacted copy to the team and to the relay.",
        ),
        unknown=Sentence(
            fr="aucune demande ni transmission de ce plan n'est notée",
            en="no request for this plan and no sending of it is recorded",
        ),
        parameters=(
            parameter(
                "answer_within",
                Duration(months=1),
                "délai de réponse à une demande (CRPA R343-1)",
                "how long a request may wait (CRPA R343-1)",
            ),
        ),
    ),
    Rule(
        code="TS013",
        name="pcs-overdue",
        title=Sentence(fr="PCS à réviser ou à exercer", en="Safeguard plan to revise or exercise"),
        severity=Severity.WARNING,
        about=(SafeguardPlan,),
        check=plan_overdue,
        quote=quotes.PLAN,
        action=Sentence(fr="Réviser le plan.", en="Revise the plan."),
        unknown=Sentence(
            fr="aucune date de révision, d'adoption ou d'exercice",
            en="no day of revision, adoption or exercise is known",
        ),
        parameters=(
            parameter(
                "revise_every", Duration(years=5), "délai de révision", "how often to revise"
            ),
            parameter(
                "exercise_every",
                Duration(years=5),
                "délai entre deux exercices",
                "how often to hold an exercise",
            ),
        ),
    ),
    Rule(
        code="TS014",
        name="pcs-missing-when-mandatory",
        title=Sentence(fr="PCS ou PICS obligatoire manquant", en="Compulsory plan missing"),
        severity=Severity.WARNING,
        about=(SafeguardPlan,),
        check=plan_missing,
        quote=quotes.PLAN,
        action=Sentence(
            fr="Alerter le maire ou le président de l'intercommunalité.",
            en="Alert the mayor or the president of the intercommunal body.",
        ),
        unknown=Sentence(
            fr="obligation, notification ou existence du plan inconnue",
            en="the duty, the notification or the plan itself is not known",
        ),
        parameters=(
            parameter(
                "adopt_within",
                Duration(years=2),
                "délai d'adoption après notification (PCS)",
                "time to adopt after notification (PCS)",
            ),
            parameter(
                "pics_deadline",
                dt.date(2026, 11, 26),
                "dernier jour pour adopter un PICS",
                "last day to adopt an intercommunal plan (PICS)",
            ),
        ),
    ),
    Rule(
        code="TS015",
        name="pcs-not-presented-after-election",
        title=Sentence(
            fr="PCS non présenté au nouveau conseil", en="Plan not presented to the new council"
        ),
        severity=Severity.INFO,
        about=(SafeguardPlan,),
        check=plan_not_presented,
        quote=quotes.PLAN,
        action=Sentence(
            fr="Inscrire la présentation du plan à l'ordre du jour du conseil.",
            en="Put the plan on the agenda of the council.",
        ),
        unknown=Sentence(
            fr="date d'adoption ou de présentation inconnue",
            en="the day of adoption or of presentation is not known",
        ),
        parameters=(
            parameter(
                "renewal_on",
                RENEWAL,
                "dernier renouvellement général des conseils",
                "last general renewal of the councils",
            ),
        ),
    ),
)
