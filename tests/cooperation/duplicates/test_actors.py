# SPDX-License-Identifier: Apache-2.0
"""Actors and care projects of several sources: the same, neighbours, or two that do the same."""

from __future__ import annotations

import datetime as dt

import pytest

from territoire_sante.cooperation import Nature, find_duplicates
from territoire_sante.cooperation.duplicates._organisations import title_of
from territoire_sante.cooperation.rules import check
from territoire_sante.model import (
    Actor,
    ActorKind,
    CareProject,
    ContactPoint,
    ContactPointKind,
    Convention,
    ConventionKind,
    Identifier,
    MspStage,
    Party,
    PartyRole,
    ProjectKind,
)

MSP, COMMUNE, OTHER = ActorKind.MSP, ActorKind.COMMUNE, ActorKind.OTHER
SIRET, SAME_BODY, ELSEWHERE = "73282932000074", "73282932000066", "10000000000003"


def _actor(local, name, at="48001", kind=MSP, mail="", **numbers):
    points = [ContactPoint(kind=ContactPointKind.EMAIL, value=mail)] if mail else []
    id_ = local if ":" in local else f"actor:{local}"
    return Actor(
        id=id_,
        kind=kind,
        name=name,
        territory_id=f"commune:{at}" if at else "",
        contact_points=tuple(points),
        identifiers=tuple(Identifier(scheme=k, value=v) for k, v in numbers.items()),
    )


def _project(local, lead="", at="commune:48001", name="MSP du Barandon", **more):
    return CareProject(
        id=f"care_project:{local}",
        kind=more.pop("kind", ProjectKind.MSP),
        name=name,
        lead_id=lead,
        territory_id=at,
        **more,
    )


def _pairs(snapshot, *kinds):
    found = find_duplicates(snapshot, kinds=kinds or (Actor, CareProject))
    return [(one.first_id.partition(":")[2], one.second_id.partition(":")[2]) for one in found]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MSP du Barandon", "Maison de santé pluriprofessionnelle du Barandon"),
        ("M.S.P. Barandon", "Maison de Santé Pluridisciplinaire BARANDON"),
        ("MSP de St-Exemple", "MSP Saint Exemple"),
        ("MSP de Ste Fictive", "Maison de santé Sainte-Fictive"),
        ("MSP du Barandon", "MSP du Barandon et du Vallon"),
        ("MSP Barandon", "MSP Barandonn"),
        ("Barandon", "Maison de santé du Barandon"),
    ],
)
def test_abbreviations_and_what_they_stand_for(picture, one, other):
    """In one commune, an abbreviation and its long form are one name."""
    assert _pairs(picture(_actor("a", one), _actor("b", other))) == [("a", "b")]


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("CCAS de Saint-Exemple", "Mairie de Saint-Exemple", OTHER),
        ("Mairie de Saint-Exemple", "Mairie déléguée de Saint-Exemple", COMMUNE),
        ("MSP du Haut Barandon", "MSP du Bas Barandon", MSP),
        ("EHPAD 1", "EHPAD 2", OTHER),
        ("Pharmacie du Pont", "Pharmacie de la Gare", ActorKind.PHARMACY),
        ("École du Bourg", "Association du Bourg", OTHER),
    ],
)
def test_neighbours_are_not_one(picture, one, other, kind):
    """In one commune, what tells two institutions apart tells their names apart."""
    snapshot = picture(_actor("a", one, kind=kind), _actor("b", other, kind=kind))
    assert _pairs(snapshot) == []


@pytest.mark.parametrize("names", [("Mairie Le Bourg", "Mairie de Bourg"), ("Bourg", "Bourg")])
def test_two_communes_of_one_name(picture, names):
    """Le Bourg and Bourg, or two of one name, are two in two communes, and one in one."""
    one, other = names
    here = _actor("a", one, kind=COMMUNE)
    assert _pairs(picture(here, _actor("b", other, at="48002", kind=COMMUNE))) == []
    assert _pairs(picture(here, _actor("b", other, kind=COMMUNE))) == [("a", "b")]


def test_numbers_of_sites_decide(picture):
    """One SIRET makes one of two names, two SIRET of one SIREN make two of one name."""
    one = _actor("a", "MSP du Barandon", siret=SIRET)
    assert _pairs(picture(one, _actor("b", "SISA Exemple", siret=SIRET))) == [("a", "b")]
    assert _pairs(picture(one, _actor("b", "MSP du Barandon", siret=SAME_BODY))) == []
    assert _pairs(picture(one, _actor(f"siret:{SIRET}", "Barandon", at=""))) == [("a", SIRET)]


def test_a_number_of_the_body_is_one_reason_more(picture):
    """One SIREN does not make one of a commune and its school, and helps where names agree."""
    one = _actor("a", "Mairie de Saint-Exemple", kind=COMMUNE, siren=SIRET[:9])
    school = _actor("b", "École du Pont", kind=ActorKind.SCHOOL, siren=SIRET[:9])
    same = _actor("c", "Commune de St-Exemple", at="", kind=COMMUNE, siren=SIRET[:9])
    assert _pairs(picture(one, school, same)) == [("a", "c")]


def test_numbers_that_quarrel_are_doubted(picture):
    """One FINESS with two SIRET, after a move, is shown, but not as certain."""
    one = _actor("a", "MSP du Barandon", siret=SIRET, finess="480001234")
    other = _actor("finess:480001234", "MSP du Barandon", siret=SAME_BODY)
    (found,) = find_duplicates(picture(one, other), kinds=(Actor,))
    assert (found.certain, found.score) == (False, 0.85)


def test_the_same_address_brings_two_places_together(picture):
    """An actor without a place is found by its name and its e-mail."""
    one = _actor("a", "MSP du Barandon", mail="msp@example.org")
    assert _pairs(picture(one, _actor("b", "MSP Barandon", "", mail="MSP@example.org"))) == [
        ("a", "b")
    ]


def test_two_projects_for_one_need(picture):
    """Two leads with one kind of project on shared ground are told as the rule tells them."""
    one, other = _project("a", "actor:x"), _project("b", "actor:y", "epci:1", name="Pôle santé")
    snapshot = picture(one, other)
    (found,) = find_duplicates(snapshot, kinds=(CareProject,))

    assert found.nature is Nature.PROJECT
    assert "Porteurs différents, sans lien connu entre eux." in {r.fr for r in found.reasons}
    assert len([*check(snapshot, today=dt.date(2026, 11, 20), only=["TS004"])]) == 1


@pytest.mark.parametrize(
    "other",
    [
        _project("b", "actor:y", kind=ProjectKind.CPTS),
        _project("b", "actor:y", "commune:97411"),
        _project("b", "actor:y", stage=MspStage.CLOSED),
        _project("b", "actor:y", partner_ids=("actor:x",)),
        _project("b", "actor:z"),
    ],
    ids=["kind", "elsewhere", "closed", "partner", "convention"],
)
def test_projects_that_are_no_doubles(picture, other):
    """Other kinds, places, stages, partners and parties of one convention are no doubles."""
    parties = tuple(Party(actor_id=one, role=PartyRole.OTHER) for one in ("actor:x", "actor:z"))
    bond = Convention(id="convention:1", kind=ConventionKind.OTHER, title="Accord", parties=parties)
    assert _pairs(picture(_project("a", "actor:x"), other, bond)) == []


def test_one_project_noted_twice(picture):
    """A project of one lead, or of none, with nearly one name is a record noted twice."""
    one = _project("a", "actor:x")
    twice = _project("b", "actor:x", name="Maison de santé du Barandon")
    nobody = _project("b", "", name="Maison de santé du Barandon")
    second = _project("b", "actor:x", name="Antenne de Fictive")

    for other in (twice, nobody):
        (found,) = find_duplicates(picture(one, other), kinds=(CareProject,))
        assert found.nature is Nature.RECORD
    assert _pairs(picture(one, second)) == []


def test_a_name_without_letters_counts_too():
    """What is left of a name of small words only is those words."""
    assert title_of("La Sous").core == ("la", "sous")
    assert title_of("").words == frozenset()
