# SPDX-License-Identifier: Apache-2.0
"""The directory of public services, as a bulk file and as its API answers."""

from __future__ import annotations

import copy
import datetime as dt
import json

import pytest

from territoire_sante.errors import Problem
from territoire_sante.model import ActorKind, ContactPointKind
from territoire_sante_opendata import read_public_services

TOWN_HALL = {
    "id": "0e1f0f0e-0000-4000-8000-000000000001",
    "nom": "Mairie - La Canourgue",
    "siret": "21480034400019",
    "siren": "",
    "code_insee_commune": "48034",
    "pivot": [{"type_service_local": "mairie", "code_insee_commune": ["48034"]}],
    "adresse": [
        {
            "type_adresse": "Adresse postale",
            "numero_voie": "BP 1",
            "code_postal": "48501",
            "nom_commune": "La Canourgue Cedex",
        },
        {
            "type_adresse": "Adresse",
            "numero_voie": "1 place de la Mairie",
            "complement1": "Rez-de-chaussée",
            "code_postal": "48500",
            "nom_commune": "La Canourgue",
            "longitude": "44.43",
            "latitude": "3.21",
        },
    ],
    "telephone": [{"valeur": "04 65 71 00 01", "description": ""}],
    "adresse_courriel": ["mairie@canourgue.example.org", "pas un courriel"],
    "site_internet": [{"valeur": "www.canourgue.example.org", "libelle": ""}],
    "plage_ouverture": [
        {
            "nom_jour_debut": "Lundi",
            "nom_jour_fin": "Vendredi",
            "valeur_heure_debut_1": "09:00:00",
            "valeur_heure_fin_1": "12:00:00",
            "valeur_heure_debut_2": "14:00:00",
            "valeur_heure_fin_2": "17:30:00",
        },
        {
            "nom_jour_debut": "Samedi",
            "nom_jour_fin": "Samedi",
            "valeur_heure_debut_1": "09:00:00",
            "valeur_heure_fin_1": "12:00:00",
        },
    ],
    "date_modification": "12/03/2026 10:20:30",
}


def as_api(record):
    """Return a record as the API has it: nested values are JSON in text, e-mail is a text."""
    nested = {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
        for name, value in record.items()
    }
    return {**nested, "adresse_courriel": ";".join(record["adresse_courriel"])}


def test_bulk_and_api_give_the_same(plain, day):
    """The bulk file, a page of the API and an export of it give the same actor."""
    bulk = list(read_public_services(plain({"service": [TOWN_HALL]}), retrieved_on=day))
    page = {"total_count": 1, "results": [as_api(TOWN_HALL)]}
    assert list(read_public_services(plain(page), retrieved_on=day)) == bulk
    assert list(read_public_services(plain([as_api(TOWN_HALL)]), retrieved_on=day)) == bulk


def test_a_town_hall(plain, day):
    """A town hall is the commune as an actor, with its hours, numbers and place."""
    actor, problem = read_public_services(plain({"service": [TOWN_HALL]}), retrieved_on=day)
    assert (actor.id, actor.kind) == ("mairie:48034", ActorKind.COMMUNE)
    assert actor.opening_hours == "Mo-Fr 09:00-12:00,14:00-17:30; Sa 09:00-12:00"
    assert [(point.kind, point.value) for point in actor.contact_points] == [
        (ContactPointKind.PHONE, "0465710001"),
        (ContactPointKind.EMAIL, "mairie@canourgue.example.org"),
        (ContactPointKind.URL, "https://www.canourgue.example.org"),
    ]
    place, letters = actor.addresses
    assert (place.geo.latitude, place.geo.longitude) == (44.43, 3.21)
    assert letters.postcode == "48501"
    assert actor.identifier("siren") == "214800344"
    assert actor.provenance.source_date == dt.date(2026, 3, 12)
    assert str(problem).startswith("line 1, record 1: adresse_courriel: 'pas un courriel'")


@pytest.mark.parametrize(
    ("pivot", "name", "named"),
    [
        ("epci", "CC Aubrac", ("siren:214800344", ActorKind.EPCI)),
        ("cg", "Conseil départemental", ("actor:departement-48", ActorKind.DEPARTEMENT)),
        ("ccas", "CCAS", (f"actor:service-public:{TOWN_HALL['id']}", ActorKind.CCAS)),
        (
            "mairie",
            "Mairie déléguée - Auxillac",
            (f"actor:service-public:{TOWN_HALL['id']}", ActorKind.OTHER),
        ),
    ],
)
def test_ids_of_services(plain, day, pivot, name, named):
    """Authorities have the id of their strong number, others that of the directory."""
    record = {**TOWN_HALL, "nom": name, "pivot": [{"type_service_local": pivot}]}
    actor = next(iter(read_public_services(plain([record]), retrieved_on=day)))
    assert (actor.id, actor.kind) == named


def test_other_services_and_bad_records(plain, day):
    """Types that are not asked for are left out, and bad records told by line."""
    other = {**TOWN_HALL, "pivot": [{"type_service_local": "tresorerie"}]}
    broken = {**as_api(TOWN_HALL), "pivot": "[{"}
    nameless = {**TOWN_HALL, "nom": " "}
    wrong = copy.deepcopy(TOWN_HALL)
    wrong["siret"] = "21480034400013"
    wrong["plage_ouverture"][1]["nom_jour_debut"] = "Jour férié"
    found = list(read_public_services(plain([other, broken, nameless, wrong]), retrieved_on=day))
    told = [str(one) for one in found if isinstance(one, Problem)]
    assert [one.id for one in found if not isinstance(one, Problem)] == ["mairie:48034"]
    assert [one.split(": ")[1] for one in told] == [
        "pivot",
        "nom",
        "siret",
        "adresse_courriel",
        "plage_ouverture",
    ]
    everything = list(read_public_services(plain([other]), retrieved_on=day, pivots=None))
    assert everything[0].kind is ActorKind.OTHER
