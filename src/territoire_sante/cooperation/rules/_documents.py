# SPDX-License-Identifier: Apache-2.0
"""Rules on diagnoses: shared with the teams, written with everybody, and not out of date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from territoire_sante.cooperation._words import Sentence, duration_words, say
from territoire_sante.cooperation.rules import _quotes as quotes
from territoire_sante.cooperation.rules._finding import Severity
from territoire_sante.cooperation.rules._ground import (
    called,
    communes_in,
    fact,
    is_care_team,
    listed,
    parameter,
)
from territoire_sante.cooperation.rules._rule import Hit, Rule, View
from territoire_sante.cooperation.rules._shares import kept_from
from territoire_sante.model import (
    Actor,
    ActorKind,
    Document,
    DocumentKind,
    Duration,
    LocalHealthContract,
    Tri,
    Visibility,
)

_K = ActorKind
_GROUPS: Final[Mapping[Sentence, tuple[ActorKind, ...]]] = {
    Sentence(fr="équipes de soins", en="care teams"): (_K.MSP, _K.ESP, _K.CENTRE_SANTE, _K.CPTS),
    Sentence(fr="collectivités", en="local authorities"): (
        _K.COMMUNE,
        _K.EPCI,
        _K.PETR,
        _K.DEPARTEMENT,
        _K.REGION,
    ),
    Sentence(fr="CLS ou ARS", en="CLS or health agency"): (_K.ARS, _K.ARS_DD),
    Sentence(fr="CCAS ou DAC", en="CCAS or DAC"): (_K.CCAS, _K.CIAS, _K.DAC),
    Sentence(fr="usagers", en="users"): (_K.USER_ASSOCIATION,),
}
_CLS_GROUP: Final = (_K.ARS, _K.ARS_DD)


def diagnostic_not_shared(view: View, document: Document) -> Iterator[Hit]:
    """Find diagnoses that a team of their area was known not to be given."""
    if document.kind is not DocumentKind.DIAGNOSTIC or not document.territory_id:
        return
    if document.visibility is Visibility.PUBLIC and document.url:
        return
    for team in _teams(view, document):
        if team.id in (document.owner_id, *document.contributor_ids):
            continue
        if (evidence := kept_from(view, document.id, team)) is not None:
            yield Hit(
                subject=document,
                message=say(
                    "Le diagnostic {name} n'a pas été transmis à {team}.",
                    "The diagnosis {name} was not given to {team}.",
                    name=called(view, document.id),
                    team=called(view, team.id),
                ),
                evidence=evidence,
                territory_id=document.territory_id,
                team_id=team.id,
            )


def _teams(view: View, document: Document) -> list[Actor]:
    found = {
        one.id: one
        for code in communes_in(view, document.territory_id)
        for one in view.snapshot.referring(Actor, "territory_id", f"commune:{code}")
        if is_care_team(one)
    }
    return [found[one] for one in sorted(found)]


def diagnostic_not_consolidated(view: View, document: Document) -> Iterator[Hit]:
    """Find diagnoses that were written without one of the parties, or on old data."""
    if document.kind is not DocumentKind.DIAGNOSTIC:
        return
    lacking = _lacking(view, document)
    old = document.older_than(view.duration("age"), view.today) is Tri.YES
    said = [
        *([say("sans : {groups}", "without: {groups}", groups=listed(lacking))] if lacking else []),
        *(
            [
                say(
                    "données de plus de {age}",
                    "data older than {age}",
                    age=duration_words(view.duration("age")),
                )
            ]
            if old
            else []
        ),
    ]
    if said:
        yield Hit(
            subject=document,
            message=say(
                "Le diagnostic {name} est à consolider ({why}).",
                "The diagnosis {name} is to be consolidated ({why}).",
                name=called(view, document.id),
                why=listed(said),
            ),
            evidence=fact(document, "contributor_ids", "data_as_of", "published_on"),
            territory_id=document.territory_id,
        )


def _lacking(view: View, document: Document) -> list[Sentence]:
    named_ones = [view.snapshot.named(one) for one in document.contributor_ids]
    if not named_ones or not all(
        isinstance(one, Actor | LocalHealthContract) for one in named_ones
    ):
        return []  # who took part is not known, or not who they are
    kinds = {one.kind for one in named_ones if isinstance(one, Actor)}
    if any(isinstance(one, LocalHealthContract) for one in named_ones):
        kinds |= set(_CLS_GROUP)
    return [group for group, wanted in _GROUPS.items() if kinds.isdisjoint(wanted)]


RULES: Final = (
    Rule(
        code="TS005",
        name="diagnostic-not-shared",
        title=Sentence(fr="Diagnostic non partagé", en="Diagnosis not shared"),
        severity=Severity.WARNING,
        about=(Document,),
        check=diagnostic_not_shared,
        quote=quotes.DIAGNOSTICS,
        action=Sentence(
            fr="Demander le diagnostic à son propriétaire ; le publier dans l'espace partagé.",
            en="Ask its owner for the diagnosis; publish it in the shared space.",
        ),
        unknown=Sentence(
            fr="aucune demande ni transmission n'est notée, ou territoire inconnu",
            en="no request and no sending is recorded, or its area is not known",
        ),
        parameters=(
            parameter(
                "answer_within",
                Duration(months=1),
                "délai de réponse à une demande",
                "how long a request may wait",
            ),
        ),
    ),
    Rule(
        code="TS006",
        name="diagnostic-not-consolidated",
        title=Sentence(fr="Diagnostic à consolider", en="Diagnosis to consolidate"),
        severity=Severity.INFO,
        about=(Document,),
        check=diagnostic_not_consolidated,
        quote=quotes.RELIABLE,
        action=Sentence(
            fr="Organiser un atelier de relecture avec les acteurs manquants.",
            en="Hold a review workshop with those who are missing.",
        ),
        unknown=Sentence(
            fr="contributeurs et dates non renseignés",
            en="neither contributors nor days are recorded",
        ),
        parameters=(
            parameter("age", Duration(years=5), "âge admis des données", "how old data may be"),
        ),
    ),
)
