# SPDX-License-Identifier: Apache-2.0
"""Entities are listed for a person to choose from; none is ever chosen."""

from __future__ import annotations

import pytest

from territoire_sante.errors import ConfigError, ProtocolError
from territoire_sante.testing.panneaupocket import PanneauPocketServer
from territoire_sante_panneaupocket import candidates
from territoire_sante_panneaupocket.__main__ import main

NEIGHBOURS = [
    {"name": "École d'Exempleville", "zipCode": "48000", "url": "/ville/2-ecole-48000"},
    {"id": 4275507, "name": "SIAEP de la Haute Vallée", "postCode": "48000"},
    {"name": "Saint-Étienne-l'Exemple", "zipCode": "48330", "url": "/ville/3-saint-48330"},
    {"name": "Ailleurs", "zipCode": "48000", "url": "https://example.org/ville/4-ailleurs-48000"},
    {"name": "Sans adresse", "zipCode": "48000"},
    {"name": "Plus loin", "zipCode": "07000", "url": "/ville/5-plus-loin-07000"},
]


@pytest.fixture
def server():
    """Give a stand-in with neighbours, whose members have several names."""
    with PanneauPocketServer(token="a", neighbours=NEIGHBOURS) as running:
        yield running


def names(server, *arguments, **options):
    """Return the names of the candidates."""
    return [one.name for one in candidates(*arguments, origin=server.origin, **options)]


def test_all_entities_of_a_postcode_are_candidates(server):
    """Mairie, school and water syndicate of one postcode are all listed, with their pages."""
    found = candidates("48", postcode="48000", origin=server.origin)

    assert [(one.name, one.page) for one in found] == [
        ("École d'Exempleville", f"{server.origin}/ville/2-ecole-48000"),
        ("Exempleville", server.page_url),
        ("SIAEP de la Haute Vallée", f"{server.origin}/ville/4275507"),
    ]
    assert {one.postcode for one in found} == {"48000"}


def test_names_are_compared_without_accents_and_hyphens(server):
    """The département alone lists all of it; a name finds what contains it."""
    assert len(names(server, "48")) == 4
    assert names(server, "48", name="saint etienne") == ["Saint-Étienne-l'Exemple"]
    assert names(server, "48", name="exempleville") == ["École d'Exempleville", "Exempleville"]
    assert names(server, "48", name="nulle part") == []


def test_pages_of_other_servers_are_no_candidates(server):
    """An address on another server, or none at all, is left out."""
    assert not {"Ailleurs", "Sans adresse"} & set(names(server, "48"))


@pytest.mark.parametrize("department", ["4", "48/..", "2C", "", "48095"])
def test_only_departements_are_asked_for(server, department):
    """Anything else is refused before it is sent."""
    with pytest.raises(ConfigError, match="not a département"):
        candidates(department, origin=server.origin)
    assert server.requests == ()


def test_only_the_own_server_is_asked():
    """A look-alike server is refused."""
    with pytest.raises(ConfigError, match="server"):
        candidates("48", origin="https://app.panneaupocket.com.example.org")


@pytest.mark.parametrize("member", [None, 3, {"name": 3}, {"name": "A", "url": "http://[/"}])
def test_odd_members_are_left_out(member):
    """One odd member harms no other."""
    odd = member if isinstance(member, dict) else {"zipCode": "48000", "name": member}
    with PanneauPocketServer(token="a", neighbours=[{**odd, "zipCode": "48000"}]) as server:
        assert names(server, "48") == ["Exempleville"]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"status": 404}, "answered by 404"),
        ({"body": "<html>"}, "web page"),
        ({"body": "{}", "content_type": "application/json"}, "no list"),
    ],
    ids=["missing", "page", "object"],
)
def test_a_list_that_cannot_be_had_is_told(server, fault, told):
    """Anything but a list raises; it never looks as if there were no entities."""
    server.fail_page(**fault)

    with pytest.raises(ProtocolError, match=told):
        candidates("48", origin=server.origin)


def test_the_list_can_be_printed(server, capsys):
    """Each candidate is a line; the choice is left to the reader, as are errors."""
    origin = ["--origin", server.origin]
    assert main(["48", "--name", "etienne", *origin]) == 0
    found = capsys.readouterr()
    assert main(["48", "--name", "nulle part", *origin]) == 0
    nothing = capsys.readouterr()
    assert main(["quarante-huit", *origin]) == 1
    wrong = capsys.readouterr()

    assert found.out == f"48330\tSaint-Étienne-l'Exemple\t{server.origin}/ville/3-saint-48330\n"
    assert "Choisissez vous-même" in found.err
    assert (nothing.out, "Aucune entité" in nothing.err) == ("", True)
    assert (wrong.out, "not a département" in wrong.err) == ("", True)
