# SPDX-License-Identifier: Apache-2.0
"""
The traps of each register in each of its forms, read from an address, twice.

Corsica, overseas, lost zeros, swapped positions, JSON in texts, and both ways to write a day:
each form has those that its documented format allows.
"""

from __future__ import annotations

import datetime as dt
import functools
import gzip
import json

import attrs
import pytest

import territoire_sante_opendata as opendata
from territoire_sante import Store
from territoire_sante.errors import Problem
from territoire_sante.serialization import to_plain
from territoire_sante_opendata import import_registry, open_url

DAY = dt.date(2026, 11, 22)
LATER = dt.date(2026, 12, 22)
AJACCIO = {"latitude": 41.92, "longitude": 8.73}
SAINT_DENIS = {"latitude": -20.88, "longitude": 55.45}
DELIBERATIONS = "COLL_SIRET;DELIB_ID;DELIB_OBJET;DELIB_DATE"
EQUIPMENT = "COLL_SIRET;EQUIP_UID;EQUIP_NOM;ADR_CLE_INTEROP"
MAYORS = (
    "Code du département;Code de la commune;Nom de l'élu;Prénom de l'élu;Date de naissance;"
    "Date de début du mandat"
)


@attrs.frozen(kw_only=True)
class Form:
    """A register in one of its forms, and what must be found in what is read of it."""

    reader: str
    data: bytes
    texts: tuple[str, ...] = ()
    places: tuple[dict[str, float], ...] = ()
    options: dict[str, object] = attrs.field(factory=dict)

    def read(self, source, *, on=DAY):
        """Return what the reader yields."""
        reader = functools.partial(getattr(opendata, self.reader), **self.options)
        return list(reader(source, retrieved_on=on))


def csv(*lines):
    """Return a table as bytes."""
    return "\n".join(lines).encode()


def plain(value):
    """Return a value as JSON."""
    return json.dumps(value, ensure_ascii=False).encode()


def finess_csv(number, department, commune):
    """Return a row of the CSV of FINESS."""
    cells = ["structureet", number, "480000026", f"MSP {number}", *[""] * 8]
    cells += [commune, department, "", "20000 X", "", "", "603", *[""] * 13]
    return ";".join(cells)


def finess_json(number, commune, place):
    """Return a site of the JSON of FINESS since 2026."""
    return {
        "informationsGeneralesEGE": {"numFinessEge": number, "nomEgeLong": f"MSP {number}"},
        "etatObjet": "A",
        "categorieentiteGeographiqueExercice": "603",
        "dateDerniereMaj": {"dateEvenement": "2026-09-01"},
        "adresse": [
            {"usageAdresse": "03", "cogCommune": commune, "coordonneesGeographique": place}
        ],
    }


FINESS_SITES = [
    finess_json("2A0000014", "2A004", {"directionLatitude": "8.73", "directionLongitude": "41.92"}),
    finess_json("970400016", "97411", {"coordonneeX": "-20,88", "coordonneeY": "55,45"}),
    finess_json("010000016", "1001", {}),
]
FINESS = {
    "pmej": [{"informationsGeneralesPMEJ": {"numFinessPm": "480000026"}, "ege": FINESS_SITES}]
}


def service(number, commune, latitude, longitude, changed):
    """Return a town hall of the directory, its position swapped."""
    return {
        "id": f"uuid-{number}",
        "nom": f"Mairie - {number}",
        "code_insee_commune": commune,
        "pivot": [{"type_service_local": "mairie", "code_insee_commune": [commune]}],
        "adresse": [
            {
                "type_adresse": "Adresse",
                "nom_commune": "X",
                "latitude": str(longitude),
                "longitude": str(latitude),
            }
        ],
        "telephone": [{"valeur": "04 65 71 00 01"}],
        "date_modification": changed,
    }


SERVICES = [
    service(1, "2A004", **AJACCIO, changed="12/03/2026 10:20:30"),
    service(2, "97411", **SAINT_DENIS, changed="2026-03-12"),
]
SERVICES_API = [
    {name: plain(one).decode() if isinstance(one, list) else one for name, one in record.items()}
    for record in SERVICES
]
SERVICE_TEXTS = ("mairie:2A004", "mairie:97411", "0465710001", "2026-03-12")
INCLUSION = {"date_maj": "2026-05-04", "source": "dora"}
STRUCTURES = [
    {
        **INCLUSION,
        "id": f"dora--{commune}",
        "nom": f"CCAS {commune}",
        "code_insee": commune,
        "latitude": place["longitude"],
        "longitude": place["latitude"],
    }
    for commune, place in (("2A004", AJACCIO), ("97411", SAINT_DENIS))
]
OFFERS = [
    {
        **INCLUSION,
        "id": "dora--1",
        "structure_id": "dora--2A004",
        "nom": "Garde",
        "thematiques": ["famille--garde-denfants"],
        "zone_eligibilite": ["2A004", "974", "2B"],
    }
]
ZONES = ("commune:2A004", "departement:974", "departement:2B")

FORMS = {
    "communes, CSV": Form(
        reader="read_communes",
        data=csv("code,nom,dep", "2A004,Ajaccio,2A", "97411,Saint-Denis,974", "1001,Ici,1"),
        texts=("commune:2A004", "departement:974", "commune:01001", "departement:01"),
    ),
    "communes, geo.api": Form(
        reader="read_communes",
        data=plain(
            [
                {"code": "2A004", "nom": "A", "centre": {"coordinates": [41.92, 8.73]}},
                {"code": "97411", "nom": "B", "centre": {"coordinates": [-20.88, 55.45]}},
            ]
        ),
        texts=("commune:2A004", "commune:97411"),
        places=(AJACCIO, SAINT_DENIS),
    ),
    "départements": Form(
        reader="read_departments",
        data=csv("dep,libelle,reg", "1,Ain,84", "2B,Haute-Corse,94", "974,La Réunion,4"),
        texts=("departement:01", "departement:2B", "departement:974", "region:04"),
    ),
    "régions": Form(
        reader="read_regions",
        data=csv("reg,libelle", "1,Guadeloupe", "94,Corse"),
        texts=("region:01", "region:94"),
    ),
    "EPCI, by member": Form(
        reader="read_epci",
        data=csv(
            "dept;siren;raison_sociale;insee",
            "2A;242010056;CA du Pays;2A004",
            "974;249740119;CA du Nord;97411",
            "1;200069268;CC;1001",
        ),
        texts=("2A004", "97411", "01001", "departement:01", "siren:242010056"),
        options={"actors": True},
    ),
    "EPCI, geo.api": Form(
        reader="read_epci",
        data=plain(
            [{"code": "242010056", "nom": "CA", "membres": [{"code": "2A004"}, {"code": "1001"}]}]
        ),
        texts=("2A004", "01001"),
    ),
    "FINESS, CSV": Form(
        reader="read_finess",
        data=csv(
            finess_csv("2A0000014", "2A", "4"),
            finess_csv("970400016", "9D", "411"),
            finess_csv("10000016", "1", "1"),
        ),
        texts=("finess:2A0000014", "commune:2A004", "commune:97411", "commune:01001"),
    ),
    "FINESS, JSON of 2026": Form(
        reader="read_finess",
        data=gzip.compress(plain(FINESS)),
        texts=("finess:2A0000014", "commune:2A004", "commune:97411", "commune:01001"),
        places=(AJACCIO, SAINT_DENIS),
    ),
    "officials": Form(
        reader="read_officials",
        data=csv(
            MAYORS,
            "2A;004;ÉLAN;Zoé;02/01/1961;22/03/2026",
            "ZD;411;Fictif;Jean;1961-01-02;2026-03-22",
            "1;1001;Exemple;Ada;;2026-03-22",
        ),
        texts=("mairie:2A004", "mairie:97411", "mairie:01001", "2026-03-22"),
    ),
    "public services, bulk": Form(
        reader="read_public_services",
        data=plain({"service": SERVICES}),
        texts=SERVICE_TEXTS,
        places=(AJACCIO, SAINT_DENIS),
    ),
    "public services, API": Form(
        reader="read_public_services",
        data=plain({"total_count": 2, "results": SERVICES_API}),
        texts=SERVICE_TEXTS,
        places=(AJACCIO, SAINT_DENIS),
    ),
    "data.inclusion, structures": Form(
        reader="read_inclusion_structures",
        data=plain(STRUCTURES),
        texts=("commune:2A004", "commune:97411", "2026-05-04"),
        places=(AJACCIO, SAINT_DENIS),
    ),
    "data.inclusion, services": Form(
        reader="read_inclusion_services", data=plain(OFFERS), texts=ZONES
    ),
    "data.inclusion, services as CSV": Form(
        reader="read_inclusion_services",
        data=csv(
            "id;structure_id;nom;date_maj;thematiques;zone_eligibilite",
            'dora--1;dora--2;Garde;04/05/2026;"[""famille--garde-denfants""]";'
            '"[""2A004"", ""974"", ""2B""]"',
        ),
        texts=(*ZONES, "2026-05-04"),
    ),
    "SCDL, équipements": Form(
        reader="read_scdl_equipment",
        data=csv(
            EQUIPMENT,
            "73282932000074;1;Salle A;2A004_0123_00002",
            "73282932000074;2;Salle B;97411_0123_00002",
        ),
        texts=("commune:2A004", "commune:97411"),
    ),
    "SCDL, délibérations": Form(
        reader="read_scdl_deliberations",
        data=csv(DELIBERATIONS, "73282932000074;1;A;22/06/2026", "73282932000074;2;B;2026-06-23"),
        texts=("2026-06-22", "2026-06-23"),
    ),
}
EVERY = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


@pytest.fixture
def address(web):
    """Return a function that serves bytes on this machine and gives their address."""

    def serve(data):
        web.files["/register"] = data
        return f"{web.origin}/register"

    return serve


def test_every_reader_is_tried():
    """Each reader that is public has a form here, FINESS and the directory both of theirs."""
    readers = {name for name in opendata.__all__ if name.startswith("read_")}
    assert {form.reader for form in FORMS.values()} == readers


def positions(value):
    """Yield every position in plain data."""
    if isinstance(value, dict):
        if {"latitude", "longitude"} <= value.keys():
            yield {name: value[name] for name in ("latitude", "longitude")}
        for one in value.values():
            yield from positions(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from positions(one)


@EVERY
def test_the_traps_are_read(form, address):
    """Codes, positions and days come out right, whatever their form, and no row is lost."""
    with open_url(address(form.data)) as stream:
        found = form.read(stream)
    records = [to_plain(one) for one in found if not isinstance(one, Problem)]
    said = json.dumps(records, ensure_ascii=False, default=str)

    assert [str(one) for one in found if isinstance(one, Problem)] == []
    assert [text for text in form.texts if f'"{text}"' not in said] == []
    assert [one for one in form.places if one not in list(positions(records))] == []


@EVERY
def test_an_address_imported_twice_changes_nothing(form, address):
    """A register read from its address a month later writes nothing."""
    url = address(form.data)
    with Store.open("memory:") as store:
        with open_url(url) as stream:
            first = import_registry(store, form.read(stream), today=DAY)
        before = store.last_revision()
        with open_url(url) as stream:
            again = import_registry(store, form.read(stream, on=LATER), today=LATER)

        assert first.added
        assert (again.is_empty, again.unchanged) == (True, len(first.added))
        assert store.last_revision() == before
