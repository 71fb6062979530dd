# SPDX-License-Identifier: Apache-2.0
"""Grants after scdl/subventions 2.1.1: who gave what to whom, and nothing that is guessed."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import attrs
import pytest
from stdnum.fr import siret

from territoire_sante.exports import THRESHOLD
from territoire_sante.exports._subventions import COLUMNS
from territoire_sante.model import (
    Actor,
    ActorKind,
    AidKind,
    AidTerms,
    Convention,
    ConventionKind,
    ConventionResource,
    ConventionState,
    DeliberationRef,
    Duration,
    Identifier,
    Money,
    Party,
    PartyRole,
    ResourceKind,
    Signature,
)

EXAMPLE = Path(__file__).parents[3] / "shared" / "schemas" / "scdl"
COMMUNE = Actor(
    id="mairie:01001",
    kind=ActorKind.COMMUNE,
    name="Commune de L'Abergement, la belle",
    identifiers=(Identifier(scheme="siret", value="73282932000074"),),
)
TEAM = Actor(
    id="actor:msp",
    kind=ActorKind.MSP,
    name="MSP « des 4 chemins »",
    identifiers=(
        Identifier(scheme="siret", value="67895644300011"),  # fails its check digit
        Identifier(scheme="rna", value="W012345678"),
    ),
)
CARRIER = Actor(id="actor:pays", kind=ActorKind.PETR, name="Pays")
GRANT = Convention(
    id="convention:1",
    kind=ConventionKind.SUBSIDY,
    title="Subvention",
    purpose="Équiper la salle d'accueil",
    parties=(
        Party(
            actor_id=COMMUNE.id,
            role=PartyRole.COLLECTIVITE,
            empowered_by=DeliberationRef(number="2026-03-17"),
        ),
        Party(actor_id=TEAM.id, role=PartyRole.MSP),
    ),
    resources=(
        ConventionResource(
            kind=ResourceKind.MONEY,
            description="Versement",
            party_id=COMMUNE.id,
            valuation=Money("23000.01"),
        ),
    ),
    starts_on=dt.date(2026, 4, 1),
    duration=Duration(years=1),
    signatures=(
        Signature(party_id=COMMUNE.id, signed_on=dt.date(2026, 3, 20)),
        Signature(party_id=TEAM.id, signed_on=dt.date(2026, 3, 22)),
    ),
    state=ConventionState.ACTIVE,
)
ROOM = ConventionResource(
    kind=ResourceKind.PREMISES,
    description="Salle prêtée",
    party_id=COMMUNE.id,
    valuation=Money("1200"),
)


def rows(export, convention, *more, name="scdl-subventions"):
    """Return the rows for one convention, and what was left out."""
    done = export(name, COMMUNE, TEAM, CARRIER, convention, *more)
    return done.table(), done.codes()


def test_a_grant_in_money(export, rules):
    """Every column is what the convention says, numbers with a point, a period with a slash."""
    found, codes = rows(export, GRANT)
    rules["scdl-subventions"](found)

    assert found == [
        {
            "nomAttribuant": "Commune de L'Abergement, la belle",
            "idAttribuant": "73282932000074",
            "dateConvention": "2026-03-22",
            "referenceDecision": "2026-03-17",
            "nomBeneficiaire": "MSP « des 4 chemins »",
            "idBeneficiaire": "",
            "rnaBeneficiaire": "W012345678",
            "objet": "Équiper la salle d'accueil",
            "montant": "23000.01",
            "nature": "aide en numéraire",
            "conditionsVersement": "Selon les modalités de la convention",
            "datesPeriodeVersement": "2026-04-01/2027-03-31",
            "idRAE": "",
            "notificationUE": "non",
            "pourcentageSubvention": "1.00",
            "dispositifAide": "",
        }
    ]
    assert codes == {"aid_notice_assumed": (GRANT.id,)}
    assert siret.is_valid(found[0]["idAttribuant"])


def test_the_file_is_what_the_schema_asks_for(export):
    """Commas, UTF-8 without a mark, lines as RFC 4180 ends them, names of columns as published."""
    data = export("scdl-subventions", COMMUNE, TEAM, GRANT).data

    assert data.startswith(b"nomAttribuant,idAttribuant,")
    assert data.count(b"\r\n") == 2
    assert b'"Commune de L\'Abergement, la belle"' in data


def test_the_columns_of_the_first_version_are_there(export):
    """The columns of the decree are among those of today, in their order."""
    if not EXAMPLE.is_dir():
        pytest.skip("the shared schemas are not beside this repository")
    text = (EXAMPLE / "format-subventions.csv").read_text(encoding="utf-8")
    first = next(csv.reader([text.strip()]))
    columns = list(export("scdl-subventions", COMMUNE, TEAM, GRANT).table()[0])

    assert [one for one in columns if one in first] == first


def test_the_official_sample_keeps_these_rules_but_for_its_traps(rules):
    """The official sample keeps the rules of these tests, but for what changed since."""
    if not EXAMPLE.is_dir():
        pytest.skip("the shared schemas are not beside this repository")
    with (EXAMPLE / "exemple.csv").open(encoding="utf-8", newline="") as file:
        sample = list(csv.DictReader(file))
    assert [siret.is_valid(row["idBeneficiaire"]) for row in sample] == [True, False]
    for row in sample:
        period = row["datesPeriodeVersement"].replace("_", "/")
        new = {**row, "datesPeriodeVersement": period, "rnaBeneficiaire": "", "dispositifAide": ""}
        rules["scdl-subventions"]([{name: new[name] for name in COLUMNS}])


def test_a_room_that_is_lent_is_aid_in_kind(export, rules):
    """Free premises are a grant in kind with their worth, both kinds together are said so."""
    lent = attrs.evolve(GRANT, kind=ConventionKind.PREMISES_LOAN, resources=(ROOM,))
    both = attrs.evolve(GRANT, resources=(*GRANT.resources, ROOM))
    (in_kind,), _ = rows(export, lent)
    (mixed,), _ = rows(export, both)
    rules["scdl-subventions"]([in_kind, mixed])

    assert (in_kind["montant"], in_kind["nature"]) == ("1200.00", "aide en nature")
    assert (mixed["montant"], mixed["nature"]) == ("24200.01", "aide en numéraire;aide en nature")


@pytest.mark.parametrize(
    ("kind", "nature"),
    [
        (AidKind.INVESTMENT, "aide en numéraire"),
        (AidKind.INSTALLATION_BONUS, "aide en numéraire"),
        (AidKind.PRACTICE_BONUS, "aide en numéraire"),
        (AidKind.PREMISES, "aide en nature"),
        (AidKind.HOUSING, "aide en nature"),
    ],
)
def test_an_aid_to_installation(kind, nature, export, rules):
    """An aid after CGCT L1511-8 is a grant of the one authority among the parties."""
    aid = AidTerms(kind=kind, amount=Money("9000"))
    found, _ = rows(export, attrs.evolve(GRANT, resources=(), aid=aid))
    rules["scdl-subventions"](found)

    assert [(row["montant"], row["nature"]) for row in found] == [("9000.00", nature)]


@pytest.mark.parametrize(
    ("amount", "due"), [("22999.99", False), ("23000", False), ("23000.01", True)]
)
def test_the_threshold_of_publication(amount, due, export):
    """Only what is above 23,000 € must be published; the other format shows all."""
    resource = attrs.evolve(GRANT.resources[0], valuation=Money(amount))
    one = attrs.evolve(GRANT, resources=(resource,))

    assert Money("23000") == THRESHOLD
    assert len(rows(export, one)[0]) == 1
    assert len(rows(export, one, name="scdl-subventions-23000")[0]) == due


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": ConventionState.SIGNING}, "not_signed"),
        ({"state": ConventionState.ABANDONED}, "not_signed"),
        ({"signatures": (), "starts_on": None}, "not_signed"),
        ({"resources": ()}, "amount_not_exact"),
        ({"duration": None}, "no_period"),
        ({"duration": Duration(years=99_999)}, "no_period"),
        ({"purpose": "x" * 257, "title": "y" * 257}, "subject_too_long"),
        ({"parties": GRANT.parties[:1]}, "beneficiary_unclear"),
        ({"parties": GRANT.parties[1:], "resources": (), "aid": None}, "amount_not_exact"),
    ],
)
def test_what_is_not_certain_is_left_out(change, code, export):
    """Where something that the schema requires is not known, there is no row, and it is said."""
    found, codes = rows(export, attrs.evolve(GRANT, **change))

    assert found == []
    assert codes[code] == (GRANT.id,)


def test_several_who_could_have_given_or_got(export):
    """With two givers, or two beneficiaries without their shares, nothing is guessed."""
    giving = attrs.evolve(
        GRANT,
        parties=(*GRANT.parties, Party(actor_id=CARRIER.id, role=PartyRole.CLS)),
        resources=(),
        aid=AidTerms(kind=AidKind.INVESTMENT, amount=Money("1")),
    )
    other = Actor(id="actor:esp", kind=ActorKind.ESP, name="ESP")
    getting = attrs.evolve(
        GRANT, parties=(*GRANT.parties, Party(actor_id=other.id, role=PartyRole.MSP))
    )

    assert rows(export, giving)[1] == {"giver_unclear": (GRANT.id,)}
    assert rows(export, getting, other)[1] == {"beneficiary_unclear": (GRANT.id,)}


def test_a_beneficiary_without_a_name(export):
    """Names are required: without one there is no row."""
    done = export("scdl-subventions", COMMUNE, attrs.evolve(TEAM, name=" "), GRANT)

    assert done.table() == []
    assert done.codes() == {"name_not_valid": (GRANT.id,)}


def test_a_giver_without_siret(export):
    """The number of the giver is required: without a valid one there is no row."""
    done = export("scdl-subventions", attrs.evolve(COMMUNE, identifiers=()), TEAM, GRANT)

    assert done.table() == []
    assert done.codes() == {"no_siret": (GRANT.id,)}


def test_a_long_purpose_gives_way_to_the_title(export):
    """A purpose of 256 signs goes out whole, a longer one is replaced by the title, never cut."""
    whole = "x" * 256
    found, _ = rows(export, attrs.evolve(GRANT, purpose=whole))
    titled, _ = rows(export, attrs.evolve(GRANT, purpose=f"{whole}x"))

    assert (found[0]["objet"], titled[0]["objet"]) == (whole, "Subvention")


def test_a_partnership_without_money_is_no_grant(export):
    """A convention in which nobody brings in anything with a worth is not mentioned."""
    assert rows(
        export, attrs.evolve(GRANT, kind=ConventionKind.BILATERAL_PARTNERSHIP, resources=())
    ) == ([], {})


def test_no_name_is_a_formula(export):
    """Names that a spreadsheet would calculate have an apostrophe ahead; amounts stay numbers."""
    found, _ = rows(export, attrs.evolve(GRANT, purpose="=1+1"))

    assert found[0]["objet"] == "'=1+1"
