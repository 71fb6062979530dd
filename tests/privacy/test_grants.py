# SPDX-License-Identifier: Apache-2.0
"""The amounts of public grants, which the law publishes, and no others."""

from __future__ import annotations

import csv
import datetime as dt
import io

import attrs
import pytest

from territoire_sante.exports import EXPORTERS
from territoire_sante.model import (
    Actor,
    ActorKind,
    AidKind,
    AidTerms,
    Convention,
    ConventionKind,
    ConventionResource,
    ConventionState,
    Identifier,
    Money,
    Party,
    PartyRole,
    ResourceKind,
    Signature,
    Visibility,
)
from territoire_sante.privacy import disclose
from territoire_sante.store import Store

PUBLIC, PARTNERS, TEAM, PRIVATE = Visibility
DAY = dt.date(2026, 3, 20)
SIRET = Identifier(scheme="siret", value="73282932000074")
TOWN = Actor(
    id="actor:ville",
    visibility=PUBLIC,
    kind=ActorKind.COMMUNE,
    name="Ville",
    identifiers=(SIRET,),
)
TEAM_OF_CARE = Actor(id="actor:msp", visibility=PUBLIC, kind=ActorKind.MSP, name="MSP")
MONEY = ConventionResource(
    kind=ResourceKind.MONEY, party_id=TOWN.id, description="Versement", valuation=Money("30000")
)
GRANT = Convention(
    id="convention:1",
    visibility=PUBLIC,
    kind=ConventionKind.SUBSIDY,
    title="Subvention",
    parties=(
        Party(
            actor_id=TOWN.id,
            role=PartyRole.COLLECTIVITE,
            representative_id="person:1",
            capacity="Maire",
        ),
        Party(actor_id=TEAM_OF_CARE.id, role=PartyRole.MSP),
    ),
    resources=(MONEY,),
    starts_on=DAY,
    ends_on=dt.date(2027, 3, 19),
    signatures=(Signature(party_id=TOWN.id, signed_on=DAY),),
    state=ConventionState.ACTIVE,
)
BUILDING = AidTerms(kind=AidKind.INVESTMENT, amount=Money("30000"))
BONUS = attrs.evolve(BUILDING, kind=AidKind.INSTALLATION_BONUS)


def disclosed(grant, audience):
    """Return what an audience sees of a store with this convention."""
    with Store.open("memory:") as store:
        store.put(TOWN, TEAM_OF_CARE, grant)
        return disclose(store.snapshot(), audience)


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        pytest.param({}, True, id="grant"),
        pytest.param({"state": ConventionState.EXPIRED}, True, id="over"),
        pytest.param({"aid": BUILDING}, True, id="aid to a body"),
        pytest.param({"aid": BONUS}, False, id="bonus of one professional"),
        pytest.param({"kind": ConventionKind.EQUIPMENT_LOAN}, False, id="another kind"),
        pytest.param({"kind": ConventionKind.TRIPARTITE_PARTNERSHIP}, False, id="partnership"),
        pytest.param({"state": ConventionState.DRAFT}, False, id="draft"),
        pytest.param({"state": ConventionState.SIGNING}, False, id="not signed by all"),
        pytest.param({"state": ConventionState.ABANDONED}, False, id="given up"),
    ],
)
def test_the_amounts_of_a_public_grant_are_public(changes, shown):
    """Of a public convention in force that grants money to a body everybody sees how much."""
    grant = attrs.evolve(GRANT, **changes)
    seen = disclosed(grant, PUBLIC).snapshot.get(Convention, grant.id)

    assert seen.resources[0].valuation == (Money("30000") if shown else None)
    if grant.aid is not None:
        assert seen.aid.amount == (Money("30000") if shown else None)
    assert [(one.representative_id, one.capacity) for one in seen.parties] == [("", "")] * 2
    assert disclosed(grant, PARTNERS).snapshot.get(Convention, grant.id).resources == (MONEY,)


@pytest.mark.parametrize("level", [PARTNERS, TEAM, PRIVATE])
def test_a_grant_that_is_not_public_is_not_shown(level):
    """A convention that somebody keeps for fewer people stays there, whatever it grants."""
    hidden = disclosed(attrs.evolve(GRANT, visibility=level), PUBLIC)

    assert hidden.snapshot.count(Convention) == 0


@pytest.mark.parametrize("name", ["scdl-subventions", "scdl-subventions-23000"])
def test_grants_are_published(name):
    """Both tables of grants have their row for everybody."""
    out = io.BytesIO()
    EXPORTERS[name].write(disclosed(GRANT, PUBLIC), out, today=DAY)
    (row,) = csv.DictReader(io.StringIO(out.getvalue().decode(), newline=""))

    assert (row["montant"], row["nomBeneficiaire"]) == ("30000.00", "MSP")


def test_the_public_table_holds_the_public_grant_alone(full, aviary):
    """Among grants of every kind and level, the public table has one row, with its amount."""
    out = io.BytesIO()
    EXPORTERS["scdl-subventions"].write(disclose(full.snapshot(), PUBLIC), out, today=DAY)
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode(), newline="")))

    assert len(rows) == 1
    assert rows[0]["montant"].removesuffix(".00") in {one.mark for one in aviary.canaries}
