# SPDX-License-Identifier: Apache-2.0
"""The JSON of FINESS of 2026, as its published schema has it."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import jsonschema
import pytest

from territoire_sante import Store
from territoire_sante.errors import Problem
from territoire_sante.model import ActorKind
from territoire_sante_opendata import import_registry, read_finess

SCHEMA = Path(__file__).parents[3].parent / "shared" / "schemas" / "finess"
DAY = dt.date(2026, 11, 22)


def code(value, table="tre_r386-macro-etat-objet-administratif"):
    """Return a code as the schema wraps it, with the table of codes that it is of."""
    system = f"https://mos.esante.gouv.fr/NOS/{table}/FHIR/{table.replace('_', '-', 1)}"
    return {"code": value, "system": system}


EVENT = {
    "evenementId": "1",
    "dateEnregistrement": "2026-09-01",
    "dateEvenement": "2026-09-01",
    "etatObjet1": "A",
    "identifiantObjet1": "1",
    "systemeMaitre": "FINESS",
    "typeObjet1": "EGE",
    "codeEvenement": "01",
}
ADDRESS = {
    "usageAdresse": "03",
    "numeroVoie": "4",
    "typeVoie": "R",
    "libelleVoie": "DES ÉCOLES",
    "complementVoie": "",
    "complementPointGeographique": "",
    "lieuDit": "",
    "cogCommune": "2A004",
    "codePostal": "20000",
    "ligneAcheminement": "AJACCIO",
    "coordonneesGeographique": {
        "coordonneeX": "527000.1",
        "coordonneeY": "4641000.2",
        "directionLatitude": "8.73",
        "directionLongitude": "41.92",
    },
}
SITE = {
    "informationsGeneralesEGE": {
        "egeId": "1",
        "numFinessEge": "2A0000014",
        "nomEgeCourt": "MSP",
        "nomEgeLong": "MAISON DE SANTÉ D'AJACCIO",
    },
    "etatObjet": code("A"),
    "categorieEntiteGeographiqueExercice": code("603"),
    "siret": "73282932000074",
    "dateDerniereMaj": {"dateEvenement": "2026-09-01"},
    "adresse": [ADDRESS],
    "roleEge": code("01"),
}
TABLES = {
    "etatObjet": "tre_r386-macro-etat-objet-administratif",
    "fonctionPublique": "tre_r361-fonction-publique",
    "categorieEntiteGeographiqueExercice": "tre_r397-categorie-entite-geographique-exercice",
    "statutJuridique": "tre_r400-finess-statut-juridique",
    "typeGroupeGco": "tre_r372-type-groupe-gco",
    "typePersonneMorale": "tre_r373-type-personne-morale",
}
LEGAL = {
    **dict.fromkeys(
        (
            "pm_smsseId",
            "codeApe",
            "complementAdressePmSmsse",
            "dateCreation",
            "dateDerniereModificationSirene",
            "dateFermeture",
            "denominationLonguePmSmsse",
            "denominationPm",
            "metadonneeId",
        ),
        "x",
    ),
    **{name: code("A", table) for name, table in TABLES.items()},
    "numFinessPm": "480000026",
    "siren": "732829320",
    "dateDerniereMaj": {"dateEvenement": "2026-09-01"},
}
DOCUMENT = {
    "pmej": [
        {
            "informationsGeneralesPmej": LEGAL,
            "adresse": [ADDRESS],
            "etatObjet": code("A"),
            "evenement": [EVENT],
            "ege": [SITE],
        }
    ],
    "gco": {},
    "gcc": {},
}


def found(plain, *, on=DAY):
    """Return what is read of the document."""
    return list(read_finess(plain(DOCUMENT), retrieved_on=on))


def test_this_document_keeps_the_schema():
    """The document of these tests is one that the published schema allows."""
    if not SCHEMA.is_dir():
        pytest.skip("the shared schema of FINESS is absent")
    schema = json.loads((SCHEMA / "schema-structures-v1.json").read_text(encoding="utf-8"))
    # The published file names some definitions that are not in it: of those anything goes.
    for name in sorted({*re.findall(r'"#/definitions/(\w+)"', json.dumps(schema))}):
        schema["definitions"].setdefault(name, True)
    assert isinstance(schema["definitions"]["adresse"], dict)
    jsonschema.validate(DOCUMENT, schema)


def test_a_document_of_the_schema_is_read(plain):
    """Names and wrapped codes of the schema give the site with its numbers, place and position."""
    assert [one for one in found(plain) if isinstance(one, Problem)] == []
    (actor,) = found(plain)
    assert (actor.id, actor.kind) == ("finess:2A0000014", ActorKind.MSP)
    assert actor.identifier("finess_ej") == "480000026"
    assert actor.identifier("siret") == "73282932000074"
    assert actor.territory_id == "commune:2A004"
    assert (actor.addresses[0].geo.latitude, actor.addresses[0].geo.longitude) == (41.92, 8.73)
    assert actor.provenance.source_date == dt.date(2026, 9, 1)


def test_imported_twice_it_changes_nothing(plain):
    """A document of the schema that is imported a month later writes nothing."""
    later = DAY + dt.timedelta(days=30)
    with Store.open("memory:") as store:
        assert len(import_registry(store, found(plain), today=DAY).added) == 1
        assert import_registry(store, found(plain, on=later), today=later).is_empty
