# SPDX-License-Identifier: Apache-2.0
"""Structures and services of data.inclusion."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from territoire_sante.errors import Problem
from territoire_sante.model import (
    Actor,
    ActorKind,
    CostKind,
    Lever,
    LeverOffer,
    LeverType,
    OfferState,
    RequestMode,
)
from territoire_sante_opendata import read_inclusion_services, read_inclusion_structures

STRUCTURE = {
    "source": "dora",
    "id": "dora--ccas-canourgue",
    "nom": "CCAS de La Canourgue",
    "date_maj": "2026-05-04",
    "siret": "73282932000074",
    "code_insee": "48034",
    "code_postal": "48500",
    "commune": "La Canourgue",
    "adresse": "1 place de la Mairie",
    "latitude": 3.21,
    "longitude": 44.43,
    "telephone": "+33465710001",
    "courriel": "ccas@canourgue.example.org",
    "site_web": "https://ccas.example.org/",
    "horaires_accueil": "Mo-Fr 09:00-12:00",
    "reseaux_porteurs": ["aci", "ccas-cias"],
}
SERVICE = {
    "source": "dora",
    "id": "dora--transport",
    "structure_id": "dora--ccas-canourgue",
    "nom": "Transport solidaire",
    "description": "Des bénévoles vous conduisent à vos rendez-vous.",
    "date_maj": "2026-05-04",
    "thematiques": ["mobilite--etre-accompagne-dans-son-parcours-mobilite"],
    "frais": "gratuit",
    "conditions_acces": "Réserver la veille",
    "modes_mobilisation": ["telephoner", "utiliser-lien-mobilisation"],
    "lien_mobilisation": "https://ccas.example.org/transport",
    "zone_eligibilite": ["48034", "2A", "974", "200069268"],
    "telephone": "+33465710002",
    "contact_nom_prenom": "Canari Contact",
}


@pytest.mark.parametrize(("name", "record"), [("structure", STRUCTURE), ("service", SERVICE)])
def test_these_records_keep_the_schema(name, record):
    """The records of these tests are ones that the published schema allows."""
    folder = Path(__file__).parents[3].parent / "shared" / "schemas" / "data-inclusion"
    if not folder.is_dir():
        pytest.skip("the shared schemas of data.inclusion are absent")
    jsonschema.validate(record, json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))


def test_structures(plain, day):
    """A structure is an actor; its network is not mistaken for ours of the same letters."""
    (actor,) = read_inclusion_structures(plain([STRUCTURE]), retrieved_on=day)
    assert isinstance(actor, Actor)
    assert actor.id == "actor:data-inclusion:dora--ccas-canourgue"
    assert actor.kind is ActorKind.CCAS
    assert (actor.addresses[0].geo.latitude, actor.territory_id) == (44.43, "commune:48034")
    assert actor.identifier("siret") == "73282932000074"
    between = {**STRUCTURE, "nom": "CIAS des Causses"}
    (actor,) = read_inclusion_structures(plain({"items": [between]}), retrieved_on=day)
    assert actor.kind is ActorKind.CIAS


def test_services(plain, day):
    """A service of a known theme is a lever with its offer, without the named contact person."""
    found = list(read_inclusion_services(plain([SERVICE]), retrieved_on=day))
    lever, offer = found
    assert isinstance(lever, Lever)
    assert isinstance(offer, LeverOffer)
    assert lever.type is LeverType.SOLIDARITY_TRANSPORT
    assert lever.holder_id == "actor:data-inclusion:dora--ccas-canourgue"
    assert lever.coverage == (
        "commune:48034",
        "departement:2A",
        "departement:974",
        "epci:200069268",
    )
    assert offer.cost.kind is CostKind.FREE
    assert offer.request_modes == (RequestMode.PHONE, RequestMode.ONLINE_FORM)
    assert offer.state is OfferState.PUBLISHED
    assert "Canari" not in repr(found)


def test_zones_and_other_themes(plain, day):
    """No zone is not everywhere, "france" is a tag, and other themes are no levers unless asked."""
    none = {**SERVICE, "zone_eligibilite": None}
    france = {**SERVICE, "zone_eligibilite": ["france"]}
    other = {**SERVICE, "thematiques": ["numerique--acquerir-un-equipement"]}
    lever, _ = read_inclusion_services(plain([none]), retrieved_on=day)
    assert (lever.coverage, "zone:france" in lever.tags) == ((), False)
    lever, _ = read_inclusion_services(plain([france]), retrieved_on=day)
    assert (lever.coverage, "zone:france" in lever.tags) == ((), True)
    assert list(read_inclusion_services(plain([other]), retrieved_on=day)) == []
    lever, _ = read_inclusion_services(
        plain([other]), retrieved_on=day, otherwise=LeverType.DIRECTORY
    )
    assert lever.type is LeverType.DIRECTORY


def test_csv_and_bad_records(text, day):
    """CSV is read too; days to come, wrong codes and missing dates are told by line."""
    head = "id,nom,date_maj,code_insee,siret,reseaux_porteurs"
    source = text(
        head,
        'dora--1,CCAS,2026-05-04,48034,,"[""ccas-cias""]"',
        'dora--2,CCAS,2026-05-04,48034,67895644300011,"{ccas-cias,cpam}"',
        "dora--3,CCAS,2027-05-04,48034,,",
        "dora--4,CCAS,,48034,,",
        "dora--5,CCAS,2026-05-04,4803X,,",
    )
    found = list(read_inclusion_structures(source, retrieved_on=day))
    assert [one.kind for one in found if isinstance(one, Actor)] == [ActorKind.CCAS] * 2
    told = [str(one).split(": ")[:2] for one in found if isinstance(one, Problem)]
    assert told == [
        ["line 3", "siret"],
        ["line 4", "date_maj"],
        ["line 5", "date_maj"],
        ["line 6", "code_insee"],
    ]
