# SPDX-License-Identifier: Apache-2.0
"""Communes, EPCI, départements and régions, from each of their published forms."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import tracemalloc
from itertools import islice

import pytest

from territoire_sante.errors import FormatError, InputError, LimitExceededError, Problem
from territoire_sante.model import Actor, EpciNature, Territory, TerritoryKind
from territoire_sante_opendata import (
    epci_members,
    read_communes,
    read_departments,
    read_epci,
    read_regions,
)
from territoire_sante_opendata._stream import opened

INSEE = "TYPECOM,COM,REG,DEP,CTCD,ARR,TNCC,NCC,NCCENR,LIBELLE,CAN,COMPARENT"


def entities(found):
    """Return the entities among what was read, by id."""
    return {one.id: one for one in found if not isinstance(one, Problem)}


def problems(found):
    """Return the problems among what was read, as text."""
    return [str(one) for one in found if isinstance(one, Problem)]


def test_communes_of_insee(text, day):
    """The CSV of INSEE gives communes with their parents, and parts of communes inside them."""
    source = text(
        INSEE,
        "COM,01015,84,01,01D,012,1,ARBOYS EN BUGEY,Arboys en Bugey,Arboys en Bugey,0104,",
        "COMD,01015,,,,,1,ARBIGNIEU,Arbignieu,Arbignieu,,01015",
        "ARM,75115,11,75,,,0,PARIS 15,Paris 15,Paris 15e Arrondissement,,75056",
    )
    found = entities(read_communes(source, retrieved_on=day, as_of=dt.date(2026, 1, 1)))
    whole, part, district = found.values()
    assert whole.id == "commune:01015"
    assert whole.communes == ("01015",)
    assert whole.parent_ids == ("departement:01", "region:84")
    assert whole.provenance.licence == "etalab-2.0"
    assert whole.provenance.retrieved_on == day
    assert (part.id, part.kind) == ("territory:comd-01015", TerritoryKind.COMMUNE_DELEGUEE)
    assert part.parent_ids == ("commune:01015",)
    assert (district.id, district.parent_ids) == ("commune:75115", ("commune:75056",))


def test_corsica_overseas_and_lost_zeros(text, day):
    """Corsican and overseas codes are read, and zeros that a spreadsheet dropped are put back."""
    source = text(
        "code_insee;nom;code_departement;epci_siren;population_municipale",
        "2A004;Ajaccio;2A;242010056;73822",
        "97411;Saint-Denis;974;249740119;153810",
        "1001;Sans Zéro;1;;859",
        "29155;Île sans EPCI;29;ZZZZZZZZZ;",
    )
    found = entities(read_communes(source, retrieved_on=day))
    assert [one.parent_ids for one in found.values()] == [
        ("epci:242010056", "departement:2A"),
        ("epci:249740119", "departement:974"),
        ("departement:01",),
        ("departement:29",),
    ]
    assert found["commune:01001"].population == 859
    assert found["commune:29155"].population is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_encodings_and_separators(text, day, encoding, separator):
    """The same table in any encoding and with any separator gives the same communes."""
    rows = (("code", "nom"), ("48034", "La Canourgue"), ("48055", "Esclanèdes"))
    source = text(*(separator.join(row) for row in rows), encoding=encoding)
    found = entities(read_communes(source, retrieved_on=day))
    assert [one.name for one in found.values()] == ["La Canourgue", "Esclanèdes"]


def test_collectivities_overseas(text, day):
    """The list of communes of the collectivities overseas has columns of its own."""
    source = text("COM_COMER,TYPECOM,LIBELLE,COMER", "98818,COM,Nouméa,988")
    (found,) = entities(read_communes(source, retrieved_on=day)).values()
    assert (found.id, found.parent_ids) == ("commune:98818", ("departement:988",))


def test_bad_rows_are_told_and_skipped(text, day):
    """A bad row is a problem with its line and reason, and the rows around it are read."""
    source = text(
        "code,nom,population",
        "48095,Mende,12000",
        "4809X,Nulle part,1",
        "48096,,",
        "48097,Trop,1,2",
        '48098,"Deux\nlignes",beaucoup',
        "48099,Dernière,7",
    )
    found = list(read_communes(source, retrieved_on=day))
    assert list(entities(found)) == ["commune:48095", "commune:48098", "commune:48099"]
    told = problems(found)
    assert told[0].startswith("line 3: code_insee: '4809X' is not the INSEE code of a commune")
    assert told[1:] == [
        "line 4: nom: it is empty",
        "line 5: 4 cells under 3 columns",
        "line 6: population: 'beaucoup' is no number of inhabitants",
    ]


def test_geo_api(plain, day):
    """The JSON of geo.api gives postal codes and a centre, also where it is reversed."""
    record = {
        "nom": "Mende",
        "code": "48095",
        "codesPostaux": ["48000"],
        "siren": "214800955",
        "codeEpci": "244800405",
        "codeDepartement": "48",
        "codeRegion": "76",
        "population": 12318,
        "centre": {"type": "Point", "coordinates": [3.5, 44.52]},
    }
    turned = {**record, "code": "48096", "centre": {"coordinates": [44.52, 3.5]}}
    nowhere = {**record, "code": "48097", "centre": {"coordinates": [0, 0]}}
    found = list(read_communes(plain([record, turned, nowhere, 7]), retrieved_on=day))
    one, other, third = entities(found).values()
    assert one.postal_codes == ("48000",)
    assert one.parent_ids == ("epci:244800405", "departement:48", "region:76")
    assert (one.geo.latitude, one.geo.longitude) == (44.52, 3.5)
    assert other.geo == one.geo
    assert third.geo is None
    assert [told.partition(": ")[2] for told in problems(found)] == [
        "centre: no position in France",
        "a record should be an object",
    ]


def test_epci_by_member(text, day):
    """Lists with a row for each member are put together, as the DGCL and as INSEE write them."""
    dgcl = text(
        "dept;siren;raison_sociale;nature_juridique;ptot_epci;dep_com;insee;nom_membre",
        "48;200069268;CC Aubrac;CC;8147;48;48017;Banassac",
        "2A;242010056;CA du Pays;CA;90000;2A;2A004;Ajaccio",
        "48;200069268;CC Aubrac;CC;8147;48;48034;La Canourgue",
        "48;200069269;CC Fausse;CC;1;48;48035;Nulle part",
    )
    found = list(read_epci(dgcl, retrieved_on=day, actors=True))
    by_id = entities(found)
    assert by_id["epci:200069268"].communes == ("48017", "48034")
    assert by_id["epci:200069268"].parent_ids == ("departement:48",)
    assert by_id["siren:242010056"].epci_nature is EpciNature.CA
    assert len(problems(found)) == 1
    assert problems(found)[0].startswith("line 5: siren: the check digit")
    insee = text(
        "CODGEO,LIBGEO,EPCI,LIBEPCI,DEP,REG",
        "48017,Banassac,200069268,CC Aubrac,48,76",
        "29155,Ouessant,ZZZZZZZZZ,Sans objet,29,53",
        "48034,La Canourgue,200069268,CC Aubrac,48,76",
    )
    (other,) = entities(read_epci(insee, retrieved_on=day)).values()
    assert other.communes == ("48017", "48034")
    assert other.name == "CC Aubrac"


def test_epci_json(plain, day):
    """The JSON of geo.api and of its offline twin give the same body."""
    api = {
        "nom": "CC Aubrac",
        "code": "200069268",
        "codesDepartements": ["48"],
        "codesRegions": ["76"],
        "population": 8147,
    }
    twin = {
        "code": "200069268",
        "nom": "CC Aubrac",
        "type": "CC",
        "populationTotale": 8147,
        "membres": [{"code": "48034", "siren": "214800344", "nom": "La Canourgue"}],
    }
    (one,) = entities(read_epci(plain([api]), retrieved_on=day)).values()
    assert one.parent_ids == ("departement:48", "region:76")
    (other,) = entities(read_epci(plain([twin]), retrieved_on=day)).values()
    assert (other.population, other.communes) == (one.population, ("48034",))


def test_another_file_is_refused(text, day, tmp_path):
    """A file without the columns of the register is refused as a whole, and so is a missing one."""
    with pytest.raises(FormatError, match="no column 'code_insee'"):
        list(read_communes(text("a,b", "1,2"), retrieved_on=day))
    with pytest.raises(FormatError, match="the file is empty"):
        list(read_communes(text(""), retrieved_on=day))
    with pytest.raises(FormatError, match=r"line 2.*not JSON"):
        list(read_communes(text('[{"code": "48095", "nom": "M"},', "oops]"), retrieved_on=day))
    with pytest.raises(InputError, match=r"missing\.csv"):
        list(read_communes(tmp_path / "missing.csv", retrieved_on=day))


def test_packed_files(text, day, tmp_path):
    """A gzip file is unpacked while it is read, up to the limit; a damaged one is told."""
    data = text("code,nom", "48095,Mende").getvalue()
    path = tmp_path / "communes.csv.gz"
    path.write_bytes(gzip.compress(data))
    assert list(entities(read_communes(path, retrieved_on=day))) == ["commune:48095"]
    with pytest.raises(FormatError, match="damaged"):
        list(read_communes(io.BytesIO(gzip.compress(data)[:-9]), retrieved_on=day))
    bomb = io.BytesIO(gzip.compress(b" " * 1_000_000))
    with opened(bomb, max_bytes=100_000) as stream, pytest.raises(LimitExceededError):
        stream.read()


def test_all_communes_of_france(cog, day):
    """Every row of the real lists is read without a problem, and reading twice gives the same."""
    communes = list(read_communes(cog / "communes.csv", retrieved_on=day))
    assert problems(communes) == []
    assert len(entities(communes)) > 34_000
    members = epci_members(communes)
    bodies = list(read_epci(cog / "epci.csv", retrieved_on=day, members=members, actors=True))
    # The list ends with a row for the communes that are in none.
    assert [told for told in problems(bodies) if "'NONE' is not a SIREN" not in told] == []
    assert {type(one) for one in entities(bodies).values()} == {Territory, Actor}
    assert sum(len(one.communes) for one in bodies if isinstance(one, Territory)) == sum(
        map(len, members.values())
    )
    assert bodies == list(
        read_epci(cog / "epci.csv", retrieved_on=day, members=members, actors=True)
    )
    assert communes == list(read_communes(cog / "communes.csv", retrieved_on=day))
    for reader, name in ((read_departments, "departements"), (read_regions, "regions")):
        places = list(reader(cog / f"{name}.csv", retrieved_on=day))
        assert problems(places) == []
        assert len(places) >= 13


@pytest.mark.parametrize("form", ["csv", "json"])
def test_memory_is_flat(day, tmp_path, form):
    """Thirty-five thousand communes take no more memory to read than two thousand."""

    def peak(count):
        path = tmp_path / f"{count}.{form}"
        codes = (f"{dep:02}{n:03}" for dep in range(30, 66) for n in range(1, 999))
        rows = [(code, f"Commune {code}") for code in islice(codes, count)]
        if form == "csv":
            text = "\n".join(["code,nom", *map(",".join, rows)])
        else:
            text = json.dumps([{"code": code, "nom": name} for code, name in rows])
        path.write_text(text, encoding="utf-8")
        del text, rows
        tracemalloc.start()
        read = sum(1 for _ in read_communes(path, retrieved_on=day))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert read == count
        return most

    small = peak(2_000)
    assert peak(35_000) < 1.2 * small + 100_000
