# SPDX-License-Identifier: Apache-2.0
"""What the law lets one authority do in the place of another: competences, as far as levers ask."""

from __future__ import annotations

from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._lever_types import LeverType


class Competence(LabelledEnum):
    """
    A competence that communes can transfer to an intercommunal body.

    Only those on which a lever may rest are named; whoever transferred one no longer acts in it
    (principle of exclusivity). Lending a room, equipment or staff needs none.
    """

    MOBILITY = "mobility", "Organisation de la mobilité (AOM)", "Organising transport (AOM)"
    CHILDCARE = "childcare", "Petite enfance", "Early childhood"
    HEALTH_PREMISES = (
        "health_premises",
        "Maisons et centres de santé",
        "Health houses and health centres",
    )
    HOUSING = "housing", "Politique du logement", "Housing policy"
    SOCIAL_ACTION = "social_action", "Action sociale", "Social action"


_NEEDED: dict[LeverType, Competence] = {
    # Regular and on-demand public transport is for organising authorities (Code des transports,
    # L1231-1-1); lending a vehicle or sharing cars is for anybody.
    LeverType.BUS_LINE: Competence.MOBILITY,
    LeverType.SHUTTLE: Competence.MOBILITY,
    LeverType.ON_DEMAND_TRANSPORT: Competence.MOBILITY,
    LeverType.CHILDCARE: Competence.CHILDCARE,
    LeverType.CONSULTATION_ROOM: Competence.HEALTH_PREMISES,
    LeverType.INTERN_HOUSING: Competence.HOUSING,
    LeverType.HEALTH_MEDIATOR: Competence.SOCIAL_ACTION,
}


def competence_for(lever_type: LeverType) -> Competence | None:
    """
    Return the competence that an authority needs for a lever, ``None`` where it needs none.

    >>> competence_for(LeverType.ON_DEMAND_TRANSPORT).name
    'MOBILITY'
    >>> competence_for(LeverType.TENT) is None
    True
    """
    return _NEEDED.get(lever_type)
