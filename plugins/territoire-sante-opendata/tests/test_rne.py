# SPDX-License-Identifier: Apache-2.0
"""Elected officials: who holds which mandate, and nothing that is nobody's business."""

from __future__ import annotations

import datetime as dt

import pytest

from territoire_sante.errors import FormatError, Problem, UnsupportedError
from territoire_sante.model import Appointment, Person, ProcessingBasis, Role
from territoire_sante_opendata import read_officials

MAYORS = (
    "Code du département;Libellé du département;Code de la collectivité à statut particulier;"
    "Libellé de la collectivité à statut particulier;Code de la commune;Libellé de la commune;"
    "Nom de l'élu;Prénom de l'élu;Code sexe;Date de naissance;"
    "Code de la catégorie socio-professionnelle;Libellé de la catégorie socio-professionnelle;"
    "Date de début du mandat;Date de début de la fonction"
)
COUNCILLORS = f"{MAYORS};Libellé de la fonction;Code nationalité"
EPCI = (
    "Code du département;Libellé du département;N° SIREN;Libellé de l'EPCI;"
    "Code de la commune de rattachement;Libellé de la commune de rattachement;"
    "Nom de l'élu;Prénom de l'élu;Code sexe;Date de naissance;"
    "Code de la catégorie socio-professionnelle;Libellé de la catégorie socio-professionnelle;"
    "Date de début du mandat;Libellé de la fonction;Date de début de la fonction"
)
SECRETS = ("1961", "Canari-Profession", "Canari-Nationalité")


def mayor(name="ÉLAN", given="Zoé", commune="48034", start="22/03/2026", born="02/01/1961"):
    """Return a row of the file of mayors."""
    return (
        f"48;Lozère;;;{commune};La Canourgue;{name};{given};F;{born};"
        f"31;Canari-Profession;18/03/2026;{start}"
    )


def split(found):
    """Return persons, appointments and problems apart."""
    found = list(found)
    return (
        [one for one in found if isinstance(one, Person)],
        [one for one in found if isinstance(one, Appointment)],
        [str(one) for one in found if isinstance(one, Problem)],
    )


@pytest.mark.parametrize("start", ["22/03/2026", "2026-03-22"])
def test_mayors(text, day, start):
    """A row of the file of mayors is a person and a mandate, in both forms of dates."""
    persons, posts, problems = split(
        read_officials(text(MAYORS, mayor(start=start)), retrieved_on=day)
    )
    assert problems == []
    assert persons[0].name.family == "ÉLAN"
    assert (posts[0].role, posts[0].actor_id) == (Role.MAYOR, "mairie:48034")
    assert posts[0].period.start == dt.date(2026, 3, 22)
    assert posts[0].person_id == persons[0].id
    assert persons[0].provenance.basis is ProcessingBasis.LEGITIMATE_INTEREST


def test_nothing_else_is_kept(text, day):
    """Birth date, sex, profession and nationality are nowhere, and no id spells a name."""
    row = f"{mayor()};1er adjoint au Maire;Canari-Nationalité"
    found = list(read_officials(text(COUNCILLORS, row), retrieved_on=day))
    assert len(found) == 2
    for one in found:
        assert not any(secret in repr(one) for secret in SECRETS)
        assert "lan" not in one.id.partition(":")[2].casefold()
        assert "elan" not in one.id


def test_functions(text, day):
    """Functions become roles; the mayor of one file is the mayor of the other."""
    source = text(
        COUNCILLORS,
        f"{mayor()};Maire;FR",
        f"{mayor(name='DEUX')};2ème adjoint au Maire;FR",
        f"{mayor(name='TROIS')};Maire délégué;FR",
        f"{mayor(name='QUATRE')};;FR",
    )
    persons, posts, problems = split(read_officials(source, retrieved_on=day))
    assert problems == []
    assert [post.role for post in posts] == [
        Role.MAYOR,
        Role.DEPUTY_MAYOR,
        Role.COUNCILLOR,
        Role.COUNCILLOR,
    ]
    assert posts[1].title == "2ème adjoint au Maire"
    alone = split(read_officials(text(MAYORS, mayor()), retrieved_on=day))
    assert (alone[0][0].id, alone[1][0].id) == (persons[0].id, posts[0].id)


def test_one_person_in_commune_and_epci(text, day):
    """Who sits in the EPCI for a commune is the person who is mayor there."""
    row = (
        "48;Lozère;200069268;CC Aubrac;48034;La Canourgue;Élan;Zoé;F;02/01/1961;"
        "31;Canari-Profession;10/04/2026;1er vice-président du conseil communautaire;11/04/2026"
    )
    persons, posts, problems = split(read_officials(text(EPCI, row), retrieved_on=day))
    assert problems == []
    assert (posts[0].actor_id, posts[0].role) == ("siren:200069268", Role.EPCI_VICE_PRESIDENT)
    mayors = split(read_officials(text(MAYORS, mayor()), retrieved_on=day))
    assert persons[0].id == mayors[0][0].id


def test_two_of_one_name(text, day):
    """Of two persons of one name in one commune the second is told, never merged with the first."""
    source = text(MAYORS, mayor(), mayor(born="09/09/1990"), mayor(commune="48055"))
    persons, posts, problems = split(read_officials(source, retrieved_on=day))
    assert len({one.id for one in persons}) == len(posts) == 2
    assert len(problems) == 1
    assert problems[0].startswith("line 3: nom_de_l_elu: a second person of this name")
    assert "1990" not in problems[0]


def test_other_councils(text, day):
    """Departmental and regional councillors sit at the département and the région."""
    department = text(
        "Code du département;Code du canton;Nom de l'élu;Prénom de l'élu;Date de début du mandat",
        "2B;01;MAQUIS;Ange;01/07/2021",
    )
    _, posts, _ = split(read_officials(department, retrieved_on=day))
    assert posts[0].actor_id == "actor:departement-2B"
    region = text(
        "Code de la région;Nom de l'élu;Prénom de l'élu;Date de début du mandat",
        "76;GARRIGUE;Lou;02/07/2021",
    )
    _, posts, _ = split(read_officials(region, retrieved_on=day, basis=ProcessingBasis.PUBLIC_TASK))
    assert (posts[0].actor_id, posts[0].role) == ("actor:region-76", Role.REGION_COUNCILLOR)
    assert posts[0].provenance.basis is ProcessingBasis.PUBLIC_TASK


def test_bad_rows(text, day):
    """Rows without a name, with a wrong day or place, or of another mandate are told by line."""
    source = text(MAYORS, mayor(name=""), mayor(start="31/02/2026"), mayor(commune="4X034"))
    persons, _, problems = split(read_officials(source, retrieved_on=day))
    assert persons == []
    assert [one.split(": ")[:2] for one in problems] == [
        ["line 2", "nom_de_l_elu"],
        ["line 3", "date_de_debut_de_la_fonction"],
        ["line 4", "code_de_la_commune"],
    ]
    senators = text("Nom de l'élu;Prénom de l'élu;Date de début du mandat", "A;B;01/10/2023")
    with pytest.raises(UnsupportedError, match="this mandate is not read"):
        list(read_officials(senators, retrieved_on=day))
    with pytest.raises(FormatError, match="nom_de_l_elu"):
        list(read_officials(text("a;b", "1;2"), retrieved_on=day))


@pytest.mark.parametrize(
    ("department", "commune", "code"),
    [
        ("1", "1004", "01004"),
        ("ZA", "101", "97101"),
        ("ZN", "818", "98818"),
        ("2A", "004", "2A004"),
    ],
)
def test_padded_codes(text, day, department, commune, code):
    """Codes that lost their zeros, and the letters used overseas, give the INSEE code."""
    row = mayor(commune=commune).replace("48;", f"{department};", 1)
    _, posts, problems = split(read_officials(text(MAYORS, row), retrieved_on=day))
    assert problems == []
    assert posts[0].actor_id == f"mairie:{code}"
