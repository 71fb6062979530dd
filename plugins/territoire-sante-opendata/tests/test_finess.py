# SPDX-License-Identifier: Apache-2.0
"""Health structures from FINESS, before and after the change of its format."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json

import pytest

from territoire_sante.errors import Problem
from territoire_sante.model import ActorKind, ActorStatus, ContactPointKind, Visibility
from territoire_sante_opendata import read_finess

HEAD = "finess;etalab;94;2026-05-04"


def row(**changed):
    """Return a row of the old CSV."""
    cells = {
        "typeet": "structureet",
        "nofinesset": "480000018",
        "nofinessej": "480000026",
        "rs": "MSP DES CAUSSES",
        "rslongue": "MAISON DE SANTÉ PLURIPROFESSIONNELLE DES CAUSSES",
        "complrs": "",
        "compldistrib": "",
        "numvoie": "4",
        "typvoie": "R",
        "voie": "DES ÉCOLES",
        "compvoie": "",
        "lieuditbp": "",
        "commune": "34",
        "departement": "48",
        "libdepartement": "LOZERE",
        "ligneacheminement": "48500 LA CANOURGUE",
        "telephone": "465710001",
        "telecopie": "",
        "categetab": "603",
        "libcategetab": "Maison de santé (L.6223-3)",
        "categagretab": "2205",
        "libcategagretab": "",
        "siret": "",
        "codeape": "8690F",
        "codemft": "01",
        "libmft": "",
        "codesph": "",
        "libsph": "",
        "dateouv": "2015-01-01",
        "dateautor": "",
        "datemaj": "2026-03-02",
        "numuai": "",
    }
    return ";".join({**cells, **changed}.values())


def site(**changed):
    """Return a site of the new JSON."""
    return {
        "informationsGeneralesEGE": {
            "egeId": "1",
            "numFinessEge": "480000018",
            "nomEgeCourt": "MSP DES CAUSSES",
            "nomEgeLong": "MAISON DE SANTÉ DES CAUSSES",
            "siret": "73282932000074",
        },
        "etatObjet": "A",
        "categorieentiteGeographiqueExercice": "603",
        "dateDerniereMaj": {"dateEvenement": "2026-09-01"},
        "adresse": [
            {"usageAdresse": "01", "codePostal": "75001", "cogCommune": "75101"},
            {
                "usageAdresse": "03",
                "numeroVoie": "4",
                "typeVoie": "R",
                "libelleVoie": "DES ÉCOLES",
                "cogCommune": "48034",
                "codePostal": "48500",
                "ligneAcheminement": "LA CANOURGUE",
                "coordonneesGeographique": {
                    "coordonneeX": "700000.5",
                    "coordonneeY": "6370000.2",
                    "directionLatitude": "44.43",
                    "directionLongitude": "3.21",
                },
            },
        ],
        "contact": [
            {
                "typeContact": {"roleContact": "01"},
                "telecom": {
                    "telephone": "0465710001 / 0639980001",
                    "telecopie": "",
                    "courriel": "accueil@msp.example.org",
                },
            }
        ],
        **changed,
    }


def document(*sites):
    """Return a document of the new JSON with one legal entity."""
    legal = {"numFinessPm": "480000026", "siren": "732829320"}
    return {
        "pmej": [{"informationsGeneralesPMEJ": legal, "ege": list(sites)}],
        "gco": {},
        "gcc": {},
    }


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_the_old_csv(text, day, encoding):
    """A row of the CSV is an actor named by its FINESS number, with padded codes put right."""
    found = list(read_finess(text(HEAD, row(), encoding=encoding), retrieved_on=day))
    actor = found[0]
    assert actor.id == "finess:480000018"
    assert actor.kind is ActorKind.MSP
    assert actor.name == "MAISON DE SANTÉ PLURIPROFESSIONNELLE DES CAUSSES"
    assert actor.short_name == "MSP DES CAUSSES"
    assert actor.territory_id == "commune:48034"
    assert actor.addresses[0].postcode == "48500"
    assert actor.addresses[0].street == "4 R DES ÉCOLES"
    assert actor.contact_points[0].value == "0465710001"
    assert actor.identifier("finess_ej") == "480000026"
    assert actor.provenance.source_date == dt.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("department", "commune", "code"),
    [
        ("2A", "4", "2A004"),
        ("1", "53", "01053"),
        ("9D", "411", "97411"),
        ("974", "411", "97411"),
        ("75", "115", "75115"),
    ],
)
def test_places_of_the_old_csv(text, day, department, commune, code):
    """Département and commune make the INSEE code, in Corsica and overseas too."""
    changed = row(departement=department, commune=commune)
    found = next(iter(read_finess(text(HEAD, changed), retrieved_on=day)))
    assert found.addresses[0].citycode == code


def test_a_district_lies_in_its_city(text, day):
    """A site in a district of Paris belongs to the commune of Paris."""
    changed = row(departement="75", commune="115")
    found = next(iter(read_finess(text(HEAD, changed), retrieved_on=day)))
    assert found.territory_id == "commune:75056"


def test_names_categories_and_bad_rows(text, day):
    """An empty long name is replaced by the short one, other categories are left out."""
    source = text(
        HEAD,
        row(rslongue=""),
        row(categetab="500"),
        row(nofinesset="48X"),
        row(rs="", rslongue="", nofinesset="480000034"),
        "structureej;1;2",
        "geolocalisation;480000018;700000.0;6370000.0;x;2026-05-04",
    )
    found = list(read_finess(source, retrieved_on=day))
    assert [one.name for one in found if not isinstance(one, Problem)] == ["MSP DES CAUSSES"]
    told = [str(one) for one in found if isinstance(one, Problem)]
    assert [one.partition(":")[0] for one in told if "check digit" not in one] == [
        "line 4",
        "line 5",
        "line 6",
    ]
    everything = text(HEAD, row(categetab="500"))
    (other, *_) = read_finess(everything, retrieved_on=day, categories=None)
    assert (other.kind, other.tags) == (ActorKind.OTHER, ("finess-categorie-500",))


def test_the_new_json(plain, day):
    """A site of the JSON is the same actor, with the geographic address of several."""
    (actor, *rest) = read_finess(plain(document(site())), retrieved_on=day)
    assert actor.id == "finess:480000018"
    assert actor.addresses[0].city == "LA CANOURGUE"
    assert (actor.addresses[0].geo.latitude, actor.addresses[0].geo.longitude) == (44.43, 3.21)
    assert actor.identifier("siren") == "732829320"
    assert actor.identifier("siret") == "73282932000074"
    assert [(point.kind, point.visibility) for point in actor.contact_points] == [
        (ContactPointKind.PHONE, Visibility.PUBLIC),
        (ContactPointKind.MOBILE, Visibility.PRIVATE),
        (ContactPointKind.EMAIL, Visibility.PUBLIC),
    ]
    assert all("check digit" in str(one) for one in rest)


@pytest.mark.parametrize(
    "place",
    [
        {"directionLatitude": "3.21", "directionLongitude": "44.43"},
        {"coordonneeX": "3.21", "coordonneeY": "44.43", "directionLatitude": "6370000.2"},
        {"coordonneeX": "44,43", "coordonneeY": "3,21"},
    ],
)
def test_reversed_coordinates(plain, day, place):
    """Degrees are found in whichever pair and order they are written."""
    address = {"usageAdresse": "03", "cogCommune": "48034", "coordonneesGeographique": place}
    actor = next(iter(read_finess(plain(document(site(adresse=[address]))), retrieved_on=day)))
    assert (actor.addresses[0].geo.latitude, actor.addresses[0].geo.longitude) == (44.43, 3.21)


def test_metres_are_no_degrees(plain, day):
    """Metres of a projection are left out and told, and the site is taken."""
    place = {"coordonneeX": "700000", "coordonneeY": "6370000"}
    address = {"usageAdresse": "03", "cogCommune": "48034", "coordonneesGeographique": place}
    found = list(read_finess(plain(document(site(adresse=[address]))), retrieved_on=day))
    assert found[0].addresses[0].geo is None
    assert any("no position in France" in str(one) for one in found[1:])


def test_the_words_of_the_schema(plain, day):
    """Codes wrapped in objects, as the published schema has them, mean the same."""
    wrapped = site(
        etatObjet={"code": "I"}, categorieEntiteGeographiqueExercice={"code": "124"}, siret=None
    )
    del wrapped["categorieentiteGeographiqueExercice"]
    actor = next(iter(read_finess(plain(document(wrapped)), retrieved_on=day)))
    assert (actor.kind, actor.status) == (ActorKind.CENTRE_SANTE, ActorStatus.CLOSED)


def test_one_bad_site_does_not_cost_the_others(day):
    """A site that makes no sense is told with its line; packed files are read."""
    bad = site(informationsGeneralesEGE={"nomEgeLong": "SANS NUMÉRO"})
    sited = json.dumps(document(bad, 7, site()), indent=1).encode()
    found = list(read_finess(io.BytesIO(gzip.compress(sited)), retrieved_on=day))
    told = [str(one) for one in found if isinstance(one, Problem)]
    assert [one.id for one in found if not isinstance(one, Problem)] == ["finess:480000018"]
    assert any(
        one.startswith("line 3, record 1, site 1: numFinessEge: it is empty") for one in told
    )
    bad_siret = site(siret="67895644300011")
    found = list(
        read_finess(io.BytesIO(json.dumps(document(bad_siret)).encode()), retrieved_on=day)
    )
    assert found[0].identifier("siret") == ""
    assert any("siret: the check digit" in str(one) for one in found[1:])
