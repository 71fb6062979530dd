# SPDX-License-Identifier: Apache-2.0
"""
Which dated duties follow from an entity: the last days of terms, notices, delays set by law.

Pure functions of an entity and a day. What is not known makes no duty: a date is never guessed.
Texts are French, with the article where a delay is set by law.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs

from territoire_sante.model import (
    Action,
    ActionState,
    ClsStage,
    Convention,
    ConventionState,
    Duration,
    Entity,
    GovernanceBody,
    GovernanceKind,
    LeverRequest,
    LocalHealthContract,
    RequestState,
    SafeguardKind,
    SafeguardPlan,
    SafeguardState,
    Tri,
)


@attrs.frozen(kw_only=True)
class Duty:
    """
    A day by which something has to be done or is over.

    ``kind`` names it among the duties of its entity, for ever the same; ``actor_ids`` are whom
    it concerns, by name if they may be seen.
    """

    kind: str
    day: dt.date
    summary: str
    description: str = ""
    actor_ids: tuple[str, ...] = ()


def duties_of(entity: Entity, today: dt.date) -> Iterator[Duty]:
    """Yield the duties of an entity, as they stand ``today``."""
    yield from _DUTIES[type(entity)](entity, today)


def _convention(convention: Convention, today: dt.date) -> Iterator[Duty]:
    if not convention.in_force and convention.state is not ConventionState.SUSPENDED:
        return
    parties = tuple(party.actor_id for party in convention.parties)
    title = convention.title
    end, notice = convention.end_on(today), convention.last_notice_day(today)
    if end is not None:
        under_notice = convention.state is ConventionState.TERMINATION_NOTICE
        why = "Préavis en cours : dernier jour de la convention." if under_notice else ""
        tacit = "Reconduite tacitement, sauf refus dans les délais."
        yield Duty(
            kind="end",
            day=end,
            summary=f"Fin de convention : {title}",
            description=why or (tacit if notice else "Dernier jour de la convention."),
            actor_ids=parties,
        )
    if notice is not None:
        yield Duty(
            kind="notice",
            day=notice,
            summary=f"Dernier jour du préavis : {title}",
            description="Dernier jour pour refuser la tacite reconduction.",
            actor_ids=parties,
        )
    yield from _aid(convention, parties)
    yield from _meetings(convention, today, parties)
    yield from _commitments(convention)


def _aid(convention: Convention, parties: tuple[str, ...]) -> Iterator[Duty]:
    start, aid = convention.effective_on(), convention.aid
    if start is None or aid is None or not aid.commitment:
        return
    yield Duty(
        kind="aid",
        day=aid.commitment.after(start) - dt.timedelta(days=1),
        summary=f"Fin de l'engagement d'exercice : {convention.title}",
        description="Dernier jour pendant lequel le professionnel aidé s'est engagé à exercer dans "
        "la zone (CGCT, art. L1511-8 et R1511-44 : trois ans au moins).",
        actor_ids=parties,
    )


def _meetings(convention: Convention, today: dt.date, parties: tuple[str, ...]) -> Iterator[Duty]:
    """Yield planned meetings that are no events yet, and by when the next one must be held."""
    since = convention.effective_on()
    for number, body in enumerate(convention.governance, 1):
        name = body.kind.label_fr
        planned = body.next_on is not None and body.next_on >= today
        if planned and body.next_on is not None and not body.event_ids:
            yield Duty(
                kind=f"meeting-{number}",
                day=body.next_on,
                summary=f"{name} : {convention.title}",
                actor_ids=parties,
            )
        latest = _meet_by(body, since)
        if latest is not None and not planned and body.kind is GovernanceKind.STEERING:
            yield Duty(
                kind=f"meet-by-{number}",
                day=latest,
                summary=f"{name} à réunir : {convention.title}",
                description=f"La convention en prévoit au moins {body.min_meetings_per_year} "
                "par an ; aucune réunion n'est fixée.",
                actor_ids=parties,
            )


def _meet_by(body: GovernanceBody, since: dt.date | None) -> dt.date | None:
    last = max(body.met_on, default=since)
    return (
        None
        if last is None
        else Duration(months=max(1, 12 // body.min_meetings_per_year)).after(last)
    )


def _commitments(convention: Convention) -> Iterator[Duty]:
    twins: Counter[str] = Counter()
    for commitment in convention.commitments:
        # A commitment has no name of its own: what it says, and to whom, is all there is.
        said = f"{commitment.party_id}\n{commitment.text}"
        mark = hashlib.sha256(said.encode()).hexdigest()[:16]
        twins[mark] += 1
        if commitment.due is None or not commitment.is_open:
            continue
        yield Duty(
            kind=f"commitment-{mark}-{twins[mark]}",
            day=commitment.due,
            summary=f"Engagement à tenir : {commitment.text}",
            description=f"Convention : {convention.title}",
            actor_ids=(commitment.party_id,),
        )


_RUNNING: Final = frozenset({ClsStage.SIGNED, ClsStage.RUNNING, ClsStage.EVALUATION})


def _cls(contract: LocalHealthContract, _today: dt.date) -> Iterator[Duty]:
    end = contract.end_on()
    if end is None or contract.stage not in _RUNNING:
        return
    yield Duty(
        kind="end",
        day=end,
        summary=f"Fin du contrat local de santé : {contract.name}",
        description="Dernier jour du contrat (CSP, art. L1434-10 ; sa durée est celle qu'il fixe). "
        "L'évaluation et le renouvellement se préparent avant.",
        actor_ids=tuple(filter(None, (contract.carrier_id, *contract.signatory_ids))),
    )


#: The last day for the first intercommunal plans (act of 25 November 2021, CSI L731-4).
_PICS_BY: Final = dt.date(2026, 11, 26)


def _pics_is_due(plan: SafeguardPlan) -> bool:
    lacking = plan.state in (SafeguardState.NONE, SafeguardState.IN_PREPARATION)
    return plan.kind is SafeguardKind.PICS and plan.mandatory is Tri.YES and lacking


def _safeguard(plan: SafeguardPlan, _today: dt.date) -> Iterator[Duty]:
    short = plan.kind.name
    by_law = _PICS_BY if _pics_is_due(plan) else None
    owner = (plan.owner_id,) if plan.owner_id else ()
    found = (
        (
            "revision",
            plan.revise_by(),
            f"{short} à réviser",
            "Le délai de révision ne peut excéder cinq ans (CSI, art. R731-7, rédaction de 2014).",
        ),
        (
            "exercise",
            plan.exercise_by(),
            f"{short} : exercice à organiser",
            "Un exercice au moins tous les cinq ans (CSI, art. L731-3 et suivants).",
        ),
        (
            "adoption",
            plan.adopt_by(),
            f"{short} à adopter",
            "Dans les deux ans de la notification par le préfet (CSI, art. R731-1 et suivants).",
        ),
        (
            "adoption",
            None if plan.adopt_by() else by_law,
            f"{short} à adopter",
            "Dans les cinq ans de la loi du 25 novembre 2021 (CSI, art. L731-4).",
        ),
    )
    for kind, day, summary, description in found:
        if day is not None:
            yield Duty(
                kind=kind, day=day, summary=summary, description=description, actor_ids=owner
            )


def _request(request: LeverRequest, _today: dt.date) -> Iterator[Duty]:
    waiting = request.state in (RequestState.SUBMITTED, RequestState.ACKNOWLEDGED)
    if request.due_answer_on is None or not waiting:
        return
    about = request.purpose or request.need
    yield Duty(
        kind="answer",
        day=request.due_answer_on,
        summary=f"Réponse attendue : {about}" if about else "Réponse attendue à une demande",
        description="Dernier jour pour répondre à cette demande de moyens.",
        actor_ids=(request.requester_id,),
    )


def _action(action: Action, _today: dt.date) -> Iterator[Duty]:
    if action.due is not None and action.state in (ActionState.TODO, ActionState.DOING):
        yield Duty(
            kind="due",
            day=action.due,
            summary=f"À faire : {action.title}",
            actor_ids=(action.owner_id,) if action.owner_id else (),
        )


_DUTIES: Final[dict[type[Entity], Callable[[Any, dt.date], Iterator[Duty]]]] = {
    Convention: _convention,
    LocalHealthContract: _cls,
    SafeguardPlan: _safeguard,
    LeverRequest: _request,
    Action: _action,
}

#: The classes of entities that have duties.
DUTIFUL: Final = tuple(_DUTIES)
