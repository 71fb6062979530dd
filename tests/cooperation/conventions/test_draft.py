# SPDX-License-Identifier: Apache-2.0
"""A draft says all that is known, leaves visible blanks for the rest, and tells them."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

from territoire_sante import Store
from territoire_sante.cooperation.conventions import PLACES, TEMPLATE, draft_convention
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Actor,
    ActorKind,
    AidKind,
    AidTerms,
    Commitment,
    Convention,
    ConventionKind,
    ConventionResource,
    Duration,
    Money,
    Party,
    PartyRole,
    PremisesTerms,
    Renewal,
    RenewalMode,
    ResourceKind,
    Signature,
    Tri,
)
from territoire_sante.testing.strategies import entities

EMPTY = Convention(id="convention:1", kind=ConventionKind.OTHER, title="")
TEAM = Actor(id="actor:msp", kind=ActorKind.MSP, name="MSP des *Quatre* Chemins")


@pytest.fixture(scope="module")
def nothing():
    """Return a snapshot of an empty store."""
    with Store.open("memory:") as store:
        return store.snapshot()


def labels(draft):
    """Return the fields that a draft leaves open."""
    return [blank.field for blank in draft.blanks]


def test_an_empty_convention_is_all_blanks(nothing):
    """Everything that nobody wrote down is a blank in the text, and told."""
    draft = draft_convention(nothing, EMPTY)

    assert labels(draft) == [
        "title",
        "parties",
        "preamble",
        "purpose",
        "territory_id",
        "commitments",
        "governance",
        "duration",
        "renewal",
        "termination.notice_period",
        "jurisdiction",
    ]
    assert all(f"[à compléter\u00a0: {blank.label}]" in draft.text for blank in draft.blanks)
    assert not draft.complete


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(convention=entities("convention"))
def test_nothing_that_is_known_is_left_out(nothing, convention):
    """Each promise, means, theme and place of signature is in the text of any convention."""
    text = "".join(draft_convention(nothing, convention).text.split()).replace("\\", "")
    wanted = [
        convention.title,
        *(one.text for one in convention.commitments),
        *(one.indicator for one in convention.commitments),
        *(one.description for one in convention.resources),
        *convention.themes,
        *convention.legal_bases,
        convention.purpose,
        convention.preamble,
        convention.data_clause,
        convention.jurisdiction,
    ]

    for one in wanted:
        assert "".join(one.split()).replace("\\", "") in text


def test_articles_are_numbered_without_a_gap(nothing):
    """An article without a text is left out, and the others are numbered on."""
    plain = draft_convention(nothing, EMPTY).text
    loan = draft_convention(nothing, attrs.evolve(EMPTY, premises=PremisesTerms())).text

    assert "Dispositions particulières" not in plain
    assert [line.split()[2] for line in plain.splitlines() if line.startswith("## Article")] == [
        f"{number}." for number in range(1, 12)
    ]
    assert "## Article 7. Dispositions particulières" in loan
    assert "## Article 12. Litiges" in loan


def test_a_loan_of_premises(nothing):
    """A loan of premises names the law, insurance, inventories, and that it can be revoked."""
    terms = PremisesTerms(use_rules="Rendre les clés.", precarious=Tri.YES)
    draft = draft_convention(nothing, attrs.evolve(EMPTY, premises=terms))

    for words in ("L2144-3", "Rendre les clés.", "état des lieux", "précaire et révocable"):
        assert words in draft.text
    assert "premises.insurance_proof_id" in labels(draft)


def test_an_aid(nothing):
    """An aid to installation names zone, years of practice and to whom it is sent."""
    aid = AidTerms(
        kind=AidKind.INSTALLATION_BONUS, amount=Money("15000"), commitment=Duration(years=3)
    )
    draft = draft_convention(nothing, attrs.evolve(EMPTY, aid=aid))

    for words in ("L1511-8", "15000,00\u00a0€", "pendant 3 ans", "agence régionale de santé"):
        assert words in draft.text
    assert "aid.zone_id" in labels(draft)


def test_means_are_valued(nothing):
    """A free loan is told to be a grant in kind, and its value is asked for."""
    means = ConventionResource(kind=ResourceKind.PREMISES, description="Salle")
    draft = draft_convention(nothing, attrs.evolve(EMPTY, resources=(means,)))

    assert "subvention en nature" in draft.text
    assert "resources.valuation" in labels(draft)


@pytest.mark.parametrize(
    ("renewal", "words"),
    [
        (Renewal(), "n'est pas reconduite"),
        (Renewal(mode=RenewalMode.EXPRESS, max_count=2), "expressément, par écrit, 2 fois au plus"),
        (
            Renewal(mode=RenewalMode.TACIT, opt_out_notice=Duration(months=3)),
            "sauf refus d'une partie notifié au moins 3 mois avant son terme",
        ),
    ],
    ids=["none", "express", "tacit"],
)
def test_renewals(nothing, renewal, words):
    """Each way of renewal has its sentence."""
    assert words in draft_convention(nothing, attrs.evolve(EMPTY, renewal=renewal)).text


def test_parties_and_signatures(nothing):
    """A party without a speaker or deliberation has a blank; one that signed has its day."""
    convention = attrs.evolve(
        EMPTY,
        parties=(
            Party(actor_id="actor:a", role=PartyRole.MSP, capacity="Présidente"),
            Party(actor_id="actor:b", role=PartyRole.COLLECTIVITE),
        ),
        commitments=(Commitment(party_id="actor:a", text="Venir."),),
        signatures=(Signature(party_id="actor:a", signed_on=dt.date(2026, 3, 1), place="Mende"),),
    )
    draft = draft_convention(nothing, convention)

    assert "représenté par Présidente" in draft.text
    assert "- Pour actor:a, signé à Mende le 1er mars 2026" in draft.text
    assert "- Pour actor:b, le ____________" in draft.text
    assert {
        "parties.actor:b.representative_id",
        "parties.actor:b.empowered_by",
        "commitments.actor:b",
    } <= set(labels(draft))


def test_names_are_written_as_they_are(picture):
    """Signs of Markdown in a name or text are shown, not obeyed."""
    party = Party(actor_id="actor:msp", role=PartyRole.MSP, capacity="# <b>Chef</b>")
    text = draft_convention(picture(TEAM), attrs.evolve(EMPTY, parties=(party,))).text

    assert r"**MSP des \*Quatre\* Chemins**" in text
    assert r"\# \<b\>Chef\</b\>" in text


def test_a_template_of_ones_own(nothing):
    """A template says which clauses come in which order; blanks are those of its places only."""
    draft = draft_convention(nothing, EMPTY, template="Objet : $purpose\nPrix : 5 $$, ${term}")

    assert draft.text.startswith("Objet : [à compléter")
    assert "Prix : 5 $, Elle prend effet" in draft.text
    assert labels(draft) == ["purpose", "duration"]


@pytest.mark.parametrize(
    ("template", "cause"),
    [("a\n\nb $prix", r"line 3: \$prix"), ("5 $ par an", "line 1")],
    ids=["unknown", "bare dollar"],
)
def test_a_place_that_there_is_not(nothing, template, cause):
    """A place that there is not is refused with its line and those there are."""
    with pytest.raises(InvalidValueError, match=cause) as refused:
        draft_convention(nothing, EMPTY, template=template)

    assert "$purpose" in refused.value.remedy


def test_the_template_has_all_places():
    """Each clause has its place in the template."""
    assert all(f"${name}\n" in TEMPLATE for name in PLACES if name != "title")
