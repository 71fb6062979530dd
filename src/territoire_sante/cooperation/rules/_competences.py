# SPDX-License-Identifier: Apache-2.0
"""The rule on competences: who may give a lever, as far as authorities said what they have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from territoire_sante.cooperation._words import Sentence, say
from territoire_sante.cooperation.rules import _quotes as quotes
from territoire_sante.cooperation.rules._finding import Severity
from territoire_sante.cooperation.rules._ground import (
    called,
    fact,
    ground_of,
    label,
    listed,
    upwards,
)
from territoire_sante.cooperation.rules._rule import Hit, Rule, View
from territoire_sante.model import (
    Actor,
    ActorKind,
    ActorStatus,
    Competence,
    Lever,
    Tri,
    competence_for,
)

_BODIES: Final = (ActorKind.EPCI, ActorKind.PETR, ActorKind.DEPARTEMENT, ActorKind.REGION)


def competence_mismatch(view: View, lever: Lever) -> Iterator[Hit]:
    """Find levers of an authority that is known not to have the competence for them."""
    needed = competence_for(lever.type)
    holder = view.snapshot.find(Actor, lever.holder_id)
    if needed is None or holder is None or lever.competence_basis.strip():
        return
    known = holder.has_competence(needed)
    having = _having(view, holder, needed)
    # A commune that transferred a competence has it no more; of the other bodies each may have
    # it on its own scale, so that theirs says nothing about the commune.
    taken = [one for one in having if one.kind is ActorKind.EPCI]
    transferred = known is Tri.UNKNOWN and holder.kind is ActorKind.COMMUNE and bool(taken)
    if known is Tri.NO or transferred:
        bodies = taken if transferred else having
        yield Hit(
            subject=lever,
            message=_message(view, lever, needed, bodies),
            action=_action(view, bodies),
            evidence=(
                *fact(lever, "type", "holder_id"),
                *(fact(holder, "lacks") if known is Tri.NO else ()),
                *(part for one in bodies for part in fact(one, "competences")),
            ),
            territory_id=ground_of(view, holder.id),
        )


def _having(view: View, holder: Actor, needed: Competence) -> list[Actor]:
    """Return the bodies round the holder that say that they have it, the nearest kind first."""
    found = {
        one.id: one
        for place in upwards(view, holder.territory_id)
        for one in view.snapshot.referring(Actor, "territory_id", place)
        if one.kind in _BODIES
        and one.id != holder.id
        and one.status is ActorStatus.ACTIVE
        and needed in one.competences
    }
    return sorted(found.values(), key=lambda one: (_BODIES.index(one.kind), one.id))


def _message(view: View, lever: Lever, needed: Competence, bodies: list[Actor]) -> Sentence:
    if not bodies:
        return say(
            "{holder} propose {lever} sans avoir la compétence : {needed}.",
            "{holder} offers {lever} without having the competence: {needed}.",
            holder=called(view, lever.holder_id),
            lever=called(view, lever.id),
            needed=label(needed),
        )
    return say(
        "{holder} propose {lever}, mais la compétence « {needed} » est celle de {bodies}.",
        "{holder} offers {lever}, but the competence “{needed}” is that of {bodies}.",
        holder=called(view, lever.holder_id),
        lever=called(view, lever.id),
        needed=label(needed),
        bodies=listed(called(view, one.id) for one in bodies),
    )


def _action(view: View, bodies: list[Actor]) -> Sentence | None:
    if not bodies:
        return None
    return say(
        "Adresser la demande à {body}, ou noter sur la fiche la base de compétence.",
        "Ask {body}, or note on the sheet on which basis it is offered.",
        body=called(view, bodies[0].id),
    )


RULES: Final = (
    Rule(
        code="TS030",
        name="competence-mismatch",
        title=Sentence(
            fr="Levier hors de la compétence de son porteur",
            en="Lever beyond the competence of its holder",
        ),
        severity=Severity.WARNING,
        about=(Lever,),
        check=competence_mismatch,
        quote=quotes.COMPETENCES,
        action=Sentence(
            fr="Chercher qui a la compétence (intercommunalité, région), ou noter sur la fiche"
            " la base de compétence.",
            en="Find out who has the competence (intercommunal body, region), or note on the sheet"
            " on which basis it is offered.",
        ),
        unknown=Sentence(
            fr="les compétences du porteur et de son intercommunalité ne sont pas notées, ou la"
            " base de compétence est remplie",
            en="the competences of the holder and of its intercommunal body are not recorded, or"
            " the basis of the competence is filled in",
        ),
    ),
)
