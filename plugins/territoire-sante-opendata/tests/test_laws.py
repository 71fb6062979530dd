# SPDX-License-Identifier: Apache-2.0
"""Laws that hold of every reader: the same twice, and nothing changes the second time."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante import Store
from territoire_sante.errors import InputError, Problem
from territoire_sante.model import Entity, Territory
from territoire_sante_opendata import (
    import_registry,
    read_communes,
    read_departments,
    read_epci,
    read_finess,
    read_inclusion_services,
    read_inclusion_structures,
    read_officials,
    read_public_services,
    read_regions,
    read_scdl_deliberations,
    read_scdl_equipment,
)

DAY = dt.date(2026, 11, 22)
OFFICIALS = (
    "Code du département;Code de la commune;Nom de l'élu;Prénom de l'élu;Date de naissance;"
    "Date de début du mandat;Libellé de la fonction"
)


def table(*lines):
    """Return a table as bytes."""
    return "\n".join(lines).encode()


def finess(number):
    """Return a row of the old CSV of FINESS."""
    return f"structureet;{number};480000026;MSP {number};;;;;;;;;34;48;;48500 X;;;603" + ";" * 13


SERVICES = [
    {
        "id": f"uuid-{number}",
        "nom": f"CCAS {number}",
        "code_insee_commune": "48034",
        "pivot": json.dumps([{"type_service_local": "ccas", "code_insee_commune": ["48034"]}]),
    }
    for number in (1, 2)
]
INCLUSION = [
    {
        "id": f"dora--{number}",
        "structure_id": "dora--1",
        "nom": f"Garde {number}",
        "date_maj": "2026-05-04",
        "thematiques": ["famille--garde-denfants"],
    }
    for number in (1, 2)
]
# Each reader with a register of two good records.
REGISTERS = {
    "communes": (read_communes, table("code,nom", "48034,A", "2A004,B")),
    "departements": (read_departments, table("dep,libelle,reg", "1,Ain,84", "2A,Corse,94")),
    "regions": (read_regions, table("reg,libelle", "1,Guadeloupe", "76,Occitanie")),
    "epci": (
        functools.partial(read_epci, actors=True),
        table("siren,nom", "200069268,A", "242010056,B"),
    ),
    "finess": (read_finess, table(finess("480000018"), finess("2A0000014"))),
    "officials": (
        read_officials,
        table(OFFICIALS, "48;48034;A;B;01/02/1960;22/03/2026;Maire", "48;48034;C;D;;2026-03-22;"),
    ),
    "services": (read_public_services, json.dumps({"results": SERVICES}).encode()),
    "structures": (read_inclusion_structures, json.dumps(INCLUSION).encode()),
    "offers": (read_inclusion_services, "\n".join(map(json.dumps, INCLUSION)).encode()),
    "equipment": (
        read_scdl_equipment,
        table("COLL_SIRET,EQUIP_UID,EQUIP_NOM", "73282932000074,1,A", "73282932000074,2,B"),
    ),
    "deliberations": (
        read_scdl_deliberations,
        table(
            "COLL_SIRET,DELIB_ID,DELIB_OBJET,DELIB_DATE",
            "73282932000074,1,A,2026-01-02",
            "73282932000074,2,B,02/01/2026",
        ),
    ),
}
EVERY = pytest.mark.parametrize("name", REGISTERS)


def read(name, *, on=DAY):
    """Return what the reader yields of its register."""
    reader, data = REGISTERS[name]
    return list(reader(io.BytesIO(data), retrieved_on=on))


@EVERY
def test_reading_twice_gives_the_same(name):
    """Reading a register twice gives equal entities, each with source, licence and day."""
    found = [one for one in read(name) if not isinstance(one, Problem)]
    assert found == [one for one in read(name) if not isinstance(one, Problem)]
    assert len({(one.KIND, one.id) for one in found}) == len(found) >= 2
    for one in found:
        assert one.provenance.source
        assert one.provenance.licence == "etalab-2.0"
        assert one.provenance.retrieved_on == DAY


@EVERY
def test_importing_twice_changes_nothing(name):
    """Importing a register a second time, a month later, writes nothing."""
    with Store.open("memory:") as store:
        first = import_registry(store, read(name), today=DAY)
        assert len(first.added) >= 2
        before = store.last_revision()
        later = DAY + dt.timedelta(days=30)
        again = import_registry(store, read(name, on=later), today=later)
        assert again.is_empty
        assert again.unchanged == len(first.added)
        assert store.last_revision() == before
        assert [str(one) for one in again.problems] == [str(one) for one in first.problems]


@EVERY
@pytest.mark.parametrize("packed", ["bom", "crlf"])
def test_marks_and_line_ends_say_nothing(name, packed):
    """A mark of the byte order and the line ends of Windows change nothing."""
    reader, data = REGISTERS[name]
    other = b"\xef\xbb\xbf" + data if packed == "bom" else data.replace(b"\n", b"\r\n")
    assert list(reader(io.BytesIO(other), retrieved_on=DAY)) == read(name)


@EVERY
def test_all_registers_go_together(name):
    """Whatever else is stored of other registers, a register imported again changes nothing."""
    with Store.open("memory:") as store:
        for other in REGISTERS:
            import_registry(store, read(other), today=DAY)
        assert import_registry(store, read(name), today=DAY).is_empty
        assert store.get(Territory, "commune:2A004").name == "B"


_CELLS = st.sampled_from(
    [
        "",
        "x",
        "48034",
        "2A004",
        "22/03/2026",
        "2026-02-30",
        "73282932000074",
        "1e9",
        "[",
        '{"a": 1}',
    ]
)
_STRANGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _CELLS | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["valeur", "code", "type_service_local"]), inner)
    ),
    max_leaves=4,
)
FIELDS = (
    "id nom code pivot adresse telephone plage_ouverture date_maj code_insee siret structure_id "
    "thematiques zone_eligibilite latitude longitude centre codesPostaux membres population siren "
    "coll_siret equip_uid equip_nom delib_id delib_objet delib_date reg dep code_de_la_commune "
    "prenom date_de_debut_du_mandat pmej ege adresse_courriel reseaux_porteurs frais"
)
_RECORDS = st.dictionaries(st.sampled_from(FIELDS.split()), _STRANGE, max_size=12)


@settings(max_examples=60)
@given(record=_RECORDS, name=st.sampled_from(sorted(REGISTERS)))
def test_strange_records_are_told(record, name):
    """A record of any shape is entities, problems or an error of ours, never a crash."""
    reader, _ = REGISTERS[name]
    filled = {**dict.fromkeys(FIELDS.split(), "48034"), **record}
    if name == "finess":
        filled = {"pmej": [{"ege": [filled], "informationsGeneralesPMEJ": filled}]}
    data = io.BytesIO(json.dumps([filled] if name != "finess" else filled).encode())
    with contextlib.suppress(InputError):
        found = list(reader(data, retrieved_on=DAY))
        assert all(isinstance(one, Entity | Problem) for one in found)
