# SPDX-License-Identifier: Apache-2.0
"""Equipment and deliberations in the common tables of local authorities."""

from __future__ import annotations

import datetime as dt

import pytest

from territoire_sante import Store
from territoire_sante.errors import Problem
from territoire_sante.model import (
    Actor,
    ActorKind,
    Document,
    DocumentKind,
    Identifier,
    Lever,
    LeverType,
    OfferState,
)
from territoire_sante_opendata import (
    actors_by_siren,
    read_scdl_deliberations,
    read_scdl_equipment,
)

EQUIPMENT = (
    "COLL_NOM,COLL_SIRET,EQUIP_UID,EQUIP_THEME,EQUIP_CODE,EQUIP_TYPE,EQUIP_NOM,ADR_NUMERO,"
    "ADR_NOMVOIE,ADR_CODEPOSTAL,ADR_COMMUNE,ADR_CLE_INTEROP,EQUIP_LAT,EQUIP_LONG,EQUIP_TEL"
)
DELIBERATIONS = (
    "COLL_NOM;COLL_SIRET;DELIB_ID;DELIB_DATE;DELIB_MATIERE_CODE;DELIB_MATIERE_NOM;DELIB_OBJET;"
    "DELIB_URL;VOTE_POUR"
)


def hall(uid="1", kind="Salle polyvalente", name="Salle des fêtes"):
    """Return a row about a hall."""
    return (
        f"La Canourgue,21480034400019,{uid},Sports et culture,F303,{kind},{name},2,"
        "rue des Écoles,48500,La Canourgue,48034_0123_00002,44.43,3.21,04 65 71 00 01"
    )


@pytest.mark.parametrize(
    ("kind", "name", "lever"),
    [
        ("Salle polyvalente", "Les Tilleuls", LeverType.ROOM_LOAN),
        ("", "Crèche Les Lutins", LeverType.CHILDCARE),
        ("Boulodrome", "Terrain du haut", LeverType.LAND_OR_BUILDING),
    ],
)
def test_equipment(text, day, kind, name, lever):
    """An equipment is a lever of its commune, and its offer is a draft: nobody said it is lent."""
    found, offer = read_scdl_equipment(text(EQUIPMENT, hall("1", kind, name)), retrieved_on=day)
    assert isinstance(found, Lever)
    assert found.id == "lever:scdl:21480034400019:1"
    assert found.type is lever
    assert found.coverage == ("commune:48034",)
    assert found.holder_id == "siren:214800344"
    assert found.description.endswith("2 rue des Écoles, 48500 La Canourgue")
    assert offer.state is OfferState.DRAFT
    assert offer.contact.value == "0465710001"


def test_holders_from_a_store(text, day):
    """Holders are the authorities in the store, the authority itself before its services."""
    number = (Identifier(scheme="siren", value="214800344"),)
    with Store.open("memory:") as store:
        for entity_id, kind in (
            ("actor:ccas", ActorKind.CCAS),
            ("mairie:48034", ActorKind.COMMUNE),
            ("siret:1", ActorKind.CCAS),
        ):
            store.put(Actor(id=entity_id, kind=kind, name="x", identifiers=number))
        holders = actors_by_siren(store)
    found, _ = read_scdl_equipment(text(EQUIPMENT, hall()), retrieved_on=day, holders=holders)
    assert found.holder_id == "mairie:48034"


def test_deliberations(text, day):
    """A deliberation is a document of its council; Latin-1 and French days are read."""
    row = (
        "La Canourgue;21480034400019;2026-12;22/06/2026;8.2;Aide sociale;Prêt de la salle à l'été;"
        "https://canourgue.example.org/2026-12.pdf;15"
    )
    (document,) = read_scdl_deliberations(
        text(DELIBERATIONS, row, encoding="latin-1"), retrieved_on=day
    )
    assert isinstance(document, Document)
    assert document.kind is DocumentKind.DELIBERATION
    assert document.title == "2026-12 — Prêt de la salle à l'été"
    assert document.published_on == dt.date(2026, 6, 22)
    assert document.themes == ("Aide sociale",)


def test_bad_rows(text, day):
    """Wrong SIRET numbers, missing names and days are told with line and field."""
    wrong = hall().replace("21480034400019", "67895644300011")
    found = list(read_scdl_equipment(text(EQUIPMENT, wrong, hall(name="")), retrieved_on=day))
    assert [str(one).split(": ")[:2] for one in found if isinstance(one, Problem)] == [
        ["line 2", "coll_siret"],
        ["line 3", "equip_nom"],
    ]
    bad = "La Canourgue;21480034400019;2026-12;l'été;8.2;Aide sociale;Prêt;;"
    (problem,) = read_scdl_deliberations(text(DELIBERATIONS, bad), retrieved_on=day)
    assert str(problem).startswith("line 2: delib_date:")
