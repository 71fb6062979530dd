# SPDX-License-Identifier: Apache-2.0
"""Tables for spreadsheets: what Excel needs, and nothing that it would calculate."""

from __future__ import annotations

import datetime as dt
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoire_sante.exports import guarded, unguarded
from territoire_sante.model import (
    Actor,
    ActorKind,
    Address,
    Appointment,
    ContactPoint,
    ContactPointKind,
    Geo,
    Identifier,
    Lever,
    LeverOffer,
    LeverType,
    OfferState,
    Period,
    Person,
    PersonName,
    Quantity,
    Role,
    Unit,
)
from territoire_sante.testing.strategies import texts

FILES = {
    "fr": ["acteurs.csv", "contacts.csv", "conventions.csv", "leviers.csv", "relais.csv"],
    "en": ["actors.csv", "contacts.csv", "conventions.csv", "levers.csv", "liaisons.csv"],
}
MAIRIE = Actor(
    id="mairie:2A004",
    kind=ActorKind.COMMUNE,
    name="=CMD|' /C calc'!A1",
    identifiers=(Identifier(scheme="siret", value="732 829 320 00074"),),
    addresses=(
        Address(
            street="1 place d'Armes; fond de cour",
            postcode="01000",
            city="Ville",
            citycode="2A004",
            geo=Geo(latitude=41.92, longitude=8.73),
        ),
    ),
    contact_points=(
        ContactPoint(kind=ContactPointKind.PHONE, value="+33 4 95 00 00 02", rank=2),
        ContactPoint(kind=ContactPointKind.PHONE, value="+33 4 95 00 00 01", rank=1),
    ),
)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_files_of_the_archive(lang, territory, picture, write):
    """There is a table for each kind, named in the language, each row as long as its head."""
    done = write("csv", picture(territory), lang=lang)
    files = done.files()

    assert list(files) == FILES[lang]
    for name, data in files.items():
        assert data.startswith(b"\xef\xbb\xbf")
        rows = done.table(name, separator=";")
        assert all(None not in row and None not in row.values() for row in rows)
    assert done.said.count == sum(len(done.table(name, ";")) for name in files)


def test_the_archive_has_no_time_of_its_own(territory, picture, write):
    """The files of an archive bear one fixed time."""
    with zipfile.ZipFile(BytesIO(write("csv", picture(territory)).data)) as opened:
        assert {one.date_time for one in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_codes_keep_their_zeros_and_letters(export):
    """Corsican codes, leading zeros, long numbers and semicolons survive a spreadsheet."""
    (row,) = export("csv", MAIRIE).table("acteurs.csv", ";")

    assert row["Code postal"] == "'01000"
    assert row["Code INSEE"] == "2A004"
    assert row["SIRET"] == "'73282932000074"
    assert unguarded(row["Code postal"]) == "01000"
    assert row["Adresse"] == "1 place d'Armes; fond de cour"
    assert (row["Longitude"], row["Latitude"]) == ("8,73", "41,92")


def test_nothing_is_a_formula(export):
    """A cell that a spreadsheet would calculate has an apostrophe ahead, which comes off again."""
    (row,) = export("csv", MAIRIE).table("acteurs.csv", ";")

    assert row["Nom"] == f"'{MAIRIE.name}"
    assert unguarded(row["Nom"]) == MAIRIE.name
    assert row["Téléphone"] == "'+33 4 95 00 00 01 | +33 4 95 00 00 02"


@given(st.one_of(texts(), st.from_regex(r"'*[ \ufeff]?[=+\-@\t\r\n'a0-9,]{0,13}", fullmatch=True)))
def test_the_guard_is_exact(text):
    """Guarding any text and taking that off gives the text; what is guarded is no formula."""
    cell = guarded(text)
    bare = cell.lstrip(" \u00a0\u200b\u2060\ufeff")

    assert unguarded(cell) == text
    assert not bare.startswith(("=", "+", "@"))
    assert not cell.startswith(("=", "+", "@", "\t", "\r", "\n"))
    assert not cell.startswith("-") or float(cell.replace(",", ".")) <= 0


def test_every_sign_that_begins_a_formula_is_guarded():
    """Each of the signs gets its apostrophe, full-width ones too; apostrophes of texts do not."""
    signs = "=+-@\t\r\n＝＋－＠"

    assert [guarded(f"{sign}a") for sign in signs] == [f"'{sign}a" for sign in signs]
    assert [guarded(f"{blank}=1") for blank in " \u00a0\u200b\ufeff"] == [
        f"'{blank}=1" for blank in " \u00a0\u200b\ufeff"
    ]
    assert [guarded(text) for text in ("-61,5", "0,5", "-0.25")] == ["-61,5", "0,5", "-0.25"]
    assert [guarded(text) for text in ("'01", "01", "1" * 12)] == ["''01", "'01", "'" + "1" * 12]
    assert [guarded(text) for text in ("'=1", "'a", "l'été", "")] == ["''=1", "'a", "l'été", ""]


def test_contacts_are_those_of_today(export, today):
    """A post that is over is not among the contacts, one that begins today is."""
    person = Person(id="person:1", name=PersonName(given="Ada", family="Exemple"))
    post = Appointment(
        id="appointment:1",
        actor_id=MAIRIE.id,
        person_id=person.id,
        role=Role.MAYOR,
        period=Period(start=today),
    )
    past = Appointment(
        id="appointment:2",
        actor_id=MAIRIE.id,
        role=Role.MAYOR,
        period=Period(start=dt.date(2020, 1, 1), end=today),
    )
    (row,) = export("csv", MAIRIE, person, post, past).table("contacts.csv", ";")

    assert (row["Personne"], row["Fonction"], row["Depuis le"]) == (
        "Ada Exemple",
        "Maire",
        today.isoformat(),
    )


def test_levers_with_and_without_offers(export):
    """A lever has a row for each offer, drafts apart, and one where there is none."""
    lever = Lever(id="lever:1", type=LeverType.TENT, title="Barnum", holder_id=MAIRIE.id)
    offers = [
        LeverOffer(
            id=f"lever_offer:{state.value}",
            lever_id=lever.id,
            capacity=Quantity("2.50", Unit.M2),
            state=state,
        )
        for state in OfferState
    ]
    rows = export("csv", MAIRIE, lever, *offers).table("leviers.csv", ";")
    alone = export("csv", lever).table("leviers.csv", ";")

    assert [row["État de l'offre"] for row in rows] == ["En pause", "Publiée", "Retirée"]
    assert {(row["Capacité"], row["Unité"]) for row in rows} == {("2,50", "Mètres carrés")}
    assert [(row["Identifiant"], row["Identifiant de l'offre"]) for row in alone] == [
        ("lever:1", "")
    ]
    assert alone[0]["Détenteur"] == MAIRIE.id
