# SPDX-License-Identifier: Apache-2.0
"""Rules on care projects: the team and its health project come before the building."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from territoire_sante.cooperation._doubled import are_linked, overlapping
from territoire_sante.cooperation._words import Sentence, day_words, duration_words, say
from territoire_sante.cooperation.rules import _quotes as quotes
from territoire_sante.cooperation.rules._finding import Severity
from territoire_sante.cooperation.rules._ground import (
    called,
    fact,
    parameter,
    team_of,
)
from territoire_sante.cooperation.rules._rule import Hit, Rule, View
from territoire_sante.model import (
    BuildingTrack,
    CareProject,
    Duration,
    HealthProjectState,
    MspStage,
    PeerExchange,
    SupportRequest,
    Tri,
)

_UNDER_WAY: Final = (
    MspStage.EMERGENCE,
    MspStage.INTENT,
    MspStage.HEALTH_PROJECT,
    MspStage.SUBMITTED,
    MspStage.VALIDATED,
    MspStage.STRUCTURED,
)


def _hit(view: View, project: CareProject, message: Sentence, *fields: str) -> Hit:
    return Hit(
        subject=project,
        message=message,
        evidence=fact(project, *fields),
        territory_id=project.territory_id,
        team_id=team_of(view, project.actor_id, project.lead_id),
    )


def building_without_team(view: View, project: CareProject) -> Iterator[Hit]:
    """Find buildings under way for which too few professionals are committed."""
    building, team = project.building, project.team
    if building is None or team is None or not project.stage.is_live:
        return
    doctors, others = team.general_practitioners, team.paramedicals
    lacking = (
        (doctors is not None and doctors < view.number("general_practitioners"))
        or (others is not None and others < view.number("paramedicals"))
        or (team.committed_on is not None and team.committed_on > view.today)
    )
    if building.track.is_past_programming and lacking:
        yield _hit(
            view,
            project,
            say(
                "Le bâtiment de {name} est engagé ({track_fr}) sans que l'équipe soit réunie.",
                "The building of {name} is under way ({track_en}), but its team is not complete.",
                name=called(view, project.id),
                track_fr=building.track.label_fr.lower(),
                track_en=building.track.label_en.lower(),
            ),
            "building.track",
            "team.general_practitioners",
            "team.paramedicals",
            "team.committed_on",
        )


def building_without_health_project(view: View, project: CareProject) -> Iterator[Hit]:
    """Find projects of a building that are known to have no health project."""
    building, health = project.building, project.health_project
    if building is None or health is None or not project.stage.is_live:
        return
    if building.track is not BuildingTrack.NONE and health.state is HealthProjectState.NONE:
        yield _hit(
            view,
            project,
            say(
                "{name} prévoit un bâtiment et n'a pas de projet de santé.",
                "{name} plans a building and has no health project.",
                name=called(view, project.id),
            ),
            "building.track",
            "health_project.state",
        )


def building_before_health_project(view: View, project: CareProject) -> Iterator[Hit]:
    """Find buildings that were decided, permitted or begun before the health project."""
    building, health = project.building, project.health_project
    engaged = building.first_commitment() if building else None
    if engaged is None or engaged > view.today or health is None or not project.stage.is_live:
        return
    if project.building_before_health_project() is Tri.YES:
        yield _hit(
            view,
            project,
            say(
                "Le bâtiment de {name} est engagé depuis le {day}, avant la validation du projet"
                " de santé.",
                "The building of {name} was engaged on {day}, before its health project was"
                " validated.",
                name=called(view, project.id),
                day=day_words(engaged),
            ),
            "building.decided_on",
            "building.permit_on",
            "building.works_on",
            "health_project.validated_on",
        )


def duplicate_projects(view: View, project: CareProject) -> Iterator[Hit]:
    """Find live projects of one kind and one area that different leads carry on their own."""
    if not _may_be_doubled(project):
        return
    near = overlapping(view.snapshot, project, same_epci=bool(view.number("same_epci")))
    for other in near:
        # Each pair is told of once, with the first of both.
        if (
            other.id > project.id
            and _may_be_doubled(other)
            and other.lead_id != project.lead_id
            and not are_linked(view.snapshot, project, other)
        ):
            hit = _hit(
                view,
                project,
                say(
                    "{one} et {other} visent le même territoire, avec des porteurs différents et"
                    " sans lien connu entre eux.",
                    "{one} and {other} aim at the same area, with different leads and no known"
                    " link between them.",
                    one=called(view, project.id),
                    other=called(view, other.id),
                ),
                "lead_id",
                "territory_id",
            )
            yield Hit(
                subject=project,
                message=hit.message,
                evidence=(*hit.evidence, *fact(other, "lead_id", "territory_id")),
                territory_id=hit.territory_id,
                team_id=hit.team_id,
            )


def _may_be_doubled(project: CareProject) -> bool:
    return bool(project.lead_id and project.territory_id) and project.stage.is_live


def team_without_support(view: View, project: CareProject) -> Iterator[Hit]:
    """Find projects that stand still, and for which nobody was asked for support."""
    since = project.stage_since()
    if since is None or project.stage not in _UNDER_WAY:
        return
    followed = view.snapshot.count(SupportRequest) + view.snapshot.count(PeerExchange)
    if not followed or view.duration("within").after(since) >= view.today:
        return
    if project.support_ids or any(
        _supported(view, one) for one in (project.lead_id, project.actor_id)
    ):
        return
    yield _hit(
        view,
        project,
        say(
            "{name} est au stade « {stage_fr} » depuis plus de {delay}, sans demande d'appui ni"
            " échange entre pairs.",
            "{name} has been at the stage “{stage_en}” for more than {delay}, without a request"
            " for support or an exchange with peers.",
            name=called(view, project.id),
            stage_fr=project.stage.label_fr,
            stage_en=project.stage.label_en,
            delay=duration_words(view.duration("within")),
        ),
        "stage",
        "stage_history",
        "support_ids",
    )


def _supported(view: View, actor_id: str) -> bool:
    ask = view.snapshot.referring
    return bool(actor_id) and bool(
        ask(SupportRequest, "requester_id", actor_id)
        or ask(SupportRequest, "party_ids", actor_id)
        or ask(PeerExchange, "guest_id", actor_id)
    )


RULES: Final = (
    Rule(
        code="TS001",
        name="building-without-team",
        title=Sentence(fr="Bâtiment sans équipe", en="Building without a team"),
        severity=Severity.ERROR,
        about=(CareProject,),
        check=building_without_team,
        quote=quotes.NO_TEAM,
        action=Sentence(
            fr="Suspendre la décision de travaux, solliciter la facilitation de la fédération,"
            " réunir et engager l'équipe.",
            en="Hold the decision on works, ask the federation for facilitation, gather and commit"
            " the team.",
        ),
        unknown=Sentence(
            fr="l'équipe ou le bâtiment n'est pas renseigné",
            en="the team or the building is not recorded",
        ),
        parameters=(
            parameter(
                "general_practitioners",
                2,
                "médecins généralistes au moins (CSP L6323-3)",
                "general practitioners at least (CSP L6323-3)",
            ),
            parameter(
                "paramedicals",
                1,
                "auxiliaires médicaux au moins (CSP L6323-3)",
                "paramedical professionals at least (CSP L6323-3)",
            ),
        ),
    ),
    Rule(
        code="TS002",
        name="building-without-health-project",
        title=Sentence(fr="Bâtiment sans projet de santé", en="Building without a health project"),
        severity=Severity.ERROR,
        about=(CareProject,),
        check=building_without_health_project,
        quote=quotes.NO_TEAM,
        action=Sentence(
            fr="Commencer le projet de santé avec la délégation départementale de l'ARS et la"
            " fédération.",
            en="Begin the health project with the local office of the health agency and the"
            " federation.",
        ),
        unknown=Sentence(
            fr="le projet de santé ou le bâtiment n'est pas renseigné",
            en="the health project or the building is not recorded",
        ),
    ),
    Rule(
        code="TS003",
        name="building-before-health-project",
        title=Sentence(
            fr="Bâtiment engagé avant le projet de santé",
            en="Building engaged before the health project",
        ),
        severity=Severity.WARNING,
        about=(CareProject,),
        check=building_before_health_project,
        quote=quotes.PROJECT_FIRST,
        action=Sentence(
            fr="Revoir le calendrier : faire valider le projet de santé avant d'aller plus loin.",
            en="Re-order the planning: have the health project validated before going on.",
        ),
        unknown=Sentence(
            fr="aucune date du bâtiment, ou validation sans date",
            en="no day of the building is known, or the day of the validation is not",
        ),
    ),
    Rule(
        code="TS004",
        name="duplicate-projects",
        title=Sentence(fr="Projets en double", en="Duplicate projects"),
        severity=Severity.WARNING,
        about=(CareProject,),
        check=duplicate_projects,
        quote=quotes.DOUBLED,
        action=Sentence(
            fr="Réunir les porteurs par le CLS ou l'intercommunalité ; fusionner ou relier les"
            " projets.",
            en="Bring the leads together through the CLS or the intercommunal body; merge or link"
            " the projects.",
        ),
        unknown=Sentence(
            fr="porteur ou territoire non renseigné", en="the lead or the area is not recorded"
        ),
        parameters=(
            parameter(
                "same_epci",
                1,
                "1 : deux communes d'un même EPCI sont un même territoire ; 0 : non",
                "1: two communes of one EPCI are one area; 0: they are not",
            ),
        ),
    ),
    Rule(
        code="TS035",
        name="team-without-support",
        title=Sentence(fr="Équipe sans appui", en="Team without support"),
        severity=Severity.INFO,
        about=(CareProject,),
        check=team_without_support,
        quote=quotes.EACH_STAGE,
        action=Sentence(
            fr="Demander l'appui de la fédération ou une rencontre avec une équipe plus avancée.",
            en="Ask the federation for support, or meet a team that is further on.",
        ),
        unknown=Sentence(
            fr="date d'entrée dans le stade inconnue, ou appuis non suivis dans la base",
            en="the day of the stage is not known, or the store follows no support at all",
        ),
        parameters=(
            parameter(
                "within",
                Duration(months=18),
                "durée admise dans un même stade",
                "how long a stage may last",
            ),
        ),
    ),
)
