# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import attrs
import pytest

from territoire_sante.model import Actor, ActorKind, ActorStatus, Competence, Lever, LeverType

MOBILITY = (Competence.MOBILITY,)
TOWN = Actor(id="actor:ville", kind=ActorKind.COMMUNE, name="Ville", territory_id="commune:48001")
LACKING = attrs.evolve(TOWN, lacks=MOBILITY)
EPCI = Actor(id="actor:cc", kind=ActorKind.EPCI, name="CC du Nord", territory_id="epci:nord")
TAKEN = attrs.evolve(EPCI, competences=MOBILITY)
REGION = Actor(
    id="actor:region",
    kind=ActorKind.REGION,
    name="Région",
    territory_id="region:76",
    competences=MOBILITY,
)
RIDE = Lever(
    id="lever:tad",
    type=LeverType.ON_DEMAND_TRANSPORT,
    title="Transport à la demande",
    holder_id="actor:ville",
)


def ride(**changes):
    """Return the lever with changes."""
    return attrs.evolve(RIDE, **changes)


@pytest.mark.parametrize(
    ("entities", "count"),
    [
        pytest.param([LACKING, RIDE], 1, id="known to lack it"),
        pytest.param([TOWN, TAKEN, RIDE], 1, id="transferred to the EPCI"),
        pytest.param([EPCI, attrs.evolve(EPCI, lacks=MOBILITY)], 0, id="no lever"),
        pytest.param(
            [attrs.evolve(EPCI, lacks=MOBILITY), ride(holder_id="actor:cc")], 1, id="an EPCI"
        ),
        pytest.param([attrs.evolve(TOWN, competences=MOBILITY), RIDE], 0, id="has it"),
        pytest.param(
            [attrs.evolve(TOWN, competences=MOBILITY), TAKEN, RIDE], 0, id="both say they have it"
        ),
        pytest.param([TAKEN, ride(holder_id="actor:cc")], 0, id="the EPCI offers it"),
        pytest.param(
            [LACKING, TAKEN, ride(competence_basis="Délégation de la région")], 0, id="basis told"
        ),
        pytest.param([LACKING, ride(competence_basis=" ")], 1, id="basis empty"),
        pytest.param([LACKING, ride(type=LeverType.VEHICLE_LOAN)], 0, id="no competence needed"),
        pytest.param([LACKING, ride(type=LeverType.CHILDCARE)], 0, id="another competence"),
        pytest.param([TOWN, RIDE], 0, id="competences unknown"),
        pytest.param([TOWN, EPCI, RIDE], 0, id="competences of the EPCI unknown"),
        pytest.param([TAKEN, RIDE], 0, id="holder unknown"),
        pytest.param(
            [attrs.evolve(TOWN, territory_id=""), TAKEN, RIDE], 0, id="place of holder unknown"
        ),
        pytest.param([TOWN, REGION, RIDE], 0, id="the region has it on its own scale"),
        pytest.param(
            [TOWN, attrs.evolve(TAKEN, territory_id="epci:sud"), RIDE], 0, id="another EPCI"
        ),
        pytest.param(
            [TOWN, attrs.evolve(TAKEN, status=ActorStatus.CLOSED), RIDE], 0, id="EPCI is no more"
        ),
        pytest.param(
            [attrs.evolve(TOWN, kind=ActorKind.ASSOCIATION), TAKEN, RIDE], 0, id="no authority"
        ),
    ],
)
def test_a_lever_beyond_the_competence_of_its_holder(ask, entities, count):
    """TS030 fires where the holder is known to lack the competence, or has transferred it."""
    assert len(ask("TS030", *entities)) == count


def test_the_right_body_is_named(ask):
    """TS030 points to the nearest body that has the competence, or to nobody if none is known."""
    (alone,) = ask("TS030", LACKING, RIDE)
    (region,) = ask("TS030", LACKING, REGION, RIDE)
    (both,) = ask("TS030", LACKING, REGION, TAKEN, RIDE)

    assert "Région" not in alone.message.fr
    assert "« Région »" in region.action.fr
    assert "“CC du Nord”" in both.action.en
    assert {one.id for one in both.evidence} == {RIDE.id, TOWN.id, EPCI.id, REGION.id}
    assert both.territory_id == "commune:48001"
