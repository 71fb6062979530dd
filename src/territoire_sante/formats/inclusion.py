# SPDX-License-Identifier: Apache-2.0
"""
The few words of data.inclusion (schema 1) that have a meaning here, for readers and writers alike.

Their "aci" are work-insertion sites and their "chu" emergency housing: neither is ours. Most levers
have no theme there; what a theme stands for, and the theme of a lever, are two things, because
several kinds of levers share one.
"""

from __future__ import annotations

from typing import Final

from territoire_sante.model import ActorKind, CostKind, LeverType, RequestMode

__all__ = ["COSTS", "KINDS", "LEVERS", "MODES", "NETWORKS", "THEMES"]

#: The kind of an actor that belongs to a network; a CIAS is told by its name.
KINDS: Final = {
    "ccas-cias": ActorKind.CCAS,
    "cpam": ActorKind.CPAM,
    "mutualite-sociale-agricole": ActorKind.MSA,
    "caf": ActorKind.CAF,
}

#: The network of an actor of a kind. What a commune carries need not be the commune.
NETWORKS: Final = {
    **{kind: network for network, kind in KINDS.items()},
    ActorKind.CIAS: "ccas-cias",
    ActorKind.COMMUNE: "communes",
    ActorKind.DEPARTEMENT: "departements",
    ActorKind.REGION: "regions",
}

#: The lever that a theme stands for.
LEVERS: Final = {
    "mobilite--acceder-a-un-vehicule": LeverType.VEHICLE_LOAN,
    "mobilite--etre-accompagne-dans-son-parcours-mobilite": LeverType.SOLIDARITY_TRANSPORT,
    "mobilite--mobilite-douce-partagee-collective": LeverType.CARPOOL,
    "famille--garde-denfants": LeverType.CHILDCARE,
    "sante--acces-aux-soins": LeverType.HEALTH_MEDIATOR,
}

#: The theme of a lever; those that are not listed have none.
THEMES: Final = {
    **{lever: theme for theme, lever in LEVERS.items()},
    LeverType.BUS_LINE: "mobilite--mobilite-douce-partagee-collective",
    LeverType.SHUTTLE: "mobilite--mobilite-douce-partagee-collective",
    LeverType.ON_DEMAND_TRANSPORT: "mobilite--mobilite-douce-partagee-collective",
    LeverType.MEDICOBUS: "sante--acces-aux-soins",
    LeverType.ADAPTED_SPORT: "remobilisation--activites-sportives-et-culturelles",
}

#: How one asks.
MODES: Final = {
    "envoyer-un-courriel": RequestMode.EMAIL,
    "se-presenter": RequestMode.VISIT,
    "telephoner": RequestMode.PHONE,
    "utiliser-lien-mobilisation": RequestMode.ONLINE_FORM,
}

#: What it costs: they know no fixed amounts.
COSTS: Final = {"gratuit": CostKind.FREE, "payant": CostKind.QUOTE}
